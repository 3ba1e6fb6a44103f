#include "braid/modality/sound/encode.h"

#include <sndfile.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "braid/core/error.h"

namespace braid {
namespace {

struct WrittenBytes {
  Bytes bytes;
  size_t at = 0;
};

WrittenBytes& written(void* user) { return *static_cast<WrittenBytes*>(user); }

sf_count_t written_size(void* user) { return static_cast<sf_count_t>(written(user).bytes.size()); }

sf_count_t seek_written(sf_count_t offset, int whence, void* user) {
  auto& out = written(user);
  const auto from = whence == SEEK_SET   ? 0
                    : whence == SEEK_CUR ? static_cast<sf_count_t>(out.at)
                                         : written_size(user);
  out.at = static_cast<size_t>(std::max<sf_count_t>(from + offset, 0));
  return static_cast<sf_count_t>(out.at);
}

sf_count_t read_written(void* target, sf_count_t count, void* user) {
  auto& out = written(user);
  const size_t left = out.bytes.size() - std::min(out.at, out.bytes.size());
  const size_t n = std::min(static_cast<size_t>(count), left);
  if (n) std::memcpy(target, out.bytes.data() + out.at, n);
  out.at += n;
  return static_cast<sf_count_t>(n);
}

sf_count_t write_more(const void* source, sf_count_t count, void* user) {
  auto& out = written(user);
  const auto n = static_cast<size_t>(count);
  out.bytes.resize(std::max(out.bytes.size(), out.at + n));
  if (n) std::memcpy(out.bytes.data() + out.at, source, n);
  out.at += n;
  return count;
}

sf_count_t written_place(void* user) { return static_cast<sf_count_t>(written(user).at); }

}  // namespace

Bytes encode_flac(std::span<const float> samples, int64_t rate) {
  if (samples.empty()) throw Error(ErrorCode::kInternal, "encode_flac: no sample");
  WrittenBytes out;
  SF_VIRTUAL_IO io{written_size, seek_written, read_written, write_more, written_place};
  SF_INFO info{};
  info.channels = 1;
  info.samplerate = static_cast<int>(rate);
  info.format = SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
  SNDFILE* file = sf_open_virtual(&io, SFM_WRITE, &info, &out);
  if (!file) throw Error(ErrorCode::kInternal, std::string("encode_flac: ") + sf_strerror(nullptr));
  sf_command(file, SFC_SET_CLIPPING, nullptr, SF_TRUE);
  const auto count = static_cast<sf_count_t>(samples.size());
  const auto done = sf_writef_float(file, samples.data(), count);
  sf_close(file);
  if (done != count) throw Error(ErrorCode::kInternal, "encode_flac: not all samples were taken");
  return std::move(out.bytes);
}

}  // namespace braid
