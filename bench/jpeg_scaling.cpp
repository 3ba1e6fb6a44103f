// What decoding a JPEG at 1/2, 1/4 or 1/8 costs in exactness and saves in time.
//
//   bench_jpeg_scaling PHOTOS.tar|FOLDER [COUNT]
//
// Each photo is decoded whole and reduced to a short side of `keep` pixels, as `prepare` does; then
// decoded with shrink_to = factor * keep and reduced the same way. PSNR and the largest difference
// are those of the two results, over photos that were shrunk at all; times are of decode and
// resize.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/modality/picture/decode.h"
#include "braid/modality/picture/resize.h"

namespace {

using namespace braid;

// JPEG files of a folder, or of a plain tar, whose members begin at multiples of 512 bytes.
std::vector<Bytes> read_photos(const std::filesystem::path& path, size_t count) {
  std::vector<Bytes> photos;
  const auto keep = [&](Bytes bytes) {
    if (photos.size() < count && as_text(bytes).starts_with("\xff\xd8\xff")) {
      photos.push_back(std::move(bytes));
    }
  };
  if (std::filesystem::is_directory(path)) {
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      if (entry.is_regular_file()) keep(read_file(entry.path()));
    }
    return photos;
  }
  const auto tar = read_file(path);
  for (size_t at = 0; at + 512 <= tar.size() && photos.size() < count;) {
    const auto size = std::strtoull(as_text(tar).substr(at + 124, 12).data(), nullptr, 8);
    const size_t begin = at + 512;
    if (begin + size > tar.size()) break;
    keep(Bytes(tar.begin() + begin, tar.begin() + begin + size));
    at = begin + (size + 511) / 512 * 512;
  }
  return photos;
}

Picture reduced(const Bytes& bytes, int64_t keep, int64_t shrink_to, double& seconds) {
  const auto start = std::chrono::steady_clock::now();
  auto picture = decode_image(bytes, {.shrink_to = shrink_to});
  const int64_t shortest = std::min(picture.width, picture.height);
  const auto scaled = [&](int64_t n) { return (n * keep + shortest / 2) / shortest; };
  if (shortest > keep) picture = resize(picture, {scaled(picture.width), scaled(picture.height)});
  seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return picture;
}

struct Distance {
  double psnr_sum = 0, psnr_least = 1e9, mean_sum = 0;
  int worst = 0, photos = 0;

  void add(const Picture& a, const Picture& b) {
    double squares = 0, sum = 0;
    for (size_t i = 0; i < a.data.size(); ++i) {
      const int difference = std::abs(a.data[i] - b.data[i]);
      squares += difference * difference;
      sum += difference;
      worst = std::max(worst, difference);
    }
    const auto count = static_cast<double>(a.data.size());
    const double psnr = 10 * std::log10(255.0 * 255.0 * count / std::max(squares, 1e-9));
    psnr_sum += psnr;
    psnr_least = std::min(psnr_least, psnr);
    mean_sum += sum / count;
    ++photos;
  }
};

void measure(const std::vector<Bytes>& photos, int64_t keep, double factor) {
  Distance distance;
  double whole_s = 0, shrunk_s = 0;
  const auto shrink_to = static_cast<int64_t>(factor * static_cast<double>(keep));
  for (const auto& photo : photos) {
    const auto header = decode_image(photo);
    const auto shrunk = decode_image(photo, {.shrink_to = shrink_to});
    if (shrunk.width == header.width) continue;
    const auto wanted = reduced(photo, keep, 0, whole_s);
    const auto got = reduced(photo, keep, shrink_to, shrunk_s);
    if (wanted.data.size() != got.data.size()) continue;  // a side rounded the other way
    distance.add(wanted, got);
  }
  if (distance.photos == 0) return;
  const double n = distance.photos;
  std::printf("%5lld %6.2f %7d %9.1f %9.1f %8.2f %7d %9.2f %9.2f\n", static_cast<long long>(keep),
              factor, distance.photos, distance.psnr_sum / n, distance.psnr_least,
              distance.mean_sum / n, distance.worst, 1e3 * whole_s / n, 1e3 * shrunk_s / n);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: bench_jpeg_scaling PHOTOS.tar|FOLDER [COUNT]\n");
    return 2;
  }
  try {
    const auto photos =
        read_photos(arguments[1], count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 100);
    std::printf(
        "%zu photos\n keep factor  photos PSNR mean  PSNR min mean |d| max |d|  whole ms shrunk "
        "ms\n",
        photos.size());
    for (const int64_t keep : {32, 48, 64, 96, 128, 224}) {
      for (const double factor : {1.0, 1.25, 1.5, 2.0, 3.0, 4.0}) measure(photos, keep, factor);
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "bench_jpeg_scaling: %s\n", error.what());
    return 1;
  }
  return 0;
}
