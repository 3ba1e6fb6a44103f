#include "braid/tensor_file/npy.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/tensor_file/atomic_file.h"
#include "braid/tensor_file/mapped_file.h"

namespace braid {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are mapped as they lie");

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kAlign = 64;         // where NumPy lets the numbers begin
constexpr size_t kGrowthDigits = 21;  // room NumPy leaves to rewrite the first size in place
constexpr uint64_t kMaxNpyHeader = 1 << 16;
constexpr size_t kMaxNpyAxes = 64;  // NumPy's own limit

struct NpyType {
  DType dtype;
  const char* descr;
};
constexpr NpyType kNpyTypes[] = {{DType::kBool, "|b1"}, {DType::kU8, "|u1"},  {DType::kI8, "|i1"},
                                 {DType::kI16, "<i2"},  {DType::kU16, "<u2"}, {DType::kF16, "<f2"},
                                 {DType::kI32, "<i4"},  {DType::kU32, "<u4"}, {DType::kF32, "<f4"},
                                 {DType::kI64, "<i8"},  {DType::kU64, "<u8"}, {DType::kF64, "<f8"}};

[[noreturn]] void refuse_npy(const std::string& message) {
  throw Error(ErrorCode::kInput, message);
}

struct NpyHeader {
  DType dtype = DType::kF32;
  std::vector<int64_t> shape;
};

// Reads the Python dict of the header: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
class NpyHeaderReader {
 public:
  explicit NpyHeaderReader(std::string_view text) : rest_(text) {}

  NpyHeader read() {
    expect('{');
    while (!accept('}')) {
      read_entry();
      if (accept('}')) break;
      expect(',');
    }
    skip_space();
    if (!rest_.empty()) refuse_npy("header has text after its dict");
    if (!dtype_ || !order_ || !shape_) {
      refuse_npy("header needs the keys descr, fortran_order and shape");
    }
    return {*dtype_, *shape_};
  }

 private:
  void read_entry() {
    const std::string key = read_text();
    expect(':');
    if (key == "descr" && !dtype_) {
      dtype_ = read_dtype();
    } else if (key == "fortran_order" && !order_) {
      order_ = read_order();
    } else if (key == "shape" && !shape_) {
      shape_ = read_shape();
    } else {
      refuse_npy("header has the key '" + key +
                 "' twice or unknown, expected descr, fortran_order, shape");
    }
  }

  DType read_dtype() {
    if (peek('[')) refuse_npy("has a structured dtype, expected one number type");
    const std::string descr = read_text();
    for (const auto& type : kNpyTypes) {
      if (descr == type.descr) return type.dtype;
    }
    if (descr.starts_with('>')) refuse_npy("dtype '" + descr + "' is big-endian, expected '<'");
    std::string known;
    for (const auto& type : kNpyTypes) known += std::string(known.empty() ? "" : " ") + type.descr;
    refuse_npy("dtype '" + descr + "', expected one of " + known);
  }

  bool read_order() {
    skip_space();
    if (rest_.starts_with("True")) {
      refuse_npy("is in Fortran order, expected C order (numpy.ascontiguousarray)");
    }
    if (!rest_.starts_with("False")) refuse_npy("fortran_order: expected True or False");
    rest_.remove_prefix(5);
    return true;
  }

  std::vector<int64_t> read_shape() {
    std::vector<int64_t> shape;
    expect('(');
    while (!accept(')')) {
      shape.push_back(read_size());
      if (shape.size() > kMaxNpyAxes) {
        refuse_npy("shape has more than " + std::to_string(kMaxNpyAxes) + " axes");
      }
      const bool comma = accept(',');
      if (!comma && shape.size() == 1) refuse_npy("shape: expected a tuple, got a number");
      if (!comma && !peek(')')) refuse_npy("shape: expected ',' or ')'");
    }
    return shape;
  }

  int64_t read_size() {
    skip_space();
    int64_t size = 0;
    const auto [end, problem] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
    if (problem != std::errc() || size < 0) refuse_npy("shape: expected sizes from 0 to 2^63 - 1");
    rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
    return size;
  }

  std::string read_text() {
    skip_space();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) {
      refuse_npy("header: expected a quoted text");
    }
    const size_t end = rest_.find(rest_[0], 1);
    if (end == std::string_view::npos) refuse_npy("header: a quote is not closed");
    const std::string text(rest_.substr(1, end - 1));
    if (text.size() > 100 || !valid_utf8(text)) refuse_npy("header: an odd text in quotes");
    rest_.remove_prefix(end + 1);
    return text;
  }

  void skip_space() {
    const size_t n = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(n == std::string_view::npos ? rest_.size() : n);
  }
  bool peek(char c) {
    skip_space();
    return rest_.starts_with(c);
  }
  bool accept(char c) {
    if (!peek(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) refuse_npy(std::string("header: expected '") + c + "'");
  }

  std::string_view rest_;
  std::optional<DType> dtype_;
  std::optional<bool> order_;
  std::optional<std::vector<int64_t>> shape_;
};

uint64_t npy_bytes(const NpyHeader& header) {
  uint64_t bytes = dtype_size(header.dtype);
  for (int64_t size : header.shape) {
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(size), &bytes) || bytes > INT64_MAX) {
      refuse_npy("shape " + shape_text(header.shape) + " has too many bytes");
    }
  }
  return bytes;
}

// What the header says; `begin` is where the numbers lie, all of them and nothing more.
struct NpyLayout {
  NpyHeader header;
  size_t begin = 0;
};

NpyLayout read_npy_layout(std::span<const std::byte> bytes) {
  constexpr size_t kFixed = 8;  // magic, major, minor
  if (bytes.size() < kFixed || !as_text(bytes).starts_with(kMagic)) {
    refuse_npy("does not begin as an .npy file");
  }
  const int major = std::to_integer<int>(bytes[6]), minor = std::to_integer<int>(bytes[7]);
  if (major < 1 || major > 3 || minor != 0) {
    refuse_npy("has .npy version " + std::to_string(major) + "." + std::to_string(minor) +
               ", expected 1.0, 2.0 or 3.0");
  }
  const size_t length_size = major == 1 ? 2 : 4;
  if (bytes.size() < kFixed + length_size) refuse_npy("ends inside its header");
  uint32_t length = 0;
  std::memcpy(&length, bytes.data() + kFixed, length_size);
  const size_t begin = kFixed + length_size;
  if (length > kMaxNpyHeader)
    refuse_npy("header of " + std::to_string(length) + " bytes is too long");
  if (length > bytes.size() - begin) refuse_npy("ends inside its header");
  const NpyHeader header = NpyHeaderReader(as_text(bytes.subspan(begin, length))).read();
  const uint64_t wanted = npy_bytes(header), got = bytes.size() - begin - length;
  if (wanted != got) {
    refuse_npy("shape " + shape_text(header.shape) + " of " + dtype_name(header.dtype) + " needs " +
               std::to_string(wanted) + " bytes, the file holds " + std::to_string(got));
  }
  return {header, begin + length};
}

const char* npy_descr(DType dtype) {
  for (const auto& type : kNpyTypes) {
    if (type.dtype == dtype) return type.descr;
  }
  refuse_npy(std::string("cannot write: NumPy has no ") + dtype_name(dtype));
}

std::string format_npy_header(const Array& array) {
  const auto& shape = array.shape();
  std::string sizes;
  for (int64_t size : shape) sizes += (sizes.empty() ? "" : ", ") + std::to_string(size);
  if (shape.size() == 1) sizes += ',';
  std::string dict = std::string("{'descr': '") + npy_descr(array.dtype()) +
                     "', 'fortran_order': False, 'shape': (" + sizes + "), }";
  if (!shape.empty()) dict.append(kGrowthDigits - std::to_string(shape[0]).size(), ' ');
  const size_t fixed = kMagic.size() + 4;
  dict.append(kAlign - (fixed + dict.size() + 1) % kAlign, ' ');
  dict += '\n';
  if (dict.size() > UINT16_MAX) refuse_npy("cannot write: shape has too many axes");
  std::string text(kMagic);
  text += {'\1', '\0', static_cast<char>(dict.size() & 255), static_cast<char>(dict.size() >> 8)};
  return text + dict;
}

}  // namespace

Array read_npy(const std::filesystem::path& path) {
  const MappedFile mapped(path);
  try {
    const auto layout = read_npy_layout(mapped.bytes());
    return mapped.array(layout.header.dtype, layout.header.shape, layout.begin);
  } catch (const Error& error) {
    throw Error(error.code(), path.string() + ": " + error.what());
  }
}

Array parse_npy(std::span<const std::byte> bytes, const std::string& name) {
  try {
    const auto layout = read_npy_layout(bytes);
    Array array(layout.header.dtype, layout.header.shape);
    if (array.byte_size())
      std::memcpy(array.mutable_bytes(), bytes.data() + layout.begin, array.byte_size());
    return array;
  } catch (const Error& error) {
    throw Error(error.code(), name + ": " + error.what());
  }
}

std::string format_npy(const Array& array) {
  if (array.empty()) throw Error(ErrorCode::kInput, "cannot write an empty Array");
  return format_npy_header(array) + std::string(as_text({array.bytes(), array.byte_size()}));
}

void write_npy(const std::filesystem::path& path, const Array& array) {
  if (array.empty())
    throw Error(ErrorCode::kInput, path.string() + ": cannot write an empty Array");
  std::string header;
  try {
    header = format_npy_header(array);
  } catch (const Error& error) {
    throw Error(error.code(), path.string() + ": " + error.what());
  }
  AtomicFile out(path);
  out.write(as_bytes(header));
  out.write({array.bytes(), array.byte_size()});
  out.commit();
}

}  // namespace braid
