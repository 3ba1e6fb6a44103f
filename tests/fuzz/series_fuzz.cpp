// Series: CSV, JSON, lines of JSON, .npy, and columns of several clocks joined.
#include <cmath>
#include <cstdlib>

#include "braid/modality/series.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace braid;
  return fuzz::attempt([&] {
    const auto series = make_series(ConfigNode::parse(
        "{time: t, rate: 10, join: linear, gps: {latitude: lat, longitude: lon, altitude: alt}, "
        "max_bytes: 65536, max_values: 4096, max_steps: 16}"));
    const auto bytes = fuzz::bytes_of(data, size);
    series->fit([&](const ValueVisitor& visit) { visit(bytes); });
    const auto prepared = series->prepare(bytes);
    Rng rng(size);
    for (const auto& view : {series->view(prepared), series->augment(prepared, rng)}) {
      if (view.values.size(0) > 16) std::abort();
      for (const float value : view.values.values<float>()) {
        if (!std::isfinite(value)) std::abort();
      }
    }
  });
}
