// What an answer rests on, where that is known: each word of a translation rests on one word of the
// text. With other weights it says something else (the check of Adebayo et al. 2018).
#include "braid/task/explain.h"

#include <gmock/gmock.h>

#include "tests/train/trainer_fixture.h"

namespace braid::test {
namespace {

using testing::HasSubstr;

// Tokens that no layer mixes, and a decoder that looks at them alone.
std::string word_by_word(const std::string& more) {
  return "data: {manifest: all.jsonl}\nspace: {width: 16}\nfields:\n"
         "  a: {from: en, modality: {kind: text, max_tokens: 16, tokenizer: {vocabulary: 400}, "
         "views: {delete: 0, swap: 0, insert: 0, mask: 0}}, "
         "encoder: {kind: text_transformer, width: 16, depth: 0, heads: 2, dropout: 0}}\n" +
         more;
}

constexpr const char* kTranslated =
    "tasks: {say: {kind: generation, target: de, width: 32, depth: 1, heads: 2, reads: tokens, "
    "dropout: 0, max_tokens: 16, tokenizer: {vocabulary: 400}}}\n";

class Explained : public TrainerTest {
 protected:
  void open_words(const std::string& tasks, const std::string& manifest = tiny_manifest()) {
    const auto more = tasks + "train: {batch: 16, lr: 0.01, epochs: 40}\n";
    world_ = std::make_unique<TinyWorld>(folder_.path(), more, manifest, word_by_word);
  }
  Explanation explain(Model& model, int64_t row, ExplainRequest request = {}) {
    const auto text = world_->data->column(row, "en").at(0);
    return explain_sample(model, {"a"}, world_->pointers(), {{Value{text, {}, ""}}},
                          world_->facts[0], request);
  }
  // Share of the words of all rows most of whose heat lies on the word that they translate.
  double well_placed(Model& model, ExplainMethod method) {
    double right = 0, all = 0;
    for (int64_t row = 0; row < world_->data->size(); ++row) {
      const auto told = explain(model, row, {.method = method});
      if (told.words.size() != 2) continue;
      const auto text = world_->data->column(row, "en").at(0);
      const auto first = tokens_of(text.substr(0, text.find(' ')));
      for (size_t word = 0; word < 2; ++word) {
        double before = 0;
        for (int64_t i = 0; i < first; ++i) before += told.words[word].heat[static_cast<size_t>(i)];
        const double end = told.words[word].heat.back();  // of <eos>, which is no word
        right += (word == 0 ? before : 1 - before - end) > 0.5;
        ++all;
      }
    }
    return all > 0 ? right / all : 0;
  }
  int64_t tokens_of(const std::string& text) {
    return world_->modalities[0]->prepare(as_bytes(text)).values.count() - 1;  // without <eos>
  }
};

TEST_F(Explained, EachWordRestsOnWhatItTranslatesAndNotWithOtherWeights) {
  open_words(kTranslated);
  sit("whole");
  const auto model = world_->model(9), other = world_->model(11);
  load_state(*model, read_safetensors(folder_ / "whole/model.safetensors"), "model");
  const auto told = explain(*model, 0);
  EXPECT_EQ(told.text, "rot haus");
  ASSERT_EQ(told.words.size(), 2u);
  EXPECT_EQ(told.words[0].word, "rot");
  EXPECT_EQ(told.words[1].word, "haus");
  EXPECT_EQ(told.rows, 1);
  EXPECT_EQ(told.columns, tokens_of("red house") + 1);
  EXPECT_GT(well_placed(*model, ExplainMethod::kRollout), 0.9);
  // Where a word is sure, more of what it rests on changes little, and of either sign.
  EXPECT_GT(well_placed(*model, ExplainMethod::kGradient), 0.6);
  EXPECT_LT(well_placed(*other, ExplainMethod::kRollout), 0.6);
}

TEST_F(Explained, AClassHasHeatOfItsOwnWhichOtherWeightsDoNotGive) {
  open_words("tasks: {colour: {kind: classification, target: colour}}\n", labelled_manifest());
  sit("whole");
  const auto model = world_->model(9), other = world_->model(11);
  load_state(*model, read_safetensors(folder_ / "whole/model.safetensors"), "model");
  double same = 0;  // heat that both place alike
  for (int64_t row = 0; row < world_->data->size(); ++row) {
    const auto told = explain(*model, row);
    ASSERT_EQ(told.words.size(), 1u);
    const auto text = world_->data->column(row, "en").at(0);
    EXPECT_EQ(told.text, text.substr(0, text.find(' ')));
    const auto random = explain(*other, row, {.answer = told.text});
    ASSERT_EQ(random.words[0].heat.size(), told.words[0].heat.size());
    for (size_t i = 0; i < told.words[0].heat.size(); ++i)
      same += std::min(told.words[0].heat[i], random.words[0].heat[i]);
    EXPECT_NE(explain(*model, row, {.answer = told.text == "red" ? "blue" : "red"}).words[0].heat,
              told.words[0].heat);
  }
  EXPECT_LT(same / 64, 0.6);
  EXPECT_THAT(error_of([&] { explain(*model, 0, {.answer = "rde"}); }), HasSubstr("'red'"));
  EXPECT_THAT(error_of([&] { explain(*model, 0, {.method = ExplainMethod::kRollout}); }),
              HasSubstr("use gradient"));
}

TEST_F(Explained, SaysWhereThereIsNowhereToPointTo) {
  open_words("tasks: {say: {kind: generation, target: de, width: 16, depth: 1, heads: 2, reads: "
             "fused, tokenizer: {vocabulary: 400}}}\n");
  const auto model = world_->model();
  EXPECT_THAT(error_of([&] { explain(*model, 0); }), HasSubstr("reads: fused"));
  EXPECT_THAT(error_of([&] {
                explain_sample(*model, {"a"}, world_->pointers(), {{std::nullopt}},
                               world_->facts[0], {});
              }),
              HasSubstr("no value of field 'a'"));
}

}  // namespace
}  // namespace braid::test
