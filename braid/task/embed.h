// Values to vectors, outside training: decoded in parallel, encoded in batches, unit rows.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "braid/core/array.h"
#include "braid/core/progress.h"
#include "braid/data/dataset.h"
#include "braid/data/loader.h"
#include "braid/task/model.h"

namespace braid {

struct EmbedOptions {
  int64_t threads = 1;  // for decoding
  int64_t batch = 128;
  int64_t width = 0;  // vectors are cut to it before they are made unit; 0 = whole
  // Per field: prepared samples on disk, as LoaderConfig::stored; may be empty.
  std::vector<std::shared_ptr<SampleStore>> stored;
  ProgressSink sink;
  const StopFlag* stop = nullptr;
};

struct Embedded {
  Array vectors;  // [N, D or width] float32, unit rows; of the values that could be read
  std::vector<int64_t> kept;   // [N] which value each row is, rising
  std::vector<BadSample> bad;  // the others; BadSample::row is the number of the value
};

// Puts the model in eval mode. Throws Error(kInterrupted) when `stop` is set.
Embedded embed_values(Model& model, size_t field, const Modality& modality,
                      const std::vector<Value>& values, const EmbedOptions& options);

// One value already in memory; `width` as in EmbedOptions. Throws what the modality throws.
std::vector<float> embed_one(Model& model, size_t field, const Modality& modality,
                             std::span<const std::byte> bytes, int64_t width = 0);

}  // namespace braid
