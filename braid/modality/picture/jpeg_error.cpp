#include "braid/modality/picture/jpeg_error.h"

#include <jerror.h>

#include <cstring>

namespace braid {
namespace {

JpegErrors& errors_of(j_common_ptr jpeg) { return *static_cast<JpegErrors*>(jpeg->client_data); }

// Said where libjpeg's own words do not tell a user what to do.
const char* advice(int code) {
  switch (code) {
    case JERR_BAD_PRECISION:
      return ": expected 8 bits a sample; convert the picture";
    case JERR_SOF_UNSUPPORTED:
      return " (lossless or hierarchical JPEG): expected baseline or progressive; convert it";
    default:
      return "";
  }
}

[[noreturn]] void jpeg_leave(j_common_ptr jpeg) {
  auto& errors = errors_of(jpeg);
  jpeg->err->format_message(jpeg, errors.message);
  const char* more = advice(jpeg->err->msg_code);
  std::strncat(errors.message, more, sizeof errors.message - std::strlen(errors.message) - 1);
  std::longjmp(errors.leave, 1);
}

// Is anything of a picture lost where bytes lie before `marker`? Not between segments, where
// cameras and editors leave them; but behind the first scan's header a restart marker is amid
// pixels.
bool lost_before(j_common_ptr jpeg, int marker) {
  const bool pixels =
      jpeg->is_decompressor && reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number > 0;
  return pixels && marker >= JPEG_RST0 && marker <= JPEG_RST0 + 7;
}

// What libjpeg calls a warning ("premature end of JPEG file", "bad Huffman code") is mostly grey
// blocks where the picture should be. These leave the pixels whole.
bool harmless(j_common_ptr jpeg) {
  switch (jpeg->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_BOGUS_ICC:
    case JWRN_NOT_SEQUENTIAL:
      return true;
    case JWRN_EXTRANEOUS_DATA:
      return !lost_before(jpeg, jpeg->err->msg_parm.i[1]);
    default:
      return false;
  }
}

void jpeg_message(j_common_ptr jpeg, int level) {
  if (level < 0 && !harmless(jpeg)) jpeg_leave(jpeg);
}

void jpeg_no_output(j_common_ptr) {}

}  // namespace

JpegErrors::JpegErrors() {
  jpeg_std_error(&manager);
  manager.error_exit = jpeg_leave;
  manager.emit_message = jpeg_message;
  manager.output_message = jpeg_no_output;
}

}  // namespace braid
