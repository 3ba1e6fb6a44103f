#include "braid/tokenizer/frame.h"

#include <algorithm>

#include "braid/core/error.h"
#include "braid/tokenizer/normalizer.h"

namespace braid {
namespace {

int64_t checked_id(const JsonView& json, int64_t vocabulary) {
  const int64_t id = json.integer();
  if (id < 0 || id >= vocabulary) {
    json.fail("expected 0 .. " + std::to_string(vocabulary - 1) + ", got " + std::to_string(id));
  }
  return id;
}

// "sep": ["[SEP]", 102]
int64_t pair_id(const JsonView& json, int64_t vocabulary) {
  if (json.size() != 2) json.fail("expected [token, id]");
  return checked_id(json.item(1), vocabulary);
}

void append_special(const JsonView& processor, const JsonView& piece, int64_t vocabulary,
                    std::vector<int64_t>& ids) {
  const JsonView name = piece.member("id");
  const JsonView special = processor.member("special_tokens").member(name.text());
  if (special.is_null()) name.fail("'" + name.text() + "' is not among special_tokens");
  const JsonView list = special.member("ids");
  for (size_t i = 0; i < list.size(); ++i) ids.push_back(checked_id(list.item(i), vocabulary));
}

TokenFrame read_template(const JsonView& json, int64_t vocabulary) {
  TokenFrame frame;
  size_t texts = 0;
  const JsonView single = json.member("single");
  for (size_t i = 0; i < single.size(); ++i) {
    const JsonView special = single.item(i).member("SpecialToken");
    const JsonView sequence = single.item(i).member("Sequence");
    if (!special.is_null()) {
      append_special(json, special, vocabulary, texts == 0 ? frame.prefix : frame.suffix);
    } else if (sequence.member("id").text() == "A") {
      ++texts;
    } else {
      sequence.fail("only sequence A is supported");
    }
  }
  if (texts != 1)
    single.fail("expected sequence A once, got it " + std::to_string(texts) + " times");
  return frame;
}

TokenFrame read_own(const JsonView& json, int64_t vocabulary) {
  const std::string type = json.type();
  if (type == "ByteLevel") return {};  // moves offsets only, which we have none of
  if (type == "TemplateProcessing") return read_template(json, vocabulary);
  if (type == "BertProcessing" || type == "RobertaProcessing") {
    return {{pair_id(json.member("cls"), vocabulary)}, {pair_id(json.member("sep"), vocabulary)}};
  }
  json.unsupported_type(
      "TemplateProcessing, BertProcessing, RobertaProcessing, ByteLevel or Sequence");
}

}  // namespace

void read_frame(const JsonView& json, int64_t vocabulary, TokenFrame& frame, int depth) {
  if (json.is_null()) return;
  if (json.type() == "Sequence") {
    if (depth == kDeepestNesting) json.fail("Sequences nest deeper than 8");
    const JsonView list = json.member("processors");
    for (size_t i = 0; i < list.size(); ++i) read_frame(list.item(i), vocabulary, frame, depth + 1);
    return;
  }
  const TokenFrame own = read_own(json, vocabulary);
  frame.prefix.insert(frame.prefix.begin(), own.prefix.begin(), own.prefix.end());
  frame.suffix.insert(frame.suffix.end(), own.suffix.begin(), own.suffix.end());
}

std::vector<int64_t> framed(std::vector<int64_t> ids, const TokenFrame& frame, size_t most) {
  const size_t around = frame.prefix.size() + frame.suffix.size();
  if (most <= around) {
    throw Error(ErrorCode::kLimit, "at most " + std::to_string(most) +
                                       " tokens: expected more than " + std::to_string(around) +
                                       ", which stand around every text");
  }
  ids.resize(std::min(ids.size(), most - around));
  ids.insert(ids.begin(), frame.prefix.begin(), frame.prefix.end());
  ids.insert(ids.end(), frame.suffix.begin(), frame.suffix.end());
  return ids;
}

}  // namespace braid
