#include "braid/task/joint_answers.h"

#include <algorithm>
#include <limits>

#include "braid/block/device.h"
#include "braid/core/error.h"
#include "braid/task/field_rows.h"
#include "braid/task/joint_part.h"
#include "braid/task/kept_fields.h"
#include "braid/task/match_pairs.h"
#include "braid/task/tensor.h"

namespace braid {
namespace {

constexpr size_t kMostFields = 4;    // of which every set has metrics
constexpr size_t kMostAnswered = 5;  // of which every set is asked

size_t size_of(const FieldSet& set) {
  return static_cast<size_t>(std::count(set.begin(), set.end(), true));
}

class Answerer {
 public:
  Answerer(Model& model, const Dataset& data, const std::vector<const Modality*>& modalities,
           const EmbedOptions& options, JointAnswers& out)
      : model_(model), data_(data), modalities_(modalities), options_(options), out_(out) {
    alpha_.resize(out.sets.size());
    answers_.assign(model.joint()->tasks(), std::vector<std::vector<at::Tensor>>(alpha_.size()));
    for (size_t task = 0; task < answers_.size(); ++task)
      out.texts.emplace_back(alpha_.size(), std::vector<Texts>(languages(task)));
  }

  void shuffle_by(uint64_t seed) {
    kept_.emplace(modalities_.size(), drawn_rows(std::ssize(out_.rows), seed));
    seed_ = seed;
  }

  // Rows `begin` .. `begin + count` of those asked.
  void batch(int64_t begin, int64_t count) {
    std::vector<FieldRows> fields;
    for (size_t field = 0; field < modalities_.size(); ++field)
      fields.push_back(read_field(field, begin, count));
    if (kept_) kept_->keep(begin, fields);
    for (size_t set = 0; set < out_.sets.size(); ++set) {
      const auto fused = fuse(fields, out_.sets[set]);
      if (fused.weights.defined()) alpha_[set].push_back(fused.weights.to(at::kCPU, at::kFloat));
      for (size_t task = 0; task < answers_.size(); ++task) {
        if (writes(task)) {
          write(task, fused, out_.rows.data() + begin, out_.texts[task][set]);
        } else if (!model_.joint()->matched(task)) {
          answers_[task][set].push_back(answer(task, fused));
        }
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
    for (auto& parts : alpha_)
      out_.alpha.push_back(parts.empty() ? Array() : to_array(at::cat(parts, 0)));
    for (auto& task : answers_) {
      auto& sets = out_.answers.emplace_back();
      for (auto& parts : task)
        sets.push_back(parts.empty() ? Array() : to_array(at::cat(parts, 0)));
    }
    if (kept_) shuffle();
  }

 private:
  // What all fields answer where one of them has another row's values.
  void shuffle() {
    kept_->finish();
    kept_->shuffle(seed_);
    out_.shuffled_rows = kept_->rows();
    out_.shuffled.assign(answers_.size(), std::vector<Array>(modalities_.size()));
    out_.shuffled_texts.assign(answers_.size(),
                               std::vector<std::vector<Texts>>(modalities_.size()));
    for (size_t field = 0; field < modalities_.size(); ++field) {
      if (!kept_->can_shuffle(field)) continue;
      std::vector<std::vector<at::Tensor>> answers(answers_.size());
      const auto total = std::ssize(kept_->rows());
      for (int64_t begin = 0; begin < total; begin += options_.batch) {
        if (options_.stop && options_.stop->requested())
          throw Error(ErrorCode::kInterrupted, "stopped while answering");
        const auto fused = fuse_shuffled(field, begin, std::min(options_.batch, total - begin));
        for (size_t task = 0; task < answers.size(); ++task) {
          if (writes(task)) {
            auto& texts = out_.shuffled_texts[task][field];
            texts.resize(languages(task));
            write(task, fused, kept_->rows().data() + begin, texts);
          } else if (!model_.joint()->matched(task)) {
            answers[task].push_back(answer(task, fused));
          }
        }
      }
      for (size_t task = 0; task < answers.size(); ++task) {
        if (!answers[task].empty())
          out_.shuffled[task][field] = to_array(at::cat(answers[task], 0));
      }
    }
  }

  Joined fuse_shuffled(size_t field, int64_t begin, int64_t count) {
    std::vector<Embedding> parts;
    for (size_t other = 0; other < modalities_.size(); ++other) {
      parts.push_back(kept_->part(other, begin, count, other == field, model_.width(),
                                  model_.device()));
    }
    return model_.fuse(std::move(parts));
  }

  Joined fuse(const std::vector<FieldRows>& fields, const FieldSet& set) {
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

  bool writes(size_t task) const {
    return model_.joint()->decoder(task) || model_.joint()->transcriber(task);
  }
  size_t languages(size_t task) const {
    if (model_.joint()->transcriber(task)) return 1;
    return writes(task) ? static_cast<size_t>(model_.joint()->decoder(task)->languages()) : 0;
  }

  // Adds a text of each language about each sample, as the recipe says how; `rows` name them.
  void write(size_t task, const Joined& joined, const int64_t* rows, std::vector<Texts>& texts) {
    WriteOptions how;
    if (const auto* decoder = model_.joint()->decoder(task)) how.search = decoder->config().search;
    how.search.best = 1;
    how.numbers.assign(rows, rows + joined.vector.size(0));
    how.interrupted = [this] { return options_.stop && options_.stop->requested(); };
    for (size_t language = 0; language < texts.size(); ++language) {
      how.language = static_cast<int64_t>(language);
      for (auto& found : model_.write(task, joined, how))
        texts[language].push_back(std::move(found.at(0).text));
    }
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

  FieldRows read_field(size_t field, int64_t begin, int64_t count) {
    const auto first = out_.rows.begin() + begin;
    auto own = read_field_rows(model_, data_, field, *modalities_[field], {first, first + count},
                               options_);
    for (size_t i = 0; i < own.places.size(); ++i) {
      const auto n = static_cast<size_t>(begin) + i;
      out_.present[n * modalities_.size() + field] = own.places[i] != kAbsent;
    }
    out_.good += own.good;
    out_.bad.insert(out_.bad.end(), own.bad.begin(), own.bad.end());
    return own;
  }

  Model& model_;
  const Dataset& data_;
  const std::vector<const Modality*>& modalities_;
  const EmbedOptions& options_;
  JointAnswers& out_;
  std::vector<std::vector<at::Tensor>> alpha_;                 // [S]
  std::vector<std::vector<std::vector<at::Tensor>>> answers_;  // [tasks][S]
  std::optional<KeptFields> kept_;                             // where fields are shuffled
  uint64_t seed_ = 0;
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
  }
  if (fields > kMostAnswered) return sets;
  std::vector<FieldSet> every;
  for (size_t bits = 1; bits < (size_t{1} << fields); ++bits) {
    FieldSet set(fields);
    for (size_t i = 0; i < fields; ++i) set[i] = (bits >> i) & 1;
    if (std::find(sets.begin(), sets.end(), set) == sets.end()) every.push_back(std::move(set));
  }
  std::stable_sort(every.begin(), every.end(),
                   [](const FieldSet& a, const FieldSet& b) { return size_of(a) > size_of(b); });
  sets.insert(sets.end(), every.begin(), every.end());
  return sets;
}

size_t tabled_sets(size_t fields) {
  return fields > kMostFields ? 2 * fields + 1 : (size_t{1} << fields) - 1;
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
                         const EmbedOptions& options, std::optional<uint64_t> shuffle) {
  const at::NoGradGuard no_grad;
  if (!model.joint()) throw Error(ErrorCode::kInternal, "this model answers no task");
  if (model.is_training()) model.train(false);
  JointAnswers out{rows, {}, sets, {}, {}, {}, {}};
  for (const auto& field : data.fields()) out.fields.push_back(field.field);
  out.present.resize(rows.size() * modalities.size());
  Answerer answerer(model, data, modalities, options, out);
  if (shuffle && modalities.size() > 1) answerer.shuffle_by(*shuffle);
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
