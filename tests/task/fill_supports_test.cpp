#include "braid/task/fill_supports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

#include "braid/block/unit_rows.h"
#include "braid/task/field_vectors.h"
#include "braid/task/tensor.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid::test {
namespace {

using testing::HasSubstr;

// Float32; batches of other values beside them change the order of sums.
constexpr double kRounding = 1e-5;

class FillSupports : public testing::Test {
 protected:
  // `a`, one text a row, is read as `b`, whose two texts a row are two sources.
  void open(const SupportSetConfig& support, const std::string& manifest = tiny_manifest()) {
    world_ = std::make_unique<TinyWorld>(folder_.path(),
                                         "alignment:\n  - {between: [a, b]}\n", manifest);
    plain_ = world_->model();
    world_->recipe.fields[0].second.support = support;
    model_ = world_->model();  // a support set draws nothing: the same weights
  }

  void fill() {
    fill_supports(*model_, world_->recipe, *world_->data, world_->data->rows(""),
                  world_->pointers(), {});
  }

  at::Tensor vectors(Model& model, size_t field, size_t source) const {
    std::vector<BadSample> bad;
    const auto made = embed_rows(model, *world_->data, field, source, *world_->modalities[field],
                                 world_->data->rows(""), {}, &bad);
    EXPECT_TRUE(bad.empty());
    return to_tensor(made.vectors).clone();
  }

  // What `a` is to be read as, from vectors that know of no support set.
  at::Tensor expected(double temperature) const {
    const auto keys = vectors(*plain_, 0, 0);
    const auto words = unit_rows(vectors(*plain_, 1, 0) + vectors(*plain_, 1, 1));
    return unit_rows(at::matmul((at::matmul(keys, keys.t()) / temperature).softmax(1), words));
  }

  static double apart(const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
  }

  const Scratch folder_;
  std::unique_ptr<TinyWorld> world_;
  std::unique_ptr<Model> plain_, model_;
};

TEST_F(FillSupports, AVectorIsReadAsThoseOfTheOtherField) {
  open({.of = "b", .temperature = 0.1});
  EXPECT_LT(apart(vectors(*model_, 0, 0), vectors(*plain_, 0, 0)), kRounding);  // empty yet
  fill();
  EXPECT_EQ(model_->support(0)->size(), 64);
  EXPECT_EQ(model_->support(1), nullptr);
  const auto read = vectors(*model_, 0, 0);
  EXPECT_LT(apart(read, expected(0.1)), kRounding);
  EXPECT_GT(apart(read, vectors(*plain_, 0, 0)), 0.01);
  EXPECT_LT(apart(vectors(*model_, 1, 0), vectors(*plain_, 1, 0)), kRounding);  // `b` stays
  const auto one = embed_one(*model_, 0, *world_->modalities[0], as_bytes("red house"));
  const auto row = read[0].contiguous();
  for (size_t i = 0; i < one.size(); ++i)
    EXPECT_NEAR(one[i], row.data_ptr<float>()[i], kRounding) << i;
}

TEST_F(FillSupports, FilledAgainItIsTheSame) {
  open({.of = "b"});
  fill();
  const auto once = vectors(*model_, 0, 0);
  fill();  // keys are the tower's own vectors, not what they are read as
  EXPECT_EQ(apart(vectors(*model_, 0, 0), once), 0);
}

TEST_F(FillSupports, RowsThatLackEitherAreLeftOut) {
  auto rows = tiny_manifest();
  rows += "{\"en\": \"lonely house\"}\n{\"de\": \"baum\", \"fr\": \"arbre\"}\n";
  rows += "{\"en\": \"half tree\", \"fr\": \"arbre\"}\n";
  open({.of = "b"}, rows);
  fill();
  EXPECT_EQ(model_->support(0)->size(), 65);
}

TEST_F(FillSupports, OfMoreRowsThanItHoldsItKeepsSomeAtEvenDistances) {
  open({.of = "b", .temperature = 0.001, .max = 4});
  fill();
  EXPECT_EQ(model_->support(0)->size(), 4);
  // Rows 0, 16, 32, 48 are kept: each is its own nearest.
  const auto read = vectors(*model_, 0, 0);
  const auto words = unit_rows(vectors(*plain_, 1, 0) + vectors(*plain_, 1, 1));
  for (const int64_t row : {0, 16, 32, 48}) EXPECT_LT(apart(read[row], words[row]), 1e-3) << row;
}

TEST_F(FillSupports, NoRowThatHasBothIsAnError) {
  open({.of = "b"});
  EXPECT_THAT(error_of([&] {
                fill_supports(*model_, world_->recipe, *world_->data, {}, world_->pointers(), {});
              }),
              HasSubstr("fields.a.support: no training row has both a and b"));
}

TEST_F(FillSupports, ItIsSavedWithTheWeights) {
  open({.of = "b"});
  fill();
  const auto read = vectors(*model_, 0, 0);
  const auto file = state_of(*model_);
  const auto copied = world_->model(), adopted = world_->model();
  load_state(*copied, file, "copied");
  adopt_state(*adopted, file, "adopted");
  EXPECT_EQ(apart(vectors(*copied, 0, 0), read), 0);
  EXPECT_EQ(apart(vectors(*adopted, 0, 0), read), 0);
  EXPECT_THAT(error_of([&] { load_state(*plain_, file, "plain"); }), HasSubstr("a.support.keys"));
}

}  // namespace
}  // namespace braid::test
