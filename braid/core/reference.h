// Values that name a part of a file: `photos.tar#cat/1.jpg`, `train-images-idx3-ubyte.gz#17`,
// `features.npy#17`, `all.npz#images#17`.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace braid {

struct Reference {
  std::string file;
  std::string member;  // what follows the '#': a member's name, a row
};

// Nothing where the text names no container before a '#'.
std::optional<Reference> split_reference(std::string_view text);

// By their names, which is all that a manifest has.
bool is_tar_name(std::string_view name);         // .tar, .tar.gz, .tgz, .tar.zst, .tzst
bool is_packed_tar_name(std::string_view name);  // the compressed ones
bool is_array_name(std::string_view name);       // IDX (plain or .gz), .npy, .npz

}  // namespace braid
