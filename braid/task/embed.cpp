#include "braid/task/embed.h"

#include <algorithm>

#include "braid/block/device.h"
#include "braid/core/error.h"
#include "braid/core/parallel.h"
#include "braid/task/tensor.h"

namespace braid {
namespace {

at::Tensor encode(Model& model, size_t field, const Modality& modality,
                  const std::vector<const Sample*>& views, int64_t width) {
  const auto batch = modality.collate(views);
  const auto whole = model.embed(field, to_tensor(batch.values), to_tensor(batch.mask));  // [N, D]
  return unit_rows(width > 0 ? whole.narrow(1, 0, width) : whole).cpu();
}

}  // namespace

Embedded embed_values(Model& model, size_t field, const Modality& modality,
                      const std::vector<Value>& values, const EmbedOptions& options) {
  const at::NoGradGuard no_grad;
  if (model.is_training()) model.train(false);  // else only read: many threads may embed
  Embedded result;
  std::vector<at::Tensor> parts;
  const auto total = static_cast<int64_t>(values.size());
  Meter meter(options.sink, stage_on("embed", model.device()), "item", total);
  for (int64_t begin = 0; begin < total; begin += options.batch) {
    if (options.stop && options.stop->requested())
      throw Error(ErrorCode::kInterrupted, "stopped while embedding");
    const int64_t count = std::min(options.batch, total - begin);
    std::vector<Sample> samples(static_cast<size_t>(count));
    std::vector<std::string> problems(static_cast<size_t>(count));
    parallel_for(count, options.threads, [&](int64_t i) {
      const auto at = static_cast<size_t>(i);
      const auto& value = values[static_cast<size_t>(begin + i)];
      try {
        samples[at] = modality.view(modality.prepare(fetch(value, modality.max_bytes())));
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kInternal) throw;
        problems[at] = error.what();
      }
    });
    std::vector<const Sample*> views;
    for (int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<size_t>(i);
      if (problems[at].empty()) {
        views.push_back(&samples[at]);
        result.kept.push_back(begin + i);
      } else {
        result.bad.push_back({begin + i, "", problems[at]});
      }
    }
    if (!views.empty()) parts.push_back(encode(model, field, modality, views, options.width));
    meter.advance(count);
  }
  meter.finish();
  const int64_t width = options.width > 0 ? options.width : model.width();
  result.vectors = parts.empty() ? Array(DType::kF32, {0, width}) : to_array(at::cat(parts, 0));
  return result;
}

std::vector<float> embed_one(Model& model, size_t field, const Modality& modality,
                             std::span<const std::byte> bytes, int64_t width) {
  const at::NoGradGuard no_grad;
  if (model.is_training()) model.train(false);  // else only read: many threads may embed
  const auto view = modality.view(modality.prepare(bytes));
  const auto vector = to_array(encode(model, field, modality, {&view}, width));
  const auto values = vector.values<float>();
  return {values.begin(), values.end()};
}

}  // namespace braid
