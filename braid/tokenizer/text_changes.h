// The single steps that normalisers are made of. All take and give valid UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace braid {

std::string without_marks(std::string_view text);                    // \p{M}
std::string stripped(std::string_view text, bool left, bool right);  // of white space
std::string replaced(std::string_view text, std::string_view from, std::string_view to);

// What BERT does to text (Devlin et al. 2019, tokenization.py), in the order of HF's port.
struct BertCleaning {
  bool clean_text = true;     // without control characters; all white space becomes a blank
  bool chinese_chars = true;  // blanks around CJK ideographs: each becomes a word
  bool strip_accents = true;  // NFD without accents
  bool lowercase = true;
};
std::string bert_cleaned(std::string text, const BertCleaning& cleaning);

// html.unescape of Python for HTML 4's names and for numbers: "&lt;" -> "<". OpenAI's CLIP does it.
std::string without_entities(std::string_view text);

}  // namespace braid
