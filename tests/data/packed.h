// Compressed bytes, array files: what tests of layouts are made of.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <string>
#include <vector>

#include "data_test.h"

namespace braid::data_test {

// `bytes` as .gz or .zst.
inline std::string packed(const std::string& bytes, bool zst = false) {
  std::string out(bytes.size() + 4096, '\0');
  size_t used = 0;
  archive* writer = archive_write_new();
  archive_write_set_format_raw(writer);
  zst ? archive_write_add_filter_zstd(writer) : archive_write_add_filter_gzip(writer);
  archive_write_set_bytes_in_last_block(writer, 1);
  archive_write_open_memory(writer, out.data(), out.size(), &used);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(writer, entry);
  archive_write_data(writer, bytes.data(), bytes.size());
  archive_entry_free(entry);
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

// An IDX file of bytes.
inline std::string idx_of(const std::vector<uint32_t>& shape, const std::string& numbers) {
  std::string out{'\0', '\0', '\x08', static_cast<char>(shape.size())};
  for (const uint32_t size : shape) {
    for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(size >> shift);
  }
  return out + numbers;
}

inline std::vector<std::string> row_texts(const Dataset& data) {
  std::vector<std::string> rows;
  for (int64_t row = 0; row < data.size(); ++row) rows.push_back(data.row_json(row));
  return rows;
}

}  // namespace braid::data_test
