#include "braid/engine/thumbnail.h"

#include "braid/core/error.h"
#include "braid/modality/picture/thumbnail.h"

namespace braid {
namespace {

constexpr int64_t kSide = 128;                      // pixels
constexpr uint64_t kMaxBytes = uint64_t{64} << 20;  // of a picture shown in a page

}  // namespace

