// AAC in MP4 and whatever else libav reads from memory.
#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

#include "braid/core/error.h"
#include "braid/modality/sound/av_library.h"
#include "braid/modality/sound/mono.h"

namespace braid {
namespace {

constexpr int kReadBytes = 4096;
constexpr int kMaxStreams = 16;

struct AvSource {
  std::span<const std::byte> bytes;
  int64_t at = 0;
};

int read_packet(void* opaque, uint8_t* to, int size) {
  auto& source = *static_cast<AvSource*>(opaque);
  const auto left = static_cast<int64_t>(source.bytes.size()) - source.at;
  if (left <= 0) return AVERROR_EOF;
  const auto n = std::min<int64_t>(left, size);
  std::memcpy(to, source.bytes.data() + source.at, static_cast<size_t>(n));
  source.at += n;
  return static_cast<int>(n);
}

int64_t seek_packet(void* opaque, int64_t offset, int whence) {
  auto& source = *static_cast<AvSource*>(opaque);
  const auto size = static_cast<int64_t>(source.bytes.size());
  if (whence & AVSEEK_SIZE) return size;
  const int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? source.at : size;
  if (offset < -base || offset > size - base) return AVERROR(EINVAL);
  return source.at = base + offset;
}

struct FreeIo {
  void operator()(AVIOContext* io) const {
    av().av_freep(&io->buffer);
    av().avio_context_free(&io);
  }
};
struct FreeFormat {
  void operator()(AVFormatContext* format) const { av().avformat_close_input(&format); }
};
struct FreeCodec {
  void operator()(AVCodecContext* codec) const { av().avcodec_free_context(&codec); }
};
struct FreePacket {
  void operator()(AVPacket* packet) const { av().av_packet_free(&packet); }
};
struct FreeFrame {
  void operator()(AVFrame* frame) const { av().av_frame_free(&frame); }
};

[[noreturn]] void not_sound(const std::string& why) {
  throw Error(ErrorCode::kInput, "sound: neither libsndfile nor libav can read it (" + why +
                                     "); expected WAV, FLAC, OGG, Opus, MP3, AIFF, AU or M4A");
}

std::string reason(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av().av_strerror(code, text, sizeof text);
  return text;
}

template <class T>
float sample_at(const uint8_t* data, int64_t i, double scale, double offset) {
  T value;
  std::memcpy(&value, data + i * static_cast<int64_t>(sizeof(T)), sizeof(T));
  return static_cast<float>((static_cast<double>(value) - offset) * scale);
}

float sample_of(AVSampleFormat packed, const uint8_t* data, int64_t i) {
  switch (packed) {
    case AV_SAMPLE_FMT_FLT:
      return sample_at<float>(data, i, 1, 0);
    case AV_SAMPLE_FMT_DBL:
      return sample_at<double>(data, i, 1, 0);
    case AV_SAMPLE_FMT_S16:
      return sample_at<int16_t>(data, i, 1.0 / (1 << 15), 0);
    case AV_SAMPLE_FMT_S32:
      return sample_at<int32_t>(data, i, 1.0 / (int64_t{1} << 31), 0);
    case AV_SAMPLE_FMT_U8:
      return sample_at<uint8_t>(data, i, 1.0 / (1 << 7), 1 << 7);
    default:
      not_sound("samples of an unknown kind");
  }
}

// Interleaved, whatever the decoder's layout.
void interleave(const AVFrame& frame, std::vector<float>* out) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const bool planar = av().av_sample_fmt_is_planar(format) != 0;
  const auto packed = av().av_get_packed_sample_fmt(format);
  const int64_t channels = frame.ch_layout.nb_channels;
  out->resize(static_cast<size_t>(frame.nb_samples * channels));
  for (int64_t i = 0; i < frame.nb_samples; ++i) {
    for (int64_t c = 0; c < channels; ++c) {
      (*out)[static_cast<size_t>(i * channels + c)] =
          planar ? sample_of(packed, frame.extended_data[c], i)
                 : sample_of(packed, frame.extended_data[0], i * channels + c);
    }
  }
}

class AvSound {
 public:
  explicit AvSound(std::span<const std::byte> bytes) : source_{bytes} {
    auto* buffer = static_cast<unsigned char*>(av().av_malloc(kReadBytes));
    io_.reset(
        av().avio_alloc_context(buffer, kReadBytes, 0, &source_, read_packet, nullptr,
                                seek_packet));
    auto* format = av().avformat_alloc_context();
    format->pb = io_.get();
    format->max_streams = kMaxStreams;
    if (const int code = av().avformat_open_input(&format, nullptr, nullptr, nullptr); code < 0)
      not_sound(reason(code));  // the call has freed it
    format_.reset(format);
    if (const int code = av().avformat_find_stream_info(format, nullptr); code < 0)
      not_sound(reason(code));
    const AVCodec* decoder = nullptr;
    stream_ = av().av_find_best_stream(format, AVMEDIA_TYPE_AUDIO, -1, -1, &decoder, 0);
    if (stream_ < 0 || !decoder) not_sound("no stream of sound");
    codec_.reset(av().avcodec_alloc_context3(decoder));
    av().avcodec_parameters_to_context(codec_.get(), format->streams[stream_]->codecpar);
    codec_->thread_count = 1;
    codec_->err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE;
    if (const int code = av().avcodec_open2(codec_.get(), decoder, nullptr); code < 0)
      not_sound(reason(code));
  }

  std::vector<float> decode(int64_t rate, const SoundLimits& limits) {
    while (true) {
      const int code = av().av_read_frame(format_.get(), packet_.get());
      if (code == AVERROR_EOF) break;
      if (code < 0) damaged(code);
      if (packet_->stream_index == stream_) send(packet_.get(), rate, limits);
      av().av_packet_unref(packet_.get());
    }
    send(nullptr, rate, limits);
    if (!mono_) throw Error(ErrorCode::kInput, "sound: holds no sample");
    return mono_->finish();
  }

 private:
  [[noreturn]] static void damaged(int code) {
    throw Error(ErrorCode::kInput, "sound: damaged: " + reason(code) + " (libav)");
  }

  void send(const AVPacket* packet, int64_t rate, const SoundLimits& limits) {
    const int sent = av().avcodec_send_packet(codec_.get(), packet);
    if (sent < 0 && sent != AVERROR_EOF) damaged(sent);
    while (true) {
      const int code = av().avcodec_receive_frame(codec_.get(), frame_.get());
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
      if (code < 0) damaged(code);
      const auto& frame = *frame_;
      if (!mono_) mono_.emplace(frame.ch_layout.nb_channels, frame.sample_rate, rate, limits);
      if (channels_ == 0) channels_ = frame.ch_layout.nb_channels, rate_ = frame.sample_rate;
      if (frame.ch_layout.nb_channels != channels_ || frame.sample_rate != rate_) {
        throw Error(ErrorCode::kInput, "sound: channels or rate change within the file");
      }
      interleave(frame, &block_);
      mono_->take(block_);
    }
  }

  AvSource source_;
  std::unique_ptr<AVIOContext, FreeIo> io_;
  std::unique_ptr<AVFormatContext, FreeFormat> format_;
  std::unique_ptr<AVCodecContext, FreeCodec> codec_;
  std::unique_ptr<AVPacket, FreePacket> packet_{av().av_packet_alloc()};
  std::unique_ptr<AVFrame, FreeFrame> frame_{av().av_frame_alloc()};
  int stream_ = -1, channels_ = 0, rate_ = 0;
  std::optional<Mono> mono_;
  std::vector<float> block_;
};

}  // namespace

std::vector<float> decode_with_av(std::span<const std::byte> bytes, int64_t rate,
                                  const SoundLimits& limits) {
  return AvSound(bytes).decode(rate, limits);
}

}  // namespace braid
