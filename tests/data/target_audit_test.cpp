#include "braid/data/target_audit.h"

#include "braid/core/rng.h"
#include "braid/data/inspect.h"
#include "data_test.h"

namespace braid::data_test {
namespace {

class TargetAuditTest : public DataTest {
 protected:
  // Columns of 100 patients: half sick, in an order of chance.
  std::string patients() const {
    Rng rng(7);
    std::string csv = "id,sick,copy,renamed,dose,risk,ward,age,coin,note,lab\n";
    for (int i = 0; i < 100; ++i) {
      const bool sick = rng.chance(0.5);
      const auto number = std::to_string(i);
      csv += "p" + number + (sick ? ",yes,yes,1," : ",no,no,0,");
      csv += std::to_string((sick ? 5.5 : 1.5) + rng.uniform()) + ",";  // a threshold tells
      csv += (i % 50 == 0) == sick ? "low," : "high,";                  // right in 98 of 100
      csv += "w" + std::to_string(rng.below(8)) + "," + std::to_string(20 + rng.below(60)) + ",";
      csv += rng.chance(0.5) ? "a," : "b,";
      csv += "free text that is different in each row of the table and long number " + number + ",";
      csv += sick ? "done\n" : "\n";  // only the sick were tested
    }
    return csv;
  }

  std::map<std::string, TargetLeak> leaks(const std::string& csv, const std::string& target) const {
    const auto file = write("x.csv", csv);
    auto config = inspect_config({file});
    config.target = target;
    audit_ = inspect(config);
    std::map<std::string, TargetLeak> by_column;
    for (const auto& leak : audit_.target->leaks) by_column[leak.column] = leak;
    return by_column;
  }

  mutable Audit audit_;
};

TEST_F(TargetAuditTest, FlagsCopiesIdsAndColumnsThatTellTheTargetAlone) {
  const auto found = leaks(patients(), "sick");
  std::map<std::string, std::string> kinds;
  for (const auto& [column, leak] : found) kinds[column] = leak.kind;
  EXPECT_EQ(kinds, (std::map<std::string, std::string>{{"copy", "copy"},
                                                       {"dose", "predicts"},
                                                       {"id", "id"},
                                                       {"lab", "predicts"},
                                                       {"renamed", "copy"},
                                                       {"risk", "predicts"}}));
  EXPECT_EQ(found.at("dose").right, 1);
  EXPECT_NEAR(found.at("risk").right, 0.98, 1e-9);
  EXPECT_LT(found.at("risk").lowest, 0.98);
  EXPECT_GT(found.at("risk").lowest, found.at("risk").alone);
  EXPECT_EQ(audit_.target->compared, 100);
  const auto text = audit_table(audit_);
  EXPECT_NE(text.find("columns that give 'sick' away: 6"), std::string::npos) << text;
  EXPECT_NE(text.find("right in 0.980 of 100 rows"), std::string::npos) << text;
  EXPECT_NE(audit_json(audit_).find(R"("kind":"predicts")"), std::string::npos);
}

// 96 of 100 rows have one target: naming it always is right in 0.96, and no news.
TEST_F(TargetAuditTest, ChanceAndARareTargetDoNotFlag) {
  std::string csv = "sick,coin,ward\n";
  Rng rng(3);
  for (int i = 0; i < 100; ++i) {
    csv += i % 25 ? "no," : "yes,";
    csv += rng.chance(0.5) ? "a," : "b,";
    csv += "w" + std::to_string(rng.below(30)) + "\n";
  }
  EXPECT_TRUE(leaks(csv, "sick").empty());
  // Ten rows prove nothing.
  std::string few = "sick,copy\n";
  for (int i = 0; i < 10; ++i) few += i % 2 ? "yes,yes\n" : "no,no\n";
  EXPECT_TRUE(leaks(few, "sick").empty());
}

TEST_F(TargetAuditTest, AMeasuredTargetIsComparedByItsVariance) {
  std::string csv = "weight,pounds,height\n";
  Rng rng(5);
  for (int i = 0; i < 80; ++i) {
    const double weight = 50 + 40 * rng.uniform();
    csv += std::to_string(weight) + "," + std::to_string(2.2046 * weight + rng.uniform()) + "," +
           std::to_string(150 + 40 * rng.uniform()) + "\n";
  }
  const auto found = leaks(csv, "weight");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.at("pounds").kind, "predicts");
  EXPECT_GT(found.at("pounds").lowest, 0.99);
}

TEST_F(TargetAuditTest, RefusesATargetThatIsNone) {
  expect_error(ErrorCode::kConfig, {"'sik'", "did you mean 'sick'"},
               [&] { leaks(patients(), "sik"); });
  expect_error(ErrorCode::kInput, {"'a'", "1 different"}, [&] { leaks("a,b\n1,2\n1,3\n", "a"); });
}

}  // namespace
}  // namespace braid::data_test
