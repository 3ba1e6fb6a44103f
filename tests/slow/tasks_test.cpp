// Tasks from the command line: trained, evaluated from every set of fields, predicted, resumed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>
#include <string>

#include "braid/tensor_file/safetensors.h"
#include "small_emoji.h"

namespace braid::test {
namespace {

using testing::HasSubstr;

class TasksTest : public SlowTest {
 protected:
  // Sentences whose subject, number of words and mood follow from either of two columns.
  void write_data() const {
    const char* animals[] = {"cat", "dog", "owl", "bee"};
    std::string rows;
    for (int i = 0; i < 240; ++i) {
      const std::string animal = animals[i % 4];
      const std::string split = i < 160 ? "train" : i < 200 ? "val" : "test";
      rows += "{\"split\": \"" + split + "\", \"id\": \"r" + std::to_string(i) + "\"";
      if (i % 7 != 3)
        rows += ", \"said\": \"a small " + animal + " number " + std::to_string(i % 5) + "\"";
      if (i % 7 != 5) rows += ", \"drawn\": \"" + animal + " " + animal + "\"";
      if (i % 9 != 2) rows += ", \"animal\": \"" + animal + "\"";
      rows += ", \"legs\": " + std::to_string(animal == "bee" ? 6 : animal == "owl" ? 2 : 4);
      rows += ", \"tags\": [" +
              std::string(animal == "cat" || animal == "dog" ? "\"furry\"" : "\"winged\"") +
              (animal == "cat" || animal == "owl" ? ", \"hunter\"" : "") + "]}\n";
    }
    write_atomic(folder_ / "rows.jsonl", std::string_view(rows));
  }
  void write_recipe(const std::string& more) const {
    const std::string tower =
        "modality: {kind: text, tokenizer: {vocabulary: 300}}, encoder: {kind: bag_of_tokens, "
        "width: 32, hidden: 0}}\n";
    const auto yaml =
        "data: {manifest: rows.jsonl, split_column: split, key: id}\nspace: {width: 32}\n"
        "fields:\n  said: {from: said, " +
        tower + "  drawn: {from: drawn, " + tower + more;
    write_atomic(folder_ / "r.yaml", std::string_view(yaml));
  }
  Ran braid(const std::string& arguments) const {
    return run("cd " + quoted(folder_) + " && " + quoted(BRAID_PROGRAM) + " " + arguments);
  }
  static std::map<std::string, Json> by_inputs(const Json& record, const std::string& name,
                                               const std::string& task) {
    std::map<std::string, Json> found;
    for (const auto& metric : record["metrics"]) {
      if (metric["name"] == name && metric["label"] == "" && metric.value("task", "") == task)
        found[metric["query_field"]] = metric;
    }
    return found;
  }
};

constexpr const char* kThree =
    "fusion: {kind: modality_attention, score: additive}\n"
    "tasks:\n"
    "  animal: {kind: classification, target: animal}\n"
    "  legs: {kind: regression, target: legs}\n"
    "  tags: {kind: classification, target: tags, labels: multi}\n"
    "train: {batch: 16, epochs: 12, lr: 0.01}\n";

TEST_F(TasksTest, LearnsAnswersAndPredicts) {
  write_data();
  write_recipe(kThree);
  const auto trained = braid("train -q r.yaml -o run");
  ASSERT_EQ(trained.status, 0) << trained.output;
  EXPECT_THAT(trained.output, HasSubstr("inputs of animal, protocol val"));
  const auto evaluated = braid("eval -q --json run 2>/dev/null");
  ASSERT_EQ(evaluated.status, 0) << evaluated.output;
  const auto record = Json::parse(evaluated.output);
  const auto accuracy = by_inputs(record, "accuracy", "animal");
  ASSERT_EQ(accuracy.size(), 4u);
  EXPECT_GT(accuracy.at("said+drawn")["value"], 0.9);
  EXPECT_GT(accuracy.at("drawn")["value"], 0.9);
  EXPECT_LT(accuracy.at("prior")["value"], 0.5);
  const auto rmse = by_inputs(record, "rmse", "legs");
  ASSERT_EQ(rmse.size(), 5u);
  EXPECT_LT(rmse.at("said+drawn")["value"], rmse.at("mean")["value"]);
  EXPECT_GT(by_inputs(record, "average_precision", "tags").at("said+drawn")["value"], 0.9);
  EXPECT_THAT(record["notes"].dump(), HasSubstr("rows have no target: left out"));
  EXPECT_TRUE(fs::exists(folder_ / "run/predictions-test.safetensors"));
  EXPECT_TRUE(fs::exists(folder_ / "run/predictions-val.safetensors"));

  // New rows, of one column alone, of none, of both.
  write_atomic(folder_ / "new.jsonl",
               std::string_view("{\"drawn\": \"owl owl\"}\n{\"other\": 1}\n"));
  const auto predicted = braid("predict -q run new.jsonl -o answers.jsonl --json");
  ASSERT_EQ(predicted.status, 0) << predicted.output;
  const auto rows = Json::parse(predicted.output)["rows"];
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0]["tasks"]["animal"]["labels"][0], "owl");
  EXPECT_EQ(rows[0]["fields"], Json::array({"drawn"}));
  EXPECT_EQ(rows[0]["alpha"]["drawn"], 1.0);
  EXPECT_LT(rows[0]["tasks"]["legs"]["values"]["legs"], 3.2);
  EXPECT_TRUE(rows[1]["tasks"].empty());
  EXPECT_TRUE(fs::exists(folder_ / "answers.jsonl"));
  EXPECT_THAT(braid("predict -q run new.jsonl").output, HasSubstr("animal: owl (0."));
}

TEST_F(TasksTest, WritesHowFieldsLookAtEachOther) {
  write_data();
  write_recipe(
      "interaction: [{kind: cross_attention, heads: 2}]\nfusion: mean\n"
      "tasks:\n  animal: {kind: classification, target: animal}\ntrain: {batch: 16, epochs: 1}\n");
  ASSERT_EQ(braid("train -q r.yaml -o run").status, 0);
  write_atomic(folder_ / "new.jsonl", std::string_view("{\"drawn\": \"owl owl\"}\n"
                                                       "{\"drawn\": \"owl\", \"said\": \"hoo\"}\n"));
  const auto ran = braid("predict -q run new.jsonl --attention looks.safetensors");
  ASSERT_EQ(ran.status, 0) << ran.output;
  const auto file = read_safetensors(folder_ / "looks.safetensors");
  ASSERT_EQ(file.tensors.size(), 2u);
  EXPECT_EQ(file.tensors[0].first, "1/0.said->drawn");
  EXPECT_EQ(file.tensors[1].first, "1/0.drawn->said");
  EXPECT_THAT(file.metadata.at("1"), HasSubstr("new.jsonl:2"));
}

// `said` is noise: words that have nothing to do with the animal.
TEST_F(TasksTest, AUselessFieldIsWarnedOfAndAUsefulOneIsNot) {
  const char* animals[] = {"cat", "dog", "owl", "bee"};
  std::string rows;
  for (int i = 0; i < 240; ++i) {
    const std::string animal = animals[i % 4];
    rows += std::string("{\"split\": \"") + (i < 160 ? "train" : i < 200 ? "val" : "test") +
            "\", \"id\": \"r" + std::to_string(i) + "\", \"said\": \"word " +
            std::to_string(i * i * 7 % 11) + "\", \"drawn\": \"" + animal + "\", \"animal\": \"" +
            animal + "\"}\n";
  }
  write_atomic(folder_ / "rows.jsonl", std::string_view(rows));
  write_recipe(
      "fusion: {kind: modality_attention, score: additive}\n"
      "tasks: {animal: {kind: classification, target: animal}}\n"
      "train: {batch: 16, epochs: 12, lr: 0.01}\n");
  ASSERT_EQ(braid("train -q r.yaml -o run").status, 0);
  const auto evaluated = braid("eval -q --json run 2>warnings.txt");
  ASSERT_EQ(evaluated.status, 0) << evaluated.output;
  const auto warnings = read_text(folder_ / "warnings.txt");
  EXPECT_THAT(warnings,
              HasSubstr("WARNING: task animal, protocol test: field 'said' looks ignored"));
  EXPECT_THAT(warnings, testing::Not(HasSubstr("field 'drawn'")));
  const auto record = Json::parse(evaluated.output);
  EXPECT_THAT(record["notes"].dump(), HasSubstr("field 'said' looks ignored"));
  const auto fields = record["contributions"][0]["fields"];
  EXPECT_GT(fields[1]["accuracy"]["shapley"]["low"], 0.5);
  EXPECT_LT(fields[0]["accuracy"]["shapley"]["value"], 0.1);
  const auto page = read_text(folder_ / "run/report.html");
  for (const char* words : {"field &#39;said&#39; looks ignored", "Task animal \u00b7 test",
                            "Task animal \u00b7 val", "Rows where one field weighs most"})
    EXPECT_THAT(page, HasSubstr(words));
}

TEST_F(TasksTest, AreSilentAboutWhatTheyCannotKnow) {
  write_data();
  write_recipe(kThree);
  // Train without one class: it is unseen in the test split.
  const auto trained = braid("train -q r.yaml -o run 'withhold={animal: [bee]}' train.epochs=3");
  ASSERT_EQ(trained.status, 0) << trained.output;
  const auto evaluated = braid("eval -q run");
  EXPECT_EQ(evaluated.status, 0) << evaluated.output;
  EXPECT_THAT(evaluated.output, HasSubstr("no training row has class 'bee'"));
}

TEST_F(TasksTest, PretrainedFieldsAreTakenFrozenAndSlowedDown) {
  write_data();
  write_recipe("alignment: [{between: [said, drawn]}]\ntrain: {batch: 16, epochs: 4}\n");
  ASSERT_EQ(braid("train -q r.yaml -o first").status, 0);
  write_recipe(std::string(kThree) + "init_from: first\n");
  const auto trained = braid(
      "train -q r.yaml -o second train.epochs=2 "
      "'train.parts=[{match: said.encoder.*, freeze: true}, {match: drawn.*, lr: 0.1}]'");
  ASSERT_EQ(trained.status, 0) << trained.output;
  EXPECT_THAT(trained.output, HasSubstr("of them frozen"));
  write_recipe(kThree);
  EXPECT_THAT(braid("train -q r.yaml -o third init_from=nowhere").output, HasSubstr("init_from: "));
}

TEST_F(TasksTest, MatchingTellsTruePairsFromFalseOnes) {
  write_data();
  write_recipe(
      "fusion: {kind: vector_concat}\ntasks: {same: {kind: matching, hidden: 64}}\n"
      "train: {batch: 32, epochs: 40, lr: 0.01}\n");
  const auto trained = braid("train -q r.yaml -o run --json 2>/dev/null");
  ASSERT_EQ(trained.status, 0) << trained.output;
  const auto accuracy = by_inputs(Json::parse(trained.output), "accuracy", "same");
  EXPECT_GT(accuracy.at("said+drawn")["value"], accuracy.at("prior")["value"]);
}

TEST_F(TasksTest, FrozenVectorsAreProbed) {
  write_data();
  write_recipe("alignment: [{between: [said, drawn]}]\ntrain: {batch: 16, epochs: 6, lr: 0.01}\n");
  ASSERT_EQ(braid("train -q r.yaml -o run").status, 0);
  const auto probed = braid("probe -q run --target animal --json");
  ASSERT_EQ(probed.status, 0) << probed.output;
  std::map<std::string, double> accuracy;
  const auto record = Json::parse(probed.output);
  for (const auto& metric : record["metrics"]) {
    if (metric["name"] == "accuracy" && metric["label"] == "")
      accuracy[metric["protocol"].get<std::string>() + " " +
               metric["query_field"].get<std::string>()] = metric["value"];
  }
  for (const char* way : {"linear", "knn"}) {
    EXPECT_GT(accuracy.at(std::string(way) + " drawn"), 0.8) << way;
    EXPECT_GT(accuracy.at(std::string(way) + " said+drawn"), 0.8) << way;
  }
  EXPECT_THAT(braid("probe run --target animl").output, HasSubstr("did you mean 'animal'?"));
}

struct Wrong {
  const char* name;
  std::string override_with, message;
};
void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class TaskMistakesOfData : public TasksTest, public testing::WithParamInterface<Wrong> {};

TEST_P(TaskMistakesOfData, LeaveNoRunBehind) {
  write_data();
  write_recipe(kThree);
  const auto ran = braid("train -q r.yaml -o run " + quoted(GetParam().override_with));
  EXPECT_TRUE(ran.status == 2 || ran.status == 3) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr(GetParam().message));
  EXPECT_FALSE(fs::exists(folder_ / "run/run.json"));
}

INSTANTIATE_TEST_SUITE_P(
    All, TaskMistakesOfData,
    testing::Values(
        Wrong{"NoColumn", "tasks.animal.target=animl", "did you mean 'animal'?"},
        Wrong{"OneClass", "tasks.animal.target=split", "nothing to learn, expected two classes"},
        Wrong{"EveryRowItsOwn", "tasks.animal.target=id", "no class to learn"},
        Wrong{"TextForANumber", "tasks.legs.target=animal",
              "expected one finite number, got 'cat'"},
        Wrong{"ListForAClass", "tasks.animal.target=tags", "set labels: multi"},
        Wrong{"Leak", "tasks.animal.target=said", "which is what the task must answer"},
        Wrong{"Fusion", "fusion.score=dott", "score"},
        Wrong{"Pattern", "train.parts=[{match: sad.*, lr: 2}]", "no parameter is called 'sad.*'"},
        Wrong{"Weights", "tasks.animal.class_weights={cow: 2}", "no training row has class 'cow'"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST_F(TasksTest, ARunWithoutTasksCannotPredict) {
  write_data();
  write_recipe("alignment: [{between: [said, drawn]}]\ntrain: {batch: 16, epochs: 1}\n");
  ASSERT_EQ(braid("train -q r.yaml -o run").status, 0);
  const auto ran = braid("predict -q run rows.jsonl");
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.output, HasSubstr("this run has no tasks to answer"));
}

using AvDigits = SlowTest;

TEST_F(AvDigits, AreToldFromBothFromPicturesAndFromSounds) {
  const char* set = std::getenv("BRAID_DATA");
  const fs::path data = set ? set : BRAID_SOURCE_DIR "/../shared/data";
  if (!fs::exists(data / "av_digits")) GTEST_SKIP() << "no av_digits";
  const auto program =
      "BRAID_DATA=" + quoted(fs::canonical(data)) + " " + quoted(BRAID_PROGRAM) + " ";
  const auto trained =
      run(program + "train -q " + quoted(BRAID_SOURCE_DIR "/recipes/av_digits_fused.yaml") +
          " -o " + quoted(folder_ / "run") + " train.steps=90 fields.picture.encoder.stem_stride=2" +
          " fields.speech.encoder.stem_stride=2");
  ASSERT_EQ(trained.status, 0) << trained.output;
  const auto evaluated = run(program + "eval -q --json " + quoted(folder_ / "run") + " 2>/dev/null");
  ASSERT_EQ(evaluated.status, 0) << evaluated.output;
  std::map<std::string, double> accuracy;
  const auto record = Json::parse(evaluated.output);
  for (const auto& metric : record["metrics"]) {
    if (metric["name"] == "accuracy" && metric["label"] == "")
      accuracy[metric["query_field"]] = metric["value"];
  }
  // A quarter of the recipe's training, on smaller maps.
  EXPECT_GT(accuracy.at("picture+speech"), 0.6);
  EXPECT_GT(accuracy.at("picture"), accuracy.at("prior") + 0.2);
  EXPECT_GT(accuracy.at("speech"), accuracy.at("prior") + 0.2);
}

}  // namespace
}  // namespace braid::test
