// What index.sqlite holds: the origin, the segments and the items. All SQL of an index is here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "braid/index/database.h"
#include "braid/index/index.h"
#include "braid/index/segment.h"

namespace braid {

// Where an item's vector is.
struct ItemPlace {
  int64_t id;
  int64_t segment;
  int64_t row;
};

// An item as SQLite has it.
struct StoredItem {
  ItemPlace place;
  std::string key, field, metadata, file;
};

// One connection; calls that belong together go inside one Transaction on database().
class Catalog {
 public:
  static void create(const std::filesystem::path& file, const IndexOrigin& origin, int64_t width);

  // Throws Error(kNotFound), Error(kInput) for what is no catalog of this format.
  Catalog(const std::filesystem::path& folder, int64_t wait_ms);

  Database& database() { return database_; }
  IndexOrigin origin();
  int64_t width();
  int64_t generation();  // grows with every committed change
  bool contains(const std::string& key);
  std::vector<SegmentInfo> segments();  // by id
  std::vector<ItemPlace> items_of(int64_t segment);
  std::vector<ItemPlace> items_by_key(const std::vector<SegmentInfo>& segments);
  // Every item, without its place in `segments` being checked; by key where `in_order`.
  void visit_items(bool in_order, const std::function<void(const StoredItem&)>& visitor);
  // An id names the same key, field, metadata and file for ever, or nothing once removed.
  std::optional<IndexHit> item(int64_t id);
  void check_integrity();
  IndexKind kind();
  std::string property(const std::string& name);  // "" when it was never set

  // Changes; only inside a write transaction.
  int64_t next_generation();
  int64_t add_segment(int64_t rows, int64_t generation);
  void set_hash(int64_t segment, const std::string& hash);
  void set_ann(int64_t segment, const AnnInfo& ann);
  void set_kind(IndexKind kind);
  void set_property(const std::string& name, const std::string& value);
  void upgrade();  // a catalog of format 1 becomes one of format 2
  void set_changed(int64_t segment, int64_t generation);
  void add_item(const IndexItem& item, int64_t segment, int64_t row);
  std::optional<int64_t> remove_item(const std::string& key);  // the segment it was in
  void move_item(int64_t id, int64_t segment, int64_t row);
  std::vector<int64_t> drop_empty_segments();  // their ids

 private:
  std::string meta(const std::string& name);
  std::optional<std::string> meta_or_none(const std::string& name);
  void set_meta(const std::string& name, const std::string& value);
  int64_t format();

  std::filesystem::path file_;
  Database database_;
};

}  // namespace braid
