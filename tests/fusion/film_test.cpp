#include <gtest/gtest.h>
#include <torch/types.h>

#include "braid/core/error.h"
#include "tests/fusion/parts.h"

namespace braid {
namespace {

// All; the condition c and a; the condition alone; a and b; none. D = 1.
std::vector<Embedding> film_parts() {
  return {vector_part(rows({2, 4, 9, 2, 9}, 1), {1, 1, 0, 1, 0}),
          vector_part(rows({-3, 9, 9, 6, 9}, 1), {1, 0, 0, 1, 0}),
          vector_part(rows({10, 1, 5, 9, 9}, 1), {1, 1, 1, 0, 0})};
}

TEST(Film, TheConditionScalesAndShiftsTheOthers) {
  const auto fusion = fusion_of("{kind: film, condition: c}", 1, {"a", "b", "c"});
  // Of a field: scale (1 + g), then shift.
  set(*fusion, "generator.a.weight", rows({0.1, 1}, 1));
  set(*fusion, "generator.a.bias", at::tensor({0.5, 0.}, at::kFloat));
  set(*fusion, "generator.b.weight", rows({0, 2}, 1));
  set(*fusion, "generator.b.bias", at::tensor({1., 7.}, at::kFloat));
  // All: a (1 + 1.5) 2 + 10 = 15, b (1 + 1)(-3) + 27 = 21. c, a: (1 + 0.6) 4 + 1 = 7.4.
  // c alone: the mean of shifts 5 and 17. Without c: the mean of 2 and 6.
  expect_near(fusion->forward(film_parts()).vector, rows({18, 7.4, 11, 4, 0}, 1), 1e-5);
}

TEST(Film, TheFirstFieldIsTheConditionByDefault) {
  const auto names = fusion_of("{kind: film}", 1, {"a", "b", "c"})->named_parameters();
  ASSERT_EQ(names.size(), 4u);
  EXPECT_EQ(names[0].first, "generator.b.weight");
  EXPECT_EQ(names[2].first, "generator.c.weight");
}

TEST(Film, AConditionThatIsNoFieldIsRefusedAtItsPlace) {
  try {
    fusion_of("kind: film\ncondition: imagee", 1, {"text", "image"});
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConfig);
    EXPECT_STREQ(error.what(),
                 "r.yaml:2:12: condition: no field 'imagee' (did you mean 'image'?); the fields "
                 "are text, image");
  }
}

}  // namespace
}  // namespace braid
