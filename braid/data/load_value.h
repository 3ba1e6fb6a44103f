// A value, prepared: from the disk where that has been done before, else from its bytes.
#pragma once

#include "braid/data/dataset.h"
#include "braid/data/sample_store.h"

namespace braid {

struct LoadedValue {
  PreparedValue value;
  bool decoded = false;  // from its bytes, now
};

// Keeps what it decodes in `store`, unless that is nullptr or the value inline. Throws what fetch
// and Modality::prepare throw. Many threads.
LoadedValue load_value(const Value& value, const Modality& modality, SampleStore* store);

}  // namespace braid
