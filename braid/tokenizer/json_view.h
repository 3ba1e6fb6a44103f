// A value of a tokenizer.json and the path to it, so that every message says where the fault is.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace braid {

// Borrows: the JSON and `where` (the file's name) must outlive it.
class JsonView {
 public:
  JsonView(const nlohmann::json& value, const std::string& where, std::string path = "")
      : value_(&value), where_(&where), path_(std::move(path)) {}

  JsonView member(const std::string& name) const;  // null when absent; throws where this is no map
  JsonView item(size_t index) const;               // of a list
  size_t size() const;                             // of a list; throws where this is none

  bool is_null() const;
  bool is_text() const;
  bool is_list() const;
  bool is_object() const;
  const std::string& text() const;  // throws where it is none, like the next ones
  int64_t integer() const;
  double number() const;
  bool flag(bool fallback) const;                       // the fallback for null
  std::string text_or(const std::string& other) const;  // likewise
  int64_t integer_or(int64_t other) const;              // likewise
  char32_t character() const;                           // a text of one code point
  std::string type() const;                             // the member "type"; "null" for null

  const nlohmann::json& value() const { return *value_; }
  const std::string& path() const { return path_; }
  const std::string& where() const { return *where_; }

  // Throws Error(kInput, "where: path: message").
  [[noreturn]] void fail(const std::string& message) const;
  // "normalizer.type: 'Foo' is not supported: expected ..."
  [[noreturn]] void unsupported_type(const std::string& expected) const;
  // Throws unless the member is absent, null or false.
  void refuse_flag(const std::string& name) const;

 private:
  [[noreturn]] void expected(const char* what) const;

  const nlohmann::json* value_;
  const std::string* where_;
  std::string path_;
};

}  // namespace braid
