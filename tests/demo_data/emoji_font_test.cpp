#include "braid/demo_data/emoji_font.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "braid/core/error.h"
#include "braid/demo_data/emoji_inputs.h"
#include "folder.h"

namespace braid {
namespace {

using testing::HasSubstr;

std::filesystem::path installed_font() {
  try {
    return find_inputs({}).font;
  } catch (const Error&) {
    return {};
  }
}

TEST(EmojiFont, GivesTrueColoursAtSoftEdges) {
  if (installed_font().empty()) GTEST_SKIP() << "fonts-noto-color-emoji is not installed";
  EmojiFont font(installed_font());
  const auto circle = font.draw(U"\U0001F534");  // red circle: its soft rim is red, not dark
  ASSERT_TRUE(circle);
  ASSERT_EQ(circle->channels, 4);
  const auto& values = circle->data;
  int soft = 0, clear = 0;
  for (size_t i = 0; i < values.size(); i += 4) {
    const int alpha = values[i + 3];
    clear += alpha == 0;
    if (alpha < 48 || alpha == 255) continue;
    ++soft;
    EXPECT_GT(values[i], 170) << "pixel " << i / 4 << " alpha " << alpha;
    EXPECT_LT(values[i + 2], 120) << "pixel " << i / 4;
  }
  EXPECT_GT(soft, 50);
  EXPECT_GT(clear, 500);
}

TEST(EmojiFont, DrawsSequencesAsOnePictureOrNotAtAll) {
  if (installed_font().empty()) GTEST_SKIP() << "fonts-noto-color-emoji is not installed";
  EmojiFont font(installed_font());
  EXPECT_TRUE(font.draw(U"\U0001F469\U0001F3FD\u200D\U0001F4BB"));  // woman technologist, toned
  EXPECT_TRUE(font.draw(U"\U0001F1E8\U0001F1F3"));                  // a flag
  EXPECT_TRUE(font.draw(U"#\uFE0F\u20E3"));                         // a keycap
  EXPECT_FALSE(font.draw(U"\U0001F34E\U0001F34E"));                 // two apples
  EXPECT_FALSE(font.draw(U"\u4e2d"));                               // no emoji
  EXPECT_FALSE(font.draw(U""));
}

TEST(EmojiFont, RefusesWhatIsNoColourFont) {
  const test::Folder folder;
  folder.put("font.ttf", "not a font");
  EXPECT_THROW(EmojiFont(folder.path() / "none.ttf"), Error);
  try {
    EmojiFont font(folder.path() / "font.ttf");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInput);
    EXPECT_THAT(error.what(), HasSubstr("font.ttf: not a font"));
  }
}

TEST(PadSquare, CentresThePicture) {
  const Picture picture{2, 1, 4, {1, 2, 3, 4, 5, 6, 7, 8}};
  const auto square = pad_square(picture, 4);
  std::vector<uint8_t> expected(64, 0);  // row 1, columns 1 and 2
  std::copy(picture.data.begin(), picture.data.end(), expected.begin() + (1 * 4 + 1) * 4);
  EXPECT_EQ(square.data, expected);
  EXPECT_THROW(pad_square(square, 3), Error);
}

}  // namespace
}  // namespace braid
