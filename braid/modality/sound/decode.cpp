#include "braid/modality/sound/decode.h"

#include <sndfile.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/modality/sound/mono.h"
#include "braid/modality/sound/riff.h"

namespace braid {
namespace {

constexpr int64_t kBlockFrames = 4096;

struct SoundBytes {
  std::span<const std::byte> all;
  int64_t at = 0;
};

sf_count_t length_of(void* file) {
  return static_cast<sf_count_t>(static_cast<SoundBytes*>(file)->all.size());
}

sf_count_t seek_in(sf_count_t offset, int whence, void* file) {
  auto& bytes = *static_cast<SoundBytes*>(file);
  const auto size = static_cast<int64_t>(bytes.all.size());
  const int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? bytes.at : size;
  if (offset >= -base && offset <= size - base) bytes.at = base + offset;
  return bytes.at;
}

sf_count_t read_from(void* to, sf_count_t count, void* file) {
  auto& bytes = *static_cast<SoundBytes*>(file);
  const auto left = static_cast<int64_t>(bytes.all.size()) - bytes.at;
  const auto n = std::clamp<int64_t>(count, 0, left);
  std::memcpy(to, bytes.all.data() + bytes.at, static_cast<size_t>(n));
  bytes.at += n;
  return n;
}

sf_count_t write_nothing(const void*, sf_count_t, void*) { return 0; }
sf_count_t tell(void* file) { return static_cast<SoundBytes*>(file)->at; }

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

// Nothing where libsndfile does not know the format.
std::optional<std::vector<float>> decode_with_sndfile(std::span<const std::byte> bytes,
                                                      int64_t rate, const SoundLimits& limits) {
  SoundBytes source{bytes};
  SF_VIRTUAL_IO io{length_of, seek_in, read_from, write_nothing, tell};
  SF_INFO info{};
  const std::unique_ptr<SNDFILE, Close> file(sf_open_virtual(&io, SFM_READ, &info, &source));
  if (!file) {
    if (sf_error(nullptr) == SF_ERR_UNRECOGNISED_FORMAT) return std::nullopt;
    throw Error(ErrorCode::kInput,
                "sound: " + printable(trim(sf_strerror(nullptr))) + " (libsndfile)");
  }
  Mono mono(info.channels, info.samplerate, rate, limits);
  std::vector<float> block(static_cast<size_t>(kBlockFrames * info.channels));
  int64_t frames = 0;
  while (const auto n = sf_readf_float(file.get(), block.data(), kBlockFrames)) {
    if (n < 0) break;
    mono.take({block.data(), static_cast<size_t>(n * info.channels)});
    frames += n;
  }
  if (sf_error(file.get()) != SF_ERR_NO_ERROR) {
    throw Error(ErrorCode::kInput, "sound: damaged after " + std::to_string(frames) + " frames: " +
                                       printable(trim(sf_strerror(file.get()))) + " (libsndfile)");
  }
  // What MP3 and Ogg say of their length may be off by a block; of a stream without a length the
  // library says the largest number.
  const int format = info.format & SF_FORMAT_TYPEMASK;
  const bool counted = format != SF_FORMAT_MPEG && format != SF_FORMAT_OGG;
  if (counted && frames < info.frames && info.frames < SF_COUNT_MAX) {
    throw Error(ErrorCode::kInput, "sound: damaged or cut off: " + std::to_string(frames) + " of " +
                                       std::to_string(info.frames) + " frames can be read");
  }
  return mono.finish();
}

}  // namespace

std::vector<float> decode_sound(std::span<const std::byte> bytes, int64_t rate,
                                const SoundLimits& limits) {
  if (bytes.empty()) throw Error(ErrorCode::kInput, "sound: empty");
  if (bytes.size() > limits.max_bytes) {
    throw Error(ErrorCode::kLimit, "sound: " + std::to_string(bytes.size()) + " bytes, at most " +
                                       std::to_string(limits.max_bytes) +
                                       " (max_bytes of the modality)");
  }
  expect_whole_riff(bytes);
  if (auto samples = decode_with_sndfile(bytes, rate, limits)) return std::move(*samples);
  return decode_with_av(bytes, rate, limits);
}

}  // namespace braid
