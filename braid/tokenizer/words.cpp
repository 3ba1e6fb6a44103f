#include "braid/tokenizer/words.h"

#include <array>

#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

// 's, 't, 're ... at `at`; 0 when there is none.
size_t contraction_length(std::string_view text, size_t at) {
  constexpr std::array<std::string_view, 7> kEndings = {"'s", "'t",  "'re", "'ve",
                                                        "'m", "'ll", "'d"};
  for (const auto ending : kEndings) {
    if (text.substr(at, ending.size()) == ending) return ending.size();
  }
  return 0;
}

struct ClassRun {
  size_t end;   // where the class changes
  size_t last;  // start of its last code point
};

ClassRun class_run(std::string_view text, size_t at, CharClass wanted) {
  ClassRun run{at, at};
  for (size_t next = at; next < text.size();) {
    const size_t start = next;
    if (char_class(next_code_point(text, next)) != wanted) break;
    run = {next, start};
  }
  return run;
}

// \s+(?!\S)|\s+ leaves the last space of a run to the word behind it.
size_t space_end(std::string_view text, size_t at) {
  const ClassRun run = class_run(text, at, CharClass::kSpace);
  return run.end == text.size() || run.last == at ? run.end : run.last;
}

}  // namespace

size_t word_end(std::string_view text, size_t at) {
  if (text[at] == '\'') {
    if (const size_t length = contraction_length(text, at)) return at + length;
  }
  size_t body = at;
  if (text[at] == ' ' && at + 1 < text.size()) ++body;
  size_t next = body;
  const CharClass kind = char_class(next_code_point(text, next));
  return kind == CharClass::kSpace ? space_end(text, at) : class_run(text, body, kind).end;
}

void scan_words(std::string_view text, const std::function<void(std::string_view)>& visit) {
  for (size_t at = 0; at < text.size();) {
    const size_t end = word_end(text, at);
    visit(text.substr(at, end - at));
    at = end;
  }
}

}  // namespace braid
