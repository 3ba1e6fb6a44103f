#include "braid/index/catalog.h"

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

constexpr int64_t kApplicationId = 0x62726164;  // "brad", in the header of the SQLite file
constexpr int64_t kCatalogFormat = 2;           // 1 had no table `ann`
constexpr int64_t kMaxWidth = 1 << 20;
constexpr int64_t kMaxRows = int64_t{1} << 40;

// AUTOINCREMENT: an id is never used again, so a removed item's id cannot come to mean another.
constexpr const char* kSchema = R"(
  CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE segments(
    id INTEGER PRIMARY KEY AUTOINCREMENT, rows INTEGER NOT NULL, hash TEXT NOT NULL,
    changed INTEGER NOT NULL);
  CREATE TABLE items(
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, field TEXT NOT NULL,
    file TEXT NOT NULL, metadata TEXT NOT NULL, segment INTEGER NOT NULL, row INTEGER NOT NULL);
  CREATE UNIQUE INDEX items_by_place ON items(segment, row);
)";
constexpr const char* kAnnSchema = R"(
  CREATE TABLE ann(
    segment INTEGER PRIMARY KEY, kind TEXT NOT NULL, hash TEXT NOT NULL, effort INTEGER NOT NULL,
    recall REAL NOT NULL);
)";

std::filesystem::path existing_catalog(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder, ignored)) {
    throw Error(ErrorCode::kNotFound, folder.string() + ": no such index");
  }
  const auto file = folder / "index.sqlite";
  if (!std::filesystem::exists(file, ignored)) {
    throw Error(ErrorCode::kNotFound, folder.string() + ": not an index (no index.sqlite in it)");
  }
  return file;
}

}  // namespace

void Catalog::create(const std::filesystem::path& file, const IndexOrigin& origin, int64_t width) {
  if (width < 1 || width > kMaxWidth) {
    throw Error(ErrorCode::kInput, "index width is " + std::to_string(width) + ", expected 1 .. " +
                                       std::to_string(kMaxWidth));
  }
  Database database(file, 0, true);
  Transaction transaction(database, Transaction::Kind::kWrite);
  database.run("PRAGMA application_id = " + std::to_string(kApplicationId));
  database.run("PRAGMA user_version = " + std::to_string(kCatalogFormat));
  database.run(std::string(kSchema) + kAnnSchema);
  auto insert = database.prepare("INSERT INTO meta(name, value) VALUES (?, ?)");
  insert.bind(0, "run_id").bind(1, origin.run_id).run();
  insert.bind(0, "weights_hash").bind(1, origin.weights_hash).run();
  insert.bind(0, "run_path").bind(1, origin.run_path).run();
  insert.bind(0, "width").bind(1, width).run();
  insert.bind(0, "generation").bind(1, int64_t{0}).run();
  transaction.commit();
}

Catalog::Catalog(const std::filesystem::path& folder, int64_t wait_ms)
    : file_(existing_catalog(folder)), database_(file_, wait_ms) {
  if (database_.read_int("PRAGMA application_id") != kApplicationId) {
    throw Error(ErrorCode::kInput, file_.string() + ": an SQLite file, but not of an index");
  }
  if (format() < 1 || format() > kCatalogFormat) {
    throw Error(ErrorCode::kInput, file_.string() + ": index format " + std::to_string(format()) +
                                       ", this program reads 1 to " +
                                       std::to_string(kCatalogFormat) +
                                       "; rebuild the index with this program");
  }
  // EXTRA syncs the folder after the journal is gone: what was committed stays after power loss.
  // A spilled cache would shut readers out long before the commit.
  database_.run("PRAGMA synchronous = EXTRA; PRAGMA cache_spill = OFF");
}

int64_t Catalog::format() { return database_.read_int("PRAGMA user_version"); }

void Catalog::upgrade() {
  if (format() == kCatalogFormat) return;
  database_.run(kAnnSchema);
  database_.run("PRAGMA user_version = " + std::to_string(kCatalogFormat));
}

std::optional<std::string> Catalog::meta_or_none(const std::string& name) {
  auto select = database_.prepare("SELECT value FROM meta WHERE name = ?");
  if (!select.bind(0, name).step()) return std::nullopt;
  return select.text(0);
}

std::string Catalog::meta(const std::string& name) {
  if (auto value = meta_or_none(name)) return *value;
  throw Error(ErrorCode::kInput, file_.string() + ": damaged (lacks " + name +
                                     "); restore it from a copy or rebuild the index");
}

void Catalog::set_meta(const std::string& name, const std::string& value) {
  database_.prepare("INSERT OR REPLACE INTO meta(name, value) VALUES (?, ?)")
      .bind(0, name)
      .bind(1, value)
      .run();
}

IndexKind Catalog::kind() { return index_kind(meta_or_none("kind").value_or("exact")); }
void Catalog::set_kind(IndexKind kind) { set_meta("kind", index_kind_name(kind)); }

std::string Catalog::property(const std::string& name) {
  return meta_or_none("property." + name).value_or("");
}
void Catalog::set_property(const std::string& name, const std::string& value) {
  set_meta("property." + name, value);
}

IndexOrigin Catalog::origin() { return {meta("run_id"), meta("weights_hash"), meta("run_path")}; }

int64_t Catalog::width() {
  const std::string text = meta("width");
  const int64_t width = database_.read_int("SELECT value FROM meta WHERE name = 'width'");
  if (width < 1 || width > kMaxWidth) {
    throw Error(ErrorCode::kInput, file_.string() + ": damaged (width " + text + ")");
  }
  return width;
}

int64_t Catalog::generation() {
  return database_.read_int("SELECT value FROM meta WHERE name = 'generation'");
}

bool Catalog::contains(const std::string& key) {
  return database_.prepare("SELECT 1 FROM items WHERE key = ?").bind(0, key).step();
}

std::vector<SegmentInfo> Catalog::segments() {
  std::vector<SegmentInfo> result;
  auto select = database_.prepare(
      format() == 1 ? "SELECT id, rows, hash, changed, NULL FROM segments ORDER BY id"
                    : "SELECT s.id, s.rows, s.hash, s.changed, a.kind, a.hash, a.effort, a.recall "
                      "FROM segments s LEFT JOIN ann a ON a.segment = s.id ORDER BY s.id");
  while (select.step()) {
    result.push_back({select.integer(0), select.integer(1), select.text(2), select.integer(3), {}});
    if (const auto kind = select.text(4); !kind.empty()) {
      result.back().ann = {index_kind(kind), select.text(5), select.integer(6), select.real(7)};
    }
    const auto& info = result.back();
    if (info.id < 1 || info.rows < 1 || info.rows > kMaxRows) {
      throw Error(ErrorCode::kInput, file_.string() + ": damaged (segment " +
                                         std::to_string(info.id) + " with " +
                                         std::to_string(info.rows) + " rows); rebuild the index");
    }
  }
  return result;
}

std::vector<ItemPlace> Catalog::items_of(int64_t segment) {
  std::vector<ItemPlace> result;
  auto select = database_.prepare("SELECT id, row FROM items WHERE segment = ?");
  select.bind(0, segment);
  while (select.step()) result.push_back({select.integer(0), segment, select.integer(1)});
  return result;
}

std::vector<ItemPlace> Catalog::items_by_key(const std::vector<SegmentInfo>& segments) {
  std::vector<std::string> ids;
  for (const auto& info : segments) ids.push_back(std::to_string(info.id));
  std::vector<ItemPlace> result;
  auto select = database_.prepare("SELECT id, segment, row FROM items WHERE segment IN (" +
                                  join(ids, ",") + ") ORDER BY key");
  while (select.step()) {
    result.push_back({select.integer(0), select.integer(1), select.integer(2)});
  }
  return result;
}

void Catalog::visit_items(bool in_order, const std::function<void(const StoredItem&)>& visitor) {
  auto select = database_.prepare(
      std::string("SELECT id, segment, row, key, field, metadata, file FROM items") +
      (in_order ? " ORDER BY key" : ""));
  while (select.step()) {
    visitor({{select.integer(0), select.integer(1), select.integer(2)},
             select.text(3),
             select.text(4),
             select.text(5),
             select.text(6)});
  }
}

std::optional<IndexHit> Catalog::item(int64_t id) {
  auto select = database_.prepare("SELECT key, field, metadata, file FROM items WHERE id = ?");
  if (!select.bind(0, id).step()) return std::nullopt;
  return IndexHit{select.text(0), select.text(1), select.text(2), select.text(3), 0};
}

void Catalog::check_integrity() {
  auto check = database_.prepare("PRAGMA integrity_check(1)");
  const std::string verdict = check.step() ? check.text(0) : "no answer";
  if (verdict != "ok") {
    throw Error(ErrorCode::kInput, file_.string() + ": damaged (" + verdict +
                                       "); restore it from a copy or rebuild the index");
  }
  const int64_t lost = database_.read_int(
      "SELECT count(*) FROM items WHERE segment NOT IN (SELECT id FROM segments)");
  if (lost != 0) {
    throw Error(ErrorCode::kInput, file_.string() + ": damaged (" + std::to_string(lost) +
                                       " items are in no segment); rebuild the index");
  }
}

int64_t Catalog::next_generation() {
  database_.run("UPDATE meta SET value = value + 1 WHERE name = 'generation'");
  return generation();
}

int64_t Catalog::add_segment(int64_t rows, int64_t generation) {
  database_.prepare("INSERT INTO segments(rows, hash, changed) VALUES (?, '', ?)")
      .bind(0, rows)
      .bind(1, generation)
      .run();
  return database_.last_id();
}

void Catalog::set_hash(int64_t segment, const std::string& hash) {
  database_.prepare("UPDATE segments SET hash = ? WHERE id = ?")
      .bind(0, hash)
      .bind(1, segment)
      .run();
}

void Catalog::set_ann(int64_t segment, const AnnInfo& ann) {
  database_
      .prepare(
          "INSERT OR REPLACE INTO ann(segment, kind, hash, effort, recall) "
          "VALUES (?,?,?,?,?)")
      .bind(0, segment)
      .bind(1, std::string_view(index_kind_name(ann.kind)))
      .bind(2, ann.hash)
      .bind(3, ann.effort)
      .bind(4, ann.recall)
      .run();
}

void Catalog::set_changed(int64_t segment, int64_t generation) {
  database_.prepare("UPDATE segments SET changed = ? WHERE id = ?")
      .bind(0, generation)
      .bind(1, segment)
      .run();
}

void Catalog::add_item(const IndexItem& item, int64_t segment, int64_t row) {
  database_
      .prepare("INSERT INTO items(key, field, file, metadata, segment, row) VALUES (?,?,?,?,?,?)")
      .bind(0, item.key)
      .bind(1, item.field)
      .bind(2, item.file)
      .bind(3, item.metadata)
      .bind(4, segment)
      .bind(5, row)
      .run();
}

std::optional<int64_t> Catalog::remove_item(const std::string& key) {
  auto remove = database_.prepare("DELETE FROM items WHERE key = ? RETURNING segment");
  if (!remove.bind(0, key).step()) return std::nullopt;
  const int64_t segment = remove.integer(0);
  remove.run();
  return segment;
}

void Catalog::move_item(int64_t id, int64_t segment, int64_t row) {
  database_.prepare("UPDATE items SET segment = ?, row = ? WHERE id = ?")
      .bind(0, segment)
      .bind(1, row)
      .bind(2, id)
      .run();
}

std::vector<int64_t> Catalog::drop_empty_segments() {
  std::vector<int64_t> dropped;
  auto remove = database_.prepare(
      "DELETE FROM segments WHERE NOT EXISTS (SELECT 1 FROM items WHERE segment = segments.id) "
      "RETURNING id");
  while (remove.step()) dropped.push_back(remove.integer(0));
  database_.run("DELETE FROM ann WHERE segment NOT IN (SELECT id FROM segments)");
  return dropped;
}

}  // namespace braid
