#include "braid/tensor_file/safetensors_header.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

constexpr const char* kMetadataKey = "__metadata__";
constexpr size_t kMaxAxes = 64;
constexpr DType kAllTypes[] = {DType::kBool, DType::kU8,   DType::kI8,  DType::kI16, DType::kU16,
                               DType::kF16,  DType::kBF16, DType::kI32, DType::kU32, DType::kF32,
                               DType::kI64,  DType::kU64,  DType::kF64};

[[noreturn]] void refuse(const std::string& message) { throw Error(ErrorCode::kInput, message); }

std::string in_quotes(const std::string& name) {
  constexpr size_t kShown = 200;
  return "'" + (name.size() <= kShown ? name : name.substr(0, kShown) + "...") + "'";
}

DType parse_dtype(const std::string& name, const std::string& tensor) {
  for (DType type : kAllTypes) {
    if (name == dtype_name(type)) return type;
  }
  std::string known;
  for (DType type : kAllTypes) known += std::string(known.empty() ? "" : ", ") + dtype_name(type);
  refuse("tensor " + in_quotes(tensor) + " has dtype " + in_quotes(name) + ", expected one of " +
         known);
}

// Takes the JSON as events, so that hostile nesting costs nothing and a key given twice is seen.
class HeaderEvents : public nlohmann::json_sax<nlohmann::json> {
 public:
  SafetensorsHeader take() { return std::move(header_); }

  bool null() override { misplaced("null"); }
  bool boolean(bool) override { misplaced("a boolean"); }
  bool number_integer(number_integer_t value) override {
    misplaced("the negative number " + std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& text) override {
    misplaced("the number " + text);
  }
  bool binary(binary_t&) override { misplaced("bytes"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ == Place::kShape) {
      if (value > static_cast<uint64_t>(INT64_MAX))
        misplaced("the number " + std::to_string(value));
      if (entry_.shape.size() == kMaxAxes) {
        refuse("tensor " + in_quotes(entry_.name) + " has more than " + std::to_string(kMaxAxes) +
               " axes");
      }
      entry_.shape.push_back(static_cast<int64_t>(value));
    } else if (place_ == Place::kOffsets && offsets_.size() < 2) {
      offsets_.push_back(value);
    } else {
      misplaced("the number " + std::to_string(value));
    }
    return true;
  }

  bool string(string_t& value) override {
    if (place_ == Place::kMetadata) {
      header_.metadata[key_] = value;
    } else if (place_ == Place::kTensor && key_ == "dtype") {
      entry_.dtype = parse_dtype(value, entry_.name);
    } else {
      misplaced("the text " + in_quotes(value));
    }
    return true;
  }

  bool start_object(size_t) override {
    if (place_ == Place::kOutside) {
      place_ = Place::kTop;
    } else if (place_ == Place::kTop) {
      place_ = key_ == kMetadataKey ? Place::kMetadata : Place::kTensor;
      entry_ = {key_, DType::kF32, {}, 0, 0};
      seen_.clear();
      offsets_.clear();
    } else {
      misplaced("an object");
    }
    return true;
  }

  bool key(string_t& value) override {
    auto& known = place_ == Place::kTop ? names_ : seen_;
    if (!known.insert(value).second)
      refuse(where() + ": the key " + in_quotes(value) + " comes twice");
    key_ = value;
    if (place_ == Place::kTensor && key_ != "dtype" && key_ != "shape" && key_ != "data_offsets") {
      refuse(where() + ": unknown key " + in_quotes(key_) +
             ", expected dtype, shape, data_offsets");
    }
    return true;
  }

  bool end_object() override {
    if (place_ == Place::kTensor) {
      if (seen_.size() != 3) refuse(where() + ": needs dtype, shape and data_offsets");
      header_.entries.push_back(std::move(entry_));
    }
    place_ = place_ == Place::kTop ? Place::kOutside : Place::kTop;
    return true;
  }

  bool start_array(size_t) override {
    if (place_ != Place::kTensor || key_ == "dtype") misplaced("a list");
    place_ = key_ == "shape" ? Place::kShape : Place::kOffsets;
    return true;
  }

  bool end_array() override {
    if (place_ == Place::kOffsets) {
      if (offsets_.size() != 2) refuse(where() + ": data_offsets needs two numbers");
      entry_.begin = offsets_[0];
      entry_.end = offsets_[1];
    }
    place_ = Place::kTensor;
    return true;
  }

  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) override {
    refuse("header is not valid JSON at byte " + std::to_string(position));
  }

 private:
  enum class Place { kOutside, kTop, kMetadata, kTensor, kShape, kOffsets };

  std::string where() const {
    if (place_ == Place::kOutside || place_ == Place::kTop) return "header";
    if (place_ == Place::kMetadata) return kMetadataKey;
    return "tensor " + in_quotes(entry_.name);
  }

  [[noreturn]] void misplaced(const std::string& got) const {
    const char* expected = "an object";
    if (place_ == Place::kMetadata) expected = "a text";
    if (place_ == Place::kShape) expected = "sizes";
    if (place_ == Place::kOffsets) expected = "two byte offsets";
    if (place_ == Place::kTensor) expected = key_ == "dtype" ? "a text" : "a list";
    const std::string at = key_.empty() ? "" : " at " + in_quotes(key_);
    refuse(where() + at + ": expected " + expected + ", got " + got);
  }

  SafetensorsHeader header_;
  Place place_ = Place::kOutside;
  std::string key_;
  TensorEntry entry_;
  std::vector<uint64_t> offsets_;
  std::set<std::string> names_, seen_;
};

uint64_t wanted_bytes(const TensorEntry& entry) {
  uint64_t bytes = dtype_size(entry.dtype);
  for (int64_t size : entry.shape) {
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(size), &bytes) || bytes > INT64_MAX) {
      refuse("tensor " + in_quotes(entry.name) + ": shape " + shape_text(entry.shape) +
             " has too many bytes");
    }
  }
  return bytes;
}

void check_layout(const std::vector<TensorEntry>& entries, uint64_t data_size) {
  uint64_t end = 0;
  for (const auto& entry : entries) {
    const std::string range =
        "bytes " + std::to_string(entry.begin) + " to " + std::to_string(entry.end);
    const std::string label = "tensor " + in_quotes(entry.name) + " has " + range;
    if (entry.begin > entry.end) refuse(label + ": ends before it begins");
    if (entry.end > data_size) {
      refuse(label + ", but the file holds " + std::to_string(data_size) + " bytes of tensors");
    }
    const uint64_t wanted = wanted_bytes(entry);
    if (entry.end - entry.begin != wanted) {
      refuse(label + ", but shape " + shape_text(entry.shape) + " of " + dtype_name(entry.dtype) +
             " needs " + std::to_string(wanted) + " bytes");
    }
    if (entry.begin != end) {
      refuse(label + (entry.begin < end ? ", overlapping" : ", leaving a gap after") +
             " the tensor before it, which ends at " + std::to_string(end));
    }
    end = entry.end;
  }
  if (end != data_size) {
    refuse("tensors end at byte " + std::to_string(end) + ", but the file holds " +
           std::to_string(data_size) + " bytes of tensors");
  }
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view json, uint64_t data_size) {
  if (json.empty() || json[0] != '{') refuse("header does not begin with '{'");
  HeaderEvents events;
  nlohmann::json::sax_parse(json.begin(), json.end(), &events);
  SafetensorsHeader header = events.take();
  std::stable_sort(header.entries.begin(), header.entries.end(),
                   [](const TensorEntry& a, const TensorEntry& b) {
                     return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
                   });
  check_layout(header.entries, data_size);
  return header;
}

std::string format_safetensors_header(const SafetensorsHeader& header) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  std::set<std::string> names;
  const auto need_utf8 = [](const std::string& text, const char* what) {
    if (!valid_utf8(text)) refuse(std::string(what) + " is not UTF-8");
  };
  for (const auto& [key, value] : header.metadata) {
    need_utf8(key, "a key of the metadata");
    need_utf8(value, "a value of the metadata");
    json[kMetadataKey][key] = value;
  }
  std::string text = json.dump();
  text.pop_back();  // tensors are appended as text: ordered_json looks a key up by walking
  for (const auto& entry : header.entries) {
    need_utf8(entry.name, "a tensor's name");
    if (entry.name == kMetadataKey) refuse("a tensor cannot be named " + in_quotes(entry.name));
    if (!names.insert(entry.name).second)
      refuse("tensor " + in_quotes(entry.name) + " comes twice");
    nlohmann::ordered_json tensor = {{"dtype", dtype_name(entry.dtype)},
                                     {"shape", entry.shape},
                                     {"data_offsets", {entry.begin, entry.end}}};
    if (text.size() > 1) text += ',';
    text += nlohmann::json(entry.name).dump() + ':' + tensor.dump();
  }
  text += '}';
  const size_t begin = sizeof(uint64_t) + text.size();  // of the arrays, after the header's length
  text.append((kSafetensorsAlignment - begin % kSafetensorsAlignment) % kSafetensorsAlignment, ' ');
  if (text.size() > kMaxSafetensorsHeader) {
    throw Error(ErrorCode::kLimit, "header of " + std::to_string(text.size()) +
                                       " bytes, the format allows " +
                                       std::to_string(kMaxSafetensorsHeader));
  }
  return text;
}

}  // namespace braid
