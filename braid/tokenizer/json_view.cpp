#include "braid/tokenizer/json_view.h"

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/tokenizer/unicode.h"

namespace braid {

using nlohmann::json;

namespace {

// A hostile file's tokens may be long.
std::string shortened(const std::string& text) {
  constexpr size_t kMost = 400;
  if (text.size() <= kMost) return text;
  size_t end = kMost;
  while ((static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + " ...";
}

}  // namespace

JsonView JsonView::member(const std::string& name) const {
  static const json none;
  if (!value_->is_object()) expected("an object");
  const auto found = value_->find(name);
  return {found == value_->end() ? none : *found, *where_,
          path_.empty() ? name : path_ + "." + name};
}

JsonView JsonView::item(size_t index) const {
  return {(*value_)[index], *where_, path_ + "[" + std::to_string(index) + "]"};
}

size_t JsonView::size() const {
  if (!value_->is_array()) expected("a list");
  return value_->size();
}

bool JsonView::is_null() const { return value_->is_null(); }
bool JsonView::is_text() const { return value_->is_string(); }
bool JsonView::is_list() const { return value_->is_array(); }
bool JsonView::is_object() const { return value_->is_object(); }

const std::string& JsonView::text() const {
  if (!value_->is_string()) expected("text");
  return value_->get_ref<const std::string&>();
}

int64_t JsonView::integer() const {
  if (!value_->is_number_integer()) expected("an integer");
  if (value_->is_number_unsigned() && value_->get<uint64_t>() > INT64_MAX) {
    fail("expected at most " + std::to_string(INT64_MAX) + ", got " + value_->dump());
  }
  return value_->get<int64_t>();
}

double JsonView::number() const {
  if (!value_->is_number()) expected("a number");
  return value_->get<double>();
}

bool JsonView::flag(bool fallback) const {
  if (value_->is_null()) return fallback;
  if (!value_->is_boolean()) expected("true or false");
  return value_->get<bool>();
}

std::string JsonView::text_or(const std::string& other) const { return is_null() ? other : text(); }

int64_t JsonView::integer_or(int64_t other) const { return is_null() ? other : integer(); }

char32_t JsonView::character() const {
  const std::string& letters = text();
  size_t at = 0;
  if (letters.empty()) fail("expected one character, got none");
  const char32_t code = next_code_point(letters, at);
  if (at != letters.size()) fail("expected one character, got '" + letters + "'");
  return code;
}

std::string JsonView::type() const { return is_null() ? "null" : member("type").text(); }

void JsonView::fail(const std::string& message) const {
  const std::string place = path_.empty() ? "" : shortened(path_) + ": ";
  throw Error(ErrorCode::kInput, *where_ + ": " + place + shortened(message));
}

void JsonView::unsupported_type(const std::string& expected) const {
  fail("type " + type() + " is not supported: expected " + expected);
}

void JsonView::refuse_flag(const std::string& name) const {
  const JsonView value = member(name);
  if (value.flag(false)) value.fail("true is not supported: expected false");
}

void JsonView::expected(const char* what) const {
  fail(std::string("expected ") + what + ", got " + value_->type_name());
}

}  // namespace braid
