// Photos into batches: the first epoch, which decodes them and fills the cache on disk, beside the
// second, which finds them there; on one thread, as many rounds as are asked for, each with an empty
// cache of its own.
//
//   bench_loading MANIFEST [ROUNDS [SIZE... [WIDTHxHEIGHT]]]
//
// MANIFEST has a column `image`; with WIDTHxHEIGHT, its first 1000 photos are enlarged to that, with
// grain so that they weigh what photos of that size weigh, quality 85. Rows: `values`, from the file to the prepared picture and no
// further; `plain`, whole batches of unchanged views; `views`, of the recipe's random ones. Once
// with nothing kept in memory, once with the defaults. Seconds of wall and, in brackets, of
// processor time; medians.
#include <malloc.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/serve.h"
#include "braid/core/config.h"
#include "braid/core/file.h"
#include "braid/core/rng.h"
#include "braid/data/load_value.h"
#include "braid/data/loader.h"
#include "braid/data/sample_store.h"
#include "braid/modality/picture/decode.h"
#include "braid/modality/picture/encode.h"
#include "braid/modality/picture/resize.h"

namespace {

using namespace braid;
namespace fs = std::filesystem;

constexpr int64_t kCacheBytes = int64_t{8} << 30;

struct Spent {
  double wall_s = 0, cpu_s = 0;
};

Spent time_of(const std::function<void()>& action) {
  const auto begin = std::chrono::steady_clock::now();
  const auto own = std::clock();
  action();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
          static_cast<double>(std::clock() - own) / CLOCKS_PER_SEC};
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "bench_loading_XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error(name + ": cannot make");
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }
  std::shared_ptr<SampleStore> store(const std::string& key) const {
    return std::make_shared<SampleStore>(path_, key, CacheRoom({path_}, kCacheBytes),
                                         [](const std::string& problem) {
                                           throw std::runtime_error(problem);
                                         });
  }

 private:
  fs::path path_;
};

struct Photos {
  std::unique_ptr<Dataset> data;
  std::unique_ptr<Modality> modality;
  std::string key;
};

Photos open_photos(const fs::path& manifest, int64_t size) {
  const auto keys = ConfigNode::parse(
      "{kind: image, size: " + std::to_string(size) +
          ", views: {crop_scale: [0.4, 1], brightness: 0.3, contrast: 0.3, saturation: 0.3}}",
      "bench_loading");
  auto modality = make_modality("image", keys);
  DataConfig config;
  config.manifest = {fs::absolute(manifest).string()};
  auto data = open_dataset(config, {{"image", "image", {{"", {"image"}}}}}, fs::current_path());
  auto key = sample_key(keys, *modality);
  return {std::move(data), std::move(modality), std::move(key)};
}

// Writes the enlarged photos and their manifest.
fs::path enlarge(const fs::path& manifest, int64_t width, int64_t height, const fs::path& folder) {
  const auto photos = open_photos(manifest, 64);
  const int64_t count = std::min<int64_t>(1000, photos.data->size());
  std::string rows;
  for (int64_t row = 0; row < count; ++row) {
    const auto bytes = fetch(photos.data->values(row, 0, 0).at(0), uint64_t{1} << 26);
    const auto picture =
        decode_image(bytes, {.max_bytes = uint64_t{1} << 26, .max_pixels = 1 << 26});
    auto large = resize(picture, {width, height}, {.filter = ResizeFilter::kBicubic});
    Rng rng(0, 0, row, "grain");
    for (size_t i = 0; i + 2 < large.data.size(); i += 3) {
      const double grain = 6 * rng.normal();
      for (size_t c = 0; c < 3; ++c) {
        large.data[i + c] =
            static_cast<uint8_t>(std::clamp(large.data[i + c] + grain, 0.0, 255.0));
      }
    }
    const auto name = std::to_string(row) + ".jpg";
    write_atomic(folder / name, encode_jpeg(large));
    rows += "{\"image\": \"" + name + "\"}\n";
  }
  write_atomic(folder / "photos.jsonl", rows);
  return folder / "photos.jsonl";
}

// Both epochs of one round.
using Round = std::function<std::pair<Spent, Spent>()>;

void print_row(const std::string& name, int64_t size, int64_t rows, int rounds,
               const Round& round) {
  std::vector<double> first, second, ratio, first_cpu, second_cpu, ratio_cpu;
  for (int i = 0; i < rounds; ++i) {
    const auto [a, b] = round();
    first.push_back(static_cast<double>(rows) / a.wall_s);
    second.push_back(static_cast<double>(rows) / b.wall_s);
    ratio.push_back(a.wall_s / b.wall_s);
    first_cpu.push_back(static_cast<double>(rows) / a.cpu_s);
    second_cpu.push_back(static_cast<double>(rows) / b.cpu_s);
    ratio_cpu.push_back(a.cpu_s / b.cpu_s);
  }
  std::printf("%4lld px  %-28s %7.0f (%.0f)  %8.0f (%.0f)  %6.2f (%.2f)\n",
              static_cast<long long>(size), name.c_str(), median(first), median(first_cpu),
              median(second), median(second_cpu), median(ratio), median(ratio_cpu));
  std::fflush(stdout);
}

void measure(const fs::path& manifest, int64_t size, int rounds) {
  const auto photos = open_photos(manifest, size);
  const auto rows = photos.data->rows("");
  const auto count = static_cast<int64_t>(rows.size());
  print_row("values", size, count, rounds, [&] {
    const Folder folder;
    const auto store = folder.store(photos.key);
    uint64_t touched = 0;
    const auto epoch = [&] {
      store->refresh();
      for (const int64_t row : rows) {
        const auto loaded =
            load_value(photos.data->values(row, 0, 0).at(0), *photos.modality, store.get());
        touched += loaded.value.hash;
      }
    };
    const auto first = time_of(epoch);
    return std::pair{first, time_of(epoch)};
  });
  const auto batches = [&](bool augment, int64_t memory) {
    return [&, augment, memory] {
      const Folder folder;
      LoaderConfig config;
      config.batch = 64;
      config.workers = 0;
      config.augment = augment;
      config.cache_bytes = memory;
      config.stored = {folder.store(photos.key)};
      const auto loader = make_loader(*photos.data, rows, {photos.modality.get()}, config);
      int64_t number = 0;
      const auto epoch = [&] {
        loader->start(number++, 0);
        while (loader->next()) {
        }
      };
      const auto first = time_of(epoch);
      return std::pair{first, time_of(epoch)};
    };
  };
  print_row("plain, nothing in memory", size, count, rounds, batches(false, 0));
  print_row("views, nothing in memory", size, count, rounds, batches(true, 0));
  print_row("views, defaults", size, count, rounds, batches(true, int64_t{1} << 30));
}

void run(int count, char** arguments) {
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);  // as the program does
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
  ::mallopt(M_TOP_PAD, 64 << 20);
  const int rounds = count > 2 ? std::max(1, std::atoi(arguments[2])) : 3;
  fs::path manifest = arguments[1];
  const Folder folder;
  std::vector<int64_t> sizes;
  for (int i = 3; i < count; ++i) {
    long long first = 0, second = 0;
    const int read = std::sscanf(arguments[i], "%lldx%lld", &first, &second);
    if (read == 1) sizes.push_back(first);
    if (read == 2) manifest = enlarge(arguments[1], first, second, folder.path());
  }
  if (sizes.empty()) sizes = {64, 224};
  std::printf("%-37s %-15s %-17s %s\n", "photos/s: wall (processor)", "first epoch", "second epoch",
              "ratio");
  for (const int64_t size : sizes) measure(manifest, size, rounds);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: bench_loading MANIFEST [ROUNDS [SIZE... [WIDTHxHEIGHT]]]\n");
    return 2;
  }
  return braid::bench::guarded("bench_loading", [&] { run(count, arguments); });
}
