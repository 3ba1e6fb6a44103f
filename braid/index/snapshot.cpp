#include "braid/index/snapshot.h"

#include "braid/core/error.h"
#include "braid/index/ann_file.h"

namespace braid {
namespace {

void load_rows(Catalog& catalog, const std::filesystem::path& folder, LiveSegment& segment) {
  const int64_t rows = segment.info.rows;
  segment.ids.resize(static_cast<size_t>(rows));
  segment.live.resize(static_cast<size_t>(rows));
  for (const ItemPlace& place : catalog.items_of(segment.info.id)) {
    if (place.row < 0 || place.row >= rows) {
      throw Error(ErrorCode::kInput, (folder / "index.sqlite").string() + ": damaged (item " +
                                         std::to_string(place.id) + " in row " +
                                         std::to_string(place.row) + " of " + std::to_string(rows) +
                                         "); rebuild the index");
    }
    segment.ids[static_cast<size_t>(place.row)] = place.id;
    segment.live[static_cast<size_t>(place.row)] = 1;
    ++segment.live_count;
  }
}

void load_ann_of(const std::filesystem::path& folder, int64_t width, LiveSegment& segment) {
  if (segment.info.ann.kind == IndexKind::kExact) return;
  try {
    segment.ann = read_ann(ann_path(folder, segment.info.id), segment.info,
                           {segment.file->vectors(), segment.info.rows, width});
  } catch (const Error& error) {
    segment.ann_problem = error.what();
  }
}

std::shared_ptr<const LiveSegment> load_segment(Catalog& catalog,
                                                const std::filesystem::path& folder,
                                                const SegmentInfo& info, int64_t width,
                                                const LiveSegment* known) {
  auto segment = std::make_shared<LiveSegment>();
  segment->info = info;
  if (known) {
    segment->file = known->file;
    segment->ann = known->ann;
    segment->ann_problem = known->ann_problem;
  } else {
    segment->file = std::make_shared<const SegmentFile>(folder, info, width);
    load_ann_of(folder, width, *segment);
  }
  load_rows(catalog, folder, *segment);
  return segment;
}

}  // namespace

std::shared_ptr<const Snapshot> load_snapshot(Catalog& catalog, const std::filesystem::path& folder,
                                              int64_t width, const Snapshot* previous) {
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->generation = catalog.generation();
  snapshot->width = width;
  for (const SegmentInfo& info : catalog.segments()) {
    std::shared_ptr<const LiveSegment> known;
    for (const auto& segment : previous ? previous->segments : decltype(previous->segments){}) {
      if (segment->info.id == info.id) known = segment;
    }
    if (!known || known->info.changed != info.changed) {
      known = load_segment(catalog, folder, info, width, known.get());
    }
    snapshot->size += known->live_count;
    snapshot->segments.push_back(std::move(known));
  }
  return snapshot;
}

}  // namespace braid
