// What decoding a JPEG at 1/2, 1/4 or 1/8 costs in exactness and saves in time.
//
//   bench_jpeg_scaling PHOTOS.tar|FOLDER [COUNT]
//
// Each photo is decoded whole and reduced to a short side of `keep` pixels, as `prepare` does; then
// decoded with shrink_to = factor * keep and reduced the same way. PSNR and the largest difference
// of the two are those of the kept pictures, and of the square views of half that side which
// evaluation makes of them; over photos that were shrunk at all. Times: decode and first resize, of
// the processor.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
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
  const auto start = std::clock();
  auto picture = decode_image(bytes, {.shrink_to = shrink_to});
  const int64_t shortest = std::min(picture.width, picture.height);
  const auto scaled = [&](int64_t n) { return (n * keep + shortest / 2) / shortest; };
  if (shortest > keep) picture = resize(picture, {scaled(picture.width), scaled(picture.height)});
  seconds += static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  return picture;
}

struct Distance {
  double psnr_sum = 0, psnr_least = 1e9;
  int worst = 0, photos = 0;

  void add(const Picture& a, const Picture& b) {
    double squares = 0;
    for (size_t i = 0; i < a.data.size(); ++i) {
      const int difference = std::abs(a.data[i] - b.data[i]);
      squares += difference * difference;
      worst = std::max(worst, difference);
    }
    const auto count = static_cast<double>(a.data.size());
    const double psnr = 10 * std::log10(255.0 * 255.0 * count / std::max(squares, 1e-9));
    psnr_sum += psnr;
    psnr_least = std::min(psnr_least, psnr);
    ++photos;
  }

  void print() const { std::printf("%7.1f %7.1f %6d", psnr_sum / photos, psnr_least, worst); }
};

void measure(const std::vector<Bytes>& photos, int64_t keep, double factor) {
  Distance kept, viewed;
  double whole_s = 0, shrunk_s = 0;
  const auto shrink_to = static_cast<int64_t>(factor * static_cast<double>(keep));
  for (const auto& photo : photos) {
    if (decode_image(photo, {.shrink_to = shrink_to}).width == decode_image(photo).width) continue;
    const auto wanted = reduced(photo, keep, 0, whole_s);
    const auto got = reduced(photo, keep, shrink_to, shrunk_s);
    if (wanted.data.size() != got.data.size()) continue;  // a side rounded the other way
    kept.add(wanted, got);
    const Size view{keep / 2, keep / 2};
    viewed.add(resize(wanted, view), resize(got, view));
  }
  if (kept.photos == 0) return;
  std::printf("%5lld %6.2f %7d |", static_cast<long long>(keep), factor, kept.photos);
  kept.print();
  std::printf(" |");
  viewed.print();
  std::printf(" | %8.2f %8.2f\n", 1e3 * whole_s / kept.photos, 1e3 * shrunk_s / kept.photos);
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
    std::printf("%zu photos; PSNR mean and least in dB, largest difference of 255\n",
                photos.size());
    std::printf(
        " keep factor  photos | kept: mean   least  worst | view: mean   least  worst |"
        " whole ms shrunk ms\n");
    for (const int64_t keep : {32, 48, 64, 96, 128, 224, 448}) {
      for (const double factor : {1.0, 1.5, 2.0, 3.0}) measure(photos, keep, factor);
    }
  } catch (const Error& error) {
    std::fprintf(stderr, "bench_jpeg_scaling: %s\n", error.what());
    return 1;
  }
  return 0;
}
