// The rules of the tree that no compiler checks: who may include whom, what stays free of torch,
// how long a file may be, what a family's all.def must name.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestFile = 400;  // lines

// A folder may include lower levels and itself, never a neighbour. No exceptions so far; one would
// be named here with its reason.
const std::map<std::string, int> kLevels = {
    {"core", 0},      {"kernel", 1},    {"tensor_file", 1}, {"block", 2},    {"metric", 2},
    {"index", 2},     {"tokenizer", 2}, {"space", 3},       {"modality", 4}, {"fusion", 4},
    {"alignment", 4}, {"head", 4}, {"generate", 5}, {"interaction", 4}, {"encoder", 5},  {"data", 5},
    {"demo_data", 5}, {"recipe", 6},    {"task", 7},        {"report", 7},   {"run", 8},
    {"train", 9},     {"engine", 10},   {"study", 11},    {"cli", 12}};

const std::set<std::string> kTorchFree = {"core",   "kernel", "tensor_file", "metric",
                                          "index",  "data",   "tokenizer",   "modality",
                                          "recipe", "report", "demo_data",   "run",
                                          "cli"};

struct Source {
  std::string path;                   // "braid/core/error.h"
  std::vector<std::string> includes;  // as written, brackets and quotes taken off
  size_t lines = 0;
  std::string text;
};

std::map<std::string, Source> read_tree() {
  const fs::path root = BRAID_SOURCE_DIR;
  const std::regex include(R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])");
  std::map<std::string, Source> tree;
  for (const auto& entry : fs::recursive_directory_iterator(root / "braid")) {
    if (!entry.is_regular_file()) continue;
    Source source;
    source.path = fs::relative(entry.path(), root).generic_string();
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line); ++source.lines) {
      std::smatch found;
      if (std::regex_search(line, found, include)) source.includes.push_back(found[1]);
      source.text += line + "\n";
    }
    tree.emplace(source.path, std::move(source));
  }
  return tree;
}

const std::map<std::string, Source>& tree() {
  static const auto read = read_tree();
  return read;
}

// "core" of "braid/core/error.h"; "" of "braid/braid.h".
std::string folder_of(const std::string& path) {
  const size_t begin = path.find('/') + 1;
  const size_t end = path.find('/', begin);
  return end == std::string::npos ? "" : path.substr(begin, end - begin);
}

bool is_torch(const std::string& include) {
  return include.starts_with("torch/") || include.starts_with("ATen/") ||
         include.starts_with("c10/");
}

// "a.h > b.h > torch/types.h", or nothing.
std::optional<std::string> way_to_torch(const std::string& path, std::set<std::string>& seen) {
  if (!seen.insert(path).second) return std::nullopt;
  const auto found = tree().find(path);
  if (found == tree().end()) return std::nullopt;  // generated, or missing: the compiler knows
  for (const auto& include : found->second.includes) {
    if (is_torch(include)) return path + " > " + include;
    if (const auto way = way_to_torch(include, seen)) return path + " > " + *way;
  }
  return std::nullopt;
}

void expect_torch_free(const std::string& path) {
  std::set<std::string> seen;
  const auto way = way_to_torch(path, seen);
  EXPECT_FALSE(way) << *way;
}

// Names of the members that a family's all.def lists.
std::set<std::string> listed_members(const Source& definition) {
  const std::regex line(R"(\nBRAID_[A-Z_]+\(\s*(\w+))");
  const std::string text = "\n" + definition.text;
  std::set<std::string> names;
  for (std::sregex_iterator it(text.begin(), text.end(), line), end; it != end; ++it) {
    names.insert((*it)[1]);
  }
  return names;
}

TEST(Layers, EveryFolderHasALevel) {
  for (const auto& [path, source] : tree()) {
    const auto folder = folder_of(path);
    if (folder.empty()) continue;
    EXPECT_TRUE(kLevels.contains(folder)) << path;
  }
}

TEST(Layers, NoFileIncludesItsOwnLevelOrAHigherOne) {
  int checked = 0;
  for (const auto& [path, source] : tree()) {
    const auto from = folder_of(path);
    if (from.empty()) continue;
    for (const auto& include : source.includes) {
      if (!include.starts_with("braid/")) continue;
      const auto to = folder_of(include);
      if (to == from || include == "braid/version.h") continue;
      if (to.empty()) {  // the public face, made of the engine
        EXPECT_EQ(from, "engine") << path << " includes " << include;
        continue;
      }
      ASSERT_TRUE(kLevels.contains(to)) << path << " includes " << include;
      EXPECT_LT(kLevels.at(to), kLevels.at(from)) << path << " includes " << include;
      ++checked;
    }
  }
  EXPECT_GT(checked, 100);
}

TEST(Layers, QuotedIncludesStartFromTheRoot) {
  const std::regex quoted(R"re(\n\s*#\s*include\s*"([^"]+)")re");
  for (const auto& [path, source] : tree()) {
    const std::string text = "\n" + source.text;
    for (std::sregex_iterator it(text.begin(), text.end(), quoted), end; it != end; ++it) {
      EXPECT_EQ((*it)[1].str().rfind("braid/", 0), 0u) << path << ": " << (*it)[1];
    }
  }
}

TEST(Layers, TheTorchFreeHalfNeverReachesTorch) {
  for (const auto& [path, source] : tree()) {
    if (kTorchFree.contains(folder_of(path))) expect_torch_free(path);
  }
  expect_torch_free("braid/braid.h");
  expect_torch_free("braid/engine/api.h");
  expect_torch_free("braid/space/projection_config.h");
}

TEST(Layers, ConfigHeadersOfMembersAreTorchFree) {
  for (const auto& [path, source] : tree()) {
    if (!path.ends_with("/all.def")) continue;
    for (const auto& name : listed_members(source)) {
      expect_torch_free("braid/" + folder_of(path) + "/" + name + ".h");
    }
  }
}

TEST(Layers, TheWalkFindsTorchWhereItIs) {
  std::set<std::string> seen;
  EXPECT_TRUE(way_to_torch("braid/task/model.h", seen));
}

TEST(Layers, PublicHeaderNeedsCoreOnly) {
  for (const auto& include : tree().at("braid/braid.h").includes) {
    if (!include.starts_with("braid/")) continue;
    EXPECT_EQ(folder_of(include), "core") << include;
  }
}

TEST(Layers, NoFileIsLongerThanFourHundredLines) {
  for (const auto& [path, source] : tree()) EXPECT_LE(source.lines, kLongestFile) << path;
}

TEST(Layers, EveryMemberHasALineAndEveryLineAMember) {
  int members = 0;
  for (const auto& [path, source] : tree()) {
    if (!path.ends_with("/all.def")) continue;
    const auto family = folder_of(path);
    const auto listed = listed_members(source);
    EXPECT_FALSE(listed.empty()) << path;
    for (const auto& name : listed) {
      for (const char* suffix : {".h", ".cpp"}) {
        EXPECT_TRUE(tree().contains("braid/" + family + "/" + name + suffix))
            << path << ": " << name;
      }
      ++members;
    }
    for (const auto& [other, text] : tree()) {
      const auto stem = fs::path(other).stem().string();
      if (other != "braid/" + family + "/" + stem + ".cpp" || stem == family) continue;
      if (text.text.find(" make_" + stem + "(") == std::string::npos) continue;  // a helper
      EXPECT_TRUE(listed.contains(stem)) << other << " is not in " << path;
    }
  }
  EXPECT_GE(members, 8);
}

// What runs as a whole program is tested in tests/slow instead of in a folder of its own.
TEST(Layers, TestsMirrorTheTree) {
  const std::set<std::string> whole = {"cli"};
  const std::set<std::string> extra = {"device", "fuzz", "golden", "layers", "slow"};
  const fs::path tests = fs::path(BRAID_SOURCE_DIR) / "tests";
  std::set<std::string> folders;
  for (const auto& [path, source] : tree()) {
    const auto folder = folder_of(path);
    if (!folder.empty()) folders.insert(folder);
  }
  for (const auto& folder : folders) {
    EXPECT_TRUE(whole.contains(folder) || fs::exists(tests / folder)) << folder << " has no tests";
  }
  for (const auto& entry : fs::directory_iterator(tests)) {
    const auto name = entry.path().filename().string();
    if (!entry.is_directory() || extra.contains(name)) continue;
    EXPECT_TRUE(folders.contains(name)) << "tests/" << name << " mirrors no folder";
  }
}

}  // namespace
}  // namespace braid
