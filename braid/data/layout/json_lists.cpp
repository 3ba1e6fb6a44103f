#include "braid/data/layout/json_lists.h"

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

constexpr int kMaxListDepth = 64;

struct StopReading {};

// Told of every value by the parser; a list's element is handed on and then dropped, so that memory
// holds one of them.
class ListWatcher {
 public:
  ListWatcher(const std::string& where, const ElementVisitor& visitor)
      : where_(where), visitor_(visitor) {}

  bool operator()(int depth, Row::parse_event_t event, Row& parsed) {
    using Event = Row::parse_event_t;
    if (depth > kMaxListDepth) {
      throw Error(ErrorCode::kLimit,
                  where_ + ": nested deeper than " + std::to_string(kMaxListDepth) + " levels");
    }
    if (event == Event::key && depth == 1) list_ = parsed.get<std::string>();
    if (event == Event::array_start && depth == 1) in_list_ = true;
    if (event == Event::array_end && depth == 1) in_list_ = false;
    if (event != Event::object_end || depth != 2 || !in_list_) return true;
    if (!visitor_(list_, parsed)) throw StopReading();
    return false;
  }

 private:
  const std::string& where_;
  const ElementVisitor& visitor_;
  std::string list_;
  bool in_list_ = false;
};

}  // namespace

void visit_json_lists(std::string_view text, const std::string& where,
                      const ElementVisitor& visitor, Row* rest) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (!valid_utf8(text)) throw Error(ErrorCode::kInput, where + ": not UTF-8 text");
  ListWatcher watcher(where, visitor);
  try {
    auto whole = Row::parse(text, [&](int depth, Row::parse_event_t event, Row& parsed) {
      return watcher(depth, event, parsed);
    });
    if (!whole.is_object())
      throw Error(ErrorCode::kInput,
                  where + ": expected a JSON object, got " + std::string(whole.type_name()));
    if (rest) *rest = std::move(whole);
  } catch (const StopReading&) {
  } catch (const Row::exception& problem) {
    throw Error(ErrorCode::kInput, where + ": not valid JSON: " + problem.what());
  }
}

bool has_key(const Row& element, const char* key) { return element.contains(key); }

std::string element_text(const Row& element, const char* key, const std::string& where) {
  const auto found = element.find(key);
  if (found == element.end() || found->is_null()) return "";
  if (found->is_structured()) {
    throw Error(ErrorCode::kInput, where + ": '" + key + "': expected text or a number, got " +
                                       std::string(found->type_name()));
  }
  return found->is_string() ? found->get<std::string>() : found->dump();
}

}  // namespace braid
