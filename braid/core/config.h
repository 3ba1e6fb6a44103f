// Recipes: YAML read once into plain structs, with errors that name file:line:column.
//
// A struct says its keys once, in a free function found by its namespace:
//
//   struct VitConfig { int64_t patch = 8; double dropout = 0; };
//   template <class Field> void visit(Field&& field, VitConfig& c) {
//     field("patch", c.patch, closed<int64_t>(1, 64), "side of a patch, pixels");
//     field("dropout", c.dropout, half_open(0.0, 1.0), "dropout in attention and MLP");
//   }
//
// The same visit reads it (read), prints it with every default filled in (write) and documents it
// (describe). Enums add `std::span<const char* const> enum_names(Enum*)`, in the order of values.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "braid/core/error.h"

namespace braid {

// One value of a recipe: null, scalar, list or map, and where it stood. Maps keep their order.
class ConfigNode {
 public:
  enum class Kind { kNull, kScalar, kList, kMap };

  ConfigNode() = default;
  static ConfigNode scalar(std::string text, bool quoted = false);
  static ConfigNode list();
  static ConfigNode map();

  // Throws Error(kConfig) with file:line:column for bad YAML, duplicate keys, merge keys (<<),
  // aliases that nest too deep. `file` is only for messages.
  static ConfigNode parse(const std::string& yaml, const std::string& file = "recipe");
  static ConfigNode load(const std::filesystem::path& path);  // and Error(kNotFound)

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  const std::string& text() const { return text_; }  // of a scalar
  const std::vector<ConfigNode>& items() const { return items_; }
  const std::vector<std::pair<std::string, ConfigNode>>& entries() const { return entries_; }
  const ConfigNode* find(std::string_view key) const;  // of a map; nullptr when absent
  std::string where() const;                           // "recipes/emoji.yaml:12:3"

  void append(ConfigNode item) { items_.push_back(std::move(item)); }
  void put(const std::string& key, ConfigNode value);  // adds or replaces
  void erase(std::string_view key);
  // `path` is dotted ("train.epochs", "fields.image.size", "eval.0.name"), `yaml` its new value.
  // Makes maps on the way. Throws Error(kConfig) when the path runs through a scalar.
  void override_with(const std::string& assignment);  // "a.b=c"

  std::string to_yaml() const;
  [[noreturn]] void fail(const std::string& message) const;  // Error(kConfig, where: message)

 private:
  friend class YamlReader;
  void write(std::string& out, int indent, bool in_list) const;

  Kind kind_ = Kind::kNull;
  std::string text_;
  bool quoted_ = false;  // a quoted scalar is text, never a number or null
  std::vector<ConfigNode> items_;
  std::vector<std::pair<std::string, ConfigNode>> entries_;
  std::string file_ = "command line";
  int line_ = 0;
  int column_ = 0;
};

// A bound on a value, and its words for messages and docs ("1 .. 64", "[0, 1)").
template <class T>
struct Range {
  std::function<bool(const T&)> holds;
  std::string words;
};

// The shortest text that reads back as the same number.
template <class T>
std::string number_text(T value) {
  std::array<char, 64> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

template <class T>
Range<T> closed(T low, T high) {
  return {[=](const T& v) { return v >= low && v <= high; },
          number_text(low) + " .. " + number_text(high)};
}
template <class T>
Range<T> half_open(T low, T high) {
  return {[=](const T& v) { return v >= low && v < high; },
          "[" + number_text(low) + ", " + number_text(high) + ")"};
}
template <class T>
Range<T> at_least(T low) {
  return {[=](const T& v) { return v >= low; }, ">= " + number_text(low)};
}
template <class T>
Range<T> above(T low) {
  return {[=](const T& v) { return v > low; }, "> " + number_text(low)};
}

// One line of the recipe reference.
struct FieldDoc {
  std::string name, type, fallback, range, help;
  std::vector<FieldDoc> nested;
};

namespace config_detail {

bool read_bool(const ConfigNode& node);
int64_t read_int(const ConfigNode& node);
double read_double(const ConfigNode& node);
std::string read_string(const ConfigNode& node);
void unknown_keys(const ConfigNode& node, const std::vector<std::string>& known);
std::string enum_list(std::span<const char* const> names);
size_t read_enum(const ConfigNode& node, std::span<const char* const> names);

struct Probe {
  template <class... A>
  void operator()(A&&...) const {}
};
template <class T>
concept Visitable = requires(T& t) {
  visit(Probe{}, t);
};
template <class T>
concept Named = std::is_enum_v<T> && requires(T* t) {
  enum_names(t);
};

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_optional_map : std::false_type {};
template <Visitable T>
struct is_optional_map<std::optional<T>> : std::true_type {};
template <class T>
struct is_text_map : std::false_type {};
template <class T>
struct is_text_map<std::map<std::string, T>> : std::true_type {};

template <class T>
void read_value(const ConfigNode& node, T& out);

struct Reader {
  const ConfigNode& node;
  std::vector<std::string>* known;

  template <class T>
  void operator()(const char* name, T& value) const {
    (*this)(name, value, "");
  }
  template <class T>
  void operator()(const char* name, T& value, const char*) const {
    known->push_back(name);
    if (const auto* child = node.find(name)) read_value(*child, value);
  }
  template <class T>
  void operator()(const char* name, T& value, const Range<T>& range, const char* = "") const {
    (*this)(name, value, "");
    const auto* child = node.find(name);
    if (child && !range.holds(value)) {
      child->fail(std::string(name) + ": expected " + range.words + ", got " + child->text());
    }
  }
};

template <class T>
void read_value(const ConfigNode& node, T& out) {
  if constexpr (std::is_same_v<T, ConfigNode>) {
    out = node;
  } else if constexpr (std::is_same_v<T, bool>) {
    out = read_bool(node);
  } else if constexpr (std::is_same_v<T, int64_t>) {
    out = read_int(node);
  } else if constexpr (std::is_same_v<T, double>) {
    out = read_double(node);
  } else if constexpr (std::is_same_v<T, std::string>) {
    out = read_string(node);
  } else if constexpr (Named<T>) {
    out = static_cast<T>(read_enum(node, enum_names(static_cast<T*>(nullptr))));
  } else if constexpr (is_optional<T>::value) {
    if (node.is_null()) {
      out.reset();
    } else {
      typename T::value_type value{};
      read_value(node, value);
      out = std::move(value);
    }
  } else if constexpr (is_vector<T>::value) {
    out.clear();
    if (node.kind() == ConfigNode::Kind::kList) {
      for (const auto& item : node.items()) read_value(item, out.emplace_back());
    } else {
      read_value(node, out.emplace_back());  // a lone value is a list of one
    }
  } else if constexpr (is_text_map<T>::value) {
    if (node.kind() != ConfigNode::Kind::kMap) node.fail("expected a map of names");
    out.clear();
    for (const auto& [key, child] : node.entries()) read_value(child, out[key]);
  } else {
    static_assert(Visitable<T>, "give this struct a visit()");
    if (node.kind() != ConfigNode::Kind::kMap && !node.is_null())
      node.fail("expected a map of keys");
    std::vector<std::string> known;
    visit(Reader{node, &known}, out);
    unknown_keys(node, known);
  }
}

template <class T>
ConfigNode write_value(const T& value);

struct Writer {
  ConfigNode& node;
  template <class T, class... Rest>
  void operator()(const char* name, T& value, Rest&&...) const {
    node.put(name, write_value(value));
  }
};

template <class T>
ConfigNode write_value(const T& value) {
  if constexpr (std::is_same_v<T, ConfigNode>) {
    return value;
  } else if constexpr (std::is_same_v<T, bool>) {
    return ConfigNode::scalar(value ? "true" : "false");
  } else if constexpr (std::is_arithmetic_v<T>) {
    return ConfigNode::scalar(number_text(value));
  } else if constexpr (std::is_same_v<T, std::string>) {
    return ConfigNode::scalar(value, true);
  } else if constexpr (Named<T>) {
    return ConfigNode::scalar(enum_names(static_cast<T*>(nullptr))[static_cast<size_t>(value)]);
  } else if constexpr (is_optional<T>::value) {
    return value ? write_value(*value) : ConfigNode();
  } else if constexpr (is_vector<T>::value) {
    auto node = ConfigNode::list();
    for (const auto& item : value) node.append(write_value(item));
    return node;
  } else if constexpr (is_text_map<T>::value) {
    auto node = ConfigNode::map();
    for (const auto& [key, child] : value) node.put(key, write_value(child));
    return node;
  } else {
    auto node = ConfigNode::map();
    visit(Writer{node}, const_cast<T&>(value));
    return node;
  }
}

template <class T>
std::string type_words() {
  if constexpr (std::is_same_v<T, bool>)
    return "true | false";
  else if constexpr (std::is_same_v<T, int64_t>)
    return "integer";
  else if constexpr (std::is_same_v<T, double>)
    return "number";
  else if constexpr (std::is_same_v<T, std::string>)
    return "text";
  else if constexpr (Named<T>)
    return enum_list(enum_names(static_cast<T*>(nullptr)));
  else if constexpr (is_optional<T>::value)
    return type_words<typename T::value_type>() + ", or nothing";
  else if constexpr (is_vector<T>::value)
    return "list of " + type_words<typename T::value_type>();
  else if constexpr (is_text_map<T>::value)
    return "map of " + type_words<typename T::mapped_type>();
  else
    return "map";
}

struct Describer {
  std::vector<FieldDoc>& docs;
  template <class T>
  void operator()(const char* name, T& value) const {
    add(name, value, "", "");
  }
  template <class T>
  void operator()(const char* name, T& value, const char* help) const {
    add(name, value, "", help);
  }
  template <class T>
  void operator()(const char* name, T& value, const Range<T>& range, const char* help = "") const {
    add(name, value, range.words, help);
  }
  template <class T>
  void add(const char* name, T& value, const std::string& range, const char* help) const {
    FieldDoc doc{name, type_words<T>(), "", range, help, {}};
    if constexpr (Visitable<T>) {
      visit(Describer{doc.nested}, value);
    } else if constexpr (is_optional_map<T>::value) {
      typename T::value_type inside{};
      visit(Describer{doc.nested}, inside);
    } else {
      const auto node = write_value(value);
      doc.fallback = node.kind() == ConfigNode::Kind::kScalar ? node.text() : "";
    }
    docs.push_back(std::move(doc));
  }
};

}  // namespace config_detail

// Throws Error(kConfig) for unknown keys (with the nearest valid one), wrong types, bounds.
template <class T>
T read(const ConfigNode& node) {
  T config{};
  config_detail::read_value(node, config);
  return config;
}

template <class T>
ConfigNode write(const T& config) {
  return config_detail::write_value(config);
}

template <class T>
std::vector<FieldDoc> describe() {
  T config{};
  std::vector<FieldDoc> docs;
  visit(config_detail::Describer{docs}, config);
  return docs;
}

// Reads a member's own keys from a node that also carries `kind`.
template <class T>
T read_member(const ConfigNode& node) {
  if (node.kind() != ConfigNode::Kind::kMap) return read<T>(ConfigNode());
  ConfigNode own = node;
  own.erase("kind");
  return read<T>(own);
}

// Replaces ${NAME} by the environment. Throws Error(kConfig) at `node` for an unset name.
std::string expand_environment(const std::string& text, const ConfigNode* node = nullptr);

}  // namespace braid
