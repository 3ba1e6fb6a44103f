#include "braid/recipe/catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "braid/core/file.h"
#include "tests/scratch.h"

namespace braid {
namespace {

using testing::HasSubstr;

ConfigNode node(const std::string& yaml) { return ConfigNode::parse(yaml, "n.yaml"); }

TEST(Catalog, EveryMemberHasWordsAndCompletesToItsKeysInOrder) {
  int members = 0;
  for (const auto& family : catalog()) {
    EXPECT_FALSE(family.help.empty());
    for (const auto& member : family.members) {
      EXPECT_FALSE(member.help.empty()) << member.name;
      const auto full = complete(family.name, ConfigNode::scalar(member.name));
      EXPECT_EQ(full.find("kind")->text(), member.name);
      ASSERT_EQ(full.entries().size(), member.keys.size() + 1) << member.name;
      for (size_t i = 0; i < member.keys.size(); ++i) {
        EXPECT_EQ(full.entries()[i + 1].first, member.keys[i].name);
      }
      EXPECT_EQ(complete(family.name, full).to_yaml(), full.to_yaml()) << member.name;
      ++members;
    }
  }
  EXPECT_GE(members, 8);
}

TEST(Catalog, GivenKeysWinOverDefaults) {
  const auto full = complete("alignment", node("{kind: info_nce, temperature: {initial: 0.5}}"));
  EXPECT_EQ(full.find("temperature")->find("initial")->text(), "0.5");
  EXPECT_EQ(full.find("temperature")->find("learned")->text(), "true");
}

TEST(Catalog, AMemberThatIsAListIsRefused) {
  EXPECT_THAT(error_of([] { complete("encoder", node("[cnn]")); }),
              HasSubstr("config: n.yaml:1:1: expected encoder as {kind: NAME, ...}"));
}

TEST(Catalog, AnUnknownFamilyIsOurFault) {
  EXPECT_THAT(error_of([] { complete("colour", node("red")); }), HasSubstr("internal: no family"));
}

TEST(Reference, DocsRecipeIsWhatTheProgramPrints) {
  const auto written = read_text(BRAID_SOURCE_DIR "/docs/recipe.md");
  EXPECT_EQ(written, recipe_reference())
      << "make it anew: braid show-config --reference > docs/recipe.md";
}

TEST(Reference, NamesEveryKeyOfEveryMember) {
  const auto text = recipe_reference();
  for (const auto& family : catalog()) {
    for (const auto& member : family.members) {
      EXPECT_THAT(text, HasSubstr("## " + family.name + ": " + member.name + "\n"));
    }
  }
  for (const char* key :
       {"`temperature.initial`", "`views.crop_scale`", "`tokenizer.vocabulary`", "`batch`"}) {
    EXPECT_THAT(text, HasSubstr(key));
  }
}

}  // namespace
}  // namespace braid
