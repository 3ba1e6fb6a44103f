#include "braid/study/variants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "braid/core/file.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kFused = R"(name: small
data: {manifest: rows.jsonl, split_column: split}
fields:
  said: {from: said, modality: {kind: text}, encoder: {kind: bag_of_tokens, width: 16}}
  drawn: {from: drawn, modality: {kind: text}, encoder: {kind: bag_of_tokens}}
interaction: [{kind: cross_attention}]
fusion: {kind: modality_attention, score: scaled_dot}
tasks:
  animal: {kind: classification, target: animal}
  same: {kind: matching}
alignment: [{between: [said, drawn]}, {views: said}]
train:
  epochs: 3
  modality_dropout: 0.2
  parts: [{match: [joint.fusion.*, said.encoder.*], lr: 0.5}, {match: drawn.*, lr: 2}]
eval:
  metric: accuracy
  protocols:
    - {kind: task, task: animal, split: val}
    - {kind: task, task: same, split: val}
    - {kind: retrieval, split: test}
)";

class VariantsTest : public testing::Test {
 protected:
  Variants make(const std::vector<std::string>& varied,
                const std::vector<std::string>& overrides = {}) {
    write_atomic(folder_ / "r.yaml", std::string_view(kFused));
    std::vector<Vary> all;
    for (const auto& text : varied) all.push_back(parse_vary(text));
    return make_variants(folder_ / "r.yaml", overrides, all);
  }
  static std::vector<std::string> names(const Variants& variants) {
    std::vector<std::string> out;
    for (const auto& variant : variants.all) out.push_back(variant.name);
    return out;
  }
  Scratch folder_;
};

TEST(ParseVary, SplitsAtCommasOutsideBracketsAndQuotes) {
  const auto vary = parse_vary("alignment.0.loss={kind: info_nce, a: [1, 2]}, 'x,y',sum");
  EXPECT_EQ(vary.key, "alignment.0.loss");
  EXPECT_THAT(vary.values, ElementsAre("{kind: info_nce, a: [1, 2]}", "'x,y'", "sum"));
  for (const char* wrong : {"fusion.kind", "=a", "a=", "a=b,,c", "a={b,c"})
    EXPECT_THAT(error_of([&] { parse_vary(wrong); }), HasSubstr("usage: --vary")) << wrong;
}

// 3 kinds x 2 scores: the score is modality_attention's alone, so that 2 + 1 + 1 recipes are left.
TEST_F(VariantsTest, AKeyOfOneKindSaysNothingToTheOthers) {
  const auto variants =
      make({"fusion.score=dot,additive", "fusion.kind=modality_attention,mean,vector_concat"});
  EXPECT_THAT(names(variants),
              ElementsAre("dot-modality_attention", "mean", "vector_concat",
                          "additive-modality_attention", "only-said", "only-drawn"));
  EXPECT_EQ(variants.notes.size(), 2u);
  EXPECT_THAT(variants.notes[0],
              HasSubstr("fusion.score=additive, fusion.kind=mean: the same recipe as mean"));
  // The recipe's own score does not stand in the way of another kind.
  EXPECT_EQ(variants.all[1].recipe.fusion.find("score"), nullptr);
  EXPECT_THAT(variants.all[1].settings, ElementsAre("fusion.kind=mean"));
  EXPECT_EQ(variants.all[3].recipe.fusion.find("score")->text(), "additive");
}

TEST_F(VariantsTest, NumbersAreNamedByTheirKey) {
  const auto variants = make({"train.lr=0.1,1e-3", "fusion.unit=true"});
  EXPECT_THAT(names(variants), ElementsAre("lr_0.1-unit_true", "lr_1e-3-unit_true", "only-said",
                                           "only-drawn"));
  EXPECT_EQ(variants.all[1].recipe.train.lr, 1e-3);
}

TEST_F(VariantsTest, WithoutVariedKeysTheRecipeIsTheOnlyOne) {
  EXPECT_THAT(names(make({})), ElementsAre("recipe", "only-said", "only-drawn"));
}

TEST_F(VariantsTest, AFieldAloneHasNothingThatNeedsAnother) {
  const auto variants = make({}, {"train.epochs=7"});
  const auto& said = variants.all[1];
  EXPECT_EQ(said.role, Role::kSingle);
  ASSERT_EQ(said.recipe.fields.size(), 1u);
  EXPECT_EQ(said.recipe.fields[0].first, "said");
  EXPECT_EQ(said.recipe.train.epochs, 7);
  EXPECT_TRUE(said.recipe.fusion.is_null());
  EXPECT_TRUE(said.recipe.interaction.empty());
  ASSERT_EQ(said.recipe.tasks.size(), 1u);
  EXPECT_EQ(said.recipe.tasks[0].name, "animal");
  ASSERT_EQ(said.recipe.alignment.size(), 1u);
  EXPECT_EQ(said.recipe.alignment[0].views, "said");
  EXPECT_EQ(said.recipe.train.modality_dropout, 0);
  ASSERT_EQ(said.recipe.train.parts.size(), 1u);
  EXPECT_THAT(said.recipe.train.parts[0].match, ElementsAre("said.encoder.*"));
  ASSERT_EQ(said.recipe.eval.protocols.size(), 1u);
  EXPECT_TRUE(variants.all[2].recipe.alignment.empty());
}

TEST_F(VariantsTest, RefusesBeforeAnythingRuns) {
  const auto error = [&](const std::vector<std::string>& varied) {
    return error_of([&] { make(varied); });
  };
  EXPECT_THAT(error({"fusion.scroe=dot"}), HasSubstr("unknown key 'scroe' (did you mean 'score'?)"));
  EXPECT_THAT(error({"fusion.score=dott"}), HasSubstr("combination fusion.score=dott: "));
  EXPECT_THAT(error({"fusion.kind=mean,gatd"}), HasSubstr("did you mean 'gated'?"));
  EXPECT_THAT(error({"trian.lr=1"}), HasSubstr("did you mean 'train'?"));
  EXPECT_THAT(error({"seed=1,2"}), HasSubstr("--vary seed: variants are compared on the same"));
  EXPECT_THAT(error({"tasks.animal.target=a,b"}), HasSubstr("cannot differ"));
  EXPECT_THAT(error({"train.lr=1", "train.lr=2"}), HasSubstr("given twice"));
}

}  // namespace
}  // namespace braid
