// The way of a user: data, train, eval, embed, index, search, report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "braid/tensor_file/npy.h"
#include "small_emoji.h"

namespace braid::test {
namespace {

using testing::HasSubstr;

using Journey = SlowTest;

Json rows_of(const fs::path& manifest) {
  Json rows = Json::array();
  std::string text = read_text(manifest);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find('\n', begin);
    rows.push_back(Json::parse(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return rows;
}

TEST_F(Journey, EvalPrintsMetricsWithTheirProtocol) {
  const auto ran = braid_output("eval " + run_dir() + " --split test --json");
  ASSERT_EQ(ran.status, 0) << ran.output;
  const auto object = Json::parse(ran.output);
  ASSERT_TRUE(object.at("metrics").is_array());
  std::set<std::string> seen;
  for (const auto& metric : object["metrics"]) {
    std::set<std::string> keys;
    for (const auto& [key, value] : metric.items()) keys.insert(key);
    EXPECT_EQ(keys, (std::set<std::string>{"name", "label", "direction", "query_field",
                                           "gallery_field", "chance", "language", "protocol",
                                           "gallery", "captions_per_item", "n", "split", "seed",
                                           "value", "low", "high"}));
    EXPECT_EQ(metric["split"], "test");
    EXPECT_EQ(metric["protocol"], "A");
    EXPECT_EQ(metric["captions_per_item"], 1);
    EXPECT_LE(metric["low"], metric["value"]);
    EXPECT_LE(metric["value"], metric["high"]);
    seen.insert(metric["name"].get<std::string>() + " " + metric["direction"].get<std::string>() +
                " " + metric["language"].get<std::string>());
  }
  for (const char* name : {"recall@1", "recall@5", "recall@10", "median_rank", "mrr"}) {
    for (const char* direction : {"text->image", "image->text"}) {
      for (const char* language : {"en", "zh"}) {
        EXPECT_TRUE(seen.contains(std::string(name) + " " + direction + " " + language))
            << name << direction;
      }
    }
  }
  // The same question gives the same answer, intervals included.
  EXPECT_EQ(braid_output("eval " + run_dir() + " --split test --json").output, ran.output);
}

TEST_F(Journey, EvalTakesAnotherManifest) {
  const auto rows = rows_of(emoji_ / "all.jsonl");
  std::string text;
  for (size_t i = 0; i < 20; ++i) text += rows[i].dump() + "\n";
  write_atomic(emoji_ / "twenty.jsonl", text);
  const auto ran =
      braid_output("eval " + run_dir() + " --json --data " + quoted(emoji_ / "twenty.jsonl"));
  ASSERT_EQ(ran.status, 0) << ran.output;
  const auto metric = Json::parse(ran.output)["metrics"][0];
  EXPECT_EQ(metric["gallery"], 20);
  // One row alone: nothing to measure a geometry on, but an answer.
  write_atomic(emoji_ / "one.jsonl", rows[0].dump() + "\n");
  const auto one =
      braid_output("eval " + run_dir() + " --json --data " + quoted(emoji_ / "one.jsonl"));
  ASSERT_EQ(one.status, 0) << one.output;
  EXPECT_EQ(Json::parse(one.output)["metrics"][0]["gallery"], 1);
}

TEST_F(Journey, EmbedWritesUnitRowsTheSameForTheSame) {
  const auto out = folder_ / "words.npy";
  const auto ran = braid("embed " + run_dir() + " --field text 'red apple' 红苹果 'red apple' -o " +
                         quoted(out));
  ASSERT_EQ(ran.status, 0) << ran.output;
  const auto array = read_npy(out);
  ASSERT_EQ(array.shape(), (std::vector<int64_t>{3, 32}));
  const auto values = array.values<float>();
  for (int64_t row = 0; row < 3; ++row) {
    double square = 0;
    for (int64_t d = 0; d < 32; ++d) square += values[row * 32 + d] * values[row * 32 + d];
    EXPECT_NEAR(square, 1, 1e-5);
  }
  double difference = 0;
  for (int64_t d = 0; d < 32; ++d) {
    // Rows of one product may be summed in another order: how, is the processor's.
    EXPECT_NEAR(values[d], values[64 + d], 1e-6);
    difference += std::abs(values[d] - values[32 + d]);
  }
  EXPECT_GT(difference, 1e-3);
  write_atomic(folder_ / "list.txt", std::string_view("red apple\n\n红苹果\r\nred apple\n"));
  const auto again = folder_ / "again.npy";
  const auto from = braid("embed " + run_dir() + " --field text --from " +
                          quoted(folder_ / "list.txt") + " -o " + quoted(again));
  ASSERT_EQ(from.status, 0) << from.output;
  EXPECT_EQ(read_text(out), read_text(again));
}

TEST_F(Journey, IndexFindsWhatItHoldsAndForgetsWhatIsRemoved) {
  const auto index = folder_ / "emoji.index";
  const auto made = braid_output("index -q --json " + run_dir() + " " +
                                 quoted(emoji_ / "all.jsonl") + " -o " + quoted(index));
  ASSERT_EQ(made.status, 0) << made.output;
  const auto rows = rows_of(emoji_ / "all.jsonl");
  EXPECT_EQ(Json::parse(made.output)["size"], rows.size());
  EXPECT_EQ(Json::parse(made.output)["added"], rows.size());

  for (const char* text : {"red apple", "红苹果"}) {
    const auto found =
        braid_output("search " + quoted(index) + " --json -k 5 --text " + quoted(text));
    ASSERT_EQ(found.status, 0) << found.output;
    const auto hits = Json::parse(found.output)["hits"];
    ASSERT_EQ(hits.size(), 5u);
    for (size_t i = 0; i + 1 < hits.size(); ++i) EXPECT_GE(hits[i]["score"], hits[i + 1]["score"]);
    EXPECT_TRUE(hits[0]["metadata"].contains("name_zh"));
    EXPECT_TRUE(fs::exists(hits[0]["file"].get<std::string>())) << hits[0];
  }

  const std::string key = rows[10]["key"], picture = emoji_ / rows[10]["image"].get<std::string>();
  const auto search = [&] {
    return braid_output("search " + quoted(index) + " --json -k 3 --image " + quoted(picture));
  };
  auto hits = Json::parse(search().output)["hits"];
  EXPECT_EQ(hits[0]["key"], key);
  EXPECT_NEAR(hits[0]["score"].get<double>(), 1, 1e-5);

  const auto removed = braid_output("index --json " + quoted(index) + " --remove " + quoted(key));
  ASSERT_EQ(removed.status, 0) << removed.output;
  EXPECT_EQ(Json::parse(removed.output)["removed"], 1);
  const auto found = Json::parse(search().output);
  for (const auto& hit : found["hits"]) EXPECT_NE(hit["key"], key);

  write_atomic(emoji_ / "back.jsonl", rows[10].dump() + "\n" + rows[11].dump() + "\n");
  const auto added = braid_output("index -q --json " + run_dir() + " " +
                                  quoted(emoji_ / "back.jsonl") + " --add -o " + quoted(index));
  ASSERT_EQ(added.status, 0) << added.output;
  EXPECT_EQ(Json::parse(added.output)["size"], rows.size());  // one came back, one was replaced
  EXPECT_EQ(Json::parse(search().output)["hits"][0]["key"], key);

  const auto info = Json::parse(braid_output("index --json --compact " + quoted(index)).output);
  EXPECT_EQ(info["size"], rows.size());
  EXPECT_EQ(info["width"], 32);
  EXPECT_EQ(Json::parse(search().output)["hits"][0]["key"], key);

  const auto page = folder_ / "hits.html";
  ASSERT_EQ(braid("search " + quoted(index) + " --text apple --html " + quoted(page)).status, 0);
  EXPECT_THAT(read_text(page), HasSubstr("data:image/"));

  // Index and run move together; the index finds its run by the relative path.
  const auto moved = folder_ / "moved";
  fs::create_directories(moved);
  fs::copy(emoji_ / "run", moved / "run", fs::copy_options::recursive);
  ASSERT_EQ(braid("index -q " + quoted(moved / "run") + " " + quoted(emoji_ / "back.jsonl") +
                  " -o " + quoted(moved / "i"))
                .status,
            0);
  fs::rename(moved, folder_ / "elsewhere");
  const auto there = braid("search " + quoted(folder_ / "elsewhere/i") + " --text apple");
  EXPECT_EQ(there.status, 0) << there.output;
}

TEST_F(Journey, ReportIsOneFileThatFetchesNothing) {
  ASSERT_EQ(braid("eval " + run_dir() + " --split test").status, 0);
  const auto page = read_text(emoji_ / "run/report.html");
  const std::regex fetched(
      R"re((src|href)\s*=\s*["']?\s*(https?:|//)|url\(\s*["']?\s*(https?:|//)|@import|<script[^>]+src)re",
      std::regex::icase);
  // Long data: URLs are too much for std::regex: cut out first.
  std::string lean;
  for (size_t at = 0; at < page.size();) {
    const size_t data = page.find("data:image/", at);
    lean += page.substr(at, data == std::string::npos ? std::string::npos : data - at);
    if (data == std::string::npos) break;
    at = page.find_first_of("\"')", data);
  }
  EXPECT_FALSE(std::regex_search(lean, fetched));
  EXPECT_THAT(page, HasSubstr("data:image/"));
  for (const char* part : {"small emoji", "recall@10", "<svg", "braid train", "braid eval",
                           "OFL 1.1", "Loss by term"}) {
    EXPECT_THAT(page, HasSubstr(part));
  }
  // Not in the pictures: base64 spells anything sooner or later.
  EXPECT_EQ(lean.find("NaN"), std::string::npos);
  EXPECT_EQ(lean.find("Infinity"), std::string::npos);
  EXPECT_FALSE(fs::is_empty(emoji_ / "run/metrics.jsonl"));
  int64_t events = 0;
  for (const auto& entry : fs::directory_iterator(emoji_ / "run")) {
    events += entry.path().filename().string().find("tfevents") != std::string::npos;
  }
  EXPECT_GE(events, 1);
}

TEST_F(Journey, EveryVerbHasHelpWithExamplesAndTheProgramNoTorch) {
  const auto help = braid("--help");
  EXPECT_EQ(help.status, 0);
  EXPECT_THAT(help.output, HasSubstr("Examples:"));
  for (const char* verb : {"data", "data emoji", "train", "eval", "embed", "index", "search",
                           "inspect", "list", "show-config", "doctor", "bench"}) {
    const auto ran = braid(std::string(verb) + " --help");
    EXPECT_EQ(ran.status, 0) << verb;
    EXPECT_THAT(ran.output, HasSubstr("Examples:\n  braid ")) << verb;
  }
  const auto linked = run("ldd " + quoted(BRAID_PROGRAM));
  ASSERT_EQ(linked.status, 0) << linked.output;
  for (const char* heavy : {"libtorch", "libc10", "libbraid"})
    EXPECT_EQ(linked.output.find(heavy), std::string::npos);
}

TEST_F(Journey, BenchMeasuresEachStageAndLeavesTheRunAsItIs) {
  const auto before = read_text(emoji_ / "run/model.safetensors");
  const auto ran = braid_output("bench " + run_dir() + " --samples 40 --seconds 0.05 --json");
  ASSERT_EQ(ran.status, 0) << ran.output;
  const auto object = Json::parse(ran.output);
  std::set<std::string> names;
  for (const auto& figure : object.at("figures")) {
    names.insert(figure.at("name").get<std::string>());
    EXPECT_GT(figure.at("per_second").get<double>(), 0) << figure;
    EXPECT_GT(figure.at("count").get<int64_t>(), 0) << figure;
  }
  for (const char* name : {"read image", "encode image", "embed image", "tokenize text",
                           "encode text", "embed text", "train"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
  EXPECT_GT(object.at("peak_memory_mb").get<int64_t>(), 0);
  EXPECT_EQ(read_text(emoji_ / "run/model.safetensors"), before);

  const auto missing = braid("bench " + quoted(folder_ / "nothing"));
  EXPECT_NE(missing.status, 0);
  EXPECT_THAT(missing.output, HasSubstr("nothing"));
}

// Losses of the first five steps with BRAID_KERNEL=`choice`.
std::vector<double> first_losses(const fs::path& recipe, const fs::path& run_dir,
                                 const std::string& choice) {
  const auto ran =
      run("BRAID_KERNEL=" + choice + " BRAID_THREADS=2 " + quoted(BRAID_PROGRAM) + " train " +
          quoted(recipe) + " -q -o " + quoted(run_dir) + " train.steps=5 train.precision=fp32");
  EXPECT_EQ(ran.status, 0) << ran.output;
  std::vector<double> losses;
  std::istringstream lines(read_text(run_dir / "metrics.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const auto object = Json::parse(line);
    if (object.contains("loss")) losses.push_back(object["loss"].get<double>());
  }
  EXPECT_EQ(losses.size(), 5u);
  return losses;
}

TEST_F(Journey, KernelsAndTorchsOperatorsTrainAlike) {
  const auto ours = first_losses(emoji_ / "recipe.yaml", folder_ / "ours", "");
  const auto torchs = first_losses(emoji_ / "recipe.yaml", folder_ / "torch", "torch");
  ASSERT_EQ(ours.size(), torchs.size());
  for (size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], torchs[i], 2e-3) << i;
  const auto ran = run("BRAID_KERNEL=fast " + quoted(BRAID_PROGRAM) + " train " +
                       quoted(emoji_ / "recipe.yaml") + " -q -o " + quoted(folder_ / "fast"));
  EXPECT_NE(ran.status, 0);
  EXPECT_THAT(ran.output, HasSubstr("BRAID_KERNEL=fast: expected torch, ref or nothing"));
}

TEST_F(Journey, ShowConfigPrintsARecipeThatGivesItself) {
  const auto once =
      braid_output("show-config " + quoted(emoji_ / "recipe.yaml") + " train.epochs=3");
  ASSERT_EQ(once.status, 0);
  EXPECT_THAT(once.output, HasSubstr("epochs: 3"));
  write_atomic(folder_ / "full.yaml", once.output);
  EXPECT_EQ(braid_output("show-config " + quoted(folder_ / "full.yaml")).output, once.output);
}

// What OpenMP reads before main begins: the program has started a second time (docs/adr/0012).
TEST_F(Journey, AVerbThatRunsLongHasItsSettingsUnlessTheUserHasOthers) {
  const auto seen = [&](const std::string& user, const std::string& name) {
    return run("export BRAID_THREADS=1; " + user + " " + quoted(BRAID_PROGRAM) + " train -q " +
               quoted(emoji_ / "recipe.yaml") + " -o " + quoted(folder_ / name) +
               " > /dev/null 2>&1 & p=$!; "
               "for i in $(seq 200); do found=$(tr '\\0' '\\n' < /proc/$p/environ | grep -E '^G?OMP_'); "
               "case $found in *OMP_NUM_THREADS=1*) break;; esac; sleep 0.1; done; "
               "echo \"$found\"; kill -INT $p; wait $p")
        .output;
  };
  const auto ours = seen("env -u GOMP_SPINCOUNT -u OMP_WAIT_POLICY", "ours");
  EXPECT_THAT(ours, testing::ContainsRegex("GOMP_SPINCOUNT=(20000|1000)\n"));
  EXPECT_THAT(ours, testing::HasSubstr("OMP_NUM_THREADS=1"));
  const auto theirs = seen("env -u GOMP_SPINCOUNT OMP_WAIT_POLICY=active", "theirs");
  EXPECT_THAT(theirs, testing::HasSubstr("OMP_WAIT_POLICY=active"));
  EXPECT_THAT(theirs, testing::Not(testing::HasSubstr("GOMP_SPINCOUNT")));
}

}  // namespace
}  // namespace braid::test
