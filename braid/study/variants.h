// What a study compares: a recipe with some keys varied, and with one field alone. Torch-free.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "braid/recipe/recipe.h"

namespace braid {

// One --vary: a key of the recipe and the values that it takes.
struct Vary {
  std::string key;
  std::vector<std::string> values;  // YAML
};

// "fusion.kind=mean,gated"; commas inside brackets and quotes belong to a value. Throws
// Error(kUsage).
Vary parse_vary(const std::string& text);

enum class Role { kVariant, kSingle };

struct Variant {
  std::string name;  // "gated", "modality_attention-dot", "only-picture": names folders, too
  Role role = Role::kVariant;
  std::vector<std::string> settings;  // "fusion.kind=gated": what of the varied keys applies
  Recipe recipe;
};

struct Variants {
  std::vector<Variant> all;        // variants, then single fields
  std::vector<std::string> notes;  // combinations that are one recipe, fields left out
};

// Every combination of the varied values, the first key changing slowest. `kind` of a member
// (fusion, an encoder, a task, ...) comes first, and takes away keys of the recipe that the new
// kind lacks. A varied key that a combination's kind lacks, but another's has, says nothing there;
// combinations that are then the same recipe are one. Then the recipe as it stands with each field
// alone, where it has tasks and more than one field.
//
// Throws Error(kConfig) for a recipe or a combination that is refused, naming it; Error(kUsage) for
// keys that would change what is compared (data, eval, seed, targets) and keys given twice.
Variants make_variants(const std::filesystem::path& recipe,
                       const std::vector<std::string>& overrides, const std::vector<Vary>& varied);

}  // namespace braid
