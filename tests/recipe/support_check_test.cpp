#include "braid/recipe/support_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/recipe/parse.h"

namespace braid {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string fields_with(const std::string& speech, const std::string& text = "") {
  return "data: {manifest: a.jsonl}\nfields:\n"
         "  speech: {from: speech, modality: audio, encoder: ast" +
         speech +
         "}\n"
         "  text: {from: title, modality: text, encoder: bag_of_tokens" +
         text +
         "}\n"
         "alignment: [{between: [speech, text]}]\n";
}

TEST(SupportCheck, WithoutTheKeyThereIsNone) {
  const auto recipe = parse(parse(fields_with("")).to_yaml());
  EXPECT_FALSE(recipe.fields[0].second.support);
  EXPECT_FALSE(recipe.fields[1].second.support);
}

TEST(SupportCheck, NamesTheOtherField) {
  const auto recipe = parse(parse(fields_with(", support: {of: text, max: 9}")).to_yaml());
  ASSERT_TRUE(recipe.fields[0].second.support);
  EXPECT_EQ(recipe.fields[0].second.support->of, "text");
  EXPECT_EQ(recipe.fields[0].second.support->temperature, 0.03);
  EXPECT_EQ(recipe.fields[0].second.support->max, 9);
  EXPECT_FALSE(recipe.fields[1].second.support);
}

TEST(SupportCheck, NamesWhatIsWrong) {
  EXPECT_THAT(complaint(fields_with(", support: {}")),
              AllOf(StartsWith("config: r.yaml:3:"), HasSubstr("expected `of`")));
  EXPECT_THAT(complaint(fields_with(", support: {of: speech}")), HasSubstr("'speech' itself"));
  EXPECT_THAT(complaint(fields_with(", support: {of: txt}")),
              AllOf(StartsWith("config: r.yaml:3:"), HasSubstr("txt"), HasSubstr("text")));
  EXPECT_THAT(complaint(fields_with(", support: {of: text, temperature: 0}")),
              HasSubstr("temperature"));
  EXPECT_THAT(complaint(fields_with(", support: {of: text, max: 0}")), HasSubstr("max"));
  EXPECT_THAT(complaint(fields_with(", support: {of: text}", ", support: {of: speech}")),
              HasSubstr("'text' is read through a support set itself"));
}

}  // namespace
}  // namespace braid
