#include "braid/task/embed.h"

#include <algorithm>
#include <utility>

#include "braid/block/device.h"
#include "braid/core/error.h"
#include "braid/core/parallel.h"
#include "braid/data/load_value.h"
#include "braid/task/tensor.h"

namespace braid {
namespace {

// One value on its way: a view for the encoder, or what the encoder made of it before.
struct Ready {
  Sample sample;
  bool encoded = false;
};

Ready make_ready(const EncodedValues* remembered, const Modality& modality, const Value& value,
                 SampleStore* store) {
  if (remembered) {
    if (auto known = remembered->find(value)) return {std::move(known->sample), true};
  }
  return {modality.view(load_value(value, modality, store).value.sample), false};
}

at::Tensor encode_views(Model& model, size_t field, const Modality& modality,
                        const std::vector<const Sample*>& views) {
  const auto batch = modality.collate(views);
  return model.encode(field, to_tensor(batch.values), to_tensor(batch.mask));  // [N, E]
}

at::Tensor encode(Model& model, size_t field, const Modality& modality,
                  const std::vector<const Ready*>& values) {
  std::vector<const Sample*> views, vectors;
  for (const auto* value : values) (value->encoded ? vectors : views).push_back(&value->sample);
  if (vectors.empty()) return encode_views(model, field, modality, views);
  const auto known = to_tensor(model.remembered(field)->collate(vectors).values);  // [K, E]
  if (views.empty()) return known;
  std::vector<int64_t> order;  // where the vector of each value stands among views, then vectors
  auto view = int64_t{0}, vector = static_cast<int64_t>(views.size());
  for (const auto* value : values) order.push_back(value->encoded ? vector++ : view++);
  const auto made = encode_views(model, field, modality, views).to(at::kCPU, at::kFloat);
  return at::cat({made, known}, 0).index_select(0, at::tensor(order, at::kLong));  // [N, E]
}

at::Tensor embed_ready(Model& model, size_t field, const Modality& modality,
                       const std::vector<const Ready*>& values, int64_t width) {
  const auto whole = model.project(field, encode(model, field, modality, values));  // [N, D]
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
  const auto* remembered = model.remembered(field).get();
  auto* store = options.stored.empty() ? nullptr : options.stored[field].get();
  Meter meter(options.sink, stage_on("embed", model.device()), "item", total);
  for (int64_t begin = 0; begin < total; begin += options.batch) {
    if (options.stop && options.stop->requested())
      throw Error(ErrorCode::kInterrupted, "stopped while embedding");
    const int64_t count = std::min(options.batch, total - begin);
    std::vector<Ready> ready(static_cast<size_t>(count));
    std::vector<std::string> problems(static_cast<size_t>(count));
    parallel_for(count, options.threads, [&](int64_t i) {
      const auto at = static_cast<size_t>(i);
      const auto& value = values[static_cast<size_t>(begin + i)];
      try {
        ready[at] = make_ready(remembered, modality, value, store);
      } catch (const Error& error) {
        if (error.code() == ErrorCode::kInternal) throw;
        problems[at] = error.what();
      }
    });
    std::vector<const Ready*> good;
    for (int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<size_t>(i);
      if (problems[at].empty()) {
        good.push_back(&ready[at]);
        result.kept.push_back(begin + i);
      } else {
        result.bad.push_back({begin + i, "", problems[at]});
      }
    }
    if (!good.empty()) parts.push_back(embed_ready(model, field, modality, good, options.width));
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
  const Ready view{modality.view(modality.prepare(bytes)), false};
  const auto vector = to_array(embed_ready(model, field, modality, {&view}, width));
  const auto values = vector.values<float>();
  return {values.begin(), values.end()};
}

}  // namespace braid
