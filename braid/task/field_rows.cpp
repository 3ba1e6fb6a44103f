#include "braid/task/field_rows.h"

#include <optional>

#include "braid/core/error.h"
#include "braid/core/parallel.h"
#include "braid/core/rng.h"
#include "braid/data/load_value.h"
#include "braid/task/joint_part.h"
#include "braid/task/tensor.h"

namespace braid {
namespace {

// One value: read, or what the encoder made of it before.
struct ReadValue {
  size_t owner = 0;  // of the rows
  Value value;
  std::optional<Sample> sample;  // none: it could not be read
  bool encoded = false;
  std::string problem;
};

// Of the first source that has any; one, unless the field pools.
std::vector<Value> values_of_row(const Dataset& data, int64_t row, size_t field,
                                 const ValuePooling* pooling) {
  for (size_t source = 0; source < data.fields()[field].columns.size(); ++source) {
    auto values = data.values(row, field, source);
    if (values.empty()) continue;
    const auto most = pooling ? (pooling->max() > 0 ? pooling->max() : std::ssize(values)) : 1;
    if (std::ssize(values) > most) values.resize(static_cast<size_t>(most));
    return values;
  }
  return {};
}

void read_value(const EncodedValues* remembered, const Modality& modality, SampleStore* store,
                ReadValue& value) {
  try {
    if (remembered) {
      if (auto known = remembered->find(value.value)) {
        value.sample = std::move(known->sample);
        value.encoded = true;
        return;
      }
    }
    value.sample = modality.view(load_value(value.value, modality, store).value.sample);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kInternal) throw;
    value.problem = error.what();
  }
}

// Those that could be read: to be encoded, then encoded before. Their numbers in `values`, in
// order.
std::vector<size_t> in_turn(const std::vector<ReadValue>& values) {
  std::vector<size_t> order;
  for (const bool encoded : {false, true}) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].sample && values[i].encoded == encoded) order.push_back(i);
    }
  }
  return order;
}

// [N, D] of values[order].
at::Tensor project_all(Model& model, size_t field, const Modality& modality,
                       const std::vector<ReadValue>& values, const std::vector<size_t>& order,
                       Tokens* tokens) {
  std::vector<const Sample*> views, vectors;
  for (const size_t i : order) (values[i].encoded ? vectors : views).push_back(&*values[i].sample);
  std::vector<at::Tensor> parts;
  if (!views.empty()) {
    const auto batch = modality.collate(views);
    const auto whole = model.encode_whole(field, to_tensor(batch.values), to_tensor(batch.mask));
    if (model.joint()->reads_tokens()) *tokens = whole.tokens;
    parts.push_back(model.project(field, whole.pooled));
  }
  if (!vectors.empty()) {
    const auto known = to_tensor(model.remembered(field)->collate(vectors).values);  // [K, E]
    parts.push_back(model.project(field, known));
  }
  return at::cat(parts, 0);
}

// One vector a row of those of its values, which stand in `order`; their tokens, one after another.
at::Tensor pool_rows(const ValuePooling& pooling, const at::Tensor& all,
                     const std::vector<ReadValue>& values, const std::vector<size_t>& order,
                     std::vector<int64_t>* places, Tokens* tokens) {
  std::vector<int64_t> place(values.size(), kAbsent), sorted, offsets;
  for (size_t n = 0; n < order.size(); ++n) place[order[n]] = static_cast<int64_t>(n);
  size_t last = values.size();
  for (size_t i = 0; i < values.size(); ++i) {
    if (place[i] == kAbsent) continue;
    if (sorted.empty() || values[i].owner != last) {
      (*places)[values[i].owner] = std::ssize(offsets);
      offsets.push_back(std::ssize(sorted));
    }
    last = values[i].owner;
    sorted.push_back(place[i]);
  }
  offsets.push_back(std::ssize(sorted));
  // Model lets no field have tokens and values encoded before: `sorted` is their own order then.
  if (tokens->defined()) *tokens = joined_tokens(*tokens, offsets);
  const auto rows = all.index_select(0, at::tensor(sorted, at::kLong).to(all.device()));
  return pooling.forward(rows, offsets).vectors;
}

}  // namespace

FieldRows read_field_rows(Model& model, const Dataset& data, size_t field, const Modality& modality,
                          const std::vector<int64_t>& rows, const EmbedOptions& options) {
  const auto* pooling = model.pooling(field);
  FieldRows out;
  out.places.assign(rows.size(), kAbsent);
  out.keys.assign(rows.size(), 0);
  std::vector<ReadValue> values;
  for (size_t n = 0; n < rows.size(); ++n) {
    for (auto& value : values_of_row(data, rows[n], field, pooling)) {
      out.keys[n] = mix(mix(mix(out.keys[n] + 1, value.text), value.file.string()), value.member);
      auto& read = values.emplace_back();
      read.owner = n;
      read.value = std::move(value);
    }
  }
  auto* store = options.stored.empty() ? nullptr : options.stored[field].get();
  parallel_for(std::ssize(values), options.threads, [&](int64_t i) {
    read_value(model.remembered(field).get(), modality, store, values[static_cast<size_t>(i)]);
  });
  for (const auto& value : values) {
    if (value.problem.empty()) continue;
    const auto row = rows[value.owner];
    out.bad.push_back({row, data.where(row), data.fields()[field].field + ": " + value.problem});
  }
  const auto order = in_turn(values);
  out.good = std::ssize(order);
  if (order.empty()) return out;
  const auto all = project_all(model, field, modality, values, order, &out.tokens);
  if (pooling) {
    out.vectors = pool_rows(*pooling, all, values, order, &out.places, &out.tokens);
    return out;
  }
  for (size_t n = 0; n < order.size(); ++n)
    out.places[values[order[n]].owner] = static_cast<int64_t>(n);
  out.vectors = all;
  return out;
}

}  // namespace braid
