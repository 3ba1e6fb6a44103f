// Every member of every family, with its keys: what `braid list` prints, docs/recipe.md holds, and
// recipes are checked against. Torch-free.
#pragma once

#include <string>
#include <vector>

#include "braid/core/config.h"

namespace braid {

struct MemberDoc {
  std::string name, help;
  std::vector<FieldDoc> keys;
};

struct FamilyDoc {
  std::string name, help;
  std::vector<MemberDoc> members;
};

std::vector<FamilyDoc> catalog();

// A member's node ({kind: vit, ...} or just `vit`) checked and with every default filled in.
// Throws Error(kConfig) at the node for an unknown kind, key or value.
ConfigNode complete(const std::string& family, const ConfigNode& node);

// The recipe reference, Markdown; docs/recipe.md is this text (a test compares them).
std::string recipe_reference();

}  // namespace braid
