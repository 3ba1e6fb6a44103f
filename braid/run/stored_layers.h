// Layers over the weights of a run as they lie in its file: forward only, without libtorch. They
// run the kernels that the layers of block/ run, in the same order, on float32.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "braid/encoder/trunk_config.h"
#include "braid/tensor_file/safetensors.h"

namespace braid {

using Rows = std::vector<float>;  // [rows, width], row by row

// Tensors below a prefix of their names. Keeps no bytes: the file must outlive what reads them.
class StoredTensors {
 public:
  // `where`: the file, for errors.
  StoredTensors(const TensorFile& file, std::string where, std::string prefix = "")
      : file_(&file), where_(std::move(where)), prefix_(std::move(prefix)) {}

  StoredTensors below(const std::string& name) const {
    return {*file_, where_, prefix_ + name + "."};
  }
  // Throws Error(kState) for a tensor that is missing, of another shape or not float32.
  const float* floats(const std::string& name, std::initializer_list<int64_t> shape) const;

 private:
  const TensorFile* file_;
  std::string where_, prefix_;
};

class StoredNorm {
 public:
  StoredNorm(const StoredTensors& tensors, int64_t width);
  Rows forward(const Rows& x) const;

 private:
  int64_t width_;
  const float *weight_, *bias_;
};

class StoredLinear {
 public:
  StoredLinear(const StoredTensors& tensors, int64_t in, int64_t out);
  Rows forward(const Rows& x) const;

 private:
  int64_t in_, out_;
  const float *weight_, *bias_;
};

class StoredMlp {
 public:
  StoredMlp(const StoredTensors& tensors, int64_t in, int64_t hidden, int64_t out);
  Rows forward(const Rows& x) const;

 private:
  StoredLinear first_, second_;
};

// Of one sample: every row sees every other.
class StoredTransformer {
 public:
  StoredTransformer(const StoredTensors& tensors, const TrunkConfig& shape);
  Rows forward(Rows x) const;

 private:
  struct Block {
    StoredNorm attention_norm;
    StoredLinear input, output;
    StoredNorm mlp_norm;
    StoredMlp mlp;
  };

  Rows attend(const Rows& qkv) const;

  int64_t width_, heads_;
  std::vector<Block> blocks_;
  StoredNorm norm_;
};

// x += y, value by value.
void add_rows(Rows& x, const Rows& y);

}  // namespace braid
