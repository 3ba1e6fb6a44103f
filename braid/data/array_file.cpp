#include "braid/data/array_file.h"

#include <png.h>

#include <charconv>
#include <cstring>
#include <optional>

#include "braid/core/config.h"
#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/data/archive_stream.h"
#include "braid/data/file_cache.h"
#include "braid/tensor_file/npy.h"

namespace braid {
namespace {

constexpr uint64_t kMaxArrayBytes = uint64_t{4} << 30;
constexpr uint64_t kMaxKeptBytes = uint64_t{4} << 30;

std::vector<int64_t> row_shape(const Array& array) {
  return {array.shape().begin() + 1, array.shape().end()};
}

bool is_channels(int64_t n) { return n == 1 || n == 3 || n == 4; }

struct PixelLayout {
  int64_t height = 0, width = 0, channels = 1;
  bool planes = false;  // [C, H, W]
};

std::optional<PixelLayout> pixel_layout(const Array& array) {
  const auto& s = array.shape();
  if (array.dtype() != DType::kU8 || s.size() < 3 || s.size() > 4) return std::nullopt;
  PixelLayout pixels{s[1], s[2], 1, false};
  if (s.size() == 4 && is_channels(s[3])) {
    pixels.channels = s[3];
  } else if (s.size() == 4 && is_channels(s[1])) {
    pixels = {s[2], s[3], s[1], true};
  } else if (s.size() == 4) {
    return std::nullopt;
  }
  const bool sound = pixels.height > 0 && pixels.width > 0 && pixels.height < (1 << 20) &&
                     pixels.width < (1 << 20);
  return sound ? std::optional(pixels) : std::nullopt;
}

Bytes to_png(std::span<const std::byte> row, const PixelLayout& pixels) {
  Bytes turned;
  if (pixels.planes && pixels.channels > 1) {
    const auto plane = static_cast<size_t>(pixels.height * pixels.width);
    const auto channels = static_cast<size_t>(pixels.channels);
    turned.resize(row.size());
    for (size_t i = 0; i < row.size(); ++i) turned[i % plane * channels + i / plane] = row[i];
    row = turned;
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(pixels.width);
  image.height = static_cast<png_uint_32>(pixels.height);
  image.format = pixels.channels == 1   ? PNG_FORMAT_GRAY
                 : pixels.channels == 3 ? PNG_FORMAT_RGB
                                        : PNG_FORMAT_RGBA;
  image.flags = PNG_IMAGE_FLAG_FAST;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  Bytes png(size);
  if (!png_image_write_to_memory(&image, png.data(), &size, 0, row.data(), 0, nullptr))
    throw Error(ErrorCode::kInternal, std::string("cannot make a PNG: ") + image.message);
  png.resize(size);
  return png;
}

template <class T>
std::string number_at(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  if constexpr (sizeof(T) == 1)
    return std::to_string(static_cast<int>(value));
  else
    return number_text(value);
}

// One number as text; "" for types that have none (half precision).
std::string number_of(DType type, const std::byte* at) {
  switch (type) {
    case DType::kBool:
      return at[0] == std::byte{0} ? "false" : "true";
    case DType::kU8:
      return number_at<uint8_t>(at);
    case DType::kI8:
      return number_at<int8_t>(at);
    case DType::kI16:
      return number_at<int16_t>(at);
    case DType::kU16:
      return number_at<uint16_t>(at);
    case DType::kI32:
      return number_at<int32_t>(at);
    case DType::kU32:
      return number_at<uint32_t>(at);
    case DType::kF32:
      return number_at<float>(at);
    case DType::kI64:
      return number_at<int64_t>(at);
    case DType::kU64:
      return number_at<uint64_t>(at);
    case DType::kF64:
      return number_at<double>(at);
    default:
      return "";
  }
}

Bytes text_bytes(std::string_view text) {
  const auto bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

bool is_gzip(std::string_view head) { return head.starts_with("\x1f\x8b"); }

}  // namespace

ArrayFile::ArrayFile(const std::filesystem::path& path) : path_(path.string()) {
  const auto file_size = stamp_of(path).size;
  const auto head = read_range(path, 0, std::min<uint64_t>(4, file_size));
  if (as_text(head).starts_with("\x93NUM")) {
    arrays_.emplace_back("", read_npy(path));
  } else if (as_text(head).starts_with("PK")) {
    ArchiveStream zip(path, ArchiveFormat::kZip);
    uint64_t left = kMaxArrayBytes;
    while (zip.next()) {
      std::string name = zip.name();
      if (!name.ends_with(".npy") || !valid_utf8(name)) {
        throw Error(ErrorCode::kInput, path_ + ": member '" + name + "' is no .npy: not an .npz");
      }
      const auto content = zip.read(left);
      left -= content.size();
      name.resize(name.size() - 4);
      arrays_.emplace_back(name, parse_npy(as_bytes(content), path_ + "#" + name));
    }
  } else if (is_gzip(as_text(head))) {
    ArchiveStream packed(path, ArchiveFormat::kSingle);
    packed.next();
    arrays_.emplace_back("", parse_idx(as_bytes(packed.read(kMaxArrayBytes)), path_));
  } else {
    arrays_.emplace_back("", parse_idx(read_file(path, kMaxArrayBytes), path_));
  }
  if (arrays_.empty()) throw Error(ErrorCode::kInput, path_ + ": holds no array");
}

uint64_t ArrayFile::memory() const {
  uint64_t bytes = 0;
  for (const auto& [name, array] : arrays_) bytes += array.byte_size();
  return bytes;
}

bool is_picture_array(const Array& array) { return pixel_layout(array).has_value(); }

std::string number_row_text(const Array& array, int64_t i) {
  const auto& shape = array.shape();
  const bool single = shape.size() == 1 || (shape.size() == 2 && shape[1] == 1);
  if (!single || i < 0 || i >= shape[0]) return "";
  return number_of(array.dtype(),
                   array.bytes() + static_cast<size_t>(i) * dtype_size(array.dtype()));
}

Bytes ArrayFile::row(std::string_view reference) const {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorCode::kInput, path_ + "#" + std::string(reference) + ": " + what);
  };
  const size_t hash = reference.rfind('#');
  const auto wanted = hash == reference.npos ? std::string_view() : reference.substr(0, hash);
  const auto digits = hash == reference.npos ? reference : reference.substr(hash + 1);
  const Array* array = arrays_.size() == 1 && wanted.empty() ? &arrays_[0].second : nullptr;
  std::vector<std::string> names;
  for (const auto& [name, one] : arrays_) {
    if (name == wanted && !array) array = &one;
    names.push_back(name);
  }
  if (!array) {
    refuse("no array '" + std::string(wanted) + "'" + did_you_mean(wanted, names) +
           "; there are: " + join(names, ", ") + " (FILE#ARRAY#ROW)");
  }
  int64_t row = -1;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), row);
  const bool number = problem == std::errc() && end == digits.data() + digits.size();
  const int64_t rows = array->shape().empty() ? 0 : array->size(0);
  if (!number || row < 0 || row >= rows) {
    refuse("no row '" + std::string(digits) + "', expected 0 .. " + std::to_string(rows - 1));
  }
  if (const auto text = number_row_text(*array, row); !text.empty()) return text_bytes(text);
  const size_t size = array->byte_size() / static_cast<size_t>(rows);
  const std::byte* begin = array->bytes() + static_cast<size_t>(row) * size;
  if (const auto pixels = pixel_layout(*array)) return to_png({begin, size}, *pixels);
  const auto keep = array->share();
  return text_bytes(format_npy(Array::view(array->dtype(), row_shape(*array), {keep, begin})));
}

std::shared_ptr<const ArrayFile> array_file(const std::filesystem::path& path) {
  static FileCache<ArrayFile> cache(kMaxKeptBytes);
  return cache.get(path);
}

}  // namespace braid
