#include "braid/index/writer.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/core/text.h"
#include "braid/index/ann_file.h"
#include "braid/index/metadata.h"
#include "braid/index/reader.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

// An add that would pass the first number joins the smallest segments, as many as the second says:
// few files however small the calls, and each vector is rewritten log32(n) times.
constexpr size_t kMaxSegments = 64;
constexpr size_t kJoinedSegments = 32;

// refresh() gives loose rows a graph or clusters of their own, and does everything anew when they
// are a fourth of the index, or when a search would have to walk more graphs than this.
constexpr size_t kMaxAnns = 6;
constexpr int64_t kLooseShare = 4;

void check_item(const IndexItem& item) {
  if (item.key.empty()) throw Error(ErrorCode::kInput, "add: an item's key is empty");
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorCode::kInput, "add: item '" + item.key + "': " + what);
  };
  for (const std::string* text : {&item.key, &item.field, &item.file, &item.metadata}) {
    if (!valid_utf8(*text)) fail("a text that is not UTF-8");
  }
  if (nested_too_deeply(item.metadata)) fail("metadata nested more than 64 deep");
  if (!trim(item.metadata).starts_with('{') || !nlohmann::json::accept(item.metadata)) {
    fail("metadata is not a JSON object: " + item.metadata.substr(0, 80));
  }
}

// The items in the order of their keys, of equal keys the last.
std::vector<const IndexItem*> in_key_order(std::span<const IndexItem> items) {
  std::vector<const IndexItem*> order;
  for (const auto& item : items) order.push_back(&item);
  std::stable_sort(order.begin(), order.end(),
                   [](const IndexItem* a, const IndexItem* b) { return a->key < b->key; });
  std::vector<const IndexItem*> unique;
  for (const IndexItem* item : order) {
    if (!unique.empty() && unique.back()->key == item->key) unique.pop_back();
    unique.push_back(item);
  }
  return unique;
}

// Those that are compared row by row.
std::vector<SegmentInfo> loose_ones(std::vector<SegmentInfo> segments) {
  std::erase_if(segments, [](const SegmentInfo& s) { return s.ann.kind != IndexKind::kExact; });
  return segments;
}

int64_t rows_of(const std::vector<SegmentInfo>& segments) {
  int64_t rows = 0;
  for (const auto& segment : segments) rows += segment.rows;
  return rows;
}

}  // namespace

// What one call changes. Files it wrote go again unless it comes to the commit; files it no longer
// needs go after it.
class IndexWriter::Change {
 public:
  explicit Change(IndexWriter& writer)
      : writer_(writer),
        catalog_(writer.catalog_),
        transaction_(catalog_.database(), Transaction::Kind::kWrite) {
    catalog_.upgrade();
    if (!writer_.clean_) remove_leftovers();
    writer_.clean_ = true;
    generation_ = catalog_.next_generation();
  }

  ~Change() {
    for (int64_t id : written_) remove_files(id);
  }

  void add(const std::vector<const IndexItem*>& items, const std::vector<float>& vectors) {
    const int64_t id = write_segment(static_cast<int64_t>(items.size()),
                                     [&](SegmentWriter& out) { out.append(vectors); });
    for (size_t row = 0; row < items.size(); ++row) {
      remove(items[row]->key);
      catalog_.add_item(*items[row], id, static_cast<int64_t>(row));
    }
  }

  bool remove(const std::string& key) {
    const auto segment = catalog_.remove_item(key);
    if (segment) touched_.insert(*segment);
    return segment.has_value();
  }

  // As one segment, with what `kind` puts beside it.
  void join(const std::vector<SegmentInfo>& segments, IndexKind kind) {
    std::map<int64_t, SegmentFile> files;
    for (const auto& info : segments) {
      // Checked in full: a damaged vector must not get a fresh hash.
      files.emplace(info.id, SegmentFile(writer_.folder_, info, writer_.width_))
          .first->second.verify();
    }
    const auto places = catalog_.items_by_key(segments);
    if (places.empty()) return;  // drop_empty_segments does the rest
    const auto width = static_cast<size_t>(writer_.width_);
    const auto rows = static_cast<int64_t>(places.size());
    const int64_t id = write_segment(rows, [&](SegmentWriter& out) {
      constexpr size_t kChunk = 1 << 18;
      std::vector<float> chunk;
      for (const ItemPlace& place : places) {
        const float* vector = files.at(place.segment).vectors() + place.row * writer_.width_;
        chunk.insert(chunk.end(), vector, vector + width);
        if (chunk.size() < kChunk) continue;
        out.append(chunk);
        chunk.clear();
      }
      out.append(chunk);
    });
    for (int64_t row = 0; row < rows; ++row) {
      catalog_.move_item(places[static_cast<size_t>(row)].id, id, row);
    }
    if (kind != IndexKind::kExact && rows >= kMinAnnRows) add_ann(id, rows, kind);
  }

  void commit() {
    for (int64_t segment : touched_) catalog_.set_changed(segment, generation_);
    const auto dropped = catalog_.drop_empty_segments();
    // From here on a failure may come after the change is on disk: then the new files must stay,
    // and the next change clears away whichever are not needed.
    writer_.clean_ = false;
    const auto written = std::exchange(written_, {});
    transaction_.commit();
    for (int64_t id : dropped) remove_files(id);
    writer_.clean_ = true;
  }

 private:
  template <class Fill>
  int64_t write_segment(int64_t rows, Fill&& fill) {
    const int64_t id = catalog_.add_segment(rows, generation_);
    written_.push_back(id);
    SegmentWriter out(segment_path(writer_.folder_, id), rows, writer_.width_);
    fill(out);
    hashes_[id] = out.finish();
    catalog_.set_hash(id, hashes_[id]);
    return id;
  }

  void add_ann(int64_t id, int64_t rows, IndexKind kind) {
    const SegmentInfo info{id, rows, hashes_.at(id), generation_, {}};
    const SegmentFile file(writer_.folder_, info, writer_.width_);
    catalog_.set_ann(id, write_ann(ann_path(writer_.folder_, id), kind, info,
                                   {file.vectors(), rows, writer_.width_}, writer_.threads_));
  }

  // Files of writers that were killed before their commit. Only a writer that holds the lock knows
  // that they are nobody's.
  void remove_leftovers() {
    std::set<std::string> wanted;
    for (const auto& info : catalog_.segments()) {
      wanted.insert(segment_path(writer_.folder_, info.id).filename().string());
      if (info.ann.kind != IndexKind::kExact) {
        wanted.insert(ann_path(writer_.folder_, info.id).filename().string());
      }
    }
    std::vector<fs::path> leftovers;
    std::error_code ignored;  // what cannot be cleared away now harms nobody
    for (fs::directory_iterator entry(writer_.folder_, ignored), end; entry != end;
         entry.increment(ignored)) {
      const std::string name = entry->path().filename().string();
      if (name.starts_with("segment-") && !wanted.count(name)) leftovers.push_back(entry->path());
    }
    for (const auto& path : leftovers) fs::remove(path, ignored);
  }

  // Fails harmlessly: nobody reads a file that the catalog does not name.
  void remove_files(int64_t id) {
    std::error_code ignored;
    fs::remove(segment_path(writer_.folder_, id), ignored);
    fs::remove(ann_path(writer_.folder_, id), ignored);
  }

  IndexWriter& writer_;
  Catalog& catalog_;
  Transaction transaction_;
  int64_t generation_ = 0;
  std::set<int64_t> touched_;
  std::vector<int64_t> written_;
  std::map<int64_t, std::string> hashes_;  // of what is in written_
};

IndexWriter::IndexWriter(const fs::path& folder, int64_t width, const IndexOptions& options)
    : folder_(folder),
      width_(width),
      threads_(options.threads > 0 ? options.threads : this_machine().threads),
      catalog_(folder, options.wait_ms) {}

void IndexWriter::add(std::span<const IndexItem> items) {
  if (items.empty()) return;
  for (const auto& item : items) check_item(item);
  const auto order = in_key_order(items);
  std::vector<float> vectors;
  for (const IndexItem* item : order) {
    const std::string what = "add: item '" + item->key + "': vector";
    if (item->vector.size() != static_cast<size_t>(width_)) {
      throw Error(ErrorCode::kInput, what + " has " + std::to_string(item->vector.size()) +
                                         " values, the index has width " + std::to_string(width_));
    }
    const auto unit = unit_vectors(item->vector, width_, what);
    vectors.insert(vectors.end(), unit.begin(), unit.end());
  }
  Change change(*this);
  auto segments = loose_ones(catalog_.segments());
  if (segments.size() >= kMaxSegments) {
    std::stable_sort(segments.begin(), segments.end(),
                     [](const SegmentInfo& a, const SegmentInfo& b) { return a.rows < b.rows; });
    segments.resize(kJoinedSegments);
    change.join(segments, IndexKind::kExact);
  }
  change.add(order, vectors);
  change.commit();
}

int64_t IndexWriter::remove(std::span<const std::string> keys) {
  Change change(*this);
  int64_t removed = 0;
  for (const auto& key : keys) removed += change.remove(key);
  if (removed > 0) change.commit();
  return removed;
}

// Nothing removed in it, and beside it what `kind` wants there, undamaged.
bool IndexWriter::is_whole(const SegmentInfo& segment, IndexKind kind) {
  if (static_cast<int64_t>(catalog_.items_of(segment.id).size()) != segment.rows) return false;
  const auto wanted = segment.rows < kMinAnnRows ? IndexKind::kExact : kind;
  if (segment.ann.kind != wanted) return false;
  if (wanted == IndexKind::kExact) return true;
  const SegmentFile file(folder_, segment, width_);
  try {
    read_ann(ann_path(folder_, segment.id), segment, {file.vectors(), segment.rows, width_});
    return true;
  } catch (const Error&) {
    return false;  // damaged: what is whole is made from the vectors
  }
}

void IndexWriter::compact() { build(catalog_.kind()); }

void IndexWriter::build(IndexKind kind) {
  Change change(*this);
  const auto segments = catalog_.segments();
  const bool done = segments.empty() || (segments.size() == 1 && is_whole(segments[0], kind));
  if (done && kind == catalog_.kind()) return;
  catalog_.set_kind(kind);
  if (!done) change.join(segments, kind);
  change.commit();
}

bool IndexWriter::refresh() {
  Change change(*this);
  const auto kind = catalog_.kind();
  const auto all = catalog_.segments();
  const auto loose = loose_ones(all);
  const int64_t loose_rows = rows_of(loose), other_rows = rows_of(all) - loose_rows;
  if (kind == IndexKind::kExact || loose_rows < kMinAnnRows) return false;
  const bool few = loose_rows * kLooseShare < other_rows && all.size() - loose.size() < kMaxAnns;
  change.join(few ? loose : all, kind);
  change.commit();
  return true;
}

void IndexWriter::set_property(const std::string& name, const std::string& value) {
  Change change(*this);
  catalog_.set_property(name, value);
  change.commit();
}

}  // namespace braid
