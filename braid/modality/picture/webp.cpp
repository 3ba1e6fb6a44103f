// WebP through libwebp: lossy, lossless, with alpha; of an animation the first frame on its canvas.
#include <webp/decode.h>
#include <webp/demux.h>

#include <memory>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/modality/picture/codec.h"
#include "braid/modality/picture/exif.h"

namespace braid {
namespace {

constexpr char kBroken[] = "WebP cannot be read: the file is damaged or cut";

// The container; holds no pixels.
class WebpFile {
 public:
  explicit WebpFile(std::span<const std::byte> bytes) {
    const WebPData data{reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
    demuxer_.reset(WebPDemux(&data));
    if (!demuxer_) throw Error(ErrorCode::kInput, kBroken);
    if (!WebPDemuxGetFrame(demuxer_.get(), 1, &frame_)) throw Error(ErrorCode::kInput, kBroken);
  }
  WebpFile(const WebpFile&) = delete;
  WebpFile& operator=(const WebpFile&) = delete;
  ~WebpFile() { WebPDemuxReleaseIterator(&frame_); }

  const WebPIterator& frame() const { return frame_; }
  int64_t feature(WebPFormatFeature which) const { return WebPDemuxGetI(demuxer_.get(), which); }

  int orientation() const {
    WebPChunkIterator chunk{};
    if (!WebPDemuxGetChunk(demuxer_.get(), "EXIF", 1, &chunk)) return 1;
    auto block = std::as_bytes(std::span(chunk.chunk.bytes, chunk.chunk.size));
    // Some writers keep the prefix that the block has inside JPEG.
    if (block.size() > 6 && as_text(block.first(6)) == std::string_view("Exif\0\0", 6)) {
      block = block.subspan(6);
    }
    const int value = exif_orientation(block);
    WebPDemuxReleaseChunkIterator(&chunk);
    return value;
  }

 private:
  struct Close {
    void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
  };
  std::unique_ptr<WebPDemuxer, Close> demuxer_;
  WebPIterator frame_{};
};

void check_frame(const WebPIterator& frame, const Picture& canvas) {
  WebPBitstreamFeatures features;
  const auto& data = frame.fragment;
  if (WebPGetFeatures(data.bytes, data.size, &features) != VP8_STATUS_OK ||
      features.width != frame.width || features.height != frame.height ||
      frame.x_offset + int64_t{frame.width} > canvas.width ||
      frame.y_offset + int64_t{frame.height} > canvas.height) {
    throw Error(ErrorCode::kInput, kBroken);
  }
}

}  // namespace

Decoded decode_webp(std::span<const std::byte> bytes, const DecodeOptions& options) {
  const WebpFile file(bytes);
  const int64_t width = file.feature(WEBP_FF_CANVAS_WIDTH);
  const int64_t height = file.feature(WEBP_FF_CANVAS_HEIGHT);
  check_pixels(width, height, options);
  const auto& frame = file.frame();
  const bool covers = frame.width == width && frame.height == height;
  auto canvas = blank_picture(width, height, covers && !frame.has_alpha ? 3 : 4);
  check_frame(frame, canvas);
  const auto row_bytes = static_cast<size_t>(width * canvas.channels);
  const size_t begin = frame.y_offset * row_bytes + static_cast<size_t>(frame.x_offset) * 4;
  const auto decode = canvas.channels == 3 ? WebPDecodeRGBInto : WebPDecodeRGBAInto;
  if (!decode(frame.fragment.bytes, frame.fragment.size, canvas.data.data() + begin,
              canvas.data.size() - begin, static_cast<int>(row_bytes))) {
    throw Error(ErrorCode::kInput, kBroken);
  }
  return {without_idle_alpha(std::move(canvas)), file.orientation()};
}

}  // namespace braid
