// Texts from the command line: captions in two languages, answers, what they rest on, bad input.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <set>
#include <string>

#include "braid/modality/picture/decode.h"
#include "small_emoji.h"

namespace braid::test {
namespace {

using testing::HasSubstr;

// Names of the emoji by picture, aligned with what else they are called: as CoCa.
constexpr const char* kNamed = R"(name: named emoji
data: {manifest: all.jsonl, split_column: split, key: key}
fields:
  image:
    from: image
    modality: {kind: image, size: 24}
    encoder: {kind: cnn, stages: [8, 16]}
  text:
    from: {en: texts_en}
    modality: {kind: text, max_tokens: 12, tokenizer: {vocabulary: 400}}
    encoder: {kind: bag_of_tokens, width: 16}
space: {width: 32}
alignment:
  - {between: [image, text]}
tasks:
  called:
    kind: generation
    target: {en: name_en, zh: name_zh}
    fields: [image]
    reads: tokens
    width: 32
    depth: 2
    heads: 2
    max_tokens: 10
    tokenizer: {vocabulary: 600}
train: {batch: 32, steps: 12, lr: 0.002}
eval:
  metric: chrf
  protocols:
    - {name: val, kind: task, split: val}
    - {name: test, kind: task, split: test}
)";

class Generation : public SlowTest {
 protected:
  void SetUp() override {
    SlowTest::SetUp();
    if (testing::Test::HasFatalFailure()) return;
    write_atomic(emoji_ / "named.yaml", std::string_view(kNamed));
    const auto trained = braid("train -q " + quoted(emoji_ / "named.yaml") + " -o " + named());
    ASSERT_EQ(trained.status, 0) << trained.output;
    for (const auto& entry : fs::directory_iterator(emoji_ / "images")) {
      picture_ = entry.path();
      break;
    }
  }
  std::string named() const { return quoted(folder_ / "named"); }
  std::string picture() const { return quoted(picture_); }

  fs::path picture_;
};

TEST_F(Generation, CaptionsAnswersAndExplains) {
  const auto twice = [&](const std::string& arguments) {
    const auto first = braid_output(arguments), second = braid_output(arguments);
    EXPECT_EQ(first.status, 0) << first.output;
    EXPECT_EQ(first.output, second.output) << arguments;
    return Json::parse(first.output);
  };
  const auto both = twice("caption " + named() + " " + picture() + " --json");
  const auto& texts = both["answers"][0]["texts"];
  ASSERT_EQ(texts.size(), 2U) << both.dump();
  EXPECT_EQ(texts[0]["language"], "en");
  EXPECT_EQ(texts[1]["language"], "zh");
  const auto beams = twice("caption " + named() + " " + picture() +
                           " --language zh --beam 4 --best 3 --json");
  ASSERT_EQ(beams["answers"][0]["texts"].size(), 3U);
  EXPECT_GE(beams["answers"][0]["texts"][0]["score"], beams["answers"][0]["texts"][1]["score"]);
  const auto drawn = [&](const std::string& seed) {
    return twice("caption " + named() + " " + picture() + " --sample --best 4 --seed " + seed +
                 " --json");
  };
  EXPECT_NE(drawn("1")["answers"], drawn("2")["answers"]);

  const auto why = quoted(folder_ / "why");
  for (const char* method : {"gradient", "rollout"}) {
    const auto told = twice("explain " + named() + " " + picture() + " -o " + why + " --method " +
                            method + " --json");
    ASSERT_FALSE(told["words"].empty()) << told.dump();
    for (const auto& word : told["words"]) {
      double sum = 0;
      for (const double heat : word["heat"]) sum += heat;
      EXPECT_TRUE(std::abs(sum - 1) < 1e-6 || sum == 0) << word.dump();
      const auto image = decode_image(read_file(word["file"].get<std::string>(), 1 << 24));
      EXPECT_GE(std::min(image.width, image.height), 224);
    }
  }
}

TEST_F(Generation, EvaluatesInBothLanguagesAndScoresWhatItWrote) {
  const auto evaluated = braid_output("eval -q --json --split test " + named());
  ASSERT_EQ(evaluated.status, 0) << evaluated.output;
  const auto record = Json::parse(evaluated.output);
  std::set<std::string> who;
  for (const auto& metric : record["metrics"]) {
    if (metric["name"] == "chrf")
      who.insert(metric["language"].get<std::string>() + " " +
                 metric["query_field"].get<std::string>());
  }
  EXPECT_EQ(who, (std::set<std::string>{"en image", "zh image", "en image, image shuffled",
                                        "zh image, image shuffled", "en usual", "zh usual"}));
  const auto file = folder_ / "named" / "predictions-test.test.called.en.jsonl";
  ASSERT_TRUE(fs::exists(file));
  const auto scored = braid("score " + quoted(file) + " --answer answer --reference references");
  EXPECT_EQ(scored.status, 0) << scored.output;
  const auto compared = braid_output("score --json " + quoted(file) +
                                     " --answer answer --reference references --against " +
                                     quoted(file) + " --against-answer shuffled.image");
  ASSERT_EQ(compared.status, 0) << compared.output;
  EXPECT_FALSE(Json::parse(compared.output)["comparisons"].empty());
}

// The heat that a report shows is that of `braid explain`.
TEST_F(Generation, AReportShowsTheBestAndTheWorstTextsWithTheirHeat) {
  const auto run = folder_ / "named";
  ASSERT_EQ(braid("eval -q --split test " + named()).status, 0);
  for (const char* split : {"val", "test"}) {
    const auto task = Json::parse(
        read_text(run / "evaluations" / (std::string(split) + ".json")))["tasks"][0];
    for (const char* which : {"best", "mistakes"}) {
      for (const auto& sample : task.value(which, Json::array())) {
        EXPECT_FALSE(sample["answer"].empty());
        ASSERT_EQ(sample["heat"].size(), 1u) << sample.dump();
        EXPECT_EQ(sample["heat"][0]["field"], "image");
      }
    }
    ASSERT_FALSE(task["mistakes"].empty());
    const auto& worst = task["mistakes"][0];
    const auto file = run / worst["values"][0]["value"]["file"].get<std::string>();
    const auto told = Json::parse(
        braid_output("explain --json --language en " + named() + " " + quoted(file) + " -o " +
                     quoted(folder_ / "why")).output);
    EXPECT_EQ(told["words"][0]["word"], worst["answer"]);
    const auto& heat = told["words"][0]["heat"];
    const auto& kept = worst["heat"][0]["values"];
    ASSERT_EQ(heat.size(), kept.size());
    for (size_t i = 0; i < heat.size(); ++i)
      EXPECT_NEAR(heat[i].get<double>(), kept[i].get<double>(), 1e-5);
  }
  const auto page = read_text(run / "report.html");
  for (const char* words : {"Worst texts", "references: ", "alt=\"heat over image\""})
    EXPECT_THAT(page, HasSubstr(words));
}

TEST_F(Generation, SaysWhatIsWrong) {
  const auto refused = [&](const std::string& arguments, int status, const std::string& words) {
    const auto ran = braid(arguments);
    EXPECT_EQ(ran.status, status) << ran.output;
    EXPECT_THAT(ran.output, HasSubstr(words)) << arguments;
  };
  refused("caption " + named() + " nowhere.png", 4, "nowhere.png");
  refused("caption " + named() + " " + picture() + " --language fr", 2, "en, zh");
  refused("caption " + named() + " " + picture() + " --max-tokens 11", 2, "at most 10");
  refused("caption " + named() + " " + picture() + " --beam 0", 2, "beam");
  refused("caption " + named() + " " + picture() + " --task name", 2, "called");
  refused("ask " + named() + " " + picture() + " ''", 3, "text is empty");
  refused("caption " + run_dir() + " " + picture(), 2, "answers nothing");
  refused("explain " + named() + " " + picture() + " --field text -o " + quoted(folder_ / "x"), 2,
          "pictures and sounds");
}

// Half a second at 8000 Hz, 16 bits: a tone, or noise.
std::string wave(bool tone, int number) {
  constexpr int kCount = 4000;
  const auto bytes_of = [](uint32_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
    return out;
  };
  std::string sound = "RIFF" + bytes_of(36 + 2 * kCount, 4) + "WAVEfmt " + bytes_of(16, 4) +
                      bytes_of(1, 2) + bytes_of(1, 2) + bytes_of(8000, 4) + bytes_of(16000, 4) +
                      bytes_of(2, 2) + bytes_of(16, 2) + "data" + bytes_of(2 * kCount, 4);
  uint32_t random = 12345 + static_cast<uint32_t>(number);
  for (int i = 0; i < kCount; ++i) {
    random = random * 1664525 + 1013904223;
    const double value = tone ? std::sin(0.1 * (5 + number % 7) * i)
                              : (random >> 8) / static_cast<double>(1 << 23) - 1;
    sound += bytes_of(static_cast<uint32_t>(static_cast<int>(8000 * value)), 2);
  }
  return sound;
}

constexpr const char* kHeard = R"(name: heard
data: {manifest: heard.jsonl, split_column: split}
fields:
  sound:
    from: sound
    modality: {kind: audio, rate: 8000, seconds: 0.5, bands: 20}
    encoder: {kind: audio_cnn, stages: [8, 16], blocks: 0, dropout: 0}
space: {width: 32}
tasks:
  caption:
    kind: generation
    target: {en: said_en, zh: said_zh}
    width: 32
    depth: 1
    heads: 2
    dropout: 0
    max_tokens: 10
    tokenizer: {vocabulary: 300}
train: {batch: 16, epochs: 20, lr: 0.02, evaluate_every: 20}
)";

TEST_F(SlowTest, SoundsAreCaptionedAndExplainedOverTime) {
  std::string rows;
  for (int i = 0; i < 40; ++i) {
    const bool tone = i % 2 == 0;
    const auto name = "s" + std::to_string(i) + ".wav";
    write_atomic(folder_ / name, std::string_view(wave(tone, i)));
    rows += "{\"sound\": \"" + name + "\", \"split\": \"" + (i < 32 ? "train" : "val") +
            "\", \"said_en\": \"" + (tone ? "a clear tone" : "loud noise") +
            "\", \"said_zh\": \"" + (tone ? "一个纯音" : "噪声") + "\"}\n";
  }
  write_atomic(folder_ / "heard.jsonl", std::string_view(rows));
  write_atomic(folder_ / "heard.yaml", std::string_view(kHeard));
  const auto here = [&](const std::string& name) { return quoted(folder_ / name); };
  const auto trained = braid("train -q " + here("heard.yaml") + " -o " + here("heard"));
  ASSERT_EQ(trained.status, 0) << trained.output;
  const auto said = braid_output("caption --json " + here("heard") + " " + here("s38.wav") + " " +
                                 here("s39.wav"));
  ASSERT_EQ(said.status, 0) << said.output;
  const auto answers = Json::parse(said.output)["answers"];
  EXPECT_EQ(answers[0]["texts"][0]["text"], "a clear tone");
  EXPECT_EQ(answers[0]["texts"][1]["text"], "一个纯音");
  EXPECT_EQ(answers[1]["texts"][0]["text"], "loud noise");
  EXPECT_EQ(answers[1]["texts"][1]["text"], "噪声");
  const auto told = braid_output("explain --json " + here("heard") + " " + here("s38.wav") + " -o " +
                                 here("why"));
  ASSERT_EQ(told.status, 0) << told.output;
  const auto why = Json::parse(told.output);
  EXPECT_EQ(why["rows"], 1);
  EXPECT_GT(why["columns"], 4);
  ASSERT_EQ(why["words"].size(), 4u);  // all, a, clear, tone
  for (const auto& word : why["words"])
    EXPECT_GT(decode_image(read_file(word["file"].get<std::string>(), 1 << 24)).width, 200);
}

constexpr const char* kTranscribed = R"(name: transcribed
data: {manifest: heard.jsonl, split_column: split}
fields:
  sound:
    from: sound
    modality: {kind: audio, rate: 8000, seconds: 0.5, bands: 20}
    encoder: {kind: ast, patch_frames: 2, patch_bands: 20, width: 32, depth: 1, heads: 2}
space: {width: 32}
tasks:
  said: {kind: transcription, target: said, tokenizer: {vocabulary: 300}}
train: {batch: 16, epochs: 4, lr: 0.01, evaluate_every: 4}
)";

TEST_F(SlowTest, WhatIsSaidIsTranscribedMeasuredAndReported) {
  std::string rows;
  for (int i = 0; i < 48; ++i) {
    const auto name = "s" + std::to_string(i) + ".wav";
    write_atomic(folder_ / name, std::string_view(wave(i % 2 == 0, i)));
    rows += "{\"sound\": \"" + name + "\", \"split\": \"" +
            (i < 32 ? "train" : i < 40 ? "val" : "test") + "\", \"said\": \"" +
            (i % 2 == 0 ? "la" : "sh") + "\"}\n";
  }
  write_atomic(folder_ / "heard.jsonl", std::string_view(rows));
  write_atomic(folder_ / "said.yaml", std::string_view(kTranscribed));
  const auto run = quoted(folder_ / "said");
  const auto trained = braid("train -q " + quoted(folder_ / "said.yaml") + " -o " + run);
  ASSERT_EQ(trained.status, 0) << trained.output;
  const auto evaluated = braid_output("eval -q --json --split test " + run);
  ASSERT_EQ(evaluated.status, 0) << evaluated.output;
  std::set<std::string> names;
  const auto record = Json::parse(evaluated.output);
  for (const auto& metric : record["metrics"]) names.insert(metric["name"].get<std::string>());
  EXPECT_EQ(names, (std::set<std::string>{"cer", "wer", "exact_match"}));
  const auto heard = quoted(folder_ / "s46.wav");
  const auto said = braid_output("caption --json " + run + " " + heard);
  ASSERT_EQ(said.status, 0) << said.output;
  EXPECT_TRUE(Json::parse(said.output)["answers"][0]["texts"][0]["text"].is_string());
  const auto answered =
      braid_output("predict -q --json " + run + " " + quoted(folder_ / "heard.jsonl"));
  ASSERT_EQ(answered.status, 0) << answered.output;
  EXPECT_EQ(Json::parse(answered.output)["rows"].size(), 48u);
  EXPECT_TRUE(fs::exists(folder_ / "said" / "report.html"));
  const auto refused = braid("explain " + run + " " + heard + " -o " + quoted(folder_ / "why"));
  EXPECT_EQ(refused.status, 2) << refused.output;
}

struct WritingSlice {
  const char* name;
  const char* data;
  const char* overrides;
  const char* prepare = "true";
};

void PrintTo(const WritingSlice& slice, std::ostream* out) { *out << slice.name; }

class WritingRecipeOnASlice : public SlowTest, public testing::WithParamInterface<WritingSlice> {};

TEST_P(WritingRecipeOnASlice, TrainsAndWrites) {
  const auto& slice = GetParam();
  const char* set = std::getenv("BRAID_DATA");
  const fs::path data = set ? set : BRAID_SOURCE_DIR "/../shared/data";
  if (!fs::exists(data / slice.data)) GTEST_SKIP() << "no " << slice.data;
  const auto known = "export BRAID_DATA=" + quoted(fs::canonical(data)) + " OUT=" +
                     quoted(folder_) + " SRC=" + quoted(BRAID_SOURCE_DIR) + "; ";
  const auto prepared = run(known + slice.prepare);
  ASSERT_EQ(prepared.status, 0) << prepared.output;
  const auto trained =
      run(known + quoted(BRAID_PROGRAM) + " train -q " +
          quoted(BRAID_SOURCE_DIR "/recipes/" + std::string(slice.name)) +
          ".yaml -o \"$OUT/run\" train.steps=4 train.batch=16 " + slice.overrides);
  ASSERT_EQ(trained.status, 0) << trained.output;
  const auto evaluated = run(known + quoted(BRAID_PROGRAM) +
                             " eval -q --json --split val \"$OUT/run\" 2>/dev/null");
  ASSERT_EQ(evaluated.status, 0) << evaluated.output;
  bool usual = false;
  const auto record = Json::parse(evaluated.output);
  for (const auto& metric : record["metrics"]) usual |= metric["query_field"] == "usual";
  EXPECT_TRUE(usual);
}

INSTANTIATE_TEST_SUITE_P(
    Recipes, WritingRecipeOnASlice,
    testing::Values(WritingSlice{"easy_vqa_open", "easy_vqa", "tasks.answer.max_tokens=3"},
                    WritingSlice{"flickr8k_caption", "flickr8k",
                                 "tasks.caption.max_tokens=4 tasks.caption.search.beam=1"},
                    WritingSlice{"flickr8k_context", "flickr8k",
                                 "tasks.caption.max_tokens=4 tasks.caption.search.beam=1 "
                                 "data.files.train=\"$OUT/train.jsonl\" "
                                 "data.files.val=\"$OUT/val.jsonl\" "
                                 "data.files.test=\"$OUT/test.jsonl\"",
                                 R"(set -e; for split in train val test; do
"$SRC/bench/context_rows" "$BRAID_DATA/flickr8k/$split.jsonl" "$OUT/$split.jsonl" --first; done)"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace braid::test
