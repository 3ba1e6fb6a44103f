#include "braid/task/field_vectors.h"

#include <algorithm>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {

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

bool is_withheld(const Recipe& recipe, const Dataset& data, int64_t row) {
  for (const auto& [column, withheld] : recipe.withhold) {
    for (const auto& value : data.column(row, column)) {
      if (std::find(withheld.begin(), withheld.end(), value) != withheld.end()) return true;
    }
  }
  return false;
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

const FieldVectors* VectorMemo::find(const Dataset& data, size_t field, size_t source,
                                     const std::vector<int64_t>& rows) const {
  for (const auto& kept : kept_) {
    if (kept.data == &data && kept.field == field && kept.source == source && kept.rows == rows)
      return &kept.vectors;
  }
  return nullptr;
}

void VectorMemo::keep(const Dataset& data, size_t field, size_t source, std::vector<int64_t> rows,
                      FieldVectors vectors) {
  kept_.push_back({&data, field, source, std::move(rows), std::move(vectors)});
}

namespace {

std::string text_of(const std::vector<Value>& values) {
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(value.text);
  return join(texts, ", ");
}

}  // namespace

FieldVectors embed_rows(Model& model, const Dataset& data, size_t field, size_t source,
                        const Modality& modality, const std::vector<int64_t>& rows,
                        const EmbedOptions& options, std::vector<BadSample>* bad) {
  const bool pools = model.pooling(field) != nullptr;
  std::vector<std::vector<Value>> samples;
  std::vector<int64_t> owner;
  FieldVectors side;
  for (int64_t row : rows) {
    auto own = data.values(row, field, source);
    if (own.empty()) continue;
    side.per_item = std::max(side.per_item, pools ? 1 : std::ssize(own));
    if (pools) {
      samples.push_back(std::move(own));
      owner.push_back(row);
      continue;
    }
    for (auto& value : own) {
      samples.emplace_back().push_back(std::move(value));
      owner.push_back(row);
    }
  }
  auto embedded = embed_samples(model, field, modality, samples, options);
  const auto& name = data.fields()[field].field;
  for (auto& problem : embedded.bad) {
    const int64_t row = owner[static_cast<size_t>(problem.row)];
    bad->push_back({row, data.where(row), name + ": " + problem.message});
  }
  tell_cut(model, field, name, embedded.cut, options.sink);
  side.vectors = std::move(embedded.vectors);
  side.values = embedded.values;
  for (int64_t i : embedded.kept) {
    const auto at = static_cast<size_t>(i);
    side.rows.push_back(owner[at]);
    side.texts.push_back(text_of(samples[at]));
  }
  return side;
}

void check_bad(const std::vector<BadSample>& problems, int64_t good, double max_bad) {
  const auto bad = static_cast<double>(problems.size());
  if (bad <= max_bad * (static_cast<double>(good) + bad)) return;
  throw Error(ErrorCode::kInput, std::to_string(problems.size()) +
                                     " values could not be read, more than the share of " +
                                     number_text(max_bad) + " that data.max_bad allows; first: " +
                                     problems[0].where + ": " + problems[0].message);
}

}  // namespace braid
