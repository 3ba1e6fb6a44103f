// The tower without libtorch beside the one with it: the same vectors of the same weights.
#include "braid/run/text_tower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "braid/core/error.h"
#include "braid/task/embed.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;
using testing::HasSubstr;

struct Tower {
  const char* name;
  const char* encoder;
  const char* space = "{width: 24}";
  const char* trunk = "";
};

std::ostream& operator<<(std::ostream& out, const Tower& tower) { return out << tower.name; }

constexpr Tower kTowers[] = {
    {"transformer", "{kind: text_transformer, width: 32, depth: 2, heads: 4}"},
    {"transformer_last", "{kind: text_transformer, width: 32, depth: 1, heads: 2, pooling: last}"},
    {"transformer_without_positions",
     "{kind: text_transformer, width: 16, depth: 3, heads: 1, mlp_ratio: 2, positions: false}",
     "{kind: mlp, width: 20, hidden: 40}"},
    {"transformer_without_blocks", "{kind: text_transformer, width: 16, depth: 0, heads: 1}"},
    {"shared_trunk", "{kind: text_transformer, trunk: shared}", "{width: 24}",
     "trunk: {width: 32, depth: 2, heads: 4}\n"},
    {"bag", "{kind: bag_of_tokens, width: 16, hidden: 0}"},
    {"bag_with_mlp", "{kind: bag_of_tokens, width: 16, hidden: 48}",
     "{kind: mlp, width: 16, hidden: 8}"},
};

constexpr const char* kTexts[] = {"red house", "a", "rotes haus, blaues boot und noch viel mehr "
                                  "als in sechzehn tokens passt", "\xe7\xba\xa2 \xe8\x8b\xb9"};

// `more`: the tower, which a plain function of text cannot be given otherwise.
std::string tower_yaml(const std::string& more) { return "data: {manifest: all.jsonl}\n" + more; }

std::string recipe_of(const Tower& tower, const std::string& extra = "") {
  const std::string field = "modality: {kind: text, max_tokens: 16, tokenizer: {vocabulary: 300}}, "
                            "encoder: " + std::string(tower.encoder) + extra;
  return std::string(tower.trunk) + "space: " + tower.space + "\nfields:\n  a: {from: en, " +
         field + "}\n  b: {from: {de: de, fr: fr}, " + field +
         "}\nalignment:\n  - {between: [a, b]}\n";
}

double distance(const std::vector<float>& x, const std::vector<float>& y) {
  double most = x.size() == y.size() ? 0 : INFINITY;
  for (size_t i = 0; i < std::min(x.size(), y.size()); ++i)
    most = std::max(most, static_cast<double>(std::abs(x[i] - y[i])));
  return most;
}

class TextTowers : public testing::TestWithParam<Tower> {};

TEST_P(TextTowers, GiveTheVectorsOfTheModel) {
  const Scratch folder;
  const TinyWorld world(folder.path(), recipe_of(GetParam()), test::tiny_manifest(), tower_yaml);
  const auto model = world.model(3);
  const auto state = state_of(*model);
  for (const size_t field : {size_t{0}, size_t{1}}) {
    ASSERT_TRUE(has_text_tower(world.recipe.fields[field].second));
    const auto& modality = *world.modalities[field];
    const auto tower = make_text_tower(world.recipe, field, modality, state, "m.safetensors");
    for (const char* text : kTexts) {
      for (const int64_t width : {0, 8}) {
        const auto view = modality.view(modality.prepare(as_bytes(text)));
        EXPECT_LT(distance(tower->embed(view, width),
                           embed_one(*model, field, modality, as_bytes(text), width)),
                  1e-6)
            << text << " " << width;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, TextTowers, testing::ValuesIn(kTowers),
                         [](const auto& info) { return info.param.name; });

TEST(TextTower, IsMadeOfFieldsThatItKnows) {
  const Scratch folder;
  const auto field = [&](const std::string& extra) {
    return TinyWorld(folder.path(), recipe_of(kTowers[0], extra), test::tiny_manifest(), tower_yaml)
        .recipe.fields[0]
        .second;
  };
  EXPECT_TRUE(has_text_tower(field("")));
  auto with_support = field("");
  with_support.support = SupportSetConfig{.of = "b"};
  EXPECT_FALSE(has_text_tower(with_support));
  auto picture = field("");
  picture.encoder.put("kind", ConfigNode::scalar("vit", true));
  EXPECT_FALSE(has_text_tower(picture));
}

TEST(TextTower, NamesATensorThatIsNotAsTheRecipeSays) {
  const Scratch folder;
  const TinyWorld world(folder.path(), recipe_of(kTowers[0]), test::tiny_manifest(), tower_yaml);
  const auto whole = state_of(*world.model());
  const auto message_of = [&](const TensorFile& file) -> std::string {
    try {
      make_text_tower(world.recipe, 0, *world.modalities[0], file, "m.safetensors");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kState);
      return error.what();
    }
    return "made";
  };
  EXPECT_EQ(message_of(whole), "made");
  auto lacking = whole, narrow = whole;
  const std::string name = "a.encoder.trunk.1.mlp.first.weight";
  std::erase_if(lacking.tensors, [&](const auto& tensor) { return tensor.first == name; });
  EXPECT_THAT(message_of(lacking), HasSubstr("m.safetensors: holds no tensor '" + name + "'"));
  for (auto& [other, array] : narrow.tensors) {
    if (other == name) array = Array(DType::kF32, {128, 16});
  }
  EXPECT_THAT(message_of(narrow),
              HasSubstr("'" + name + "': expected F32 [128, 32], got F32 [128, 16]"));
}

}  // namespace
}  // namespace braid
