// load_tokenizer: tells by names and first bytes what a file is.
#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/tokenizer/native_files.h"
#include "braid/tokenizer/tokenizer.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMostBytes = uint64_t{1} << 26;  // the largest known file has 34 MB

std::string gunzipped(const std::string& bytes, const std::string& where) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> reader(archive_read_new(),
                                                                      archive_read_free);
  archive_read_support_filter_gzip(reader.get());
  archive_read_support_format_raw(reader.get());
  archive_entry* entry = nullptr;
  std::string out;
  std::array<char, 1 << 16> part{};
  la_ssize_t size = -1;
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) == ARCHIVE_OK &&
      archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK &&
      archive_filter_code(reader.get(), 0) == ARCHIVE_FILTER_GZIP) {
    while ((size = archive_read_data(reader.get(), part.data(), part.size())) > 0) {
      out.append(part.data(), static_cast<size_t>(size));
      if (out.size() > kMostBytes) {
        throw Error(ErrorCode::kLimit,
                    where + ": unpacks to more than " + std::to_string(kMostBytes) + " bytes");
      }
    }
  }
  if (size < 0) throw Error(ErrorCode::kInput, where + ": a damaged gzip file");
  return out;
}

std::string unpacked(const fs::path& path) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  std::string bytes = read_text(path, kMostBytes);
  if (bytes.starts_with("\x1f\x8b")) bytes = gunzipped(bytes, path.string());
  if (bytes.starts_with(kByteOrderMark)) bytes.erase(0, kByteOrderMark.size());
  return bytes;
}

// tokenizer_config.json beside a vocab.txt knows what the vocabulary does not say.
bool lowercases(const fs::path& vocab, bool fallback) {
  const fs::path path = vocab.parent_path() / "tokenizer_config.json";
  if (!fs::exists(path)) return fallback;
  const auto config = nlohmann::json::parse(read_text(path, kMostBytes), nullptr, false);
  if (!config.is_object()) {
    throw Error(ErrorCode::kInput, path.string() + ": not a JSON object");
  }
  const auto found = config.find("do_lower_case");
  if (found == config.end()) return fallback;
  if (!found->is_boolean()) {
    throw Error(ErrorCode::kInput, path.string() + ": do_lower_case: expected true or false");
  }
  return found->get<bool>();
}

bool is_sentencepiece(const fs::path& path, const std::string& bytes) {
  constexpr size_t kHead = 1024;  // the first piece's score is 0: zero bytes, which no text has
  return path.extension() == ".model" ||
         (bytes.starts_with('\n') && bytes.substr(0, kHead).find('\0') != std::string::npos);
}

std::unique_ptr<Tokenizer> load_pair(const fs::path& vocab, const fs::path& merges) {
  const std::string where = vocab.parent_path().string();
  return read_tokenizer_json(bpe_folder_json(unpacked(vocab), unpacked(merges), where), where);
}

std::unique_ptr<Tokenizer> load_file(const fs::path& path, bool lowercase) {
  const fs::path folder = path.parent_path();
  const fs::path vocab = folder / "vocab.json", merges = folder / "merges.txt";
  if (path.filename() == vocab.filename() && fs::exists(merges)) return load_pair(path, merges);
  if (path.filename() == merges.filename() && fs::exists(vocab)) return load_pair(vocab, path);
  const std::string bytes = unpacked(path), where = path.string();
  if (is_sentencepiece(path, bytes)) return read_sentencepiece(bytes, where);
  if (trim(bytes).starts_with('{')) return read_tokenizer_json(bytes, where);
  if (trim(bytes).empty()) throw Error(ErrorCode::kInput, where + ": is empty");
  const std::string first_line = bytes.substr(0, bytes.find('\n'));
  if (first_line.find("bpe_simple_vocab") != std::string::npos) {
    return read_tokenizer_json(clip_json(bytes, where), where);
  }
  if (first_line.starts_with("#version")) {
    throw Error(ErrorCode::kInput, where + ": merges alone: expected vocab.json beside them");
  }
  return read_tokenizer_json(word_piece_json(bytes, lowercases(path, lowercase), where), where);
}

}  // namespace

std::unique_ptr<Tokenizer> load_tokenizer(const fs::path& path, bool lowercase) {
  if (!fs::is_directory(path)) return load_file(path, lowercase);
  constexpr std::array kNames = {"tokenizer.json",          "tokenizer.model", "spiece.model",
                                 "sentencepiece.bpe.model", "vocab.json",      "vocab.txt"};
  std::vector<std::string> names;
  for (const char* name : kNames) {
    if (fs::exists(path / name)) return load_file(path / name, lowercase);
    names.emplace_back(name);
  }
  throw Error(
      ErrorCode::kNotFound,
      path.string() + ": no tokenizer in this folder: expected one of " + join(names, ", "));
}

}  // namespace braid
