// Vectors of a frozen encoder: made once a value, kept on disk, taken from there by later runs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/array_cache.h"
#include "braid/data/dataset.h"
#include "braid/data/encoded_values.h"
#include "braid/task/model.h"

namespace braid {

struct EncodeOnceOptions {
  int64_t threads = 1;  // for reading and decoding
  ProgressSink sink;
  const StopFlag* stop = nullptr;
};

// A hash of all that decides the vectors beside the values: weights, preprocessing, machine.
std::string encoding_key(Model& model, size_t field, const FieldConfig& config,
                         const Modality& modality);

// The vectors of `values`, equal ones once, in blocks that `cache` keeps: what the encoder makes of
// a value may depend, in its last bits, on what stands beside it, so a block is the unit that is
// looked up, made and stored. Values that cannot be read become bad ones. Throws Error(kLimit,
// kIo) where the cache has no room, Error(kInterrupted) when `stop` is set: whole blocks are kept.
std::shared_ptr<const EncodedValues> encode_once(Model& model, size_t field,
                                                 const Modality& modality,
                                                 const std::vector<Value>& values,
                                                 const std::string& key, ArrayCache& cache,
                                                 const EncodeOnceOptions& options);

}  // namespace braid
