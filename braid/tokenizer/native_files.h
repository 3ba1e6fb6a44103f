// Vocabularies in the formats of their owners, written as the tokenizer.json that means the same.
#pragma once

#include <string>

namespace braid {

// BERT's vocab.txt (google-research/bert): a token a line. Names of specials in the text stay text.
// Throws Error(kInput, where: ...).
std::string word_piece_json(const std::string& vocab, bool lowercase, const std::string& where);

// CLIP's bpe_simple_vocab_16e6.txt (openai/CLIP): merges alone, the vocabulary follows from them.
std::string clip_json(const std::string& merges, const std::string& where);

// vocab.json and merges.txt, as HF keeps GPT-2, RoBERTa (it has <s> and </s>) and CLIP (words end
// in </w>).
std::string bpe_folder_json(const std::string& vocab, const std::string& merges,
                            const std::string& where);

}  // namespace braid
