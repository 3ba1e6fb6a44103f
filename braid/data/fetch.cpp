// Reads the bytes of a value: inline text, a file, a member of a tar, a row of an array file.
#include <xxhash.h>

#include <filesystem>

#include "braid/core/error.h"
#include "braid/data/array_file.h"
#include "braid/data/dataset.h"
#include "braid/data/member_window.h"
#include "braid/core/reference.h"
#include "braid/data/tar_index.h"
#include "braid/modality/parts.h"

namespace braid {
namespace {

void check_value_limit(const std::string& what, uint64_t size, uint64_t limit) {
  if (size <= limit) return;
  throw Error(ErrorCode::kLimit, what + ": " + std::to_string(size) + " bytes, over the limit of " +
                                     std::to_string(limit));
}

// A folder, a pipe or a device in a manifest is a bad row; reading one could wait for ever.
void check_file(const std::string& name, const std::filesystem::path& file, uint64_t limit) {
  std::error_code problem;
  const auto status = std::filesystem::status(file, problem);
  if (status.type() == std::filesystem::file_type::not_found) {
    const auto place = file.string();
    throw Error(ErrorCode::kNotFound,
                name + ": no such file" + (name == place ? "" : " (looked for " + place + ")"));
  }
  if (problem) return;  // read_file says what the system has against it
  if (!std::filesystem::is_regular_file(status)) {
    throw Error(ErrorCode::kInput, name + ": not a file");
  }
  const auto size = std::filesystem::file_size(file, problem);
  if (!problem) check_value_limit(name, size, limit);
}

// Each part and all together within the limit.
Bytes fetch_parts(const std::vector<ValuePart>& values, uint64_t limit) {
  std::vector<Bytes> kept;
  std::vector<NamedPart> parts;
  for (const auto& [column, value] : values) {
    kept.push_back(fetch(value, limit));
    limit -= kept.back().size();
    parts.push_back({column, kept.back()});
  }
  return join_parts(parts);
}

}  // namespace

Bytes fetch(const Value& value, uint64_t limit) {
  const std::string& name = value.text;  // as the manifest has it
  if (value.parts) return fetch_parts(*value.parts, limit);
  if (value.file.empty()) {
    check_value_limit("text", name.size(), limit);
    const auto bytes = as_bytes(name);
    return {bytes.begin(), bytes.end()};
  }
  if (value.member.empty()) {
    check_file(name.empty() ? value.file.string() : name, value.file, limit);
    return read_file(value.file, limit);
  }
  const auto place = value.file.string();
  if (is_packed_tar_name(place)) return member_window(value.file)->read(value.member, limit);
  if (is_array_name(place)) {
    auto row = array_file(value.file)->row(value.member);
    check_value_limit(place + "#" + value.member, row.size(), limit);
    return row;
  }
  const auto member = tar_index(value.file)->find(value.member);
  check_value_limit(place + "#" + value.member, member.size, limit);
  return read_range(value.file, member.offset, member.size);
}

std::string naming(const Value& value, const std::string& problem) {
  const bool named = value.file.empty() || problem.find(value.text) != problem.npos;
  return named ? problem : value.text + ": " + problem;
}

uint64_t value_key(std::span<const std::byte> bytes) {
  const uint64_t hash = XXH3_64bits(bytes.data(), bytes.size());
  return hash ? hash : 1;
}

}  // namespace braid
