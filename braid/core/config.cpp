#include "braid/core/config.h"

#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "braid/core/file.h"
#include "braid/core/text.h"

namespace braid {
namespace {

constexpr int kMaxDepth = 64;
constexpr uint64_t kMaxRecipeBytes = 16u << 20;

bool plain_is_null(const std::string& text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

// Would this text, unquoted, be read back as the same text?
bool needs_quotes(const std::string& text) {
  if (plain_is_null(text) || text.front() == ' ' || text.back() == ' ') return true;
  if (text == "true" || text == "false") return true;
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) return true;
  static constexpr std::string_view kSpecialFirst = "!&*-?|>@`%{}[],#:\"'";
  if (kSpecialFirst.find(text.front()) != std::string_view::npos) return true;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7f || std::string_view("{}[],").find(text[i]) != std::string_view::npos)
      return true;
    if (c == ':' && (i + 1 == text.size() || text[i + 1] == ' ')) return true;
    if (c == '#' && text[i - 1] == ' ') return true;
  }
  return false;
}

std::string quote(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          static constexpr char kHex[] = "0123456789abcdef";
          out += std::string("\\x") + kHex[(c >> 4) & 15] + kHex[c & 15];
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

std::string scalar_yaml(const std::string& text, bool quoted) {
  return quoted && needs_quotes(text) ? quote(text) : text;
}

}  // namespace

// Turns yaml-cpp's tree into ours: it accepts duplicate keys and leaves `<<` unmerged, we refuse
// both.
class YamlReader {
 public:
  explicit YamlReader(std::string file) : file_(std::move(file)) {}

  ConfigNode convert(const YAML::Node& yaml, int depth = 0) {
    ConfigNode node = place(yaml.Mark());
    if (depth > kMaxDepth) node.fail("nested deeper than " + std::to_string(kMaxDepth) + " levels");
    if (++count_ > 100000) node.fail("more than 100000 values (an alias that repeats itself?)");
    if (yaml.IsScalar()) {
      node.kind_ = ConfigNode::Kind::kScalar;
      node.text_ = yaml.Scalar();
      node.quoted_ = yaml.Tag() == "!";
      if (!node.quoted_ && plain_is_null(node.text_)) node.kind_ = ConfigNode::Kind::kNull;
    } else if (yaml.IsSequence()) {
      node.kind_ = ConfigNode::Kind::kList;
      for (const auto& item : yaml) node.items_.push_back(convert(item, depth + 1));
    } else if (yaml.IsMap()) {
      node.kind_ = ConfigNode::Kind::kMap;
      for (const auto& entry : yaml) {
        const ConfigNode key = place(entry.first.Mark());
        if (!entry.first.IsScalar()) key.fail("a key must be text");
        const std::string& name = entry.first.Scalar();
        if (name == "<<") key.fail("merge keys (<<) are not supported: write the keys out");
        if (node.find(name)) {
          key.fail("key '" + name + "' stands twice (first at " + node.find(name)->where() + ")");
        }
        node.entries_.emplace_back(name, convert(entry.second, depth + 1));
        auto& child = node.entries_.back().second;
        if (child.line_ == 0) child.line_ = key.line_, child.column_ = key.column_;
      }
    }
    return node;
  }

  ConfigNode place(const YAML::Mark& mark) const {
    ConfigNode node;
    node.file_ = file_;
    node.line_ = mark.line + 1;  // yaml-cpp counts from 0; -1 = unknown
    node.column_ = mark.column + 1;
    return node;
  }

 private:
  std::string file_;
  int count_ = 0;
};

ConfigNode ConfigNode::scalar(std::string text, bool quoted) {
  ConfigNode node;
  node.kind_ = Kind::kScalar;
  node.text_ = std::move(text);
  node.quoted_ = quoted;
  return node;
}

ConfigNode ConfigNode::list() {
  ConfigNode node;
  node.kind_ = Kind::kList;
  return node;
}

ConfigNode ConfigNode::map() {
  ConfigNode node;
  node.kind_ = Kind::kMap;
  return node;
}

ConfigNode ConfigNode::parse(const std::string& yaml, const std::string& file) {
  YamlReader reader(file);
  if (!valid_utf8(yaml)) throw Error(ErrorCode::kConfig, file + ": not UTF-8 text");
  // yaml-cpp recurses once per bracket: refuse deep nesting before it overflows the stack.
  int depth = 0, line = 1;
  for (char c : yaml) {
    if (c == '\n') ++line;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kMaxDepth) {
      throw Error(ErrorCode::kConfig, file + ":" + std::to_string(line) +
                                          ":1: nested deeper than " + std::to_string(kMaxDepth) +
                                          " levels");
    }
  }
  try {
    auto root = reader.convert(YAML::Load(yaml));
    root.file_ = file;
    return root;
  } catch (const YAML::Exception& problem) {
    reader.place(problem.mark).fail("not valid YAML: " + problem.msg);
  }
}

ConfigNode ConfigNode::load(const std::filesystem::path& path) {
  return parse(read_text(path, kMaxRecipeBytes), path.string());
}

const ConfigNode* ConfigNode::find(std::string_view key) const {
  for (const auto& [name, child] : entries_) {
    if (name == key) return &child;
  }
  return nullptr;
}

std::string ConfigNode::where() const {
  if (line_ <= 0) return file_;
  return file_ + ":" + std::to_string(line_) + ":" + std::to_string(column_);
}

void ConfigNode::fail(const std::string& message) const {
  throw Error(ErrorCode::kConfig, where() + ": " + message);
}

void ConfigNode::put(const std::string& key, ConfigNode value) {
  kind_ = Kind::kMap;
  for (auto& [name, child] : entries_) {
    if (name == key) {
      child = std::move(value);
      return;
    }
  }
  entries_.emplace_back(key, std::move(value));
}

void ConfigNode::erase(std::string_view key) {
  std::erase_if(entries_, [&](const auto& entry) { return entry.first == key; });
}

void ConfigNode::override_with(const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error(ErrorCode::kUsage,
                "'" + assignment + "': expected an override such as train.epochs=20");
  }
  const std::string path = assignment.substr(0, equals);
  ConfigNode value = parse(assignment.substr(equals + 1), "command line: " + path);
  value.line_ = 0;  // the path says where
  ConfigNode* node = this;
  const auto keys = split(path, '.');
  for (const auto& key : keys) {
    if (key.empty()) throw Error(ErrorCode::kUsage, "'" + assignment + "': empty key in the path");
    if (node->kind_ == Kind::kList) {
      size_t at = 0;
      const auto parsed = std::from_chars(key.data(), key.data() + key.size(), at);
      if (parsed.ec != std::errc() || parsed.ptr != key.data() + key.size() ||
          at >= node->items_.size()) {
        throw Error(ErrorCode::kConfig, "command line: " + path + ": '" + key +
                                            "' is not one of the " +
                                            std::to_string(node->items_.size()) + " list items");
      }
      node = &node->items_[at];
      continue;
    }
    if (node->kind_ == Kind::kScalar) {
      throw Error(ErrorCode::kConfig, "command line: " + path + ": '" + key +
                                          "' stands below the plain value '" + node->text_ + "'");
    }
    if (!node->find(key)) node->put(key, ConfigNode());
    for (auto& [name, child] : node->entries_) {
      if (name == key) node = &child;
      if (name == key) break;
    }
  }
  *node = std::move(value);
}

void ConfigNode::write(std::string& out, int indent, bool in_list) const {
  if (kind_ == Kind::kNull || kind_ == Kind::kScalar) {
    out += (kind_ == Kind::kNull ? " null" : " " + scalar_yaml(text_, quoted_)) + "\n";
    return;
  }
  if (items_.empty() && entries_.empty()) {
    out += kind_ == Kind::kMap ? " {}\n" : " []\n";
    return;
  }
  const std::string pad(static_cast<size_t>(indent), ' ');
  if (!in_list) out += "\n";
  bool first = in_list;
  if (kind_ == Kind::kMap) {
    for (const auto& [key, child] : entries_) {
      out += (first ? "" : pad) + scalar_yaml(key, true) + ":";
      first = false;
      child.write(out, indent + 2, false);
    }
    return;
  }
  for (const auto& item : items_) {
    out += (first ? "" : pad) + "-";
    first = false;
    if (item.kind_ == Kind::kMap && !item.entries_.empty()) {
      out += " ";
      item.write(out, indent + 2, true);
    } else {
      item.write(out, indent + 2, false);
    }
  }
}

std::string ConfigNode::to_yaml() const {
  std::string out;
  write(out, 0, true);
  return out;
}

std::string expand_environment(const std::string& text, const ConfigNode* node) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const size_t close = text.compare(i, 2, "${") == 0 ? text.find('}', i) : std::string::npos;
    if (close == std::string::npos) {
      out += text[i++];
      continue;
    }
    const std::string name = text.substr(i + 2, close - i - 2);
    const char* value = std::getenv(name.c_str());
    if (!value) {
      const std::string message =
          "environment variable " + name + " is not set (needed by '" + text + "')";
      if (node) node->fail(message);
      throw Error(ErrorCode::kConfig, message);
    }
    out += value;
    i = close + 1;
  }
  return out;
}

namespace config_detail {
namespace {

const std::string& scalar_text(const ConfigNode& node, const char* expected) {
  if (node.kind() != ConfigNode::Kind::kScalar) {
    const char* got = node.is_null()                           ? "nothing"
                      : node.kind() == ConfigNode::Kind::kList ? "a list"
                                                               : "a map";
    node.fail(std::string("expected ") + expected + ", got " + got);
  }
  return node.text();
}

}  // namespace

bool read_bool(const ConfigNode& node) {
  const auto& text = scalar_text(node, "true or false");
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  node.fail("expected true or false, got '" + text + "'");
}

int64_t read_int(const ConfigNode& node) {
  const auto& text = scalar_text(node, "an integer");
  int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) return value;
  double real = 0;  // 1e6 is an integer too
  const auto exact = std::from_chars(text.data(), text.data() + text.size(), real);
  if (exact.ec == std::errc() && exact.ptr == text.data() + text.size() && std::abs(real) < 9e15 &&
      real == std::floor(real)) {
    return static_cast<int64_t>(real);
  }
  node.fail("expected an integer, got '" + text + "'");
}

double read_double(const ConfigNode& node) {
  const auto& text = scalar_text(node, "a number");
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() ||
      !std::isfinite(value)) {
    node.fail("expected a number, got '" + text + "'");
  }
  return value;
}

std::string read_string(const ConfigNode& node) { return scalar_text(node, "text"); }

void unknown_keys(const ConfigNode& node, const std::vector<std::string>& known) {
  for (const auto& [key, child] : node.entries()) {
    bool found = false;
    for (const auto& name : known) found = found || name == key;
    if (found) continue;
    std::string message = "unknown key '" + key + "'" + did_you_mean(key, known);
    if (nearest(key, known).empty()) message += "; valid here: " + join(known, ", ");
    child.fail(message);
  }
}

std::string enum_list(std::span<const char* const> names) {
  std::string text;
  for (const char* name : names) text += (text.empty() ? "" : " | ") + std::string(name);
  return text;
}

size_t read_enum(const ConfigNode& node, std::span<const char* const> names) {
  const auto text = read_string(node);
  std::vector<std::string> known(names.begin(), names.end());
  for (size_t i = 0; i < known.size(); ++i) {
    if (known[i] == text) return i;
  }
  node.fail("expected " + enum_list(names) + ", got '" + text + "'" + did_you_mean(text, known));
}

}  // namespace config_detail
}  // namespace braid
