#include "braid/modality/tabular/cell_object.h"

#include <nlohmann/json.hpp>
#include <unordered_set>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"

namespace braid {
namespace {

using CellJson = nlohmann::ordered_json;
constexpr size_t kMaxNesting = 32;

[[noreturn]] void refuse_object(ErrorCode code, const std::string& problem) {
  throw Error(code,
              "table: " + problem +
                  "; expected one JSON object of cells, such as {\"age\": 40, \"sex\": \"F\"}");
}

// Takes the cells as the parser meets them, so that nothing large is built first.
class CellReader final : public nlohmann::json_sax<CellJson> {
 public:
  std::vector<NamedCell> take() { return std::move(cells_); }

  bool null() override { return add(std::nullopt); }
  bool boolean(bool value) override { return add(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return add(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return add(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& text) override { return add(text); }
  bool string(string_t& text) override {
    return add(text.empty() ? std::nullopt : std::optional(std::move(text)));
  }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override {
    if (++depth_ > kMaxNesting) {
      refuse_object(ErrorCode::kLimit, "nested deeper than " + std::to_string(kMaxNesting));
    }
    if (depth_ > 1) prefixes_.push_back(name() + ".");
    if (depth_ == 1) prefixes_.emplace_back();
    return true;
  }
  bool key(string_t& text) override {
    key_ = std::move(text);
    return true;
  }
  bool end_object() override {
    --depth_;
    prefixes_.pop_back();
    return true;
  }
  bool start_array(std::size_t) override {
    refuse_object(ErrorCode::kInput, depth_ ? "column '" + name() + "' holds a list" : "a list");
  }
  bool end_array() override { return true; }
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception& e) override {
    const std::string what = e.what();
    const size_t at = what.find("column ");
    refuse_object(ErrorCode::kInput,
                  "not valid JSON: " + printable(at == what.npos ? what : what.substr(at)));
  }

 private:
  std::string name() const { return prefixes_.back() + key_; }

  bool add(std::optional<std::string> text) {
    if (depth_ == 0) refuse_object(ErrorCode::kInput, "a lone value");
    if (cells_.size() == kMaxTableColumns) {
      refuse_object(ErrorCode::kLimit, "more than " + std::to_string(kMaxTableColumns) + " cells");
    }
    auto column = name();
    if (column.size() > kMaxName) {
      refuse_object(ErrorCode::kLimit, "a column's name of " + std::to_string(column.size()) +
                                           " bytes, more than " + std::to_string(kMaxName));
    }
    if (!names_.insert(column).second) {
      refuse_object(ErrorCode::kInput, "column '" + column + "' stands twice");
    }
    cells_.emplace_back(std::move(column), std::move(text));
    return true;
  }

  static constexpr size_t kMaxName = 1024;

  size_t depth_ = 0;
  std::vector<std::string> prefixes_;  // of the objects that are open
  std::string key_;
  std::vector<NamedCell> cells_;
  std::unordered_set<std::string> names_;
};

}  // namespace

std::vector<NamedCell> parse_cells(std::span<const std::byte> bytes) {
  const auto text = as_text(bytes);
  if (!valid_utf8(text)) refuse_object(ErrorCode::kInput, "not UTF-8 text");
  CellReader reader;
  CellJson::sax_parse(text, &reader);
  return reader.take();
}

std::string cells_json(std::span<const NamedCell> cells) {
  CellJson object = CellJson::object();
  for (const auto& [name, text] : cells) object[name] = text ? CellJson(*text) : CellJson();
  return object.dump();
}

}  // namespace braid
