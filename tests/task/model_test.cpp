#include "braid/task/model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "braid/block/initial.h"
#include "braid/task/embed.h"
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

// Through a file in which `shift` bytes come before the tensors, which lie at a cache line else.
TensorFile shifted(const std::filesystem::path& path, TensorFile file, int64_t shift) {
  file.tensors.insert(file.tensors.begin(), {"shift", Array(DType::kU8, {shift})});
  write_safetensors(path, file);
  auto read = read_safetensors(path, MapAccess::kPrivate);
  read.tensors.erase(read.tensors.begin());
  return read;
}

std::vector<float> vector_of(Model& model, const TinyWorld& world) {
  return embed_one(model, 0, *world.modalities[0], as_bytes("red house"));
}

TEST(Model, AdoptsTheBytesOfAMappedFile) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kPair);
  const auto copied = world.model(1);
  write_safetensors(folder / "m.safetensors", state_of(*copied));
  const auto file = read_safetensors(folder / "m.safetensors", MapAccess::kPrivate);
  const UnsetWeights unset;
  const auto mapped = world.model(2);
  adopt_state(*mapped, file, "m");
  EXPECT_TRUE(equal_bytes(state_of(*copied), state_of(*mapped)));
  for (const auto& [name, tensor] : mapped->named_parameters()) {
    EXPECT_EQ(tensor.data_ptr(), file.find(name)->bytes()) << name;
    EXPECT_TRUE(tensor.requires_grad()) << name;
  }
  EXPECT_EQ(vector_of(*mapped, world), vector_of(*copied, world));
}

TEST(Model, AdoptedWeightsOutliveTheFileAndItsReplacement) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kPair);
  const auto path = folder / "m.safetensors";
  const auto first = world.model(1), second = world.model(2), mapped = world.model(3);
  const auto state = state_of(*first);
  write_safetensors(path, state);
  adopt_state(*mapped, read_safetensors(path, MapAccess::kPrivate), "m");
  write_safetensors(path, state_of(*second));  // as training does when it ends
  EXPECT_TRUE(equal_bytes(state_of(*mapped), state));
  std::filesystem::remove(path);
  EXPECT_TRUE(equal_bytes(state_of(*mapped), state));
  EXPECT_EQ(vector_of(*mapped, world), vector_of(*first, world));
}

TEST(Model, TrainingOnAdoptedWeightsLeavesTheFileAlone) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kPair);
  const auto path = folder / "m.safetensors";
  const auto mapped = world.model(1);
  const auto state = state_of(*mapped);
  write_safetensors(path, state);
  adopt_state(*mapped, read_safetensors(path, MapAccess::kPrivate), "m");
  const at::NoGradGuard no_grad;
  for (auto& tensor : mapped->parameters()) tensor.fill_(3);
  EXPECT_EQ(mapped->parameters()[0].min().item<float>(), 3);
  EXPECT_TRUE(equal_bytes(read_safetensors(path), state));
}

TEST(Model, AdoptsWhatAFileHoldsAtAnyAddress) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kPair);
  const auto copied = world.model(1), mapped = world.model(2);
  for (const int64_t shift : {1, 3, 4, 8}) {  // 4 and 8: mapped as they lie
    adopt_state(*mapped, shifted(folder / "m.safetensors", state_of(*copied), shift), "m");
    EXPECT_TRUE(equal_bytes(state_of(*copied), state_of(*mapped))) << shift;
    EXPECT_EQ(vector_of(*mapped, world), vector_of(*copied, world)) << shift;
  }
}

TEST(Model, UnsetWeightsAreRefusedWhereTheFileLacksThem) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kPair);
  const auto drawn = world.model(1);
  const UnsetWeights unset;
  const auto model = world.model(1);
  for (const auto& [name, array] : state_of(*drawn).tensors) {
    auto lacking = state_of(*drawn);
    std::erase_if(lacking.tensors, [&](const auto& entry) { return entry.first == name; });
    const auto problem = "state: m: holds no tensor '" + name + "', which this recipe needs";
    EXPECT_EQ(error_of([&] { load_state(*model, lacking, "m"); }), problem);
    EXPECT_EQ(error_of([&] { adopt_state(*model, lacking, "m"); }), problem);
  }
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
