#include "braid/index/ann_file.h"

#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw Error(ErrorCode::kInput,
              path.string() + ": " + what + "; build it anew with `braid index " +
                  path.parent_path().string() + " --compact`, or search with --exact");
}

}  // namespace

AnnInfo write_ann(const std::filesystem::path& path, IndexKind kind, const SegmentInfo& info,
                  const AnnRows& rows, int64_t threads) {
  const auto ann = build_ann(kind, rows, threads);
  const auto quality = tune_ann(*ann, rows, threads);
  auto stored = ann->store();
  stored.metadata = {{"kind", index_kind_name(kind)}, {"segment", info.hash}};
  write_safetensors(path, stored);
  return {kind, file_hash(path), quality.effort, quality.recall};
}

std::shared_ptr<const Ann> read_ann(const std::filesystem::path& path, const SegmentInfo& info,
                                    const AnnRows& rows) {
  try {
    if (file_hash(path) != info.ann.hash) fail(path, "not what index.sqlite has the hash of");
    const auto stored = read_safetensors(path);
    const auto segment = stored.metadata.find("segment");
    if (segment == stored.metadata.end() || segment->second != info.hash) {
      fail(path, "belongs to other vectors");
    }
    return load_ann(info.ann.kind, stored, rows);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::kNotFound) fail(path, "missing, although index.sqlite names it");
    throw;
  }
}

}  // namespace braid
