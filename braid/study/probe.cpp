#include "braid/study/probe.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/core/text.h"
#include "braid/engine/loaded_run.h"
#include "braid/recipe/catalog.h"
#include "braid/study/frozen_classifiers.h"
#include "braid/task/field_vectors.h"
#include "braid/task/task_metrics.h"
#include "braid/task/tensor.h"

namespace braid {
namespace {

constexpr double kPenalties[] = {1e-5, 1e-4, 1e-3, 1e-2, 1e-1};
constexpr int64_t kNeighbours[] = {1, 5, 20, 50};

// A classifier fitted with one of several settings: probabilities [N, C] of rows [N, D].
struct Way {
  std::string name;
  std::vector<std::string> settings;
  std::function<std::function<at::Tensor(const at::Tensor&)>(size_t setting, const at::Tensor& x,
                                                             const at::Tensor& y, int64_t classes)>
      fit;
};

std::vector<Way> ways() {
  Way linear{"linear", {}, {}}, knn{"knn", {}, {}};
  for (const double penalty : kPenalties) linear.settings.push_back("l2 " + number_text(penalty));
  for (const int64_t k : kNeighbours) knn.settings.push_back("k " + std::to_string(k));
  linear.fit = [](size_t setting, const at::Tensor& x, const at::Tensor& y, int64_t classes) {
    const auto fitted = fit_linear(x, y, classes, kPenalties[setting]);
    return [fitted](const at::Tensor& rows) { return fitted.probabilities(rows); };
  };
  knn.fit = [](size_t setting, const at::Tensor& x, const at::Tensor& y, int64_t classes) {
    return [=](const at::Tensor& rows) {
      return nearest_votes(rows, x, y, classes, kNeighbours[setting]);
    };
  };
  return {std::move(linear), std::move(knn)};
}

// Rows of one split with their vectors, a field each: zeros where a row has none.
struct Split {
  std::vector<int64_t> rows;
  TargetTable targets;
  std::vector<at::Tensor> vectors;  // [N, D]
  std::vector<uint8_t> present;     // [N, M]
};

class Probe {
 public:
  Probe(const ProbeRequest& request, const Watch& watch)
      : request_(request), run_(open_run(request.run, watch.device)) {
    data_ = open_data(run_.recipe, run_.recipe.sources());
    auto node = ConfigNode::map();
    node.put("kind", ConfigNode::scalar("classification"));
    node.put("target", ConfigNode::scalar(request.target, true));
    task_ = {request.target, "classification", {request.target}, {}, {}, {}, 1, complete("task", node)};
    options_.threads = this_machine().threads;
    options_.sink = watch.sink;
    options_.stop = watch.stop;
    pick_fields();
  }

  ProbeSummary run() {
    const auto train = read(run_.recipe.train_split, true);
    const auto validation = read(run_.recipe.eval.validation, false);
    const auto asked = read(request_.split, false);
    for (const auto& way : ways()) {
      auto answers = answer(way, train, validation, asked);
      Metric about;
      about.protocol = way.name;
      about.split = request_.split;
      about.seed = run_.recipe.seed;
      const Judged judged{&task_, &facts_, &asked.targets, &answers, 0};
      for (auto& metric : task_metrics(judged, about))
        summary_.metrics.push_back(std::move(metric));
    }
    return std::move(summary_);
  }

 private:
  void pick_fields() {
    for (size_t i = 0; i < data_->fields().size(); ++i) {
      const auto& field = data_->fields()[i];
      const bool reads =
          std::any_of(field.columns.begin(), field.columns.end(), [&](const auto& source) {
            return std::find(source.second.begin(), source.second.end(), request_.target) !=
                   source.second.end();
          });
      if (!reads) {
        fields_.push_back(i);
        names_.push_back(field.field);
      } else {
        summary_.notes.push_back("field " + field.field + " reads " + request_.target +
                                 ": left out");
      }
    }
    if (fields_.empty())
      throw Error(ErrorCode::kConfig, "every field reads column '" + request_.target + "'");
  }

  Split read(const std::string& split, bool learns) {
    const auto known = data_->splits();
    if (std::find(known.begin(), known.end(), split) == known.end()) {
      throw Error(ErrorCode::kConfig, "the data has no split '" + split + "'" +
                                          did_you_mean(split, known) +
                                          "; it has: " + join(known, ", "));
    }
    Split out;
    out.rows = data_->rows(split);
    if (learns) facts_ = learn_target(task_, *data_, out.rows);
    out.targets = read_targets(task_, facts_, *data_, out.rows);
    out.present.resize(out.rows.size() * fields_.size());
    for (size_t i = 0; i < fields_.size(); ++i) out.vectors.push_back(embed(out, i));
    return out;
  }

  // The first value of each row's first source.
  at::Tensor embed(Split& split, size_t number) {
    const size_t field = fields_[number];
    const auto found = embed_rows(*run_.model, *data_, field, 0, *run_.modalities[field],
                                  split.rows, options_, &summary_.bad);
    const auto all = to_tensor(found.vectors).to(at::kDouble);
    auto out = at::zeros({static_cast<int64_t>(split.rows.size()), all.size(1)}, at::kDouble);
    size_t at = 0;  // both lists rise
    for (size_t n = 0; n < split.rows.size(); ++n) {
      while (at < found.rows.size() && found.rows[at] < split.rows[n]) ++at;
      if (at == found.rows.size() || found.rows[at] != split.rows[n]) continue;
      out[static_cast<int64_t>(n)] = all[static_cast<int64_t>(at)];
      split.present[n * fields_.size() + number] = 1;
    }
    return out;
  }

  // Vectors of the fields of a set side by side, of some rows.
  static at::Tensor joined(const Split& split, const FieldSet& set,
                           const std::vector<int64_t>& rows) {
    std::vector<at::Tensor> parts;
    for (size_t i = 0; i < set.size(); ++i) {
      if (set[i]) parts.push_back(split.vectors[i]);
    }
    return at::cat(parts, 1).index_select(0, at::tensor(rows, at::kLong));
  }

  // Rows with a class known in training and a field of the set.
  std::vector<int64_t> labelled(const Split& split, const FieldSet& set) const {
    std::vector<int64_t> rows;
    for (size_t n = 0; n < split.rows.size(); ++n) {
      bool any = false;
      for (size_t i = 0; i < set.size(); ++i)
        any |= set[i] && split.present[n * fields_.size() + i];
      const auto row = static_cast<int64_t>(n);
      if (any && split.targets.known(row) && split.targets.at(row)[0] >= 0) rows.push_back(row);
    }
    return rows;
  }

  static at::Tensor labels(const Split& split, const std::vector<int64_t>& rows) {
    std::vector<int64_t> numbers;
    for (const int64_t row : rows)
      numbers.push_back(static_cast<int64_t>(split.targets.at(row)[0]));
    return at::tensor(numbers, at::kLong);
  }

  JointAnswers answer(const Way& way, const Split& train, const Split& validation,
                      const Split& asked) {
    JointAnswers out{asked.rows, names_, field_sets(fields_.size()), asked.present, {}, {}, {}};
    out.answers.resize(1);
    std::vector<int64_t> everyone(asked.rows.size());
    std::iota(everyone.begin(), everyone.end(), 0);
    const auto classes = static_cast<int64_t>(facts_.classes.size());
    for (const auto& set : out.sets) {
      const auto rows = labelled(train, set), judges = labelled(validation, set);
      if (rows.empty())
        throw Error(ErrorCode::kConfig, "no training row has " + set_name(set, names_));
      const auto x = joined(train, set, rows), y = labels(train, rows);
      std::function<at::Tensor(const at::Tensor&)> best;
      double most = -1;
      std::string chosen;
      for (size_t i = 0; i < way.settings.size(); ++i) {
        const auto fitted = way.fit(i, x, y, classes);
        double right = 0;
        if (!judges.empty()) {
          const auto says = fitted(joined(validation, set, judges)).argmax(1);
          right = says.eq(labels(validation, judges)).to(at::kDouble).mean().item<double>();
        }
        if (right <= most) continue;
        most = right;
        best = fitted;
        chosen = way.settings[i];
      }
      summary_.notes.push_back(way.name + " of " + set_name(set, names_) + ": " + chosen);
      out.answers[0].push_back(to_array(best(joined(asked, set, everyone))));
      out.alpha.emplace_back();
    }
    return out;
  }

  ProbeRequest request_;
  LoadedRun run_;
  std::unique_ptr<Dataset> data_;
  TaskConfig task_;
  TargetFacts facts_;
  std::vector<size_t> fields_;  // of the recipe
  std::vector<std::string> names_;
  EmbedOptions options_;
  ProbeSummary summary_;
};

}  // namespace

ProbeSummary probe_run(const ProbeRequest& request, const Watch& watch) {
  if (request.target.empty())
    throw Error(ErrorCode::kUsage, "probe: name the column with --target");
  return Probe(request, watch).run();
}

}  // namespace braid
