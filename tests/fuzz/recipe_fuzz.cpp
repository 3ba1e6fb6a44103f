// Recipes: YAML, keys and bounds, everything that is checked before data is opened.
#include "braid/recipe/recipe.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace braid;
  return fuzz::attempt([&] {
    const std::string text(fuzz::text_of(data, size));
    const auto recipe = parse_recipe(ConfigNode::parse(text, "x.yaml"), "/nonexistent");
    // What was accepted is accepted again as it is written out.
    const auto written = recipe.to_yaml();
    const auto again = parse_recipe(ConfigNode::parse(written, "again.yaml"), "/nonexistent");
    if (again.to_yaml() != written) std::abort();
  });
}
