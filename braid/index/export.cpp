#include <algorithm>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/index/exchange.h"
#include "braid/index/item_file.h"
#include "braid/tensor_file/atomic_file.h"
#include "braid/tensor_file/npy.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using OrderedJson = nlohmann::ordered_json;
constexpr auto kReplaceBytes = OrderedJson::error_handler_t::replace;

std::string moved_path(const std::string& stored, const fs::path& from, const fs::path& to) {
  return stored.empty() || fs::path(stored).is_absolute() ? stored
                                                          : path_seen_from(from / stored, to);
}

std::string item_line(const IndexEntry& entry, const fs::path& from, const fs::path& to) {
  const OrderedJson line = {{"key", entry.key},
                            {"field", entry.field},
                            {"file", stored_file(located_file(entry.file, from), to)},
                            {"metadata", OrderedJson::parse(entry.metadata, nullptr, false)}};
  return line.dump(-1, ' ', false, kReplaceBytes) + "\n";
}

void write_export_origin(const Index& index, const fs::path& from, const fs::path& to) {
  const auto& origin = index.origin();
  const OrderedJson json = {{"format", 1},
                            {"run_id", origin.run_id},
                            {"weights_hash", origin.weights_hash},
                            {"run_path", moved_path(origin.run_path, from, to)},
                            {"width", index.width()},
                            {"kind", index_kind_name(index.info().kind)}};
  write_atomic(to / "origin.json", json.dump(2) + "\n");
}

}  // namespace

int64_t export_index(const fs::path& path, const fs::path& folder) {
  const auto index = open_index(path);
  std::error_code ignored;
  if (fs::exists(folder, ignored) && !fs::is_empty(folder, ignored)) {
    throw Error(ErrorCode::kState, folder.string() +
                                       ": exists and is not an empty folder; choose "
                                       "another name or remove it first");
  }
  make_folder(folder);
  AtomicFile lines(folder / "items.jsonl");
  Array vectors(DType::kF32, {index->size(), index->width()});
  auto free = vectors.mutable_values<float>();
  int64_t count = 0;
  index->visit([&](const IndexEntry& entry) {
    if (++count > vectors.size(0)) return;
    std::copy(entry.vector.begin(), entry.vector.end(), free.begin());
    free = free.subspan(entry.vector.size());
    lines.write(as_bytes(item_line(entry, path, folder)));
  });
  if (count != vectors.size(0)) {
    throw Error(ErrorCode::kState, path.string() + ": changed during the export; try again");
  }
  write_npy(folder / "vectors.npy", vectors);
  lines.commit();
  write_export_origin(*index, path, folder);
  return count;
}

ExportOrigin read_export_origin(const fs::path& folder) {
  const auto file = folder / "origin.json";
  const auto text = read_text(file, 1 << 20);
  try {
    const auto json = OrderedJson::parse(text);
    const std::string run_path = json.at("run_path");
    return {{json.at("run_id"), json.at("weights_hash"),
             run_path.empty() || fs::path(run_path).is_absolute()
                 ? run_path
                 : (folder / run_path).lexically_normal().string()},
            index_kind(json.at("kind").get<std::string>())};
  } catch (const OrderedJson::exception&) {
    throw Error(ErrorCode::kInput, file.string() + ": not what `braid index export` writes");
  }
}

}  // namespace braid
