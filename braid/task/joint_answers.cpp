#include "braid/task/joint_answers.h"

#include <algorithm>
#include <limits>

#include "braid/block/device.h"
#include "braid/core/error.h"
#include "braid/core/parallel.h"
#include "braid/core/rng.h"
#include "braid/task/joint_part.h"
#include "braid/task/match_pairs.h"
#include "braid/task/tensor.h"

namespace braid {
namespace {

constexpr size_t kMostFields = 4;  // of which every set is asked

size_t size_of(const FieldSet& set) {
  return static_cast<size_t>(std::count(set.begin(), set.end(), true));
}

// What stands for a row in a field: a value, all of them where the field pools; none where missing.
struct Read {
  std::vector<Sample> samples;
  std::vector<bool> encoded;  // of each: what the encoder made of it before
  uint64_t key = 0;           // of where the values lie
  std::vector<std::string> problems;
  bool cut = false;  // pooling.max left values out
};

// One field of a batch of rows.
struct FieldRows {
  at::Tensor vectors;  // [N, D] of the rows of which a value was read; undefined for none
  Tokens tokens;
  std::vector<int64_t> places;  // [B] among the N, or kAbsent
  std::vector<uint64_t> keys;   // [B]
};

// Those of the first source that has any: the first one, or all where the field pools them.
std::vector<Value> values_of_row(const Dataset& data, int64_t row, size_t field,
                                 const ValuePooling* pooling) {
  for (size_t source = 0; source < data.fields()[field].columns.size(); ++source) {
    auto values = data.values(row, field, source);
    if (values.empty()) continue;
    if (!pooling) values.resize(1);
    return values;
  }
  return {};
}

uint64_t key_of(const Value& value) {
  return mix(mix(mix(1, value.text), value.file.string()), value.member);
}

class Answerer {
 public:
  Answerer(Model& model, const Dataset& data, const std::vector<const Modality*>& modalities,
           const EmbedOptions& options, JointAnswers& out)
      : model_(model), data_(data), modalities_(modalities), options_(options), out_(out) {
    cut_.resize(modalities.size());
    alpha_.resize(out.sets.size());
    answers_.assign(model.joint()->tasks(), std::vector<std::vector<at::Tensor>>(alpha_.size()));
  }

  // Rows `begin` .. `begin + count` of those asked.
  void batch(int64_t begin, int64_t count) {
    std::vector<FieldRows> fields;
    for (size_t field = 0; field < modalities_.size(); ++field)
      fields.push_back(read_field(field, begin, count));
    for (size_t set = 0; set < out_.sets.size(); ++set) {
      const auto fused = fuse(fields, out_.sets[set]);
      if (fused.weights.defined()) alpha_[set].push_back(fused.weights.to(at::kCPU, at::kFloat));
      for (size_t task = 0; task < answers_.size(); ++task) {
        if (!model_.joint()->matched(task)) answers_[task][set].push_back(answer(task, fused));
      }
    }
    for (size_t task = 0; task < answers_.size(); ++task) {
      const auto& matched = model_.joint()->matched(task);
      if (!matched) continue;
      const auto both = match(task, fields, matched->first, matched->second);  // [B, 2]
      for (auto& set : answers_[task]) set.push_back(both);
    }
  }

  void finish() {
    for (size_t field = 0; field < cut_.size(); ++field)
      tell_cut(model_, field, data_.fields()[field].field, cut_[field], options_.sink);
    for (auto& parts : alpha_)
      out_.alpha.push_back(parts.empty() ? Array() : to_array(at::cat(parts, 0)));
    for (auto& task : answers_) {
      auto& sets = out_.answers.emplace_back();
      for (auto& parts : task) sets.push_back(to_array(at::cat(parts, 0)));
    }
  }

 private:
  Fused fuse(const std::vector<FieldRows>& fields, const FieldSet& set) {
    std::vector<Embedding> parts;
    for (size_t field = 0; field < fields.size(); ++field) {
      const auto& own = fields[field];
      const auto nobody = std::vector<int64_t>(own.places.size(), kAbsent);
      parts.push_back(joint_part(own.vectors, own.tokens, set[field] ? own.places : nobody,
                                 model_.width(), model_.device()));
    }
    return model_.fuse(std::move(parts));
  }

  at::Tensor answer(size_t task, const Fused& fused) {
    const auto outputs = model_.answer(task, fused.vector);
    return model_.joint()->head(task).answers(outputs).cpu();
  }

  // [B, 2] of true pairs and of false ones.
  at::Tensor match(size_t task, const std::vector<FieldRows>& fields, size_t a, size_t b) {
    std::vector<int64_t> rows;  // with both
    std::vector<uint64_t> a_keys, b_keys;
    const size_t count = fields[a].places.size();
    for (size_t i = 0; i < count; ++i) {
      if (fields[a].places[i] == kAbsent || fields[b].places[i] == kAbsent) continue;
      rows.push_back(static_cast<int64_t>(i));
      a_keys.push_back(fields[a].keys[i]);
      b_keys.push_back(fields[b].keys[i]);
    }
    const auto partners = next_false_partner(a_keys, b_keys);
    auto real = fields, crossed = fields;
    for (auto* side : {&real, &crossed}) {
      for (size_t i = 0; i < count; ++i) (*side)[a].places[i] = (*side)[b].places[i] = kAbsent;
    }
    for (size_t p = 0; p < rows.size(); ++p) {
      const auto row = static_cast<size_t>(rows[p]);
      real[a].places[row] = fields[a].places[row];
      real[b].places[row] = fields[b].places[row];
      if (partners[p] < 0) continue;
      crossed[a].places[row] = fields[a].places[row];
      const auto other = static_cast<size_t>(rows[static_cast<size_t>(partners[p])]);
      crossed[b].places[row] = fields[b].places[other];
    }
    FieldSet set(fields.size(), false);
    set[a] = set[b] = true;
    const auto column = [&](const std::vector<FieldRows>& side) {
      const auto there = at::tensor(side[b].places, at::kLong).ge(0).unsqueeze(1);
      const auto says = answer(task, fuse(side, set));  // [B, 1]
      return at::where(there, says, at::full_like(says, std::numeric_limits<double>::quiet_NaN()));
    };
    return at::cat({column(real), column(crossed)}, 1);
  }

  Read read(size_t field, int64_t row) const {
    Read read;
    const auto* pooling = model_.pooling(field);
    std::vector<Value> values;
    if (!attempt(read, [&] { values = values_of_row(data_, row, field, pooling); })) return read;
    read.cut = pooling && pooling->max() > 0 && std::ssize(values) > pooling->max();
    if (read.cut) values.resize(static_cast<size_t>(pooling->max()));
    for (const auto& value : values) {
      read.key += key_of(value);  // in any order
      attempt(read, [&] { add_value(field, value, read); });
    }
    return read;
  }

  void add_value(size_t field, const Value& value, Read& read) const {
    const auto& modality = *modalities_[field];
    try {
      if (const auto* remembered = model_.remembered(field).get()) {
        if (auto known = remembered->find(value)) {
          read.samples.push_back(std::move(known->sample));
          read.encoded.push_back(true);
          return;
        }
      }
      read.samples.push_back(modality.view(modality.prepare(fetch(value, modality.max_bytes()))));
      read.encoded.push_back(false);
    } catch (const Error& error) {
      if (!model_.pooling(field)) throw;
      throw Error(error.code(), naming(value, error.what()));  // one of several
    }
  }

  // False where `work` threw what is the value's fault: that is noted.
  template <class Work>
  static bool attempt(Read& read, Work work) {
    try {
      work();
      return true;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kInternal) throw;
      read.problems.push_back(error.what());
      return false;
    }
  }

  FieldRows read_field(size_t field, int64_t begin, int64_t count) {
    std::vector<Read> read_rows(static_cast<size_t>(count));
    parallel_for(count, options_.threads, [&](int64_t i) {
      read_rows[static_cast<size_t>(i)] = read(field, out_.rows[static_cast<size_t>(begin + i)]);
    });
    FieldRows out;
    std::vector<const Sample*> views, vectors;  // those to encode, and the others
    std::vector<int64_t> offsets = {0};         // of the rows that have any, among all values
    for (size_t i = 0; i < read_rows.size(); ++i) {
      const auto& row = read_rows[i];
      note(field, static_cast<size_t>(begin) + i, row);
      out.keys.push_back(row.key);
      out.places.push_back(row.samples.empty() ? kAbsent : std::ssize(offsets) - 1);
      for (size_t k = 0; k < row.samples.size(); ++k)
        (row.encoded[k] ? vectors : views).push_back(&row.samples[k]);
      if (!row.samples.empty()) offsets.push_back(offsets.back() + std::ssize(row.samples));
    }
    std::vector<at::Tensor> projected;
    if (!views.empty()) {
      const auto batch = modalities_[field]->collate(views);
      const auto whole = model_.encode_whole(field, to_tensor(batch.values), to_tensor(batch.mask));
      if (model_.joint()->reads_tokens()) out.tokens = whole.tokens;
      projected.push_back(model_.project(field, whole.pooled));
    }
    if (!vectors.empty()) {
      const auto known = to_tensor(model_.remembered(field)->collate(vectors).values);  // [K, E]
      projected.push_back(model_.project(field, known));
    }
    if (projected.empty()) return out;
    out.vectors = at::cat(projected, 0);  // [N, D], of views, then of vectors
    if (!views.empty() && !vectors.empty())
      out.vectors = out.vectors.index_select(0, order_of(read_rows, out.vectors.device()));
    pool(field, offsets, out);
    return out;
  }

  // [N] where each value, row by row, stands among views and then vectors.
  static at::Tensor order_of(const std::vector<Read>& rows, at::Device device) {
    std::vector<int64_t> order;
    int64_t view = 0, vector = 0;
    for (const auto& row : rows) {
      for (const bool encoded : row.encoded) vector += !encoded;
    }
    for (const auto& row : rows) {
      for (const bool encoded : row.encoded) order.push_back(encoded ? vector++ : view++);
    }
    return to_device(at::tensor(order, at::kLong), device);
  }

  // Tokens are asked for only where no value comes encoded: Model refuses both together.
  void pool(size_t field, const std::vector<int64_t>& offsets, FieldRows& rows) const {
    const auto* pooling = model_.pooling(field);
    if (!pooling) return;
    rows.vectors = pooling->forward(rows.vectors, offsets).vectors;
    if (rows.tokens.defined()) rows.tokens = joined_tokens(rows.tokens, offsets);
  }

  // Row number `n` of those asked.
  void note(size_t field, size_t n, const Read& read) {
    out_.present[n * modalities_.size() + field] = !read.samples.empty();
    out_.good += std::ssize(read.samples);
    cut_[field] += read.cut;
    const auto row = out_.rows[n];
    for (const auto& problem : read.problems)
      out_.bad.push_back({row, data_.where(row), data_.fields()[field].field + ": " + problem});
  }

  Model& model_;
  const Dataset& data_;
  const std::vector<const Modality*>& modalities_;
  const EmbedOptions& options_;
  JointAnswers& out_;
  std::vector<int64_t> cut_;  // rows of each field that pooling.max left values out of
  std::vector<std::vector<at::Tensor>> alpha_;                 // [S]
  std::vector<std::vector<std::vector<at::Tensor>>> answers_;  // [tasks][S]
};

}  // namespace

std::vector<FieldSet> field_sets(size_t fields) {
  std::vector<FieldSet> sets;
  if (fields > kMostFields) {
    sets.emplace_back(fields, true);
    for (size_t i = 0; i < fields; ++i) {
      sets.emplace_back(fields, true);
      sets.back()[i] = false;
    }
    for (size_t i = 0; i < fields; ++i) {
      sets.emplace_back(fields, false);
      sets.back()[i] = true;
    }
    return sets;
  }
  for (size_t bits = 1; bits < (size_t{1} << fields); ++bits) {
    auto& set = sets.emplace_back(fields);
    for (size_t i = 0; i < fields; ++i) set[i] = (bits >> i) & 1;
  }
  std::stable_sort(sets.begin(), sets.end(),
                   [](const FieldSet& a, const FieldSet& b) { return size_of(a) > size_of(b); });
  return sets;
}

std::string set_name(const FieldSet& set, const std::vector<std::string>& fields) {
  std::string name;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (set[i]) name += (name.empty() ? "" : "+") + fields[i];
  }
  return name;
}

bool JointAnswers::carries(int64_t n, size_t set) const {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (sets[set][i] && present[static_cast<size_t>(n) * fields.size() + i]) return true;
  }
  return false;
}

JointAnswers answer_rows(Model& model, const Dataset& data,
                         const std::vector<const Modality*>& modalities,
                         const std::vector<int64_t>& rows, const std::vector<FieldSet>& sets,
                         const EmbedOptions& options) {
  const at::NoGradGuard no_grad;
  if (!model.joint()) throw Error(ErrorCode::kInternal, "this model answers no task");
  if (model.is_training()) model.train(false);
  JointAnswers out{rows, {}, sets, {}, {}, {}, {}};
  for (const auto& field : data.fields()) out.fields.push_back(field.field);
  out.present.resize(rows.size() * modalities.size());
  Answerer answerer(model, data, modalities, options, out);
  const auto total = static_cast<int64_t>(rows.size());
  Meter meter(options.sink, stage_on("answer", model.device()), "row", total);
  for (int64_t begin = 0; begin < total; begin += options.batch) {
    if (options.stop && options.stop->requested())
      throw Error(ErrorCode::kInterrupted, "stopped while answering");
    const int64_t count = std::min(options.batch, total - begin);
    answerer.batch(begin, count);
    meter.advance(count);
  }
  meter.finish();
  answerer.finish();
  return out;
}

}  // namespace braid
