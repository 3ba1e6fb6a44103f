#include "braid/index/filter_rows.h"

#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

using Json = nlohmann::json;

// The metadata, and the item's own facts where it has no column of their names.
Json row_of(const StoredItem& item) {
  Json row = Json::parse(item.metadata, nullptr, /*allow_exceptions=*/false);
  if (!row.is_object()) row = Json::object();
  row.emplace("key", item.key);
  row.emplace("field", item.field);
  row.emplace("file", item.file);
  return row;
}

// Columns of a filter that no row had so far.
class ColumnsToSee {
 public:
  explicit ColumnsToSee(const std::vector<FilterColumn>& columns) : unseen_(columns) {}

  void look_at(const Json& row) {
    std::erase_if(unseen_,
                  [&](const FilterColumn& c) { return filter_cell(row, c.name) != nullptr; });
  }
  const std::vector<FilterColumn>& unseen() const { return unseen_; }

 private:
  std::vector<FilterColumn> unseen_;
};

[[noreturn]] void fail_unknown(const Filter& filter, const FilterColumn& column, Catalog& catalog) {
  std::set<std::string> names;
  catalog.visit_items(false, [&](const StoredItem& item) {
    const auto found = filter_columns(row_of(item));
    names.insert(found.begin(), found.end());
  });
  const std::vector<std::string> all(names.begin(), names.end());
  constexpr size_t kMaxNamed = 40;
  std::vector<std::string> some(
      all.begin(), all.begin() + static_cast<int64_t>(std::min(all.size(), kMaxNamed)));
  if (some.size() < all.size()) some.push_back("...");
  throw Error(ErrorCode::kUsage,
              "filter, character " + std::to_string(column.position) + ": no item has a column '" +
                  column.name + "'" + did_you_mean(column.name, all) +
                  "; there are: " + join(some, ", ") + " (in: " + filter.text() + ")");
}

}  // namespace

RowMasks filter_rows(const Filter& filter, Catalog& catalog, const Snapshot& snapshot) {
  RowMasks masks;
  std::map<int64_t, size_t> place_of;  // segment id -> position
  for (const auto& segment : snapshot.segments) {
    place_of[segment->info.id] = masks.rows.size();
    masks.rows.emplace_back(segment->live.size());
  }
  masks.counts.resize(masks.rows.size());
  ColumnsToSee columns(filter.columns());
  catalog.visit_items(false, [&](const StoredItem& item) {
    const auto place = place_of.find(item.place.segment);
    if (place == place_of.end()) return;
    const Json row = row_of(item);
    columns.look_at(row);
    if (!filter.matches(row)) return;
    masks.rows[place->second][static_cast<size_t>(item.place.row)] = 1;
    ++masks.counts[place->second];
  });
  if (snapshot.size > 0 && !columns.unseen().empty()) {
    fail_unknown(filter, columns.unseen()[0], catalog);
  }
  return masks;
}

}  // namespace braid
