// Writes HF tokenizer.json, which the `tokenizers` library and its ports read.
#include <nlohmann/json.hpp>

#include "braid/tokenizer/trained_parts.h"

namespace braid {
namespace {

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

const char* bool_text(bool value) { return value ? "true" : "false"; }

std::string added_json(const AddedToken& token) {
  return "{\"id\": " + std::to_string(token.id) + ", \"content\": " + quoted(token.text) +
         ", \"single_word\": false, \"lstrip\": false, \"rstrip\": false, \"normalized\": " +
         bool_text(token.normalized) + ", \"special\": " + bool_text(token.special) + "}";
}

std::string step_json(NormalStep step) {
  return std::string("{\"type\": \"") + normal_step_name(step) + "\"}";
}

std::string normalizer_json(const std::vector<NormalStep>& steps) {
  if (steps.empty()) return "null";
  std::string list;
  for (const auto step : steps) list += (list.empty() ? "" : ", ") + step_json(step);
  return "{\"type\": \"Sequence\", \"normalizers\": [" + list + "]}";
}

// One item a line, so that two files can be compared by eye.
class LineList {
 public:
  void add(const std::string& item) { text_ += (text_.empty() ? "\n      " : ",\n      ") + item; }
  std::string text() const { return text_.empty() ? "" : text_ + "\n    "; }

 private:
  std::string text_;
};

}  // namespace

std::string write_tokenizer_json(const BpeParts& parts) {
  LineList added, vocab, merges;
  for (const auto& token : parts.added) added.add(added_json(token));
  for (size_t id = 0; id < parts.tokens.size(); ++id) {
    vocab.add(quoted(parts.tokens[id]) + ": " + std::to_string(id));
  }
  for (const auto& merge : parts.merges) {
    merges.add(quoted(parts.tokens[merge.left] + " " + parts.tokens[merge.right]));
  }
  const std::string byte_level =
      "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, "
      "\"trim_offsets\": true, \"use_regex\": true}";
  return "{\n  \"version\": \"1.0\",\n  \"truncation\": null,\n  \"padding\": null,\n"
         "  \"added_tokens\": [" +
         added.text() +
         "],\n"
         "  \"normalizer\": " +
         normalizer_json(parts.normalizer) +
         ",\n"
         "  \"pre_tokenizer\": " +
         byte_level +
         ",\n"
         "  \"post_processor\": null,\n"
         "  \"decoder\": " +
         byte_level +
         ",\n"
         "  \"model\": {\n    \"type\": \"BPE\",\n    \"dropout\": null,\n    \"unk_token\": "
         "null,\n"
         "    \"continuing_subword_prefix\": null,\n    \"end_of_word_suffix\": null,\n"
         "    \"fuse_unk\": false,\n    \"byte_fallback\": false,\n    \"ignore_merges\": false,\n"
         "    \"vocab\": {" +
         vocab.text() +
         "},\n"
         "    \"merges\": [" +
         merges.text() + "]\n  }\n}\n";
}

}  // namespace braid
