#include "braid/task/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;
using testing::HasSubstr;

constexpr const char* kPair = "alignment:\n  - {between: [a, b]}\n";

bool equal_bytes(const TensorFile& x, const TensorFile& y) {
  if (x.tensors.size() != y.tensors.size()) return false;
  for (size_t i = 0; i < x.tensors.size(); ++i) {
    const auto& [name, array] = x.tensors[i];
    const auto& [other_name, other] = y.tensors[i];
    if (name != other_name || array.byte_size() != other.byte_size()) return false;
    if (std::memcmp(array.bytes(), other.bytes(), array.byte_size()) != 0) return false;
  }
  return true;
}

TEST(Model, StateGoesThroughAFileToTheSameBytes) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kPair);
  const auto model = world.model(1), other = world.model(2);
  const auto state = state_of(*model);
  EXPECT_FALSE(equal_bytes(state, state_of(*other)));
  write_safetensors(folder / "m.safetensors", state);
  load_state(*other, read_safetensors(folder / "m.safetensors"), "m");
  EXPECT_TRUE(equal_bytes(state, state_of(*other)));
}

TEST(Model, StateIsACopy) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kPair);
  const auto model = world.model();
  const auto state = state_of(*model), before = state_of(*model);
  const at::NoGradGuard no_grad;
  for (auto& tensor : model->parameters()) tensor.fill_(3);
  EXPECT_TRUE(equal_bytes(state, before));
}

TEST(Model, NamesStartWithTheField) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kPair);
  const auto model = world.model();
  std::set<std::string> towers;
  for (const auto& [name, tensor] : model->named_parameters()) towers.insert(name.substr(0, 2));
  EXPECT_EQ(towers, (std::set<std::string>{"a.", "b."}));
  // Tokens, norm's two, projection's weight and bias, twice.
  const int64_t vocabulary = world.modalities[0]->facts().at("vocabulary");
  EXPECT_GE(model->parameter_count(), 2 * (16 * vocabulary + 16 + 16 + 16 * 16));
}

TEST(Model, AFileOfAnotherModelIsNamedForWhatItLacks) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kPair);
  const auto model = world.model();
  const auto name = model->named_parameters()[0].first;
  const auto load = [&](const TensorFile& file) {
    return error_of([&] { load_state(*model, file, "m.safetensors"); });
  };
  auto missing = state_of(*model);
  missing.tensors.erase(missing.tensors.begin());
  EXPECT_EQ(load(missing),
            "state: m.safetensors: holds no tensor '" + name + "', which this recipe needs");
  auto reshaped = state_of(*model);
  reshaped.tensors[0].second = Array(DType::kF32, {1, 2});
  EXPECT_THAT(load(reshaped), HasSubstr("tensor '" + name + "': expected shape ["));
  EXPECT_THAT(load(reshaped), HasSubstr("got [1, 2]"));
  auto more = state_of(*model);
  more.tensors.emplace_back("stray", Array(DType::kF32, {1}));
  EXPECT_THAT(
      load(more),
      HasSubstr("state: m.safetensors: holds tensor 'stray', which this recipe does not have"));
  auto retyped = state_of(*model);
  retyped.tensors[0].second = Array(DType::kI64, retyped.tensors[0].second.shape());
  EXPECT_THAT(load(retyped), HasSubstr("tensor '" + name + "': expected F32, got I64"));
}

}  // namespace
}  // namespace braid
