#include "braid/recipe/pooling_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/recipe/parse.h"

namespace braid {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string recipe_with(const std::string& field) {
  return "data: {manifest: a.jsonl}\nfields:\n"
         "  photos: {from: photos, modality: {kind: image, size: 32}, encoder: cnn, " +
         field +
         "}\n"
         "  text: {from: title, modality: text, encoder: bag_of_tokens}\n"
         "alignment: [{between: [photos, text]}]\n";
}

TEST(PoolingCheck, WithoutTheKeyThereIsNone) {
  const auto recipe = parse(recipe_with("frozen: false"));
  EXPECT_FALSE(recipe.fields[0].second.pooling);
  EXPECT_FALSE(parse(recipe.to_yaml()).fields[0].second.pooling);
}

TEST(PoolingCheck, AttentionOverAllValuesUnlessSaid) {
  const auto recipe = parse(parse(recipe_with("pooling: {}")).to_yaml());
  ASSERT_TRUE(recipe.fields[0].second.pooling);
  EXPECT_EQ(recipe.fields[0].second.pooling->kind, ValuePoolingKind::kAttention);
  EXPECT_FALSE(recipe.fields[0].second.pooling->max);
  EXPECT_FALSE(recipe.fields[1].second.pooling);
  const auto mean = parse(parse(recipe_with("pooling: {kind: mean, max: 4}")).to_yaml());
  EXPECT_EQ(mean.fields[0].second.pooling->kind, ValuePoolingKind::kMean);
  EXPECT_EQ(mean.fields[0].second.pooling->max, 4);
}

TEST(PoolingCheck, NamesWhatIsWrong) {
  EXPECT_THAT(complaint(recipe_with("pooling: {kind: sum}")),
              AllOf(StartsWith("config: r.yaml:3:"), HasSubstr("attention | mean")));
  EXPECT_THAT(complaint(recipe_with("pooling: {max: 0}")), HasSubstr("max: expected >= 1, got 0"));
  EXPECT_THAT(complaint(recipe_with("pooling: {most: 3}")), HasSubstr("unknown key 'most'"));
  EXPECT_THAT(complaint(recipe_with("pooling: {}, draw: {count: 2}")),
              AllOf(HasSubstr("'photos' has pooling"), HasSubstr("leave draw out")));
  EXPECT_NO_THROW(parse(recipe_with("pooling: {}, draw: {count: 1}")));
}

TEST(PoolingCheck, ATableHasOneValueARow) {
  EXPECT_THAT(complaint("data: {manifest: a.jsonl}\nfields:\n"
                        "  vitals: {from: a, modality: table, encoder: table_mlp, pooling: {}}\n"
                        "  text: {from: title, modality: text, encoder: bag_of_tokens}\n"
                        "alignment: [{between: [vitals, text]}]\n"),
              AllOf(HasSubstr("'vitals' is a table"), HasSubstr("leave pooling out")));
}

}  // namespace
}  // namespace braid
