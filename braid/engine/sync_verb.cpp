#include "braid/engine/sync_verb.h"

#include <algorithm>
#include <span>

#include "braid/core/config.h"
#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/machine.h"
#include "braid/core/parallel.h"
#include "braid/engine/index_target.h"
#include "braid/index/item_file.h"
#include "braid/index/sync_plan.h"
#include "braid/task/embed.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolderProperty = "sync_folder";  // seen from the index

// What a user calls files of that kind; empty: every file is one.
std::vector<std::string> extensions_of(std::string_view modality) {
  if (modality == "image") {
    return {".jpg", ".jpeg", ".jpe",  ".jfif", ".png", ".webp", ".gif",
            ".bmp", ".tif",  ".tiff", ".ppm",  ".pgm", ".pbm",  ".pnm"};
  }
  if (modality == "audio") {
    return {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3",
            ".aif", ".aiff", ".au",  ".m4a", ".aac"};
  }
  if (modality == "text") return {".txt", ".md"};
  return {};
}

struct OpenedSync {
  LoadedRun run;
  std::unique_ptr<Index> index;
};

OpenedSync open_sync(const SyncRequest& request, const std::string& device) {
  if (fs::exists(request.out)) {
    auto run = open_matching_run(request.out, *open_index(request.out), request.run, device);
    auto index = open_target(request.out, run, /*add=*/true, /*width=*/0);
    return {std::move(run), std::move(index)};
  }
  if (request.run.empty()) {
    throw Error(ErrorCode::kUsage,
                request.out.string() + ": no such index; to make it, say --run RUN");
  }
  auto run = open_run(request.run, device);
  auto index = open_target(request.out, run, /*add=*/false, /*width=*/0);
  return {std::move(run), std::move(index)};
}

void check_folder(const SyncRequest& request, const Index& index) {
  const auto before = index.property(kFolderProperty);
  if (before.empty() || request.moved) return;
  if (before == path_seen_from(request.folder, request.out)) return;
  throw Error(ErrorCode::kState, request.out.string() + ": follows the folder " +
                                     (request.out / before).lexically_normal().string() + ", not " +
                                     request.folder.string() +
                                     "; if that one was moved here, say --moved");
}

void check_removals(const SyncRequest& request, const SyncPlan& plan) {
  const auto removed = static_cast<double>(plan.removed.size());
  if (removed <= request.max_removed * static_cast<double>(plan.known)) return;
  throw Error(ErrorCode::kState,
              request.folder.string() + ": lacks " + std::to_string(plan.removed.size()) + " of " +
                  std::to_string(plan.known) + " files that the index holds, more than the share " +
                  number_text(request.max_removed) +
                  " that may go at once; nothing was changed. Is the disk mounted? If they are "
                  "really gone, say --max-removed 1");
}

class SyncRunner {
 public:
  SyncRunner(const SyncRequest& request, const Watch& watch, const LoadedRun& run, Index& index)
      : request_(request),
        watch_(watch),
        run_(run),
        index_(index),
        field_(indexed_field(run, request.field)) {}

  SyncSummary sync() {
    const auto scan = scan_folder(request_.folder, extensions_of(run_.modalities[field_]->name()));
    auto plan = plan_sync(index_, request_.out, scan, request_.thorough);
    check_removals(request_, plan);
    index_.set_property(kFolderProperty, path_seen_from(request_.folder, request_.out));
    summary_.ignored = scan.ignored;
    summary_.unchanged = plan.unchanged;
    for (const auto& path : scan.unnamed) {
      summary_.bad.push_back({0, path, "its name is not UTF-8; rename it"});
    }
    summary_.removed = index_.remove(plan.removed);
    index_.add(plan.touched);
    summary_.touched = std::ssize(plan.touched);
    embed_all(plan);
    summary_.info = settle(index_, request_.kind);
    return std::move(summary_);
  }

 private:
  void embed_all(SyncPlan& plan) {
    const auto total = std::ssize(plan.added) + std::ssize(plan.changed);
    Meter meter(watch_.sink, "sync", "file", total);
    embed(plan.changed, summary_.changed, meter);
    embed(plan.added, summary_.added, meter);
    meter.finish();
  }

  void embed(std::vector<FolderFile>& files, int64_t& done, Meter& meter) {
    for (size_t begin = 0; begin < files.size(); begin += kRowsPerTransaction) {
      const auto count = std::min<size_t>(kRowsPerTransaction, files.size() - begin);
      done += embed_part(std::span(files).subspan(begin, count), meter);
    }
  }

  // A file's hash is taken before it is embedded: one that is written to meanwhile shows next time.
  static void hash_files(std::span<FolderFile> files) {
    parallel_for(std::ssize(files), this_machine().threads, [&](int64_t i) {
      auto& file = files[static_cast<size_t>(i)];
      try {
        if (file.hash.empty()) file.hash = file_hash(file.path);
      } catch (const Error&) {
        file.hash.clear();  // embedding it fails too, and says why
      }
    });
  }

  int64_t embed_part(std::span<FolderFile> files, Meter& meter) {
    hash_files(files);
    std::vector<Value> values;
    for (const auto& file : files) values.push_back({file.key, file.path, ""});
    EmbedOptions options{
        .threads = this_machine().threads, .width = index_.width(), .stop = watch_.stop};
    int64_t shown = 0;
    options.sink = [&](const Progress& progress) {
      meter.advance(progress.done - shown);
      shown = progress.done;
    };
    const auto embedded = embed_until_stopped(values, options);
    meter.advance(std::ssize(files) - shown);
    std::vector<IndexItem> items;
    const auto width = static_cast<size_t>(embedded.vectors.size(1));
    for (size_t i = 0; i < embedded.kept.size(); ++i) {
      items.push_back(synced_item(files[static_cast<size_t>(embedded.kept[i])],
                                  run_.recipe.fields[field_].first, request_.out));
      const float* vector = embedded.vectors.values<float>().data() + i * width;
      items.back().vector.assign(vector, vector + width);
    }
    drop_unreadable(files, embedded.bad);
    index_.add(items);
    return std::ssize(items);
  }

  Embedded embed_until_stopped(const std::vector<Value>& values, const EmbedOptions& options) {
    try {
      return embed_values(*run_.model, field_, *run_.modalities[field_], values, options);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kInterrupted) throw;
      throw Error(ErrorCode::kInterrupted,
                  "stopped; what was done is kept, the same command goes on");
    }
  }

  // What the index knows of such a file is of a content that is no more.
  void drop_unreadable(std::span<const FolderFile> files, const std::vector<BadSample>& bad) {
    std::vector<std::string> keys;
    for (const auto& sample : bad) {
      const auto& file = files[static_cast<size_t>(sample.row)];
      summary_.bad.push_back({0, file.path.string(), sample.message});
      keys.push_back(file.key);
    }
    if (!keys.empty()) index_.remove(keys);
  }

  const SyncRequest& request_;
  const Watch& watch_;
  const LoadedRun& run_;
  Index& index_;
  size_t field_;
  SyncSummary summary_;
};

}  // namespace

SyncSummary sync_folder(const SyncRequest& request, const Watch& watch) {
  require_folder(request.folder);  // before an index is made
  const auto opened = open_sync(request, watch.device);
  check_folder(request, *opened.index);
  return SyncRunner(request, watch, opened.run, *opened.index).sync();
}

}  // namespace braid
