// Runs a fuzz target over its seeds, once and without libFuzzer: what fuzzing found stays fixed.
//
//   replay_fuzz NAME [FILE...]      FILE...: these instead of the seeds
//
// Seeds are the files of seeds/NAME/ and those that the patterns in NAME.seeds match, below the
// source tree and below $BRAID_DATA (default: ../shared/data beside the tree).
#include <glob.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#define BRAID_FUZZ_TARGET(name) extern "C" int fuzz_##name(const uint8_t* data, size_t size);
#include "fuzz_targets.def"
#undef BRAID_FUZZ_TARGET

namespace {

namespace fs = std::filesystem;

using Target = int (*)(const uint8_t* data, size_t size);

Target find_target(const std::string& wanted) {
#define BRAID_FUZZ_TARGET(name) \
  if (wanted == #name) return fuzz_##name;
#include "fuzz_targets.def"
#undef BRAID_FUZZ_TARGET
  return nullptr;
}

std::vector<fs::path> matches(const std::string& pattern) {
  glob_t found{};
  std::vector<fs::path> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  return paths;
}

std::vector<fs::path> seeds_of(const std::string& name) {
  const std::string tree = BRAID_SOURCE_DIR;
  const char* data = std::getenv("BRAID_DATA");
  const std::string folder = tree + "/tests/fuzz/";
  auto seeds = matches(folder + "seeds/" + name + "/*");
  std::ifstream patterns(folder + name + ".seeds");
  for (std::string pattern; std::getline(patterns, pattern);) {
    for (const auto& root : {tree, data ? std::string(data) : tree + "/../shared/data"}) {
      const auto more = matches(root + "/" + pattern);
      seeds.insert(seeds.end(), more.begin(), more.end());
    }
  }
  return seeds;
}

int replay(const std::string& name, Target target, const std::vector<fs::path>& seeds) {
  int bad = 0;
  target(nullptr, 0);
  for (const auto& seed : seeds) {
    std::ifstream in(seed, std::ios::binary);
    // Exactly as large as its content: a read behind the end is then a read behind the block.
    const std::vector<char> text((std::istreambuf_iterator<char>(in)), {});
    try {
      target(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: not a braid::Error: %s\n", seed.c_str(), error.what());
      ++bad;
    }
  }
  std::printf("%s: %zu seeds, %d bad\n", name.c_str(), seeds.size(), bad);
  return bad == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string name = count > 1 ? arguments[1] : "";
  const auto target = find_target(name);
  if (!target) {
    std::fprintf(stderr, "replay_fuzz NAME [FILE...]: no target '%s'\n", name.c_str());
    return 2;
  }
  const bool given = count > 2;
  return replay(name, target,
                given ? std::vector<fs::path>(arguments + 2, arguments + count) : seeds_of(name));
}
