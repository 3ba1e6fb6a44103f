// JPEG -> square of 224 -> normalised planes, as `braid embed` reads a photo, on one thread.
//
//   bench_pictures FOLDER [SIZE]
//
// FOLDER holds *.jpg. One measure = all of them. Compared: mean and standard deviation of the first
// photo's planes and some of its values.
#include <algorithm>
#include <filesystem>
#include <vector>

#include "bench/serve.h"
#include "braid/core/config.h"
#include "braid/core/file.h"
#include "braid/modality/modality.h"

namespace {

using namespace braid;

void run(const std::filesystem::path& folder, const std::string& size) {
  std::vector<std::filesystem::path> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".jpg") names.push_back(entry.path());
  }
  std::ranges::sort(names);
  std::vector<Bytes> files;
  for (const auto& name : names) files.push_back(read_file(name));
  const auto modality = make_modality(
      "image", ConfigNode::parse("{kind: image, size: " + size + ", keep_side: " + size +
                                ", fit: crop, mean: [0.5], std: [0.5]}",
                            "bench_pictures"));
  const auto view = [&](const Bytes& file) { return modality->view(modality->prepare(file)); };
  bench::serve(
      [&]() -> int64_t {
        for (const auto& file : files) view(file);
        return static_cast<int64_t>(files.size());
      },
      [&] {
        const auto sample = view(files.at(0));
        const auto values = sample.values.values<float>();
        return nlohmann::json{{"values", std::vector<float>(values.begin(), values.end())}};
      });
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: bench_pictures FOLDER [SIZE]\n");
    return 2;
  }
  return braid::bench::guarded("bench_pictures",
                               [&] { run(arguments[1], count > 2 ? arguments[2] : "224"); });
}
