// M4A through libav: the sounds are encoded here, since no other encoder is at hand.
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
}

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/modality/sound/decode.h"
#include "tests/scratch.h"

namespace braid {
namespace {

constexpr int kRate = 44100;
constexpr double kToneHz = 1000;

// What libav says of a failure stops the test: the encoder is not what is tested.
void must(int code, const char* what) {
  if (code < 0) throw std::runtime_error(std::string(what) + ": " + std::to_string(code));
}

void drain(AVCodecContext* codec, AVFormatContext* file, AVPacket* packet) {
  while (avcodec_receive_packet(codec, packet) == 0) must(av_write_frame(file, packet), "write");
}

// A tone of `seconds`, one channel, as AAC in an .m4a file.
void write_m4a(const std::string& path, double seconds) {
  AVFormatContext* file = nullptr;
  must(avformat_alloc_output_context2(&file, nullptr, "ipod", path.c_str()), "ipod");
  av_log_set_level(AV_LOG_QUIET);
  const AVCodec* aac = avcodec_find_encoder(AV_CODEC_ID_AAC);
  ASSERT_NE(aac, nullptr);
  AVCodecContext* codec = avcodec_alloc_context3(aac);
  codec->sample_rate = kRate;
  codec->sample_fmt = AV_SAMPLE_FMT_FLTP;
  codec->bit_rate = 128000;
  av_channel_layout_default(&codec->ch_layout, 1);
  codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  must(avcodec_open2(codec, aac, nullptr), "open");
  AVStream* stream = avformat_new_stream(file, nullptr);
  must(avcodec_parameters_from_context(stream->codecpar, codec), "parameters");
  stream->time_base = {1, kRate};
  must(avio_open(&file->pb, path.c_str(), AVIO_FLAG_WRITE), "file");
  must(avformat_write_header(file, nullptr), "header");
  AVFrame* frame = av_frame_alloc();
  AVPacket* packet = av_packet_alloc();
  const auto total = static_cast<int64_t>(seconds * kRate);
  for (int64_t at = 0; at < total; at += codec->frame_size) {
    frame->nb_samples = codec->frame_size;
    frame->format = codec->sample_fmt;
    frame->sample_rate = kRate;
    must(av_channel_layout_copy(&frame->ch_layout, &codec->ch_layout), "layout");
    must(av_frame_get_buffer(frame, 0), "frame");
    auto* samples = reinterpret_cast<float*>(frame->data[0]);
    for (int i = 0; i < frame->nb_samples; ++i) {
      const double t = static_cast<double>(at + i) / kRate;
      samples[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * kToneHz * t));
    }
    frame->pts = at;
    must(avcodec_send_frame(codec, frame), "encode");
    drain(codec, file, packet);
    av_frame_unref(frame);
  }
  must(avcodec_send_frame(codec, nullptr), "flush");
  drain(codec, file, packet);
  must(av_write_trailer(file), "trailer");
  av_packet_free(&packet);
  av_frame_free(&frame);
  avio_closep(&file->pb);
  avcodec_free_context(&codec);
  avformat_free_context(file);
}

// Share of the energy at the tone, by its Fourier coefficient over the middle second.
double tone_share(const std::vector<float>& samples, int64_t rate) {
  double re = 0, im = 0, energy = 0;
  const auto begin = static_cast<size_t>(rate / 2);
  for (size_t i = begin; i < begin + static_cast<size_t>(rate); ++i) {
    const double phase = 2 * std::numbers::pi * kToneHz * static_cast<double>(i) / static_cast<double>(rate);
    re += samples[i] * std::cos(phase);
    im += samples[i] * std::sin(phase);
    energy += samples[i] * samples[i];
  }
  return 2 * (re * re + im * im) / (static_cast<double>(rate) * energy);
}

TEST(SoundM4a, AToneComesBackAtTheRateAskedFor) {
  const Scratch folder;
  const auto path = folder.path() / "tone.m4a";
  write_m4a(path.string(), 2);
  const auto samples = decode_sound(read_file(path), 16000);
  EXPECT_NEAR(static_cast<double>(samples.size()), 2 * 16000, 2 * 1024);  // AAC pads to frames
  EXPECT_GT(tone_share(samples, 16000), 0.99);
}

TEST(SoundM4a, ACutFileIsRefusedOrShorterAndNeverACrash) {
  const Scratch folder;
  const auto path = folder.path() / "tone.m4a";
  write_m4a(path.string(), 1);
  const auto whole = read_file(path);
  const auto length = decode_sound(whole, 16000).size();
  for (size_t keep = 0; keep < whole.size(); keep += 1 + whole.size() / 37) {
    const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(keep));
    try {
      EXPECT_LE(decode_sound(cut, 16000).size(), length) << keep;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInput) << keep << ": " << error.what();
    }
  }
}

}  // namespace
}  // namespace braid
