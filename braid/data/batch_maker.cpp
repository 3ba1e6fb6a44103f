#include "braid/data/batch_maker.h"

#include <algorithm>
#include <numeric>

#include "braid/core/error.h"
#include "braid/data/load_value.h"
#include "braid/data/value_identity.h"

namespace braid {
namespace {

// Is it the sample that is at fault, not the machine?
bool is_sample_fault(ErrorCode code) {
  return code == ErrorCode::kInput || code == ErrorCode::kLimit || code == ErrorCode::kNotFound;
}

// "text.en.draw": each label and each further draw has its own stream.
std::string purpose(const std::string& field, const std::string& label, const std::string& what,
                    int64_t draw) {
  return field + (label.empty() ? "." : "." + label + ".") + what +
         (draw ? "#" + std::to_string(draw) : "");
}

// Two or more of the values in random order as one text.
Value join_values(const std::vector<Value>& values, Rng& rng) {
  const int64_t count = 2 + rng.below(static_cast<int64_t>(values.size()) - 1);
  const auto order = permutation(static_cast<int64_t>(values.size()), Rng(rng.next()));
  Value joined;
  for (int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<size_t>(order[static_cast<size_t>(i)]);
    joined.text += (i ? " " : "") + values[at].text;
  }
  return joined;
}

// Of the values of a sample in any order; of one its own, of none 0.
uint64_t set_hash(std::vector<uint64_t> hashes) {
  if (hashes.size() < 2) return hashes.empty() ? 0 : hashes[0];
  std::sort(hashes.begin(), hashes.end());
  return value_key(std::as_bytes(std::span(hashes)));
}

}  // namespace

BatchMaker::BatchMaker(const Dataset& dataset, const std::vector<const Modality*>& modalities,
                       const LoaderConfig& config)
    : dataset_(dataset), modalities_(modalities), config_(config), cache_(config.cache_bytes) {}

const std::string& BatchMaker::label(size_t field, size_t source) const {
  return dataset_.fields()[field].columns[source].first;
}

bool BatchMaker::every_source(size_t field) const {
  return config_.every_source.empty() || config_.every_source[field];
}

const ValuePoolingConfig* BatchMaker::pooling(size_t field) const {
  const bool pools = !config_.pooling.empty() && config_.pooling[field];
  return pools ? &*config_.pooling[field] : nullptr;
}

int BatchMaker::views(size_t field) const {
  return !config_.two_views.empty() && config_.two_views[field] ? 2 : 1;
}

DrawConfig BatchMaker::draw(size_t field) const {
  const bool draws = !config_.draw.empty() && config_.shuffle && !pooling(field);
  return draws ? config_.draw[field] : DrawConfig{};
}

bool BatchMaker::augments(size_t field) const {
  const bool plain = !config_.plain.empty() && config_.plain[field];
  return config_.shuffle && config_.augment && !plain;
}

const EncodedValues* BatchMaker::encoded(size_t field) const {
  return config_.encoded.empty() ? nullptr : config_.encoded[field].get();
}

std::optional<BatchMaker::Pick> BatchMaker::pick_value(int64_t epoch, int64_t row, size_t field,
                                                       size_t source, int64_t number) const {
  auto values = dataset_.values(row, field, source);
  if (values.empty()) return std::nullopt;
  size_t index = 0;
  if (config_.shuffle && values.size() > 1) {
    Rng rng(config_.seed, epoch, row,
            purpose(dataset_.fields()[field].field, label(field, source), "draw", number));
    const auto how = draw(field);
    const double choice = rng.uniform();
    const bool inline_text = values[0].file.empty();
    if (inline_text && choice >= how.first && choice < how.first + how.join) {
      return Pick{source, std::nullopt, join_values(values, rng), number};
    }
    const auto count = static_cast<int64_t>(values.size());
    if (choice >= how.first) index = static_cast<size_t>(rng.below(count));
  }
  return Pick{source, index, std::move(values[index]), number};
}

std::optional<BatchMaker::Pick> BatchMaker::pick_source(int64_t epoch, int64_t row, size_t field,
                                                        int64_t number) const {
  std::vector<Pick> found;
  for (size_t source = 0; source < dataset_.fields()[field].columns.size(); ++source) {
    if (auto pick = pick_value(epoch, row, field, source, number)) {
      found.push_back(std::move(*pick));
    }
  }
  if (found.empty()) return std::nullopt;
  size_t at = 0;
  if (config_.shuffle && found.size() > 1) {
    const auto stream = purpose(dataset_.fields()[field].field, "", "draw.source", number);
    at = static_cast<size_t>(
        Rng(config_.seed, epoch, row, stream).below(static_cast<int64_t>(found.size())));
  }
  return std::move(found[at]);
}

SampleStore* BatchMaker::stored(size_t field) const {
  return config_.stored.empty() ? nullptr : config_.stored[field].get();
}

PreparedValue BatchMaker::prepare(int64_t row, size_t field, const Pick& pick,
                                  ValueOrigins& origins) {
  if (const auto* vectors = encoded(field)) {
    auto known = vectors->find(pick.value);
    if (!known)
      throw Error(ErrorCode::kInternal, pick.value.text + ": was not encoded before training");
    origins.disk += 1;
    return std::move(*known);
  }
  const int64_t counted = is_in_file(pick.value) ? 1 : 0;
  const ValueId id{row, static_cast<uint32_t>(field), static_cast<uint32_t>(pick.source),
                   static_cast<uint32_t>(pick.index.value_or(0))};
  if (pick.index) {
    if (auto known = cache_.find(id)) {
      (known->mapped ? origins.disk : origins.memory) += counted;
      return std::move(*known);
    }
  }
  try {
    auto loaded = load_value(pick.value, *modalities_[field], stored(field));
    (loaded.decoded ? origins.decoded : origins.disk) += counted;
    if (pick.index) cache_.insert(id, loaded.value);
    return std::move(loaded.value);
  } catch (const Error& problem) {
    throw Error(problem.code(), naming(pick.value, problem.what()));
  }
}

std::optional<BatchMaker::Pick> BatchMaker::pick(int64_t epoch, int64_t row, size_t field,
                                                 size_t source, int64_t number) const {
  return every_source(field) ? pick_value(epoch, row, field, source, number)
                             : pick_source(epoch, row, field, number);
}

std::vector<BatchMaker::Pick> BatchMaker::pick_all(int64_t epoch, int64_t row, size_t field,
                                                   size_t source) const {
  auto values = dataset_.values(row, field, source);
  const auto count = static_cast<int64_t>(values.size());
  const int64_t most = pooling(field)->max.value_or(count);
  std::vector<int64_t> taken(values.size());
  std::iota(taken.begin(), taken.end(), 0);
  if (count > most) {
    if (config_.shuffle) {
      const auto& name = dataset_.fields()[field].field;
      taken = permutation(count, Rng(config_.seed, epoch, row,
                                     purpose(name, label(field, source), "pooling", 0)));
    }
    taken.resize(static_cast<size_t>(most));
    std::sort(taken.begin(), taken.end());
  }
  std::vector<Pick> picks;
  for (const int64_t number : taken) {  // each value's views have a stream of their own
    const auto index = static_cast<size_t>(number);
    picks.push_back({source, index, std::move(values[index]), number});
  }
  return picks;
}

uint64_t BatchMaker::add_views(int64_t epoch, int64_t row, size_t field, const Pick& pick,
                               std::span<RowSample::View> views, ValueOrigins& origins) {
  const auto& modality = *modalities_[field];
  const auto prepared = prepare(row, field, pick, origins);
  const auto& name = dataset_.fields()[field].field;
  std::vector<Sample> made;
  for (size_t view = 0; view < views.size(); ++view) {
    if (encoded(field)) {
      made.push_back(prepared.sample);
    } else if (augments(field)) {
      Rng rng(config_.seed, epoch, row,
              purpose(name, label(field, pick.source), "view" + std::to_string(view), pick.draw));
      made.push_back(modality.augment(prepared.sample, rng));
    } else {
      made.push_back(modality.view(prepared.sample));
    }
  }
  for (size_t view = 0; view < views.size(); ++view)
    views[view].samples.push_back(std::move(made[view]));
  return prepared.hash;
}

template <class Read>
void BatchMaker::attempt(int64_t row, size_t field, RowSample& out, Read read) const {
  try {
    read();
  } catch (const Error& problem) {
    if (!is_sample_fault(problem.code())) throw;
    const auto message = dataset_.fields()[field].field + ": " + problem.what();
    if (!out.bad) {
      out.bad = {row, dataset_.where(row), message};
    } else if (out.bad->message.find(message) == std::string::npos) {
      out.bad->message += "; " + message;
    }
  }
}

void BatchMaker::add_value(int64_t epoch, int64_t row, size_t field, size_t source, int64_t number,
                           RowSample& out) {
  const size_t begin = out.views.size(), count = static_cast<size_t>(views(field));
  out.views.resize(begin + count);
  attempt(row, field, out, [&] {
    const auto value = pick(epoch, row, field, source, number);
    if (!value) return;
    const auto made = std::span(out.views).subspan(begin, count);
    const auto hash = add_views(epoch, row, field, *value, made, out.origins);
    for (auto& view : made) view.hash = hash;
  });
}

void BatchMaker::add_all(int64_t epoch, int64_t row, size_t field, size_t source, RowSample& out) {
  const size_t begin = out.views.size(), count = static_cast<size_t>(views(field));
  out.views.resize(begin + count);
  const auto made = std::span(out.views).subspan(begin, count);
  std::vector<Pick> picks;
  attempt(row, field, out, [&] {
    size_t from = source;
    if (!every_source(field)) {
      const auto drawn = pick_source(epoch, row, field, 0);
      if (!drawn) return;
      from = drawn->source;
    }
    picks = pick_all(epoch, row, field, from);
  });
  std::vector<uint64_t> hashes;
  for (const auto& value : picks) {
    attempt(row, field, out, [&] {
      hashes.push_back(add_views(epoch, row, field, value, made, out.origins));
    });
  }
  for (auto& view : made) view.hash = set_hash(hashes);
}

std::vector<bool> BatchMaker::dropped(int64_t epoch, int64_t row) const {
  const auto& fields = dataset_.fields();
  if (!config_.shuffle || config_.dropout.rate == 0) return std::vector<bool>(fields.size(), false);
  std::vector<bool> there;
  for (size_t field = 0; field < fields.size(); ++field) {
    bool any = false;
    for (size_t source = 0; source < fields[field].columns.size() && !any; ++source)
      any = !dataset_.values(row, field, source).empty();
    there.push_back(any);
  }
  Rng rng(config_.seed, epoch, row, "modality_dropout");
  return dropped_fields(there, config_.dropout, rng);
}

bool RowSample::empty() const {
  return std::all_of(views.begin(), views.end(),
                     [](const View& view) { return view.samples.empty(); });
}

RowSample BatchMaker::sample(int64_t epoch, int64_t row) {
  RowSample out;
  const auto hidden = dropped(epoch, row);
  for (size_t field = 0; field < hidden.size(); ++field) {
    const int64_t draws = draw(field).count;
    const size_t sources = every_source(field) ? dataset_.fields()[field].columns.size() : 1;
    if (hidden[field]) {
      out.views.resize(out.views.size() +
                       sources * static_cast<size_t>(draws) * static_cast<size_t>(views(field)));
      continue;
    }
    for (size_t source = 0; source < sources; ++source) {
      if (pooling(field)) add_all(epoch, row, field, source, out);
      for (int64_t number = 0; number < draws && !pooling(field); ++number)
        add_value(epoch, row, field, source, number, out);
    }
  }
  return out;
}

// `at`: which of their views.
void BatchMaker::fill_slot(size_t field, size_t at, const std::vector<const RowSample*>& rows,
                           Slot& slot) const {
  std::vector<const Sample*> pointers;
  if (pooling(field)) slot.offsets.push_back(0);
  for (const auto* row : rows) {
    const auto& one = row->views[at];
    for (const auto& sample : one.samples) pointers.push_back(&sample);
    if (pooling(field)) {
      slot.offsets.push_back(static_cast<int64_t>(pointers.size()));
    } else if (one.samples.empty()) {
      pointers.push_back(nullptr);
    }
    slot.present.push_back(one.samples.empty() ? 0 : 1);
    slot.value_key.push_back(one.hash);
  }
  if (pointers.empty()) return;
  const auto* vectors = encoded(field);
  slot.batch = vectors ? vectors->collate(pointers) : modalities_[field]->collate(pointers);
}

std::unique_ptr<Batch> BatchMaker::batch(int64_t epoch, int64_t step,
                                         const std::vector<int64_t>& rows,
                                         const std::vector<RowSample>& samples) const {
  auto batch = std::make_unique<Batch>();
  batch->epoch = epoch;
  batch->step = step;
  std::vector<const RowSample*> good;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].bad && samples[i].empty()) continue;
    good.push_back(&samples[i]);
    batch->rows.push_back(rows[i]);
  }
  size_t at = 0;  // in RowSample::views
  for (size_t field = 0; field < modalities_.size(); ++field) {
    auto& out = batch->fields.emplace_back();
    out.field = dataset_.fields()[field].field;
    out.encoded = encoded(field) != nullptr;
    const size_t sources = every_source(field) ? dataset_.fields()[field].columns.size() : 1;
    const auto per_source = static_cast<int>(draw(field).count) * views(field);
    for (size_t source = 0; source < sources; ++source) {
      for (int number = 0; number < per_source; ++number, ++at) {
        auto& slot = out.slots.emplace_back();
        slot.source = every_source(field) ? label(field, source) : "";
        slot.draw = number / views(field);
        slot.view = number % views(field);
        fill_slot(field, at, good, slot);
      }
    }
  }
  return batch;
}

}  // namespace braid
