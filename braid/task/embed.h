// Values to vectors, outside training: decoded in parallel, encoded in batches, pooled where the
// field pools, read through its support set where it has one, unit rows.
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
  int64_t batch = 128;  // values that the encoder takes at once
  int64_t width = 0;  // vectors are cut to it before they are made unit; 0 = whole
  // Per field: prepared samples on disk, as LoaderConfig::stored; may be empty.
  std::vector<std::shared_ptr<SampleStore>> stored;
  ProgressSink sink;
  const StopFlag* stop = nullptr;
};

struct Embedded {
  Array vectors;  // [N, D or width] float32, unit rows; of the samples of which a value was read
  std::vector<int64_t> kept;   // [N] which sample each row is, rising
  // Values that were not: BadSample::row is the number of the sample, `where` the value's name.
  std::vector<BadSample> bad;
  int64_t values = 0;          // that were
  // Of a field with pooling, [N]: what each value that was read weighs in its sample.
  std::vector<std::vector<float>> weights;
  int64_t cut = 0;  // samples of which pooling.max left values out
};

// One vector a sample. A field with pooling takes all values of it that can be read, up to
// pooling.max from the first on; other fields one value a sample, Error(kInternal) else. Puts the
// model in eval mode. Throws Error(kInterrupted) when `stop` is set.
Embedded embed_samples(Model& model, size_t field, const Modality& modality,
                       const std::vector<std::vector<Value>>& samples, const EmbedOptions& options);

// The same where each value is a sample.
Embedded embed_values(Model& model, size_t field, const Modality& modality,
                      const std::vector<Value>& values, const EmbedOptions& options);

// Tells who watches how many samples pooling.max left values out of; nothing for none.
void tell_cut(const Model& model, size_t field, const std::string& name, int64_t cut,
              const ProgressSink& sink);

// One value already in memory; `width` as in EmbedOptions. Throws what the modality throws.
std::vector<float> embed_one(Model& model, size_t field, const Modality& modality,
                             std::span<const std::byte> bytes, int64_t width = 0);

}  // namespace braid
