// WebDataset: a tar whose members are grouped into samples by name. Of a plain tar only the headers
// are walked and the text members are read from it when their row is asked for; of a compressed one
// the rows, not the pictures, are kept in memory.
#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/data/archive_stream.h"
#include "braid/data/file_cache.h"
#include "braid/data/layout/layout.h"
#include "braid/data/layout/row_pool.h"
#include "braid/data/layout/sample_group.h"
#include "braid/core/reference.h"
#include "braid/data/tar_index.h"

namespace braid {
namespace {

constexpr uint64_t kTarBlock = 512;

class PlainShard final : public Table {
 public:
  explicit PlainShard(const TableInput& input)
      : path_(input.path.string()),
        max_bytes_(static_cast<uint64_t>(input.max_row_bytes)),
        index_(tar_index(input.path)) {
    if (!index_->damage().empty()) {
      throw Error(ErrorCode::kInput, path_ + ": damaged or cut off after " +
                                         std::to_string(index_->size()) +
                                         " members: " + index_->damage());
    }
    if (!index_->link().empty()) {
      throw Error(ErrorCode::kInput, path_ + ": member '" + index_->link() +
                                         "' is a link or a device, expected a file");
    }
    check_end(input.path);
    SampleChecker checker(path_, input.keep_unpaired);
    for (uint32_t i = 0; i < index_->size(); ++i) {
      if (is_hidden_member(index_->name(i))) continue;
      if (checker.starts_sample(split_member_name(index_->name(i), path_))) begins_.push_back(i);
    }
    checker.finish();
  }

  int64_t size() const override { return static_cast<int64_t>(begins_.size()); }

  Row row(int64_t i) const override {
    std::vector<SampleMember> members;
    uint64_t bytes = 0;
    for (uint32_t m = begin_of(i); m < begin_of(i + 1); ++m) {
      if (is_hidden_member(index_->name(m))) continue;
      auto& member = members.emplace_back();
      member.name = index_->name(m);
      if (!is_inline_column(split_member_name(member.name, path_).column)) continue;
      const auto& place = index_->member(m);
      bytes += place.size;
      if (bytes > max_bytes_) {
        throw Error(ErrorCode::kLimit, path_ + "#" + member.name + ": texts of " +
                                           std::to_string(bytes) + " bytes are over the limit of " +
                                           std::to_string(max_bytes_) + " (data.max_row_bytes)");
      }
      member.content = as_text(read_range(path_, place.offset, place.size));
    }
    return sample_row(members, path_);
  }

  std::string mark(int64_t i) const override {
    return "#" + std::string(split_member_name(index_->name(begin_of(i)), path_).key);
  }

  std::string content_hash() const override {
    std::string all;
    for (size_t i = 0; i < index_->size(); ++i) {
      all += std::string(index_->name(i)) + " " + std::to_string(index_->member(i).size) + "\n";
    }
    for (int64_t i = 0; i < size(); ++i) all += braid::content_hash(row(i).dump()) + "\n";
    return braid::content_hash(all);
  }

  bool holds_files() const override { return true; }

 private:
  // A tar that was cut off between two members looks whole but for its end.
  void check_end(const std::filesystem::path& path) const {
    if (index_->size() == 0) return;
    const auto& last = index_->member(index_->size() - 1);
    const uint64_t end = (last.offset + last.size + kTarBlock - 1) / kTarBlock * kTarBlock;
    if (stamp_of(path).size >= end + kTarBlock) return;
    throw Error(ErrorCode::kInput, path_ + ": cut off after " + std::to_string(index_->size()) +
                                       " members: the empty block that ends a tar is missing");
  }

  uint32_t begin_of(int64_t i) const {
    const auto at = static_cast<size_t>(i);
    return at < begins_.size() ? begins_[at] : static_cast<uint32_t>(index_->size());
  }

  std::string path_;
  uint64_t max_bytes_;
  std::shared_ptr<const TarIndex> index_;
  std::vector<uint32_t> begins_;  // first member of each sample
};

class PackedShard final : public Table {
 public:
  explicit PackedShard(const TableInput& input) : path_(input.path.string()) {
    ArchiveStream stream(input.path, ArchiveFormat::kTar);
    SampleChecker checker(path_, input.keep_unpaired);
    std::vector<SampleMember> members;
    uint64_t left = 0;  // bytes of text that the sample may still have
    while (stream.next()) {
      if (is_hidden_member(stream.name())) continue;
      const auto name = split_member_name(stream.name(), path_);
      if (checker.starts_sample(name)) {
        add(members);
        left = static_cast<uint64_t>(input.max_row_bytes);
      }
      auto& member = members.emplace_back(SampleMember{stream.name(), ""});
      if (is_inline_column(name.column)) member.content = stream.read(left);
      left -= member.content.size();
    }
    add(members);
    checker.finish();
  }

  int64_t size() const override { return rows_.size(); }
  Row row(int64_t i) const override { return rows_.row(i); }
  std::string mark(int64_t i) const override {
    return "#" + row(i).at("__key__").get<std::string>();
  }
  std::string content_hash() const override { return rows_.content_hash(); }
  bool holds_files() const override { return true; }
  bool in_order_only() const override { return true; }

 private:
  void add(std::vector<SampleMember>& members) {
    if (!members.empty()) rows_.append(sample_row(members, path_));
    members.clear();
  }

  std::string path_;
  RowPool rows_;
};

}  // namespace

std::unique_ptr<Table> make_shards(const TableInput& input) {
  if (is_packed_tar_name(input.path.string())) return std::make_unique<PackedShard>(input);
  return std::make_unique<PlainShard>(input);
}

}  // namespace braid
