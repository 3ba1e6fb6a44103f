// What the tests of data/ share: a folder of their own, hand-made tars, a modality that is easy to
// reckon with.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/data/dataset.h"
#include "braid/data/loader.h"

namespace braid::data_test {

namespace fs = std::filesystem;

class DataTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / ("braid_data_" + std::to_string(::getpid()) + "_" +
                                              info->test_suite_name() + "_" + info->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path write(const std::string& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    write_atomic(folder_ / name, text);
    return folder_ / name;
  }

  fs::path folder_;
};

inline DataConfig one_manifest(const std::string& name) {
  DataConfig config;
  config.manifest = {name};
  return config;
}

inline FieldSource text_field(const std::string& column) {
  return {"text", "text", {{"", {column}}}};
}
inline FieldSource image_field(const std::string& column) {
  return {"image", "image", {{"", {column}}}};
}

inline std::vector<std::string> texts_of(const std::vector<Value>& values) {
  std::vector<std::string> texts;
  for (const auto& value : values) texts.push_back(value.text);
  return texts;
}

inline std::string bytes_of(const Value& value) {
  return std::string(as_text(fetch(value, 1 << 20)));
}

// Runs `action`, expects Error(code) whose message has every part.
template <class Action>
void expect_error(ErrorCode code, const std::vector<std::string>& parts, Action action) {
  try {
    action();
    FAIL() << "no error";
  } catch (const Error& problem) {
    EXPECT_EQ(error_name(problem.code()), std::string(error_name(code))) << problem.what();
    for (const auto& part : parts) {
      EXPECT_NE(std::string(problem.what()).find(part), std::string::npos)
          << "'" << part << "' not in: " << problem.what();
    }
  }
}

// One ustar member, without the two empty blocks that end a tar.
inline std::string tar_member(const std::string& name, const std::string& content,
                              char type = '0') {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  const auto put = [&](size_t at, const char* format, unsigned long long value) {
    char digits[16];
    const int size = std::snprintf(digits, sizeof digits, format, value);
    header.replace(at, static_cast<size_t>(size), digits);
  };
  put(100, "%07llo", 0644);
  put(108, "%07llo", 0);
  put(116, "%07llo", 0);
  put(124, "%011llo", content.size());
  put(136, "%011llo", 0);
  header[156] = type;
  header.replace(257, 8, std::string("ustar\00000", 8));
  header.replace(148, 8, 8, ' ');
  unsigned sum = 0;
  for (unsigned char c : header) sum += c;
  put(148, "%06o", sum);
  header[154] = '\0';
  return header + content + std::string((512 - content.size() % 512) % 512, '\0');
}

inline std::string tar_of(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string tar;
  for (const auto& [name, content] : members) tar += tar_member(name, content);
  return tar + std::string(1024, '\0');
}

// Text "12" is prepared to [12]; a view adds a draw below 1000 when augmented; "bad" and "" are
// refused, "broken" stands for a failing machine. Collated to [B, 1] i64.
class FakeModality final : public Modality {
 public:
  std::string_view name() const override { return "fake"; }
  Sample prepare(std::span<const std::byte> bytes) const override {
    ++prepared;
    while (hold) std::this_thread::yield();
    const std::string text(as_text(bytes));
    if (text.empty() || text == "bad")
      throw Error(ErrorCode::kInput, "expected a number, got '" + text + "'");
    if (text == "broken") throw Error(ErrorCode::kIo, "the disk is gone");
    if (text == "hungry") throw std::bad_alloc();
    const int64_t number = 1000 * std::atoll(text.c_str());
    return {Array::of<int64_t>({1}, std::span(&number, 1)), {}};
  }
  Sample augment(const Sample& sample, Rng& rng) const override {
    const int64_t number = sample.values.values<int64_t>()[0] + rng.below(1000);
    return {Array::of<int64_t>({1}, std::span(&number, 1)), {}};
  }
  Sample view(const Sample& sample) const override { return sample; }
  Sample collate(std::span<const Sample* const> views) const override {
    Array all(DType::kI64, {static_cast<int64_t>(views.size()), 1});
    for (size_t i = 0; i < views.size(); ++i) {
      if (views[i]) all.mutable_values<int64_t>()[i] = views[i]->values.values<int64_t>()[0];
    }
    return {all, {}};
  }
  uint64_t max_bytes() const override { return 1000; }

  mutable std::atomic<int64_t> prepared{0};
  std::atomic<bool> hold{false};
};

// The folder of a shared data set, or an empty path.
inline fs::path shared_data(const std::string& name) {
  const char* set = std::getenv("BRAID_DATA");
  const fs::path folder = fs::path(set ? set : BRAID_SOURCE_DIR "/../shared/data") / name;
  return fs::exists(folder) ? folder : fs::path();
}

}  // namespace braid::data_test
