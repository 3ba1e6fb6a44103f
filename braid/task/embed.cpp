#include "braid/task/embed.h"

#include <algorithm>
#include <span>
#include <utility>

#include "braid/block/device.h"
#include "braid/block/unit_rows.h"
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

// Of vectors [N, D] as the field's own tower makes them.
at::Tensor unit_vectors(const Model& model, size_t field, const at::Tensor& own, int64_t width) {
  const auto* support = model.support(field);
  const auto whole = support ? support->forward(own) : own;
  return unit_rows(width > 0 ? whole.narrow(1, 0, width) : whole).cpu();
}

using SampleValues = std::span<const Value>;

class Embedder {
 public:
  Embedder(Model& model, size_t field, const Modality& modality, const EmbedOptions& options)
      : model_(model), field_(field), modality_(modality), options_(options) {}

  Embedded run(const std::vector<SampleValues>& samples);

 private:
  // Samples [begin, end), of which the encoder takes the values at once where there is room.
  void add(const std::vector<SampleValues>& samples, size_t begin, size_t end);
  // Vectors of those that could be read; `owner` loses the others. Undefined where none could.
  at::Tensor embed(const std::vector<const Value*>& values, std::vector<int64_t>& owner);
  at::Tensor pool(const at::Tensor& vectors, const std::vector<int64_t>& owner);

  Model& model_;
  const size_t field_;
  const Modality& modality_;
  const EmbedOptions& options_;
  Embedded result_;
  std::vector<at::Tensor> parts_;
};

at::Tensor Embedder::embed(const std::vector<const Value*>& values, std::vector<int64_t>& owner) {
  if (options_.stop && options_.stop->requested())
    throw Error(ErrorCode::kInterrupted, "stopped while embedding");
  const auto* remembered = model_.remembered(field_).get();
  auto* store = options_.stored.empty() ? nullptr : options_.stored[field_].get();
  std::vector<Ready> ready(values.size());
  std::vector<std::string> problems(values.size());
  parallel_for(std::ssize(values), options_.threads, [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    try {
      ready[at] = make_ready(remembered, modality_, *values[at], store);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kInternal) throw;
      problems[at] = model_.pooling(field_) ? naming(*values[at], error.what()) : error.what();
    }
  });
  std::vector<const Ready*> good;
  for (size_t i = 0; i < values.size(); ++i) {
    if (problems[i].empty()) {
      owner[good.size()] = owner[i];
      good.push_back(&ready[i]);
    } else {
      result_.bad.push_back({owner[i], values[i]->text, problems[i]});
    }
  }
  owner.resize(good.size());
  if (good.empty()) return {};
  return model_.project(field_, encode(model_, field_, modality_, good));  // [N, D]
}

at::Tensor Embedder::pool(const at::Tensor& vectors, const std::vector<int64_t>& owner) {
  std::vector<int64_t> offsets;
  for (size_t i = 0; i < owner.size(); ++i) {
    if (i > 0 && owner[i] == owner[i - 1]) continue;
    offsets.push_back(static_cast<int64_t>(i));
    result_.kept.push_back(owner[i]);
  }
  result_.values += std::ssize(owner);
  const auto* pooling = model_.pooling(field_);
  if (!pooling) return vectors;
  offsets.push_back(std::ssize(owner));
  const auto pooled = pooling->forward(vectors, offsets);
  const auto weights = to_array(pooled.weights);
  const auto flat = weights.values<float>();
  for (size_t i = 0; i + 1 < offsets.size(); ++i)
    result_.weights.emplace_back(flat.begin() + offsets[i], flat.begin() + offsets[i + 1]);
  return pooled.vectors;  // [B, D]
}

void Embedder::add(const std::vector<SampleValues>& samples, size_t begin, size_t end) {
  const auto* pooling = model_.pooling(field_);
  std::vector<const Value*> values;
  std::vector<int64_t> owners;
  for (size_t i = begin; i < end; ++i) {
    auto own = samples[i];
    if (!pooling && own.size() > 1)
      throw Error(ErrorCode::kInternal, "a field without pooling takes one value a sample");
    if (pooling && pooling->max() > 0 && std::ssize(own) > pooling->max()) {
      own = own.first(static_cast<size_t>(pooling->max()));
      ++result_.cut;
    }
    for (const auto& value : own) values.push_back(&value);
    owners.insert(owners.end(), own.size(), static_cast<int64_t>(i));
  }
  std::vector<at::Tensor> vectors;
  std::vector<int64_t> owner;  // of each of them
  for (auto at = values.begin(); at != values.end();) {
    const auto count = std::min<int64_t>(options_.batch, values.end() - at);
    const auto first = owners.begin() + (at - values.begin());
    std::vector<int64_t> own(first, first + count);
    if (auto made = embed({at, at + count}, own); made.defined()) vectors.push_back(made);
    owner.insert(owner.end(), own.begin(), own.end());
    at += count;
  }
  if (vectors.empty()) return;
  const auto all = vectors.size() == 1 ? vectors[0] : at::cat(vectors, 0);  // [N, D]
  parts_.push_back(unit_vectors(model_, field_, pool(all, owner), options_.width));
}

Embedded Embedder::run(const std::vector<SampleValues>& samples) {
  const at::NoGradGuard no_grad;
  if (model_.is_training()) model_.train(false);  // else only read: many threads may embed
  Meter meter(options_.sink, stage_on("embed", model_.device()), "item", std::ssize(samples));
  for (size_t begin = 0; begin < samples.size();) {
    size_t end = begin;
    for (int64_t room = options_.batch; end < samples.size(); ++end) {
      room -= std::ssize(samples[end]);
      if (room < 0 && end > begin) break;  // a sample of more values than fit stands alone
    }
    add(samples, begin, end);
    meter.advance(static_cast<int64_t>(end - begin));
    begin = end;
  }
  meter.finish();
  const int64_t width = options_.width > 0 ? options_.width : model_.width();
  result_.vectors = parts_.empty() ? Array(DType::kF32, {0, width}) : to_array(at::cat(parts_, 0));
  return std::move(result_);
}

}  // namespace

Embedded embed_samples(Model& model, size_t field, const Modality& modality,
                       const std::vector<std::vector<Value>>& samples,
                       const EmbedOptions& options) {
  return Embedder(model, field, modality, options).run({samples.begin(), samples.end()});
}

Embedded embed_values(Model& model, size_t field, const Modality& modality,
                      const std::vector<Value>& values, const EmbedOptions& options) {
  std::vector<SampleValues> samples;
  for (const auto& value : values) samples.emplace_back(&value, 1);
  return Embedder(model, field, modality, options).run(samples);
}

void tell_cut(const Model& model, size_t field, const std::string& name, int64_t cut,
              const ProgressSink& sink) {
  if (cut == 0 || !sink) return;
  const auto most = std::to_string(model.pooling(field)->max());
  sink({.stage = "embed",
        .note = name + ": " + std::to_string(cut) + " samples have more than pooling.max = " +
                most + " values; the first " + most + " of each took part",
        .notice = true});
}

std::vector<float> embed_one(Model& model, size_t field, const Modality& modality,
                             std::span<const std::byte> bytes, int64_t width) {
  const at::NoGradGuard no_grad;
  if (model.is_training()) model.train(false);  // else only read: many threads may embed
  const Ready view{modality.view(modality.prepare(bytes)), false};
  const auto whole = model.project(field, encode(model, field, modality, {&view}));  // [1, D]
  const auto vector = to_array(unit_vectors(model, field, whole, width));
  const auto values = vector.values<float>();
  return {values.begin(), values.end()};
}

}  // namespace braid
