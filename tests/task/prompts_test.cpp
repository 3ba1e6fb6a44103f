#include "braid/task/prompts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "braid/task/tensor.h"
#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;
using testing::HasSubstr;

constexpr const char* kPairs = "alignment:\n  - {between: [a, b]}\n";

// Field a reads `en`; its texts are the classes. Both towers have the same weights, so a text's
// vector is that of its own prompt.
class PromptsTest : public testing::Test {
 protected:
  explicit PromptsTest(const std::string& more = kPairs) : world_(folder_.path(), more) {
    model_ = world_.model();
    const at::NoGradGuard no_grad;
    const auto all = model_->named_parameters();
    for (const auto& [name, tensor] : all) {
      for (const auto& [other, source] : all) {
        if (name.starts_with("b.") && other == "a." + name.substr(2))
          at::Tensor(tensor).copy_(source);
      }
    }
    protocol_.name = "C";
    protocol_.kind = ProtocolKind::kPrompts;
    protocol_.split = "all";
    protocol_.query = "b";
    protocol_.of = "a";
    protocol_.labels.column = "en";
  }

  RetrievalResult ask() {
    const auto question = resolve_question(world_.recipe, *world_.data, protocol_);
    return evaluate_prompts(*model_, *world_.data, world_.pointers(), question, {});
  }

  static const Metric& metric(const RetrievalResult& result, const std::string& name,
                              const std::string& language = "") {
    for (const auto& m : result.metrics) {
      if (m.name == name && m.language == language && m.label.empty()) return m;
    }
    throw std::out_of_range(name);
  }

  const Scratch folder_;
  TinyWorld world_;
  std::unique_ptr<Model> model_;
  ProtocolConfig protocol_;
};

TEST_F(PromptsTest, ATextIsOfTheClassThatItsPromptSpells) {
  const auto result = ask();
  EXPECT_EQ(metric(result, "accuracy").value, 1);
  EXPECT_EQ(metric(result, "accuracy").n, 64);
  EXPECT_EQ(metric(result, "accuracy").gallery, 64);
  EXPECT_DOUBLE_EQ(*metric(result, "accuracy").chance, 1.0 / 64);
  EXPECT_EQ(metric(result, "accuracy").direction, "a->en");
}

TEST_F(PromptsTest, LanguagesAreMeasuredEachWithItsTexts) {
  protocol_.queries.where = {{"en", "red house"}};
  // In fr the words are exchanged: nothing is right.
  protocol_.labels.texts = ConfigNode::parse(
      "{red house: {de: red house, fr: blue tree}, blue tree: {de: blue tree, fr: "
      "red house}}");
  const auto result = ask();
  EXPECT_EQ(metric(result, "accuracy", "de").value, 1);
  EXPECT_EQ(metric(result, "accuracy", "fr").value, 0);
  EXPECT_EQ(metric(result, "accuracy", "fr").gallery, 2);
}

TEST_F(PromptsTest, AClassIsTheMeanOfTheUnitVectorsOfItsTexts) {
  const std::vector<std::string> texts = {"red house", "blue tree", "grey moon"};
  const auto vectors =
      class_vectors(*model_, 1, *world_.modalities[1], {"x", "y"}, {texts, {"pink fish"}}, {});
  std::vector<Value> values;
  for (const auto& text : texts) values.push_back({text, {}, {}});
  const auto rows = to_tensor(embed_values(*model_, 1, *world_.modalities[1], values, {}).vectors);
  const auto mean = rows.to(at::kDouble).mean(0);
  EXPECT_TRUE(
      at::allclose(to_tensor(vectors.vectors)[0].to(at::kDouble), mean / mean.norm(), 0, 1e-6));
}

TEST_F(PromptsTest, WithheldClassesAreAskedAmongThemselvesAndAmongAll) {
  world_.recipe.withhold = {{"en", {"red house", "blue tree"}}};
  const auto result = ask();
  EXPECT_EQ(metric(result, "accuracy").n, 62);
  EXPECT_EQ(metric(result, "accuracy").gallery, 62);
  EXPECT_EQ(metric(result, "zero_shot_accuracy").n, 2);
  EXPECT_EQ(metric(result, "zero_shot_accuracy").gallery, 2);
  EXPECT_DOUBLE_EQ(*metric(result, "zero_shot_accuracy").chance, 0.5);
  EXPECT_EQ(metric(result, "generalised_accuracy").n, 2);
  EXPECT_EQ(metric(result, "generalised_accuracy").gallery, 64);
  EXPECT_EQ(metric(result, "generalised_accuracy").value, 1);
}

TEST_F(PromptsTest, WithheldRowsChooseNoWeights) {
  world_.recipe.withhold = {{"en", {"red house", "blue tree"}}};
  world_.recipe.eval.validation = "all";
  EXPECT_EQ(resolve_question(world_.recipe, *world_.data, protocol_).query_rows.size(), 62u);
}

TEST_F(PromptsTest, AModelThatKnowsNothingIsNeverRight) {
  const at::NoGradGuard no_grad;
  for (auto& tensor : model_->parameters()) tensor.zero_();
  try {
    ask();
    FAIL() << "accepted";
  } catch (const Error& error) {  // zero vectors have no direction
    EXPECT_THAT(error.what(), HasSubstr("texts cancel each other"));
  }
}

TEST_F(PromptsTest, MistakesAreNamed) {
  protocol_.labels.texts = ConfigNode::parse("{red house: x, blue tree: y}");
  EXPECT_THAT(error_of([&] { ask(); }), HasSubstr("has no words in labels.texts"));
  protocol_.labels.texts = {};
  protocol_.labels.column = "fr";
  protocol_.templates = ConfigNode::parse("['  {}']");
  EXPECT_EQ(metric(ask(), "accuracy").gallery, 64);
  protocol_.labels.column = "nothing";
  EXPECT_THAT(error_of([&] { ask(); }), HasSubstr("expected two classes or more, got 0"));
}

constexpr const char* kShared =
    "trunk: {width: 16, depth: 1, heads: 2, dropout: 0}\n"
    "alignment:\n  - {between: [a, b]}\n";

// The tiny recipe with text transformers that share a trunk.
Recipe shared_recipe(const TinyWorld& world, const std::string& second) {
  auto recipe = world.recipe.to_yaml();
  auto node = ConfigNode::parse(recipe, "tiny.yaml");
  node.override_with("fields.a.encoder={kind: text_transformer, trunk: shared}");
  node.override_with("fields.b.encoder={kind: text_transformer, trunk: " + second + "}");
  return parse_recipe(node, world.recipe.base);
}

TEST(SharedTrunk, IsOnePartOfTheModelAndCountsOnce) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kShared);
  const auto recipe = shared_recipe(world, "shared");
  Model model(recipe, world.pointers());
  int64_t count = 0;
  std::set<std::string> names;
  for (const auto& [name, tensor] : model.named_parameters()) {
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name.find("encoder.trunk"), std::string::npos) << name;
    count += tensor.numel();
  }
  EXPECT_EQ(model.parameter_count(), count);
  EXPECT_EQ(model.flops(0), model.trunk()->flops(16) + 2 * 16 * 16);  // and a projection
  // Both fields train it.
  for (size_t field : {0, 1}) {
    for (auto& tensor : model.parameters()) tensor.mutable_grad() = at::Tensor();
    const auto ids = at::tensor({3, 4, 5}, at::kLong).view({1, 3});
    const auto weights = at::arange(16, at::kFloat);
    (model.embed(field, ids, {}) * weights).sum().backward();
    bool any = false;
    for (const auto& tensor : model.trunk()->parameters())
      any |= tensor.grad().defined() && tensor.grad().abs().max().item<double>() > 0;
    EXPECT_TRUE(any) << field;
  }
  EXPECT_EQ(Model(world.recipe, world.pointers()).trunk(), nullptr);
}

TEST(SharedTrunk, SavedStateGivesTheSameVectors) {
  const Scratch folder;
  const TinyWorld world(folder.path(), kShared);
  const auto recipe = shared_recipe(world, "shared");
  at::manual_seed(1);
  Model from(recipe, world.pointers());
  Model to(recipe, world.pointers());
  load_state(to, state_of(from), "test");
  for (size_t field : {0, 1}) {
    const auto text = as_bytes("red house");
    EXPECT_EQ(embed_one(from, field, *world.modalities[field], text),
              embed_one(to, field, *world.modalities[field], text));
  }
}

}  // namespace
}  // namespace braid
