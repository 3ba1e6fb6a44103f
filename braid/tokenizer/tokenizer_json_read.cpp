// Reads HF tokenizer.json: nothing that would silently give other tokens than the `tokenizers`
// library does.
#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/tokenizer/json_view.h"
#include "braid/tokenizer/pipeline.h"
#include "braid/tokenizer/special_ids.h"

namespace braid {
namespace {

// A problem is no problem where it is empty.
void expect_fine(const JsonView& json, const std::string& problem) {
  if (!problem.empty()) json.fail(problem);
}

// Files of 2020 do not name the model's type: HF tells it by what is there.
std::string model_type(const JsonView& model) {
  if (!model.is_object()) {
    model.fail(std::string("expected an object, got ") + model.value().type_name() +
               " (a vocab.json needs its merges.txt: name their folder)");
  }
  const JsonView type = model.member("type");
  if (!type.is_null()) return type.text();
  if (!model.member("merges").is_null()) return "BPE";
  if (model.member("vocab").is_list()) return "Unigram";
  if (!model.member("max_input_chars_per_word").is_null()) return "WordPiece";
  model.fail("has no type: expected BPE, WordPiece or Unigram");
}

void read_words(const JsonView& vocab, Vocabulary& vocabulary) {
  if (!vocab.is_object())
    vocab.fail(std::string("expected an object, got ") + vocab.value().type_name());
  for (const auto& [token, value] : vocab.value().get_ref<const nlohmann::json::object_t&>()) {
    // There are many: a path is made for the one that is refused.
    const bool plain = value.is_number_unsigned() && value.get<uint64_t>() <= INT64_MAX;
    const int64_t id =
        plain ? value.get<int64_t>()
              : JsonView(value, vocab.where(), vocab.path() + "['" + token + "']").integer();
    expect_fine(vocab, vocabulary.add(token, id));
  }
}

void read_scored(const JsonView& vocab, Vocabulary& vocabulary) {
  for (size_t id = 0; id < vocab.size(); ++id) {
    const JsonView item = vocab.item(id);
    if (item.size() != 2) item.fail("expected [token, score]");
    expect_fine(item, vocabulary.add(item.item(0).text(), static_cast<int64_t>(id)));
  }
}

std::vector<AddedToken> read_added(const JsonView& list, Vocabulary& vocabulary) {
  std::vector<AddedToken> tokens;
  for (size_t i = 0; !list.is_null() && i < list.size(); ++i) {
    const JsonView item = list.item(i);
    AddedToken token;
    token.text = item.member("content").text();
    token.id = item.member("id").integer();
    token.special = item.member("special").flag(false);
    token.normalized = item.member("normalized").flag(!token.special);
    token.single_word = item.member("single_word").flag(false);
    token.lstrip = item.member("lstrip").flag(false);
    token.rstrip = item.member("rstrip").flag(false);
    expect_fine(item, vocabulary.add_outside(token.text, token.id));
    tokens.push_back(std::move(token));
  }
  return tokens;
}

std::unique_ptr<TokenModel> read_model(const JsonView& model, const std::string& type,
                                       const Vocabulary& vocabulary) {
  if (type == "BPE") return read_bpe(model, vocabulary);
  if (type == "WordPiece") return read_word_piece(model, vocabulary);
  return read_unigram(model, vocabulary);
}

SpecialIds special_ids(const PipelineParts& parts, bool bpe) {
  // BPE may learn a token of such a name from text; elsewhere a vocabulary lists its specials.
  auto ids = find_special_ids([&](std::string_view name) {
    if (!bpe) return parts.vocabulary->find_any(name);
    for (const auto& token : parts.added) {
      if (token.text == name) return token.id;
    }
    return int64_t{-1};
  });
  ids.unknown = parts.model->unknown_id();
  return ids;
}

// "Sequence(NFC, Lowercase)"
std::string type_list(const JsonView& json, const char* list_name) {
  if (json.is_null()) return "none";
  if (json.type() != "Sequence") return json.type();
  const JsonView list = json.member(list_name);
  std::string text;
  for (size_t i = 0; i < list.size(); ++i) {
    text += (text.empty() ? "" : ", ") + type_list(list.item(i), list_name);
  }
  return text;
}

}  // namespace

std::unique_ptr<Tokenizer> read_tokenizer_json(const std::string& json, const std::string& where) {
  nlohmann::json root;
  try {
    root = nlohmann::json::parse(json);
  } catch (const nlohmann::json::parse_error& error) {
    throw Error(ErrorCode::kInput, where + ": not JSON at byte " + std::to_string(error.byte));
  } catch (const nlohmann::json::out_of_range&) {
    throw Error(ErrorCode::kInput, where + ": has a number that is out of range");
  }
  const JsonView file(root, where);
  if (!root.is_object()) file.fail(std::string("expected a JSON object, got ") + root.type_name());
  const JsonView model = file.member("model"), added = file.member("added_tokens");
  const std::string type = model_type(model);
  if (type != "BPE" && type != "WordPiece" && type != "Unigram") {
    model.unsupported_type("BPE, WordPiece or Unigram");
  }
  const JsonView vocab = model.member("vocab");

  PipelineParts parts;
  parts.vocabulary =
      std::make_unique<Vocabulary>(vocab.value().size() + (added.is_null() ? 0 : added.size()));
  (type == "Unigram" ? read_scored : read_words)(vocab, *parts.vocabulary);
  parts.model = read_model(model, type, *parts.vocabulary);
  parts.added = read_added(added, *parts.vocabulary);
  expect_fine(file, parts.vocabulary->gap());
  if (parts.vocabulary->size() == 0) vocab.fail("is empty: expected tokens");
  read_normalizer(file.member("normalizer"), parts.normalizer);
  parts.pre_tokenizer = read_pre_tokenizer(file.member("pre_tokenizer"));
  read_frame(file.member("post_processor"), parts.vocabulary->size(), parts.frame);
  parts.decoder = read_decoder(file.member("decoder"));
  parts.special_ids = special_ids(parts, type == "BPE");
  if (parts.frame.suffix.empty() && parts.special_ids.eos >= 0) {
    parts.frame.suffix = {parts.special_ids.eos};
  }
  parts.summary = {{"model", parts.model->summary()},
                   {"normalizer", type_list(file.member("normalizer"), "normalizers")},
                   {"pre-tokenizer", type_list(file.member("pre_tokenizer"), "pretokenizers")},
                   {"decoder", type_list(file.member("decoder"), "decoders")}};
  parts.byte_letters = parts.summary.back().second.find("ByteLevel") != std::string::npos;
  parts.json = json;
  return make_pipeline(std::move(parts));
}

}  // namespace braid
