// libav (FFmpeg 5 and later), loaded when a file first needs it: it brings 120 libraries, and every
// start of the program would wait for them.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

namespace braid {

// The functions of libav that we call, by their own names.
#define BRAID_AV_FORMAT(use)                                                                     \
  use(avformat_alloc_context) use(avformat_open_input) use(avformat_find_stream_info)            \
      use(avformat_close_input) use(avio_alloc_context) use(avio_context_free)                   \
          use(av_find_best_stream) use(av_read_frame)
#define BRAID_AV_CODEC(use)                                                                      \
  use(avcodec_alloc_context3) use(avcodec_free_context) use(avcodec_parameters_to_context)       \
      use(avcodec_open2) use(avcodec_send_packet) use(avcodec_receive_frame)                     \
          use(av_packet_alloc) use(av_packet_free) use(av_packet_unref)
#define BRAID_AV_UTIL(use)                                                                       \
  use(av_malloc) use(av_freep) use(av_frame_alloc) use(av_frame_free) use(av_strerror)           \
      use(av_sample_fmt_is_planar) use(av_get_packed_sample_fmt) use(av_log_set_level)

struct AvLibrary {
#define BRAID_AV_MEMBER(name) decltype(&::name) name = nullptr;
  BRAID_AV_FORMAT(BRAID_AV_MEMBER)
  BRAID_AV_CODEC(BRAID_AV_MEMBER)
  BRAID_AV_UTIL(BRAID_AV_MEMBER)
#undef BRAID_AV_MEMBER
};

// Of the major versions that this program was compiled for; it stays loaded, and silent. Throws
// Error(kNotFound) naming what is missing.
const AvLibrary& av();

}  // namespace braid
