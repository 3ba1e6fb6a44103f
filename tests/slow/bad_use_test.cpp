// Wrong use of every verb: one clear line, the documented exit status, never a crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "small_emoji.h"

namespace braid::test {
namespace {

using testing::HasSubstr;

struct Misuse {
  std::string arguments;
  int status;
  std::string says;
};

class BadUse : public SlowTest {
 protected:
  void expect_refused(const Misuse& misuse) const {
    const auto ran = braid(misuse.arguments);
    EXPECT_EQ(ran.status, misuse.status) << misuse.arguments << "\n" << ran.output;
    EXPECT_THAT(ran.output, HasSubstr(misuse.says)) << misuse.arguments;
    EXPECT_TRUE(ran.output.starts_with("braid: ")) << misuse.arguments << "\n" << ran.output;
    EXPECT_EQ(std::count(ran.output.begin(), ran.output.end(), '\n'), 1) << misuse.arguments << "\n"
                                                                         << ran.output;
    EXPECT_EQ(ran.output.find("internal"), std::string::npos) << ran.output;
  }

  fs::path write(const std::string& name, std::string_view text) const {
    write_atomic(folder_ / name, text);
    return folder_ / name;
  }

  // A copy of the run that a test may damage; beside it, for its data are found from there.
  fs::path copied_run() const {
    const auto copy = emoji_ / "damaged";
    fs::remove_all(copy);
    fs::copy(emoji_ / "run", copy, fs::copy_options::recursive);
    return copy;
  }

  std::string recipe(const std::string& more = "") const {
    return quoted(emoji_ / "recipe.yaml") + " " + more;
  }
};

TEST_F(BadUse, CommandLines) {
  const auto out = " -o " + quoted(folder_ / "x.npy");
  for (const Misuse& misuse : std::vector<Misuse>{
           {"trian", 2, "no verb 'trian' (did you mean 'train'?)"},
           {"train", 2, "expected: braid train RECIPE -o RUN"},
           {"train " + recipe(), 2, "expected: braid train RECIPE -o RUN"},
           {"train --resume " + run_dir() + " train.lr=1", 2, "no overrides (got train.lr=1)"},
           {"train " + recipe("--colour red"), 2, "--colour"},
           {"eval", 2, "run is required"},
           {"eval " + run_dir() + " --split tset", 2,
            "no protocol of this recipe is about split 'tset' (did you mean 'test'?)"},
           {"embed " + run_dir() + " --field txet a" + out, 2,
            "no field 'txet' (did you mean 'text'?)"},
           {"embed " + run_dir() + " --field text" + out, 2, "nothing to embed"},
           {"index " + run_dir(), 2, "expected: braid index RUN MANIFEST -o INDEX"},
           {"search " + quoted(folder_ / "i"), 2, "expected a question: --text, --image"},
           {"search " + quoted(folder_ / "i") + " --text ''", 2,
            "a part of the question is empty"},
           {"search " + quoted(folder_ / "i") + " --text a -k 0", 2, "-k"},
           {"list encoders", 2, "no family 'encoders' (did you mean 'encoder'?)"},
           {"show-config", 2, "expected: braid show-config RECIPE"},
           {"data", 2, "subcommand"}}) {
    expect_refused(misuse);
  }
}

TEST_F(BadUse, Recipes) {
  const auto run = " -o " + quoted(folder_ / "r");
  const auto odd = write("odd.yaml", "data: {manifest: all.jsonl}\nfeilds: {}\n");
  for (const Misuse& misuse : std::vector<Misuse>{
           {"train " + quoted(folder_ / "none.yaml") + run, 4, "none.yaml"},
           {"train " + quoted(odd) + run, 2,
            "odd.yaml:2:9: unknown key 'feilds' (did you mean 'fields'?)"},
           {"show-config " + quoted(odd), 2, "odd.yaml:2:9: unknown key"},
           {"train " + recipe("train.batch=big") + run, 2,
            "command line: train.batch: expected an integer, got 'big'"},
           {"train " + recipe("train.checkpoint_steps=0") + run, 2,
            "checkpoint_steps: expected >= 1, got 0"},
           {"train " + recipe("data.manifest=none.jsonl") + run, 4, "none.jsonl"},
           {"train " + recipe("'data.manifest=${NO_SUCH_VARIABLE}/a.jsonl'") + run, 2,
            "NO_SUCH_VARIABLE is not set"},
           {"train " + recipe("fields.image.from=imag") + run, 2, "imag"},
           {"train " + recipe("train_split=trian") + run, 2, "no rows in split 'trian'"},
           {"train " + recipe("fields.text.encoder.heads=5") + run, 2, "heads"},
           {"train " + recipe("fields.text.encoder=cnn") + run, 2, "cnn"},
           {"train " + recipe("train.batch=100000") + run, 3,
            "rows do not fill one batch of 100000"},
           {"train " + recipe("data.shuffle_buffer=5 'train.hard_negatives={every: 1}'") + run, 2,
            "train.hard_negatives: mining reorders all rows"},
           {"train " + recipe("eval.metric=recall") + run, 2, "eval.metric: no metric 'recall'"},
           {"train " +
                recipe(
                    "eval.validation=test eval.protocols.1.query=image eval.protocols.1.split=x") +
                run,
            2, "no protocol of this recipe is about split 'test'"}}) {
    expect_refused(misuse);
    EXPECT_FALSE(fs::exists(folder_ / "r/run.json")) << misuse.arguments;
  }
  // What was refused left nothing that stands in the way of the corrected command.
  const auto ran = braid("train -q " + recipe("train.steps=1") + run);
  EXPECT_EQ(ran.status, 0) << ran.output;
}

TEST_F(BadUse, Runs) {
  const auto out = " --field text a -o " + quoted(folder_ / "x.npy");
  const auto nowhere = quoted(folder_ / "nowhere");
  for (const std::string& verb :
       {"eval " + nowhere, "embed " + nowhere + out, "train --resume " + nowhere,
        "index " + nowhere + " m.jsonl -o " + quoted(folder_ / "i")}) {
    expect_refused({verb, 4, "is no run (no run.json there)"});
  }
  expect_refused({"train " + recipe() + " -o " + run_dir(), 5, "holds a run already"});

  auto run = copied_run();
  const auto weights = run / "model.safetensors";
  auto bytes = read_text(weights);
  bytes[bytes.size() / 2] ^= 1;
  write_atomic(weights, bytes);
  expect_refused({"embed " + quoted(run) + out, 5, "not the weights that run.json names"});
  fs::resize_file(weights, fs::file_size(weights) / 2);
  expect_refused({"eval " + quoted(run), 5, "not the weights that run.json names"});
  fs::remove(weights);
  expect_refused({"eval " + quoted(run), 4, "model.safetensors"});

  run = copied_run();
  write_atomic(run / "run.json", std::string_view("{\"format\": 1, \"id\": 3"));
  expect_refused({"eval " + quoted(run), 3, "run.json: not what a run writes"});
  run = copied_run();
  write_atomic(run / "tokenizer.json", std::string_view("{}"));
  expect_refused({"embed " + quoted(run) + out, 3, "tokenizer.json"});
  run = copied_run();
  write_atomic(run / "recipe.yaml", std::string_view("name: ["));
  expect_refused({"eval " + quoted(run), 2, "recipe.yaml"});
  run = copied_run();
  for (const auto& entry : fs::directory_iterator(run / "state")) {
    if (!entry.is_directory()) continue;
    write_atomic(entry.path() / "model.safetensors",
                 std::string_view("\xff\xff\xff\xff\xff\xff\xff\x7fjunk"));
  }
  expect_refused({"train -q --resume " + quoted(run), 3, "model.safetensors"});
}

TEST_F(BadUse, Values) {
  const auto out = " -o " + quoted(folder_ / "x.npy");
  const auto broken = write("broken.png", "\x89PNG\r\n\x1a\nnothing");
  for (const Misuse& misuse : std::vector<Misuse>{
           {"embed " + run_dir() + " --field image " + quoted(broken) + out, 3, "broken.png"},
           {"embed " + run_dir() + " --field image " + quoted(folder_ / "none.png") + out, 3,
            "none.png"},
           {"embed " + run_dir() + " --field image " + quoted(folder_) + out, 3,
            quoted(folder_).substr(1, 10)},
           {"embed " + run_dir() + " --field text ''" + out, 3, "text is empty"},
           {"embed " + run_dir() + " --field text ' '" + out, 3, "text is empty"},
           {"embed " + run_dir() + " --field text \"$(printf 'a\\377')\"" + out, 3, "UTF-8"},
           {"embed " + run_dir() + " --field text --from " + quoted(folder_ / "none.txt") + out, 4,
            "none.txt"},
           {"embed " + run_dir() + " --field text a -o /proc/none/x.npy", 4, "/proc/none/x.npy"},
           {"train -q " + recipe() + " -o /proc/none/run", 4, "/proc/none/run"},
           {"inspect " + quoted(folder_ / "none.jsonl"), 4, "none.jsonl"},
           {"inspect " + quoted(write("bad.jsonl", "{\"a\": 1}\n{\"a\": \n")), 3, "bad.jsonl:2"},
           {"eval " + run_dir() + " --data " + quoted(write("other.jsonl", "{\"x\": 1}\n")), 3,
            "other.jsonl:1: column 'key'"}}) {
    expect_refused(misuse);
    EXPECT_FALSE(fs::exists(folder_ / "x.npy"));
  }
}

TEST_F(BadUse, Indexes) {
  const auto index = quoted(folder_ / "i");
  const auto outside = write("outside.jsonl", "{\"key\": \"1\", \"image\": \"/etc/hostname\"}\n");
  const auto manifest = emoji_ / "two.jsonl";
  write_atomic(
      manifest,
      read_text(emoji_ / "all.jsonl").substr(0, read_text(emoji_ / "all.jsonl").find('\n') + 1));
  expect_refused({"index -q " + run_dir() + " " + quoted(outside) + " -o " + quoted(folder_ / "o"),
                  3, "outside"});
  expect_refused({"search " + index + " --text a", 4, "no such index"});
  expect_refused({"index " + index + " --info", 4, "no such index"});
  ASSERT_EQ(braid("index -q " + run_dir() + " " + quoted(manifest) + " -o " + index).status, 0);
  expect_refused({"index -q " + run_dir() + " " + quoted(manifest) + " -o " + index, 5, "i"});
  expect_refused({"search " + index + " --image " + quoted(folder_ / "none.png"), 4, "none.png"});
  expect_refused({"search " + index + " --text ' '", 3, "text is empty"});

  // Another run, even of the same recipe, has other vectors.
  const auto other = folder_ / "other";
  ASSERT_EQ(braid("train -q " + recipe("seed=1 train.steps=1") + " -o " + quoted(other)).status, 0);
  expect_refused({"search " + index + " --text a --run " + quoted(other), 5,
                  "index again, or name the right run"});
  expect_refused({"index -q " + quoted(other) + " " + quoted(manifest) + " --add -o " + index, 5,
                  "make a new index"});

  write("i/index.sqlite",
        "this is no database, whatever its name says; it is long enough to be looked at");
  expect_refused({"search " + index + " --text a", 3, "index.sqlite"});
}

TEST_F(BadUse, JsonErrorsAreObjects) {
  for (const std::string& verb :
       {"eval " + quoted(folder_ / "none") + " --json", std::string("list nothing --json"),
        "embed " + run_dir() + " --field text '' --json -o " + quoted(folder_ / "x.npy"),
        "search " + quoted(folder_ / "none") + " --json --text a", std::string("eval --json"),
        "train " + quoted(folder_ / "none.yaml") + " --json -o " + quoted(folder_ / "r")}) {
    const auto ran = braid_output(verb);
    EXPECT_NE(ran.status, 0);
    const auto object = Json::parse(ran.output, nullptr, false);
    ASSERT_TRUE(object.is_object()) << verb << "\n" << ran.output;
    EXPECT_FALSE(object.at("error").at("code").get<std::string>().empty());
    EXPECT_FALSE(object.at("error").at("message").get<std::string>().empty());
  }
}

}  // namespace
}  // namespace braid::test
