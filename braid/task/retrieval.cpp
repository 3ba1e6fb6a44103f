#include "braid/task/retrieval.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

std::vector<int64_t> select_rows(const Dataset& data, const RowsConfig& config,
                                 const ProtocolConfig& protocol, const char* role) {
  const std::string split = config.split.empty() ? protocol.split : config.split;
  const auto known = data.splits();
  if (split != "all" && std::find(known.begin(), known.end(), split) == known.end()) {
    throw Error(ErrorCode::kConfig, "protocol " + protocol.name + ": no split '" + split + "'" +
                                        did_you_mean(split, known) +
                                        "; the data has: " + join(known, ", "));
  }
  auto rows = data.rows(split == "all" ? "" : split);
  for (const auto& [column, wanted] : config.where) {
    std::erase_if(rows, [&](int64_t row) {
      const auto values = data.column(row, column);
      return std::find(values.begin(), values.end(), wanted) == values.end();
    });
  }
  if (rows.empty()) {
    throw Error(ErrorCode::kConfig, "protocol " + protocol.name + ": no rows for its " + role +
                                        " (split " + split + ")");
  }
  return rows;
}

size_t pick_field(const Recipe& recipe, const std::string& name, bool text, size_t other) {
  if (!name.empty()) return recipe.field_index(name);
  for (size_t i = 0; i < recipe.fields.size(); ++i) {
    const bool is_text = recipe.fields[i].second.modality.find("kind")->text() == "text";
    if (i != other && is_text == text) return i;
  }
  for (size_t i = 0; i < recipe.fields.size(); ++i) {
    if (i != other) return i;
  }
  throw Error(ErrorCode::kConfig, "retrieval needs two fields, this recipe has one");
}

// Vectors of one field and source over some rows.
struct Side {
  Array vectors;              // [N, D]
  std::vector<int64_t> rows;  // [N] rising
  std::vector<std::string> texts;
  int64_t per_item = 0;  // most values of one row
};

Side embed_side(Model& model, const Dataset& data, size_t field, size_t source,
                const Modality& modality, const std::vector<int64_t>& rows,
                const EmbedOptions& options, std::vector<BadSample>* bad) {
  std::vector<Value> values;
  std::vector<int64_t> owner;
  Side side;
  for (int64_t row : rows) {
    auto own = data.values(row, field, source);
    side.per_item = std::max(side.per_item, static_cast<int64_t>(own.size()));
    for (auto& value : own) {
      values.push_back(std::move(value));
      owner.push_back(row);
    }
  }
  auto embedded = embed_values(model, field, modality, values, options);
  for (auto& problem : embedded.bad) {
    const int64_t row = owner[static_cast<size_t>(problem.row)];
    bad->push_back({row, data.where(row), data.fields()[field].field + ": " + problem.message});
  }
  side.vectors = std::move(embedded.vectors);
  for (int64_t i : embedded.kept) {
    side.rows.push_back(owner[static_cast<size_t>(i)]);
    side.texts.push_back(values[static_cast<size_t>(i)].text);
  }
  return side;
}

// Both sides cut down to rows that the other side has too, for queries: no true item, no question.
std::vector<int64_t> askable(const Side& queries, const std::vector<int64_t>& query_rows,
                             const Side& gallery) {
  std::vector<int64_t> picked;
  for (size_t i = 0; i < queries.rows.size(); ++i) {
    const bool asks = std::binary_search(query_rows.begin(), query_rows.end(), queries.rows[i]);
    if (asks && std::binary_search(gallery.rows.begin(), gallery.rows.end(), queries.rows[i])) {
      picked.push_back(static_cast<int64_t>(i));
    }
  }
  return picked;
}

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

Asked ask(const Side& queries, const std::vector<int64_t>& query_rows, const Side& gallery) {
  Asked asked;
  asked.picked = askable(queries, query_rows, gallery);
  asked.vectors = gather_rows(queries.vectors, asked.picked);
  for (int64_t i : asked.picked) {
    const int64_t row = queries.rows[static_cast<size_t>(i)];
    const auto range = std::equal_range(gallery.rows.begin(), gallery.rows.end(), row);
    std::vector<int64_t> items;
    for (auto it = range.first; it != range.second; ++it)
      items.push_back(it - gallery.rows.begin());
    asked.group.push_back(row);
    asked.relevant.push_back(std::move(items));
  }
  return asked;
}

// The first vector of every row that both sides have, row by row: true pairs. Nothing where fewer
// than two rows have both: one point has no geometry.
std::optional<Geometry> measure_geometry(const Metric& about, const Side& a, const Side& b) {
  std::vector<int64_t> from_a, from_b;
  for (size_t i = 0; i < a.rows.size(); ++i) {
    if (i && a.rows[i] == a.rows[i - 1]) continue;
    const auto it = std::lower_bound(b.rows.begin(), b.rows.end(), a.rows[i]);
    if (it == b.rows.end() || *it != a.rows[i]) continue;
    from_a.push_back(static_cast<int64_t>(i));
    from_b.push_back(it - b.rows.begin());
  }
  if (from_a.size() < 2) return std::nullopt;
  const auto x = gather_rows(a.vectors, from_a), y = gather_rows(b.vectors, from_b);
  return Geometry{about.protocol,           about.language, modality_gap(x, y),
                  alignment_distance(x, y), uniformity(x),  uniformity(y)};
}

void add_outcomes(const Asked& asked, const std::vector<int64_t>& rank, const Side& queries,
                  const Side& gallery, const Metric& about, int64_t top,
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

// Ranks of `from`'s queries among `to`, added to the result as metrics described by `about`.
void measure(const Question& question, const Side& from, const Side& to, Metric about, int64_t top,
             RetrievalResult* result) {
  const auto asked = ask(from, question.query_rows, to);
  if (asked.picked.empty()) return;  // no value in this language
  const auto rank = ranks(asked.vectors, to.vectors, asked.relevant);
  about.direction = about.query_field + "->" + about.gallery_field;
  about.gallery = to.vectors.size(0);
  about.n = static_cast<int64_t>(rank.size());
  for (auto& metric : retrieval_metrics(rank, asked.group, about))
    result->metrics.push_back(std::move(metric));
  if (top > 0) add_outcomes(asked, rank, from, to, about, top, &result->outcomes);
}

void check_bad(const RetrievalResult& result, int64_t good, double max_bad) {
  const auto bad = static_cast<double>(result.bad.size());
  if (bad <= max_bad * (static_cast<double>(good) + bad)) return;
  throw Error(ErrorCode::kInput, std::to_string(result.bad.size()) +
                                     " values could not be read, more than the share of " +
                                     number_text(max_bad) + " that data.max_bad allows; first: " +
                                     result.bad[0].where + ": " + result.bad[0].message);
}

}  // namespace

Question resolve_question(const Recipe& recipe, const Dataset& data,
                          const ProtocolConfig& protocol) {
  Question question{protocol, 0, 0, {}, {}};
  constexpr auto kNone = static_cast<size_t>(-1);
  question.query =
      pick_field(recipe, protocol.query, /*text=*/true,
                 protocol.against.empty() ? kNone : recipe.field_index(protocol.against));
  question.against = pick_field(recipe, protocol.against, /*text=*/false, question.query);
  question.query_rows = select_rows(data, protocol.queries, protocol, "queries");
  question.gallery_rows = select_rows(data, protocol.gallery, protocol, "gallery");
  if (!std::includes(question.gallery_rows.begin(), question.gallery_rows.end(),
                     question.query_rows.begin(), question.query_rows.end())) {
    throw Error(ErrorCode::kConfig,
                "protocol " + protocol.name + ": queries ask for rows that its gallery lacks");
  }
  return question;
}

RetrievalResult evaluate_retrieval(Model& model, const Dataset& data,
                                   const std::vector<const Modality*>& modalities,
                                   const Question& question, const RetrievalOptions& options) {
  RetrievalResult result;
  const auto& query_field = data.fields()[question.query];
  const auto& gallery_field = data.fields()[question.against];
  const auto embed = [&](size_t field, size_t source) {
    return embed_side(model, data, field, source, *modalities[field], question.gallery_rows,
                      options.embed, &result.bad);
  };
  int64_t good = 0;
  for (size_t g = 0; g < gallery_field.columns.size(); ++g) {
    const auto gallery = embed(question.against, g);
    good += gallery.vectors.size(0);
    for (size_t q = 0; q < query_field.columns.size(); ++q) {
      const auto queries = embed(question.query, q);
      good += queries.vectors.size(0);
      Metric about;
      about.query_field = query_field.field;
      about.gallery_field = gallery_field.field;
      about.language = query_field.columns[q].first;
      about.protocol = question.protocol.name;
      about.split = question.protocol.split;
      about.seed = options.seed;
      about.captions_per_item = queries.per_item;
      measure(question, queries, gallery, about, options.top, &result);
      std::swap(about.query_field, about.gallery_field);
      measure(question, gallery, queries, about, 0, &result);
      if (const auto geometry = measure_geometry(about, queries, gallery))
        result.geometry.push_back(*geometry);
    }
  }
  check_bad(result, good, options.max_bad);
  return result;
}

}  // namespace braid
