#include "braid/demo_data/annotations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "braid/core/error.h"
#include "folder.h"

namespace braid {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string message_of(const test::Folder& folder, const std::string& language, ErrorCode code) {
  try {
    read_annotations(folder.path(), language);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    return error.what();
  }
  return "no error";
}

TEST(Annotations, ReadsNamesAndKeywordsOfBothFiles) {
  const test::Folder folder;
  folder.put_annotations("annotations/en.xml",
                         "<annotation cp='🍎'> apple | red |fruit|red </annotation>"
                         "<annotation cp='🍎' type='tts'>red apple</annotation>"
                         "<annotation cp='❤️' type='tts'>red heart &amp; more</annotation>");
  folder.put_annotations("annotationsDerived/en.xml",
                         "<annotation cp='🍎' type='tts'>derived apple</annotation>"
                         "<annotation cp='🇨🇳' type='tts'>flag: China</annotation>");
  const auto found = read_annotations(folder.path(), "en");
  EXPECT_EQ(found.size(), 3u);
  EXPECT_EQ(found.at("🍎").name, "red apple");
  EXPECT_THAT(found.at("🍎").keywords, ElementsAre("apple", "red", "fruit"));
  EXPECT_EQ(found.at("\u2764").name, "red heart & more");  // U+FE0F gone
  EXPECT_EQ(found.at("🇨🇳").name, "flag: China");
}

TEST(Annotations, InheritsWhatARegionLeavesOut) {
  const test::Folder folder;
  folder.put_annotations("annotations/en.xml",
                         "<annotation cp='🎃'>pumpkin</annotation>"
                         "<annotation cp='🎃' type='tts'>jack-o-lantern</annotation>"
                         "<annotation cp='🚀' type='tts'>rocket</annotation>");
  folder.put_annotations("annotations/en_001.xml",
                         "<annotation cp='🚀' type='tts'>space ship</annotation>");
  folder.put_annotations("annotations/en_GB.xml",
                         "<annotation cp='🎃'>turnip</annotation>"
                         "<annotation cp='🎃' type='tts'>↑↑↑</annotation>");
  folder.put("supplemental/supplementalData.xml",
             "<supplementalData><parentLocales component='segmentations'>"
             "<parentLocale parent='root' locales='en_GB'/></parentLocales>"
             "<parentLocales><parentLocale parent='en_001' locales='en_AU en_GB'/></parentLocales>"
             "</supplementalData>");
  const auto found = read_annotations(folder.path(), "en_GB");
  EXPECT_EQ(found.at("🎃").name, "jack-o-lantern");
  EXPECT_THAT(found.at("🎃").keywords, ElementsAre("turnip"));
  EXPECT_EQ(found.at("🚀").name, "space ship");
}

TEST(Annotations, DoesNotInheritAcrossScripts) {
  const test::Folder folder;
  folder.put_annotations("annotations/zh.xml", "<annotation cp='🍎' type='tts'>红苹果</annotation>");
  folder.put_annotations("annotations/zh_Hant.xml",
                         "<annotation cp='🍐' type='tts'>梨子</annotation>");
  folder.put("supplemental/supplementalData.xml",
             "<supplementalData><parentLocales><parentLocale parent='root' locales='zh_Hant'/>"
             "</parentLocales></supplementalData>");
  EXPECT_FALSE(read_annotations(folder.path(), "zh_Hant").contains("🍎"));
}

TEST(Annotations, SaysWhatIsWrong) {
  const test::Folder folder;
  folder.put_annotations("annotations/en.xml", "");
  folder.put("annotations/bad.xml", "<ldml>\n<annotations>\n<annotation cp='x'>y</ldml>");
  folder.put("annotations/other.xml", "<html/>");
  folder.put("annotations/loop.xml", "<ldml/>");
  folder.put_annotations("annotations/nocp.xml", "<annotation>apple</annotation>");
  EXPECT_THAT(message_of(folder, "bad", ErrorCode::kInput),
              AllOf(HasSubstr("bad.xml:3: not well-formed XML"), HasSubstr("tag")));
  EXPECT_THAT(message_of(folder, "other", ErrorCode::kInput), HasSubstr("expected <ldml>"));
  EXPECT_THAT(message_of(folder, "nocp", ErrorCode::kInput), HasSubstr("without cp"));
  EXPECT_THAT(message_of(folder, "enn", ErrorCode::kConfig), HasSubstr("did you mean 'en'?"));
  EXPECT_THAT(message_of(folder, "../annotations/en", ErrorCode::kConfig),
              HasSubstr("no emoji names"));
  EXPECT_THAT(message_of(folder, "xyzzyx", ErrorCode::kConfig),
              HasSubstr("there are: bad en loop"));
  folder.put("supplemental/supplementalData.xml",
             "<supplementalData><parentLocales><parentLocale parent='loop' locales='loop'/>"
             "</parentLocales></supplementalData>");
  EXPECT_THAT(message_of(folder, "loop", ErrorCode::kInput), HasSubstr("its own ancestor"));
}

TEST(Annotations, NamesTheFolderThatIsNotThere) {
  const test::Folder folder;
  EXPECT_THAT(message_of(folder, "en", ErrorCode::kNotFound),
              HasSubstr("annotations: cannot read"));
}

}  // namespace
}  // namespace braid
