#include "braid/modality/hidden_words.h"

#include <gtest/gtest.h>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/modality/text.h"

namespace braid {
namespace {

TEST(HiddenWords, AreTakenOutWhateverTheirCaseAndHyphens) {
  const HiddenWords words({"covid*", "rt-pcr", "flu"});
  EXPECT_EQ(words.without("A COVID-19 patient, covid, Covid19."), "A  patient, , .");
  EXPECT_EQ(words.without("non-COVID; non-covid-19 ward"), ";  ward");
  EXPECT_EQ(words.without("RT-PCR positive, late-rt-pcr-test, rt, pcr"), " positive, , rt, pcr");
  EXPECT_EQ(words.without("flu fluid in-flu influx"), " fluid  influx");  // a whole word, or a piece
  EXPECT_EQ(words.without("(covid)/flu-"), "()/-");
  EXPECT_EQ(words.without("- flu - a-"), "-  - a-");
}

TEST(HiddenWords, OfOtherAlphabetsToo) {
  const HiddenWords words({"ГРИПП*", "straße", "肺炎"});
  EXPECT_EQ(words.without("грипп, гриппа; STRASSE 肺炎 肺炎球菌"), ", ;   肺炎球菌");
  EXPECT_EQ(words.without("naïve été"), "naïve été");
}

TEST(HiddenWords, ATextOfNothingElseIsADash) {
  const HiddenWords words({"covid*"});
  EXPECT_EQ(words.without("COVID-19 covid"), "-");
  EXPECT_EQ(words.without("  "), "  ");
  EXPECT_EQ(words.without("COVID-19."), ".");
  EXPECT_TRUE(HiddenWords({}).empty());
}

TEST(HiddenWords, AreWords) {
  for (const char* wrong : {"", "*", "two words", "a*b", "-flu", "flu-", "covid*-19"})
    EXPECT_THROW(HiddenWords({wrong}), Error) << wrong;
}

TEST(HiddenWords, NeitherTheTokenizerNorTheModelSeesThem) {
  auto text = make_text(ConfigNode::parse("{hide: [covid*], tokenizer: {min_count: 1}}"));
  text->fit([](const ValueVisitor& visit) {
    visit(as_bytes("fever and cough"));
    visit(as_bytes("covid covid covid covid"));
  });
  const auto ids = [&](std::string_view value) {
    const auto sample = text->prepare(as_bytes(value));
    const auto values = sample.values.values<int64_t>();
    return std::vector<int64_t>(values.begin(), values.end());
  };
  EXPECT_EQ(ids("fever COVID-19"), ids("fever "));
  EXPECT_EQ(ids("covid"), ids("-"));
}

}  // namespace
}  // namespace braid
