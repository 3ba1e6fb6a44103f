#include "braid/modality/table.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/modality/member.h"
#include "braid/modality/tabular/cell_object.h"
#include "braid/modality/tabular/cell_tally.h"
#include "braid/modality/tabular/cell_text.h"
#include "braid/modality/tabular/column_choice.h"
#include "braid/modality/tabular/column_file.h"

namespace braid {
namespace {

constexpr size_t kTalliedTexts = size_t{1} << 19;  // of all columns together
constexpr int64_t kMostIds = int64_t{1} << 24;     // that a float tells apart

class TableModality final : public Modality {
 public:
  explicit TableModality(const TableConfig& config)
      : config_(config), choices_(read_choices(config.columns)) {}

  std::string_view name() const override { return "table"; }

  void fit(const ValueSource& values) override;

  void save(const std::filesystem::path& folder, const std::string& field) const override {
    write_atomic(columns_file(folder, field), columns_json(facts_of_columns()));
  }

  void load(const std::filesystem::path& folder, const std::string& field) override {
    const auto path = columns_file(folder, field);
    adopt(parse_columns(read_text(path, uint64_t{1} << 30), path.string()));
  }

  std::string learned() const override { return content_hash(columns_json(facts_of_columns())); }

  std::vector<std::string> notes() const override {
    std::vector<std::string> lines;
    for (const auto& column : columns_) {
      lines.push_back(column.facts().name + ": " + column_words(column.facts()));
    }
    return lines;
  }

  std::map<std::string, int64_t> facts() const override {
    expect_learned();
    return {{"columns", std::ssize(read_)}, {"numbers", numbers_}, {"ids", ids_}};
  }

  Sample prepare(std::span<const std::byte> bytes) const override;
  Sample augment(const Sample& prepared, Rng& rng) const override;
  Sample view(const Sample& prepared) const override { return prepared; }
  Sample collate(std::span<const Sample* const> views) const override;
  uint64_t max_bytes() const override { return static_cast<uint64_t>(config_.max_bytes); }

 private:
  static std::filesystem::path columns_file(const std::filesystem::path& folder,
                                            const std::string& field) {
    return folder / (field == "table" ? "columns.json" : "columns." + field + ".json");
  }

  void expect_learned() const {
    if (columns_.empty()) throw Error(ErrorCode::kInternal, "table: call fit or load first");
  }

  std::vector<ColumnFacts> facts_of_columns() const {
    expect_learned();
    std::vector<ColumnFacts> all;
    for (const auto& column : columns_) all.push_back(column.facts());
    return all;
  }

  std::vector<NamedCell> cells_of(std::span<const std::byte> bytes) const;
  void check_choices(const std::vector<std::string>& names) const;
  void adopt(std::vector<ColumnFacts> facts);
  void name_columns();
  size_t column_named(const std::string& name) const;
  int64_t row_size() const { return std::ssize(read_) * (1 + numbers_); }

  TableConfig config_;
  std::map<std::string, ColumnChoice> choices_;
  std::vector<Column> columns_;                       // all, in the order of the value
  std::vector<size_t> read_;                          // those that make a token: not the empty ones
  std::unordered_map<std::string, size_t> place_of_;  // of a name among columns_
  int64_t numbers_ = 1, ids_ = 0;
};

// Cells with the texts that stand for nothing taken out.
std::vector<NamedCell> TableModality::cells_of(std::span<const std::byte> bytes) const {
  if (bytes.size() > max_bytes()) {
    throw Error(ErrorCode::kLimit, "table: a value of " + std::to_string(bytes.size()) +
                                       " bytes: expected at most " + std::to_string(max_bytes()) +
                                       " (max_bytes)");
  }
  auto cells = parse_cells(bytes);
  for (auto& [name, text] : cells) {
    if (text && means_missing(*text, config_.missing)) text.reset();
  }
  return cells;
}

void TableModality::fit(const ValueSource& values) {
  std::vector<std::string> names;
  std::unordered_map<std::string, size_t> places;
  std::vector<CellTally> tallies;
  std::optional<Error> first_problem;
  int64_t rows = 0;
  values([&](std::span<const std::byte> bytes) {
    std::vector<NamedCell> cells;
    try {
      cells = cells_of(bytes);
    } catch (const Error& problem) {  // what prepare refuses is counted and named there
      if (!first_problem) first_problem = problem;
      return;
    }
    if (rows++ == 0) tallies.reserve(cells.size());
    const size_t share = kTalliedTexts / std::max<size_t>(1, std::max(cells.size(), names.size()));
    for (const auto& [name, text] : cells) {
      const auto [place, fresh] = places.emplace(name, names.size());
      if (fresh) {
        names.push_back(name);
        tallies.emplace_back(name, std::max<size_t>(share, 512));
      }
      tallies[place->second].add(text);
    }
    if (names.size() > kMaxTableColumns) {
      throw Error(ErrorCode::kLimit, "table: more than " + std::to_string(kMaxTableColumns) +
                                         " columns: name those that matter in `from`");
    }
  });
  if (rows == 0 && first_problem) throw Error(*first_problem);
  check_choices(names);
  std::vector<ColumnFacts> facts;
  for (size_t i = 0; i < names.size(); ++i) {
    const auto chosen = choices_.find(names[i]);
    const ColumnChoice choice = chosen == choices_.end() ? ColumnChoice{} : chosen->second;
    facts.push_back(tallies[i].finish(choice, {config_.max_categories, config_.min_count}));
  }
  adopt(std::move(facts));
}

void TableModality::check_choices(const std::vector<std::string>& names) const {
  for (const auto& [name, choice] : choices_) {
    if (std::ranges::find(names, name) != names.end()) continue;
    config_.columns.find(name)->fail("columns: the field reads no column '" + name + "'" +
                                     did_you_mean(name, names) +
                                     "; it reads: " + join(names, ", "));
  }
}

void TableModality::adopt(std::vector<ColumnFacts> facts) {
  columns_.clear();
  read_.clear();
  ids_ = 0, numbers_ = 1;
  for (auto& one : facts) {
    columns_.emplace_back(std::move(one), ids_);
    const auto& column = columns_.back();
    ids_ += column.ids();
    numbers_ = std::max(numbers_, column.numbers());
    if (column.ids()) read_.push_back(columns_.size() - 1);
  }
  if (read_.empty()) {
    throw Error(ErrorCode::kInput,
                "table: no column has a value in the training split: expected at least one");
  }
  if (ids_ >= kMostIds) {
    throw Error(ErrorCode::kLimit, "table: " + std::to_string(ids_) +
                                       " categories in all columns: lower max_categories");
  }
  name_columns();
}

void TableModality::name_columns() {
  place_of_.clear();
  std::unordered_map<std::string, int> uses;
  const auto tail = [](const std::string& name) { return name.substr(name.rfind('.') + 1); };
  for (const auto& column : columns_) ++uses[tail(column.facts().name)];
  for (size_t i = 0; i < columns_.size(); ++i) {
    const auto& name = columns_[i].facts().name;
    if (uses[tail(name)] == 1) place_of_.emplace(tail(name), i);
  }
  for (size_t i = 0; i < columns_.size(); ++i) place_of_[columns_[i].facts().name] = i;
}

size_t TableModality::column_named(const std::string& name) const {
  const auto found = place_of_.find(name);
  if (found != place_of_.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [column, place] : place_of_) known.push_back(column);
  std::ranges::sort(known);
  std::vector<std::string> names;
  for (const auto& column : columns_) names.push_back(column.facts().name);
  throw Error(ErrorCode::kInput, "table: no column '" + printable(name) + "' in training" +
                                     did_you_mean(name, known) +
                                     "; there are: " + join(names, ", "));
}

Sample TableModality::prepare(std::span<const std::byte> bytes) const {
  expect_learned();
  const auto cells = cells_of(bytes);
  std::vector<std::optional<std::string>> texts(columns_.size());
  std::vector<bool> given(columns_.size());
  bool any = false;
  for (const auto& [name, text] : cells) {
    const size_t at = column_named(name);
    if (given[at]) {
      throw Error(ErrorCode::kInput,
                  "table: column '" + columns_[at].facts().name + "' stands twice");
    }
    given[at] = true;
    texts[at] = text;
    any = any || text;
  }
  if (!any) throw Error(ErrorCode::kInput, "table: no cell has a value: expected at least one");
  Sample sample{Array(DType::kF32, {std::ssize(read_), 1 + numbers_}), {}};
  auto out = sample.values.mutable_values<float>().begin();  // [C, 1 + P]
  for (const size_t at : read_) {
    const auto cell = columns_[at].encode(texts[at]);
    *out++ = static_cast<float>(cell.id);
    for (int64_t p = 0; p < numbers_; ++p) {
      *out++ = static_cast<float>(cell.numbers[static_cast<size_t>(p)]);
    }
  }
  return sample;
}

Sample TableModality::augment(const Sample& prepared, Rng& rng) const {
  const auto from = prepared.values.values<float>();
  Sample view{Array::of<float>(prepared.values.shape(), from), {}};
  const auto out = view.values.mutable_values<float>();
  std::vector<size_t> present;  // columns with a cell
  const auto row = static_cast<size_t>(1 + numbers_);
  const auto is_missing = [&](size_t i) {
    return out[i * row] == static_cast<float>(columns_[read_[i]].missing_id());
  };
  for (size_t i = 0; i < read_.size(); ++i) {
    if (!is_missing(i)) present.push_back(i);
  }
  if (present.empty()) return view;
  const size_t stays = present[static_cast<size_t>(rng.below(std::ssize(present)))];
  for (const size_t i : present) {
    const auto& column = columns_[read_[i]];
    const bool drops = rng.chance(config_.views.drop);
    const double noise = config_.views.noise * rng.normal();
    if (drops && i != stays) {
      std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(i * row), row, 0.f);
      out[i * row] = static_cast<float>(column.missing_id());
      continue;
    }
    const auto kind = column.facts().kind;
    if (kind == ColumnKind::kNumeric || kind == ColumnKind::kDate) {
      out[i * row + 1] += static_cast<float>(noise);
    }
  }
  return view;
}

Sample TableModality::collate(std::span<const Sample* const> views) const {
  const auto columns = std::ssize(read_);
  Sample batch{Array(DType::kF32, {std::ssize(views), columns, 1 + numbers_}), {}};
  auto out = batch.values.mutable_values<float>().begin();  // [B, C, 1 + P]
  for (size_t i = 0; i < views.size(); ++i, out += row_size()) {
    if (!views[i]) continue;
    const auto& values = views[i]->values;
    if (values.dtype() != DType::kF32 || values.count() != row_size()) {
      throw Error(ErrorCode::kShape,
                  "table: expected views of " + shape_text({columns, 1 + numbers_}) + " F32, got " +
                      shape_text(values.shape()) + " " + dtype_name(values.dtype()));
    }
    std::ranges::copy(values.values<float>(), out);
  }
  return batch;
}

}  // namespace

std::unique_ptr<Modality> make_table(const ConfigNode& node) {
  return std::make_unique<TableModality>(read_member<TableConfig>(node));
}

ModalityMember member_table() { return modality_member<TableConfig>(make_table, Cells::kValues); }

}  // namespace braid
