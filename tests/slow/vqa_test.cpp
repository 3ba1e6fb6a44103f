// A small VQA v2 folder, as a user has one, from training to the figures of the ten-answer rule.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "small_emoji.h"

namespace braid::test {
namespace {

constexpr int kQuestionsOfSplit = 16;

constexpr const char* kOpenAnswers = R"(name: small vqa
data: {manifest: vqa, key: question_id}
fields:
  picture: {from: image, modality: {kind: image, size: 24}, encoder: {kind: cnn, stages: [8, 16]}}
  question:
    from: question
    modality: {kind: text, max_tokens: 12, tokenizer: {vocabulary: 300}}
    encoder: {kind: bag_of_tokens, width: 16}
space: {width: 32}
tasks:
  answer:
    kind: generation
    target: answers
    width: 32
    depth: 1
    heads: 2
    max_tokens: 4
    tokenizer: {vocabulary: 300}
train: {batch: 8, steps: 3, lr: 0.002}
eval:
  metric: vqa_accuracy
  protocols: [{name: val, kind: task, split: val, by: answer_type}]
)";

// What ten people say to the i-th question: to one about a number they do not agree.
std::vector<std::string> said(int i) {
  std::vector<std::string> ten(10, i % 4 == 0 ? "yes" : "no");
  if (i % 2 == 1) ten = {"2", "two", "2", "3", "2", "2", "many", "2", "2", "4"};
  return ten;
}

class Vqa : public SlowTest {
 protected:
  void SetUp() override {
    SlowTest::SetUp();
    if (HasFatalFailure()) return;
    std::vector<fs::path> pictures;
    for (const auto& entry : fs::directory_iterator(emoji_ / "images")) {
      pictures.push_back(entry.path());
      if (pictures.size() == 8) break;
    }
    ASSERT_EQ(pictures.size(), 8u);
    write_part("train2014", pictures);
    write_part("val2014", pictures);
    write_atomic(folder_ / "open.yaml", std::string_view(kOpenAnswers));
  }

  // Two questions a picture.
  void write_part(const std::string& part, const std::vector<fs::path>& pictures) const {
    Json questions = {{"data_type", "mscoco"}, {"data_subtype", part}, {"questions", Json::array()}};
    Json annotations = {{"data_subtype", part}, {"annotations", Json::array()}};
    fs::create_directories(folder_ / "vqa" / part);
    for (int i = 0; i < kQuestionsOfSplit; ++i) {
      const int image = i / 2, question = 1000 * image + i % 2 + (part == "val2014" ? 500 : 0);
      const bool number = i % 2 == 1;
      const auto name = "COCO_" + part + "_00000000000" + std::to_string(image) + ".jpg";
      fs::copy_file(pictures[static_cast<size_t>(image)], folder_ / "vqa" / part / name,
                    fs::copy_options::overwrite_existing);
      questions["questions"].push_back({{"image_id", image},
                                        {"question", number ? "How many are there?" : "Is it red?"},
                                        {"question_id", question}});
      Json answers = Json::array();
      for (const auto& text : said(i)) {
        answers.push_back({{"answer", text},
                           {"answer_confidence", "yes"},
                           {"answer_id", answers.size() + 1}});
      }
      annotations["annotations"].push_back({{"question_id", question},
                                            {"image_id", image},
                                            {"question_type", number ? "how many" : "is it"},
                                            {"answer_type", number ? "number" : "yes/no"},
                                            {"multiple_choice_answer", said(i)[0]},
                                            {"answers", answers}});
    }
    write_atomic(folder_ / "vqa" / ("v2_OpenEnded_mscoco_" + part + "_questions.json"),
                 questions.dump());
    write_atomic(folder_ / "vqa" / ("v2_mscoco_" + part + "_annotations.json"), annotations.dump());
  }

  // Metrics of the validation split, from all fields, of one name: n and value by kind of rows.
  std::map<std::string, std::pair<int, double>> figures(const std::string& recipe,
                                                        const std::string& name) const {
    const auto run = quoted(folder_ / "run");
    fs::remove_all(folder_ / "run");
    const auto trained = braid("train -q " + quoted(folder_ / recipe) + " -o " + run);
    EXPECT_EQ(trained.status, 0) << trained.output;
    const auto evaluated = braid_output("eval -q --json --split val " + run);
    EXPECT_EQ(evaluated.status, 0) << evaluated.output;
    std::map<std::string, std::pair<int, double>> found;
    if (evaluated.status != 0) return found;
    const auto record = Json::parse(evaluated.output);
    for (const auto& metric : record["metrics"]) {
      if (metric["name"] == name && metric["query_field"] == "picture+question")
        found[metric["label"].get<std::string>()] = {metric["n"], metric["value"]};
    }
    return found;
  }
};

TEST_F(Vqa, OpenAnswersAreJudgedByTheTenThatPeopleGave) {
  const auto found = figures("open.yaml", "vqa_accuracy");
  ASSERT_EQ(found.size(), 3u);
  const auto &all = found.at(""), &number = found.at("number"), &yes = found.at("yes/no");
  EXPECT_EQ(all.first, kQuestionsOfSplit);
  EXPECT_EQ(number.first, kQuestionsOfSplit / 2);
  EXPECT_EQ(yes.first, kQuestionsOfSplit / 2);
  EXPECT_NEAR(all.second, (number.second + yes.second) / 2, 1e-9);  // as many of each
  // What most training rows say, "2", is said by seven of ten people about each number.
  const auto evaluated = braid_output("eval -q --json --split val " + quoted(folder_ / "run"));
  bool usual = false;
  const auto record = Json::parse(evaluated.output);
  for (const auto& metric : record["metrics"]) {
    if (metric["query_field"] != "usual" || metric["name"] != "vqa_accuracy") continue;
    usual = true;
    EXPECT_DOUBLE_EQ(metric["value"].get<double>(), 0.5);
  }
  EXPECT_TRUE(usual);
}

TEST_F(Vqa, AClosedSetIsChosenFromWhereTheTargetIsTheAnswerOfMost) {
  std::string recipe = kOpenAnswers;
  const auto task = recipe.find("    kind: generation"), train = recipe.find("train:");
  recipe.replace(task, train - task, "    kind: classification\n    target: answer\n");
  recipe.replace(recipe.find("metric: vqa_accuracy"), 20, "metric: accuracy");
  write_atomic(folder_ / "closed.yaml", std::string_view(recipe));
  const auto found = figures("closed.yaml", "accuracy");
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found.at("yes/no").first, kQuestionsOfSplit / 2);
  EXPECT_NEAR(found.at("").second,
              (found.at("number").second + found.at("yes/no").second) / 2, 1e-9);
}

}  // namespace
}  // namespace braid::test
