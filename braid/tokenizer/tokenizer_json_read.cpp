// Reads HF tokenizer.json: byte-level BPE with GPT-2's word pattern, nothing that would silently
// give other tokens than the `tokenizers` library does.
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/tokenizer/bpe.h"
#include "braid/tokenizer/byte_letters.h"

namespace braid {
namespace {

using nlohmann::json;

class TokenizerReader {
 public:
  TokenizerReader(const std::string& text, const std::string& where) : where_(where) {
    try {
      root_ = json::parse(text);
    } catch (const json::parse_error& error) {
      fail("not JSON at byte " + std::to_string(error.byte));
    }
    if (!root_.is_object()) fail("expected a JSON object, got " + kind(root_));
  }

  BpeParts read() {
    BpeParts parts;
    read_normalizer(member(root_, "normalizer"), parts.normalizer);
    check_byte_level("pre_tokenizer", true);
    check_byte_level("post_processor", false);
    check_byte_level("decoder", true);
    check_model();
    read_vocab(parts);
    read_added(parts);
    check_ids(parts);
    read_merges(parts);
    return parts;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw Error(ErrorCode::kInput, where_ + ": " + message);
  }
  static std::string kind(const json& value) { return value.type_name(); }

  // null when absent
  static const json& member(const json& object, const char* name) {
    static const json none;
    const auto found = object.find(name);
    return found == object.end() ? none : *found;
  }
  std::string type_of(const json& value, const std::string& name) const {
    if (value.is_null()) return "null";
    if (!value.is_object()) fail(name + ": expected an object, got " + kind(value));
    const json& type = member(value, "type");
    if (!type.is_string()) fail(name + ".type: expected text, got " + kind(type));
    return type.get<std::string>();
  }
  bool flag(const json& object, const char* name, bool fallback) const {
    const json& value = member(object, name);
    if (value.is_null()) return fallback;
    if (!value.is_boolean())
      fail(std::string(name) + ": expected true or false, got " + kind(value));
    return value.get<bool>();
  }
  // Ids without gaps stay below the number of tokens: checked here, before anything is allocated.
  int64_t id_of(const json& value, const std::string& name) const {
    if (!value.is_number_integer()) {
      fail("id of " + name + ": expected an integer, got " + kind(value));
    }
    const size_t most =
        member(member(root_, "model"), "vocab").size() + member(root_, "added_tokens").size();
    const auto id = value.get<int64_t>();
    if (id < 0 || static_cast<size_t>(id) >= most) {
      fail("ids have a gap: " + name + " has id " + value.dump() + " among " +
           std::to_string(most) + " tokens");
    }
    return id;
  }

  void read_normalizer(const json& value, std::vector<NormalStep>& steps) const {
    const std::string type = type_of(value, "normalizer");
    if (type == "null") return;
    if (const auto step = find_normal_step(type)) {
      steps.push_back(*step);
      return;
    }
    const json& list = member(value, "normalizers");
    if (type != "Sequence" || !list.is_array()) {
      fail("normalizer " + type +
           " is not supported: expected null, NFC, NFD, NFKC, NFKD, "
           "Lowercase or a Sequence of these");
    }
    for (const auto& item : list) {
      const std::string name = type_of(item, "normalizer");
      const auto step = find_normal_step(name);
      if (!step) fail("normalizer " + name + " is not supported within a Sequence");
      steps.push_back(*step);
    }
  }

  // ByteLevel as post_processor only moves offsets, which we have none of.
  void check_byte_level(const char* name, bool required) const {
    const json& value = member(root_, name);
    const std::string type = type_of(value, name);
    if (type == "null" && !required) return;
    if (type != "ByteLevel")
      fail(std::string(name) + " " + type + " is not supported: expected ByteLevel");
    if (std::string_view(name) != "pre_tokenizer") return;
    if (flag(value, "add_prefix_space", true))
      fail("pre_tokenizer.add_prefix_space is not supported");
    if (!flag(value, "use_regex", true)) fail("pre_tokenizer.use_regex false is not supported");
  }

  void check_model() const {
    const json& model = member(root_, "model");
    const std::string type = type_of(model, "model");
    if (type != "BPE") fail("model " + type + " is not supported: expected BPE");
    const json& dropout = member(model, "dropout");
    if (!dropout.is_null() && dropout != json(0.0)) fail("model.dropout is not supported");
    for (const char* name : {"byte_fallback", "ignore_merges"}) {
      if (flag(model, name, false)) fail(std::string("model.") + name + " is not supported");
    }
    for (const char* name : {"continuing_subword_prefix", "end_of_word_suffix"}) {
      const json& value = member(model, name);
      if (!value.is_null() && value != json(""))
        fail(std::string("model.") + name + " is not supported");
    }
  }

  void read_vocab(BpeParts& parts) {
    const json& vocab = member(member(root_, "model"), "vocab");
    if (!vocab.is_object()) fail("model.vocab: expected an object, got " + kind(vocab));
    for (const auto& [token, value] : vocab.items())
      place(parts, token, id_of(value, "'" + token + "'"));
    for (int byte = 0; byte < 256; ++byte) {
      const auto found = ids_.find(byte_letter(static_cast<uint8_t>(byte)));
      if (found == ids_.end()) fail("model.vocab has no token for byte " + std::to_string(byte));
      parts.bytes[byte] = static_cast<int32_t>(found->second);
    }
  }

  void place(BpeParts& parts, const std::string& token, int64_t id) {
    if (token.empty()) fail("token " + std::to_string(id) + " is empty");
    const auto [entry, fresh] = ids_.try_emplace(token, id);
    if (!fresh && entry->second != id) {
      fail("token '" + token + "' has two ids: " + std::to_string(entry->second) + " and " +
           std::to_string(id));
    }
    if (static_cast<size_t>(id) >= parts.tokens.size()) parts.tokens.resize(id + 1);
    if (!parts.tokens[id].empty() && parts.tokens[id] != token) {
      fail("id " + std::to_string(id) + " belongs to '" + parts.tokens[id] + "' and '" + token +
           "'");
    }
    parts.tokens[id] = token;
  }

  void read_added(BpeParts& parts) {
    const json& list = member(root_, "added_tokens");
    if (list.is_null()) return;
    if (!list.is_array()) fail("added_tokens: expected a list, got " + kind(list));
    for (const auto& item : list) {
      if (!item.is_object()) fail("added_tokens: expected objects, got " + kind(item));
      const json& content = member(item, "content");
      if (!content.is_string()) fail("added_tokens.content: expected text, got " + kind(content));
      AddedToken token;
      token.text = content.get<std::string>();
      token.id = id_of(member(item, "id"), "'" + token.text + "'");
      token.special = flag(item, "special", false);
      token.normalized = flag(item, "normalized", !token.special);
      for (const char* name : {"single_word", "lstrip", "rstrip"}) {
        if (flag(item, name, false)) {
          fail("added token '" + token.text + "': " + name + " is not supported");
        }
      }
      place(parts, token.text, token.id);
      parts.added.push_back(std::move(token));
    }
  }

  void check_ids(const BpeParts& parts) const {
    for (size_t id = 0; id < parts.tokens.size(); ++id) {
      if (parts.tokens[id].empty()) {
        fail("ids have a gap: no token has id " + std::to_string(id) + ", the highest is " +
             std::to_string(parts.tokens.size() - 1));
      }
    }
  }

  void read_merges(BpeParts& parts) const {
    const json& list = member(member(root_, "model"), "merges");
    if (!list.is_array()) fail("model.merges: expected a list, got " + kind(list));
    std::unordered_map<uint64_t, size_t, PairHash> seen;
    for (size_t rank = 0; rank < list.size(); ++rank) {
      const auto [left, right] = merge_halves(list[rank], rank);
      const Merge merge{token_id(left, rank), token_id(right, rank), token_id(left + right, rank)};
      if (!seen.try_emplace(pair_key(merge.left, merge.right), rank).second) {
        fail("model.merges[" + std::to_string(rank) + "] repeats an earlier one");
      }
      parts.merges.push_back(merge);
    }
  }

  // "a b" or ["a", "b"]
  std::pair<std::string, std::string> merge_halves(const json& item, size_t rank) const {
    if (item.is_array() && item.size() == 2 && item[0].is_string() && item[1].is_string()) {
      return {item[0].get<std::string>(), item[1].get<std::string>()};
    }
    if (item.is_string()) {
      const auto text = item.get<std::string>();
      const size_t space = text.find(' ');
      if (space != std::string::npos && text.find(' ', space + 1) == std::string::npos) {
        return {text.substr(0, space), text.substr(space + 1)};
      }
    }
    fail("model.merges[" + std::to_string(rank) + "]: expected \"a b\" or [\"a\", \"b\"]");
  }

  int32_t token_id(const std::string& token, size_t rank) const {
    const auto found = ids_.find(token);
    if (found == ids_.end()) {
      fail("model.merges[" + std::to_string(rank) + "]: '" + token + "' is not in model.vocab");
    }
    return static_cast<int32_t>(found->second);
  }

  std::string where_;
  json root_;
  std::unordered_map<std::string, int64_t> ids_;
};

}  // namespace

BpeParts read_tokenizer_json(const std::string& text, const std::string& where) {
  return TokenizerReader(text, where).read();
}

}  // namespace braid
