#include "braid/task/retrieval.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/task/field_vectors.h"

namespace braid {
namespace {

Array gather_rows(const Array& vectors, const std::vector<int64_t>& picked) {
  const int64_t width = vectors.size(1);
  Array out(DType::kF32, {static_cast<int64_t>(picked.size()), width});
  for (size_t i = 0; i < picked.size(); ++i) {
    std::memcpy(out.mutable_values<float>().data() + i * static_cast<size_t>(width),
                vectors.values<float>().data() + picked[i] * width,
                static_cast<size_t>(width) * sizeof(float));
  }
  return out;
}

struct Asked {
  Array vectors;
  std::vector<int64_t> picked;                 // positions in the query side
  std::vector<int64_t> group;                  // row of each query
  std::vector<std::vector<int64_t>> relevant;  // positions in the gallery side
};

// What makes an item of the gallery true for a query: the value of a column, or the row itself.
std::string truth_of(const Question& question, int64_t row) {
  if (question.protocol.relevant.empty()) return std::to_string(row);
  const auto found = question.value_of.find(row);
  return found == question.value_of.end() ? "" : found->second;
}

// Queries without a true item in the gallery are not asked.
Asked ask(const Question& question, const FieldVectors& queries, const FieldVectors& gallery) {
  std::map<std::string, std::vector<int64_t>> items;
  for (size_t i = 0; i < gallery.rows.size(); ++i) {
    items[truth_of(question, gallery.rows[i])].push_back(static_cast<int64_t>(i));
  }
  items.erase("");
  Asked asked;
  for (size_t i = 0; i < queries.rows.size(); ++i) {
    const int64_t row = queries.rows[i];
    const auto relevant = items.find(truth_of(question, row));
    if (relevant == items.end() || !std::ranges::binary_search(question.query_rows, row)) continue;
    asked.picked.push_back(static_cast<int64_t>(i));
    asked.group.push_back(row);
    asked.relevant.push_back(relevant->second);
  }
  asked.vectors = gather_rows(queries.vectors, asked.picked);
  return asked;
}

// The first vector of every row that both sides have, row by row: true pairs. Nothing where fewer
// than two rows have both: one point has no geometry.
std::optional<Geometry> measure_geometry(const Metric& about, const FieldVectors& a,
                                         const FieldVectors& b) {
  std::vector<int64_t> from_a, from_b;
  for (size_t i = 0; i < a.rows.size(); ++i) {
    if (i && a.rows[i] == a.rows[i - 1]) continue;
    const auto it = std::lower_bound(b.rows.begin(), b.rows.end(), a.rows[i]);
    if (it == b.rows.end() || *it != a.rows[i]) continue;
    from_a.push_back(static_cast<int64_t>(i));
    from_b.push_back(it - b.rows.begin());
  }
  if (from_a.size() < 2) return std::nullopt;
  const int64_t threads = this_machine().threads;
  const auto x = gather_rows(a.vectors, from_a), y = gather_rows(b.vectors, from_b);
  return Geometry{about.protocol,
                  about.language,
                  modality_gap(x, y),
                  alignment_distance(x, y),
                  uniformity(x, threads),
                  uniformity(y, threads),
                  about.query_field,
                  about.gallery_field};
}

void add_outcomes(const Asked& asked, const std::vector<int64_t>& rank, const FieldVectors& queries,
                  const FieldVectors& gallery, const Metric& about, int64_t top,
                  std::vector<Outcome>* outcomes) {
  const int64_t width = asked.vectors.size(1), items = gallery.vectors.size(0);
  const auto q = asked.vectors.values<float>(), g = gallery.vectors.values<float>();
  for (size_t i = 0; i < rank.size(); ++i) {
    const auto at = static_cast<size_t>(asked.picked[i]);
    Outcome outcome{
        about.protocol, about.language, queries.rows[at], queries.texts[at], rank[i], {}, {}};
    std::vector<std::pair<double, int64_t>> scored(static_cast<size_t>(items));
    for (int64_t j = 0; j < items; ++j) {
      double dot = 0;
      for (int64_t d = 0; d < width; ++d)
        dot += q[i * static_cast<size_t>(width) + d] * g[j * width + d];
      scored[static_cast<size_t>(j)] = {-dot, j};
    }
    const auto keep = static_cast<std::ptrdiff_t>(std::min(top, items));
    std::partial_sort(scored.begin(), scored.begin() + keep, scored.end());
    for (std::ptrdiff_t k = 0; k < keep; ++k) {
      outcome.top.push_back(gallery.rows[static_cast<size_t>(scored[k].second)]);
      outcome.scores.push_back(-scored[k].first);
    }
    outcomes->push_back(std::move(outcome));
  }
}

// Of "recall@k" when the gallery comes in random order: the mean over the queries, each with r true
// items, of 1 - C(gallery - r, k) / C(gallery, k). Nothing for other metrics.
std::optional<double> chance_of(const std::string& name, const Asked& asked, int64_t gallery) {
  constexpr std::string_view kRecall = "recall@";
  if (!name.starts_with(kRecall)) return std::nullopt;
  const int64_t k = std::min<int64_t>(std::stoll(name.substr(kRecall.size())), gallery);
  double sum = 0;
  for (const auto& items : asked.relevant) {
    double none = 1;
    for (int64_t i = 0; i < k; ++i) {
      const auto others = gallery - static_cast<int64_t>(items.size()) - i;
      none *= static_cast<double>(std::max<int64_t>(0, others)) / static_cast<double>(gallery - i);
    }
    sum += 1 - none;
  }
  return sum / static_cast<double>(asked.relevant.size());
}

// Ranks of `from`'s queries among `to`, added to the result as metrics described by `about`.
void measure(const Question& question, const FieldVectors& from, const FieldVectors& to,
             Metric about, int64_t top, RetrievalResult* result) {
  const auto asked = ask(question, from, to);
  if (asked.picked.empty()) return;  // no value in this language
  const auto rank = ranks(asked.vectors, to.vectors, asked.relevant, this_machine().threads);
  about.direction = about.query_field + "->" + about.gallery_field;
  about.gallery = to.vectors.size(0);
  about.n = static_cast<int64_t>(rank.size());
  for (auto& metric : retrieval_metrics(rank, asked.group, about)) {
    metric.chance = chance_of(metric.name, asked, about.gallery);
    result->metrics.push_back(std::move(metric));
  }
  if (top > 0) add_outcomes(asked, rank, from, to, about, top, &result->outcomes);
}

// The one value of column `relevant` of each row of the gallery that has one.
std::map<int64_t, std::string> relevant_values(const Dataset& data, const Question& question) {
  const auto& protocol = question.protocol;
  std::map<int64_t, std::string> value_of;
  for (const int64_t row : question.gallery_rows) {
    auto values = data.column(row, protocol.relevant);
    if (values.size() > 1) {
      throw Error(ErrorCode::kInput, data.where(row) + ": column '" + protocol.relevant +
                                         "' (relevant of protocol " + protocol.name +
                                         "): expected one value, got " +
                                         std::to_string(values.size()));
    }
    if (!values.empty() && !values.front().empty()) value_of[row] = std::move(values.front());
  }
  if (value_of.empty()) {
    throw Error(ErrorCode::kConfig, "protocol " + protocol.name + ": no row of its gallery has a " +
                                        "value in column '" + protocol.relevant + "' (relevant)");
  }
  return value_of;
}

}  // namespace

Question resolve_question(const Recipe& recipe, const Dataset& data,
                          const ProtocolConfig& protocol) {
  Question question{protocol, 0, 0, {}, {}};
  constexpr auto kNone = static_cast<size_t>(-1);
  const auto& against = protocol.kind == ProtocolKind::kPrompts ? protocol.of : protocol.against;
  question.query = pick_field(recipe, protocol.query, /*text=*/true,
                              against.empty() ? kNone : recipe.field_index(against));
  question.against = pick_field(recipe, against, /*text=*/false, question.query);
  question.query_rows = select_rows(data, protocol.queries, protocol, "queries");
  if (protocol.split == recipe.eval.validation) {
    std::erase_if(question.query_rows, [&](int64_t row) { return is_withheld(recipe, data, row); });
    if (question.query_rows.empty()) {
      throw Error(ErrorCode::kConfig, "protocol " + protocol.name + ": withhold leaves no row of " +
                                          "its queries to choose weights by");
    }
  }
  if (protocol.kind == ProtocolKind::kPrompts) {
    question.gallery_rows = question.query_rows;
    const auto withheld = recipe.withhold.find(protocol.labels.column);
    if (withheld != recipe.withhold.end()) question.withheld = withheld->second;
    return question;
  }
  question.gallery_rows = select_rows(data, protocol.gallery, protocol, "gallery");
  if (!std::includes(question.gallery_rows.begin(), question.gallery_rows.end(),
                     question.query_rows.begin(), question.query_rows.end())) {
    throw Error(ErrorCode::kConfig,
                "protocol " + protocol.name + ": queries ask for rows that its gallery lacks");
  }
  if (!protocol.relevant.empty()) question.value_of = relevant_values(data, question);
  return question;
}

RetrievalResult evaluate_retrieval(Model& model, const Dataset& data,
                                   const std::vector<const Modality*>& modalities,
                                   const Question& question, const RetrievalOptions& options) {
  RetrievalResult result;
  const auto& query_field = data.fields()[question.query];
  const auto& gallery_field = data.fields()[question.against];
  const auto embed = [&](size_t field, size_t source) {
    const auto* known =
        options.memo ? options.memo->find(data, field, source, question.gallery_rows) : nullptr;
    if (known) return *known;
    auto vectors = embed_rows(model, data, field, source, *modalities[field], question.gallery_rows,
                              options.embed, &result.bad);
    if (options.memo) options.memo->keep(data, field, source, question.gallery_rows, vectors);
    return vectors;
  };
  int64_t good = 0;
  for (size_t g = 0; g < gallery_field.columns.size(); ++g) {
    const auto gallery = embed(question.against, g);
    good += gallery.values;
    for (size_t q = 0; q < query_field.columns.size(); ++q) {
      const auto queries = embed(question.query, q);
      good += queries.values;
      Metric about;
      about.query_field = query_field.field;
      about.gallery_field = gallery_field.field;
      about.language = query_field.columns[q].first;
      about.protocol = question.protocol.name;
      about.split = question.protocol.split;
      about.seed = options.seed;
      about.captions_per_item = queries.per_item;
      measure(question, queries, gallery, about, options.top, &result);
      if (const auto geometry = measure_geometry(about, queries, gallery))
        result.geometry.push_back(*geometry);
      std::swap(about.query_field, about.gallery_field);
      measure(question, gallery, queries, about, 0, &result);
    }
  }
  check_bad(result.bad, good, options.max_bad);
  return result;
}

}  // namespace braid
