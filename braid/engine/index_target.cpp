#include "braid/engine/index_target.h"

#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/index/item_file.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

IndexOptions options_here() { return {this_machine().threads, 5000}; }

}  // namespace

std::unique_ptr<Index> open_target(const fs::path& path, const LoadedRun& run, bool add,
                                   int64_t width) {
  const IndexOrigin origin{run.stamp.id, run.stamp.weights_hash,
                           path_seen_from(run.directory.path(), path)};
  const int64_t kept_width = run.recipe.width_or_whole(width);
  if (!add) return create_index(path, origin, kept_width, options_here());
  auto index = open_index(path, options_here());
  if (index->origin().weights_hash != origin.weights_hash) {
    throw Error(ErrorCode::kState, path.string() + ": holds vectors of run " +
                                       index->origin().run_id + ", not of " + run.stamp.id +
                                       "; make a new index");
  }
  if (width > 0 && index->width() != width) {
    throw Error(ErrorCode::kUsage,
                path.string() + ": holds vectors of width " + std::to_string(index->width()) +
                    ", not " + std::to_string(width) + "; leave --width out, or make a new index");
  }
  return index;
}

size_t indexed_field(const LoadedRun& run, const std::string& name) {
  if (!name.empty()) return run.recipe.field_index(name);
  for (size_t i = 0; i < run.modalities.size(); ++i) {
    if (run.modalities[i]->name() != "text") return i;
  }
  return 0;
}

LoadedRun open_matching_run(const fs::path& path, const Index& index, const fs::path& named,
                            const std::string& device) {
  auto run = open_run(run_of_index(path, index, named), device);
  expect_made_by(path, index, run.directory, run.stamp);
  return run;
}

IndexInfo settle(Index& index, const std::optional<IndexKind>& kind) {
  if (kind && *kind != index.info().kind) {
    index.build(*kind);
  } else {
    index.refresh();
  }
  return index.info();
}

}  // namespace braid
