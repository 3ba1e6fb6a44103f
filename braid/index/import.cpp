#include <fstream>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/index/exchange.h"
#include "braid/index/item_file.h"
#include "braid/index/metadata.h"
#include "braid/tensor_file/npy.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int64_t kItemsPerImport = 1024;  // in one transaction

// The lines of a .jsonl that are not blank, one at a time.
class ItemLines {
 public:
  explicit ItemLines(const fs::path& path) : path_(path), in_(path) {
    if (!in_) throw Error(ErrorCode::kNotFound, path.string() + ": no such file, or not readable");
  }

  // The vector is left out. nullopt at the end.
  std::optional<IndexItem> next(const fs::path& index) {
    for (std::string line; std::getline(in_, line);) {
      ++number_;
      if (!trim(line).empty()) return parse(line, index);
    }
    if (in_.bad()) throw Error(ErrorCode::kIo, path_.string() + ": cannot read");
    return std::nullopt;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::kInput, path_.string() + ":" + std::to_string(number_) + ": " + what);
  }

 private:
  IndexItem parse(const std::string& line, const fs::path& index) const {
    if (nested_too_deeply(line)) fail("nested more than 64 deep");
    const Json row = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!row.is_object()) fail("not a JSON object");
    IndexItem item;
    item.key = text_of(row, "key");
    if (item.key.empty()) fail("no key: expected {\"key\": \"...\", \"metadata\": {...}}");
    item.field = text_of(row, "field");
    item.file = stored_file(located_file(text_of(row, "file"), path_.parent_path()), index);
    item.metadata = "{}";
    if (const auto found = row.find("metadata"); found != row.end()) {
      if (!found->is_object()) fail("metadata is not a JSON object");
      item.metadata = found->dump();
    }
    return item;
  }

  std::string text_of(const Json& row, const char* name) const {
    const auto found = row.find(name);
    if (found == row.end() || found->is_null()) return "";
    if (!found->is_string()) fail(std::string(name) + " is not a text");
    return found->get<std::string>();
  }

  fs::path path_;
  std::ifstream in_;
  int64_t number_ = 0;
};

Array read_vectors(const fs::path& path) {
  auto vectors = read_npy(path);
  if (vectors.dtype() != DType::kF32 || vectors.shape().size() != 2) {
    throw Error(ErrorCode::kInput, path.string() + ": is " + dtype_name(vectors.dtype()) + " " +
                                       shape_text(vectors.shape()) + ", expected F32 [N, width]");
  }
  return vectors;
}

// Reads the lines once to the end, so that a bad one is found before anything is added.
void check_lines(const ImportRequest& request, int64_t rows) {
  ItemLines lines(request.items);
  std::unordered_set<std::string> keys;
  while (auto item = lines.next(request.out)) {
    if (!keys.insert(item->key).second) lines.fail("the key '" + item->key + "' is given twice");
  }
  if (static_cast<int64_t>(keys.size()) != rows) {
    throw Error(ErrorCode::kInput, request.items.string() + ": has " + std::to_string(keys.size()) +
                                       " items, but " + request.vectors.string() + " has " +
                                       std::to_string(rows) + " rows");
  }
}

std::unique_ptr<Index> target_index(const ImportRequest& request, int64_t width) {
  auto origin = request.origin;
  if (!origin.run_path.empty()) origin.run_path = path_seen_from(origin.run_path, request.out);
  if (!request.add) return create_index(request.out, origin, width);
  auto index = open_index(request.out);
  if (index->origin().weights_hash != origin.weights_hash) {
    throw Error(ErrorCode::kState, request.out.string() + ": holds vectors of run '" +
                                       index->origin().run_id + "', not of '" + origin.run_id +
                                       "'; make a new index");
  }
  return index;
}

void add_rows(Index& index, const ImportRequest& request, const Array& vectors) {
  ItemLines lines(request.items);
  const auto values = vectors.values<float>();
  const auto width = static_cast<size_t>(vectors.size(1));
  Meter meter(request.sink, "import", "item", vectors.size(0));
  for (int64_t row = 0; row < vectors.size(0);) {
    if (request.stop && request.stop->requested()) {
      throw Error(ErrorCode::kInterrupted, "stopped; what was imported is kept, go on with --add");
    }
    std::vector<IndexItem> items;
    for (; row < vectors.size(0) && std::ssize(items) < kItemsPerImport; ++row) {
      auto item = lines.next(request.out);
      if (!item) lines.fail("the file changed while it was read");
      const auto vector = values.subspan(static_cast<size_t>(row) * width, width);
      item->vector.assign(vector.begin(), vector.end());
      items.push_back(*std::move(item));
    }
    index.add(items);
    meter.advance(std::ssize(items));
  }
  meter.finish();
}

}  // namespace

int64_t import_index(const ImportRequest& request) {
  const auto vectors = read_vectors(request.vectors);
  check_lines(request, vectors.size(0));
  const auto index = target_index(request, vectors.size(1));
  add_rows(*index, request, vectors);
  if (request.kind) {
    index->build(*request.kind);
  } else {
    index->refresh();
  }
  return vectors.size(0);
}

}  // namespace braid
