#include "braid/index/reader.h"

#include <algorithm>
#include <cmath>

#include "braid/core/error.h"
#include "braid/index/ann_file.h"
#include "braid/index/filter_rows.h"

namespace braid {
namespace {

int64_t size_of(const std::filesystem::path& file) {
  std::error_code problem;
  const auto size = std::filesystem::file_size(file, problem);
  return problem ? 0 : static_cast<int64_t>(size);
}

}  // namespace

IndexReader::IndexReader(const std::filesystem::path& folder, const IndexOptions& options)
    : folder_(folder), threads_(options.threads), catalog_(folder, options.wait_ms) {
  const Transaction transaction(catalog_.database(), Transaction::Kind::kRead);
  origin_ = catalog_.origin();
  width_ = catalog_.width();
  refresh();
}

std::shared_ptr<const Snapshot> IndexReader::refresh() {
  if (!snapshot_ || snapshot_->generation != catalog_.generation()) {
    snapshot_ = load_snapshot(catalog_, folder_, width_, snapshot_.get());
    masks_.clear();
  }
  return snapshot_;
}

std::shared_ptr<const RowMasks> IndexReader::masks_for(const std::string& where,
                                                       const Snapshot& snapshot) {
  constexpr size_t kMaxKept = 16;
  if (const auto known = masks_.find(where); known != masks_.end()) return known->second;
  if (masks_.size() == kMaxKept) masks_.clear();
  return masks_[where] =
             std::make_shared<const RowMasks>(filter_rows(Filter(where), catalog_, snapshot));
}

IndexReader::View IndexReader::view(const SearchOptions& options) {
  View view{refresh(), nullptr};
  if (!options.where.empty()) view.masks = masks_for(options.where, *view.snapshot);
  return view;
}

int64_t IndexReader::size() {
  const std::lock_guard lock(mutex_);
  const Transaction transaction(catalog_.database(), Transaction::Kind::kRead);
  return refresh()->size;
}

IndexInfo IndexReader::info() {
  const std::lock_guard lock(mutex_);
  const Transaction transaction(catalog_.database(), Transaction::Kind::kRead);
  IndexInfo info;
  const auto snapshot = refresh();
  info.kind = catalog_.kind();
  info.size = snapshot->size;
  info.segments = static_cast<int64_t>(snapshot->segments.size());
  info.bytes = size_of(folder_ / "index.sqlite");
  double right = 0;
  for (const auto& segment : snapshot->segments) {
    const auto& about = segment->info;
    info.rows += about.rows;
    if (about.ann.kind == IndexKind::kExact) info.loose_rows += about.rows;
    right += static_cast<double>(about.rows) * about.ann.recall;
    info.bytes += size_of(segment_path(folder_, about.id)) + size_of(ann_path(folder_, about.id));
  }
  if (info.rows > 0) info.recall = right / static_cast<double>(info.rows);
  return info;
}

bool IndexReader::contains(const std::string& key) {
  const std::lock_guard lock(mutex_);
  return catalog_.contains(key);
}

std::string IndexReader::property(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return catalog_.property(name);
}

void IndexReader::visit(const std::function<void(const IndexEntry&)>& visitor) {
  const std::lock_guard lock(mutex_);
  const Transaction transaction(catalog_.database(), Transaction::Kind::kRead);
  const auto snapshot = refresh();
  std::map<int64_t, const LiveSegment*> segments;
  for (const auto& segment : snapshot->segments) segments[segment->info.id] = segment.get();
  catalog_.visit_items(true, [&](const StoredItem& item) {
    const auto segment = segments.find(item.place.segment);
    if (segment == segments.end()) return;  // verify() tells of it
    const float* vector = segment->second->file->vectors() + item.place.row * width_;
    visitor(
        {item.key, item.field, item.metadata, item.file, {vector, static_cast<size_t>(width_)}});
  });
}

std::vector<std::vector<IndexHit>> IndexReader::search(std::span<const float> queries,
                                                       const SearchOptions& options) {
  const int64_t k = options.k;
  if (k < 1) {
    throw Error(ErrorCode::kInput, "search: k is " + std::to_string(k) + ", expected at least 1");
  }
  const auto unit = unit_vectors(queries, width_, "query");
  // The vectors are compared without a lock, so that many can search while one writes. A hit that
  // was removed meanwhile shows by its id being gone: then the newer state is searched instead.
  constexpr int kFreeAttempts = 3;
  for (int attempt = 0; attempt < kFreeAttempts; ++attempt) {
    View looked_at;
    {
      const std::lock_guard lock(mutex_);
      const Transaction transaction(catalog_.database(), Transaction::Kind::kRead);
      looked_at = view(options);
    }
    const auto found = find(looked_at, unit, options);
    const std::lock_guard lock(mutex_);
    const Transaction transaction(catalog_.database(), Transaction::Kind::kRead);
    if (auto hits = fetch(found, k)) return *std::move(hits);
  }
  // A writer that replaces the best hits faster than we search waits for this one.
  const std::lock_guard lock(mutex_);
  const Transaction transaction(catalog_.database(), Transaction::Kind::kRead);
  auto hits = fetch(find(view(options), unit, options), k);
  if (!hits) throw Error(ErrorCode::kInternal, folder_.string() + ": an item left during a search");
  return *std::move(hits);
}

IndexReader::Found IndexReader::find(const View& view, const std::vector<float>& queries,
                                     const SearchOptions& options) {
  for (const auto& segment : view.snapshot->segments) {
    if (segment->ann_problem.empty() || options.exact) continue;
    throw Error(ErrorCode::kInput, segment->ann_problem);
  }
  return find_candidates(*view.snapshot,
                         {queries, options.k, options.exact, view.masks.get(), threads_});
}

std::optional<IndexReader::Hits> IndexReader::fetch(const Found& found, int64_t k) {
  Hits result;
  for (const auto& candidates : found) {
    auto& hits = result.emplace_back();
    for (const Candidate& candidate : candidates) {
      auto hit = catalog_.item(candidate.id);
      if (!hit) return std::nullopt;
      hit->score = candidate.score;
      hits.push_back(*std::move(hit));
    }
    std::sort(hits.begin(), hits.end(), [](const IndexHit& a, const IndexHit& b) {
      return a.score != b.score ? a.score > b.score : a.key < b.key;
    });
    if (hits.size() > static_cast<size_t>(k)) hits.resize(static_cast<size_t>(k));
  }
  return result;
}

void IndexReader::verify() {
  const std::lock_guard lock(mutex_);
  const Transaction transaction(catalog_.database(), Transaction::Kind::kRead);
  catalog_.check_integrity();
  for (const auto& segment : refresh()->segments) {
    segment->file->verify();
    if (!segment->ann_problem.empty()) throw Error(ErrorCode::kInput, segment->ann_problem);
    if (segment->ann) {
      read_ann(ann_path(folder_, segment->info.id), segment->info,
               {segment->file->vectors(), segment->info.rows, width_});
    }
  }
}

std::vector<float> unit_vectors(std::span<const float> vectors, int64_t width,
                                const std::string& what) {
  const auto size = static_cast<size_t>(width);
  if (vectors.size() % size != 0 || vectors.empty()) {
    throw Error(ErrorCode::kInput, what + " has " + std::to_string(vectors.size()) +
                                       " values, the index has width " + std::to_string(width));
  }
  std::vector<float> result(vectors.begin(), vectors.end());
  for (size_t begin = 0; begin < result.size(); begin += size) {
    double square = 0;
    for (size_t d = begin; d < begin + size; ++d) {
      if (!std::isfinite(result[d])) {
        throw Error(ErrorCode::kInput, what + " holds " +
                                           (std::isnan(result[d]) ? "NaN" : "infinity") +
                                           " at position " + std::to_string(d - begin));
      }
      square += double{result[d]} * result[d];
    }
    if (square == 0) throw Error(ErrorCode::kInput, what + " is zero: it has no direction");
    const double scale = 1 / std::sqrt(square);
    for (size_t d = begin; d < begin + size; ++d) result[d] = static_cast<float>(result[d] * scale);
  }
  return result;
}

}  // namespace braid
