#include "braid/recipe/support_check.h"

#include "braid/recipe/eval_checks.h"

namespace braid {

void check_supports(const ConfigNode& fields, const Recipe& recipe) {
  for (const auto& [name, field] : recipe.fields) {
    if (!field.support) continue;
    const auto& node = *fields.find(name)->find("support");
    const auto& of = field.support->of;
    if (of.empty())
      node.fail("support: expected `of`, the field whose vectors stand for those of '" + name + "'");
    const auto& at = *node.find("of");
    if (of == name) at.fail("support.of: '" + name + "' itself; name another field");
    check_field(recipe, of, at);
    if (recipe.fields[recipe.field_index(of)].second.support) {
      at.fail("support.of: '" + of +
              "' is read through a support set itself; name the field that it is read as");
    }
  }
}

}  // namespace braid
