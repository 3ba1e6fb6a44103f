#include "braid/report/html.h"

#include <gtest/gtest.h>

namespace braid {
namespace {

TEST(EscapeHtml, LeavesNoCharacterThatEndsATextOrAnAttribute) {
  EXPECT_EQ(escape_html("<script>alert('x\" & y')</script>"),
            "&lt;script&gt;alert(&#39;x&quot; &amp; y&#39;)&lt;/script&gt;");
  EXPECT_EQ(escape_html("&amp;"), "&amp;amp;");
}

TEST(EscapeHtml, KeepsUtf8AndReplacesWhatIsNone) {
  EXPECT_EQ(escape_html("红苹果 é 🍎"), "红苹果 é 🍎");
  EXPECT_EQ(escape_html("a\xff"
                        "b"),
            "a\uFFFDb");
  EXPECT_EQ(escape_html("\xe7\xba"), "\uFFFD\uFFFD");  // a character cut short
  EXPECT_EQ(escape_html("\xc0\xbc"), "\uFFFD\uFFFD");  // an overlong '<'
  EXPECT_EQ(escape_html("\xe7\xba<"), "\uFFFD\uFFFD&lt;");
}

TEST(EscapeHtml, ReplacesCharactersThatXmlDoesNotKnow) {
  EXPECT_EQ(escape_html(std::string_view("a\0b\x1b\x7f", 5)), "a\uFFFDb\uFFFD\uFFFD");
  EXPECT_EQ(escape_html("\xEF\xBF\xBE"), "\uFFFD");  // U+FFFE
  EXPECT_EQ(escape_html("tab\tline\nend"), "tab\tline\nend");
}

// RFC 4648, section 10.
TEST(Base64, EqualsTheTestVectors) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xfb\xff\xfe"), "+//+");
}

TEST(Html, EscapesTextAndAttributesAndClosesWhatIsOpen) {
  Html html;
  html.open("p", {{"title", "a\"b"}}).text("1 < 2").open("b").raw("<i/>").empty("br");
  EXPECT_EQ(html.finish(), "<p title=\"a&quot;b\">1 &lt; 2<b><i/><br/></b>\n</p>\n");
}

}  // namespace
}  // namespace braid
