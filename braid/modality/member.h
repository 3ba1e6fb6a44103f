// What a modality's own file says of it to the rest of the tree: braid/modality/<name>.cpp defines
// `ModalityMember member_<name>()`, a line in all.def names it. Torch-free.
#pragma once

#include <memory>
#include <vector>

#include "braid/core/config.h"
#include "braid/modality/modality.h"

namespace braid {

// What a cell of the manifest holds.
enum class Cells {
  kFiles,   // the name of a file, or the value itself where it cannot be a name: JSON, several lines
  kValues,  // the value itself, always
};

struct ModalityMember {
  std::unique_ptr<Modality> (*make)(const ConfigNode& node);
  std::vector<FieldDoc> (*keys)();
  ConfigNode (*complete)(const ConfigNode& node);  // own keys checked, defaults filled in
  Cells cells = Cells::kFiles;
  bool joins_columns = false;  // columns of a source make one value; else they are alternatives
};

// `Config` is the struct of the member's recipe keys, with its `visit`.
template <class Config>
ModalityMember modality_member(std::unique_ptr<Modality> (*make)(const ConfigNode&),
                               Cells cells = Cells::kFiles, bool joins_columns = false) {
  const auto complete = [](const ConfigNode& node) { return write(read_member<Config>(node)); };
  return {make, describe<Config>, complete, cells, joins_columns};
}

}  // namespace braid
