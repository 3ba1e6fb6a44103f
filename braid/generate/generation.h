// The recipe keys of `kind: generation`: a text is written token by token. Torch-free.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "braid/core/config.h"
#include "braid/generate/search_config.h"
#include "braid/tokenizer/tokenizer.h"

namespace braid {

// What the decoder is shown of a sample.
enum class DecoderView { kTokens, kFused, kBoth };
inline std::span<const char* const> enum_names(DecoderView*) {
  static constexpr const char* kNames[] = {"tokens", "fused", "both"};
  return kNames;
}

// Self-critical training (Rennie et al. 2017): what the decoder itself writes is learned by what it
// is worth, task/self_critical.h.
struct SelfCriticalConfig {
  int64_t epochs = 0;
  int64_t draws = 5;
};

template <class Field>
void visit(Field&& field, SelfCriticalConfig& c) {
  field("epochs", c.epochs, at_least<int64_t>(0),
        "the last so many epochs of training; 0: none, every epoch learns the texts of the rows");
  field("draws", c.draws, closed<int64_t>(2, 64), "texts drawn of each language and row");
}

struct GenerationConfig {
  ConfigNode target;  // column | [columns] | {label: column(s)}
  double weight = 1;
  DecoderView reads = DecoderView::kBoth;
  std::vector<std::string> fields;
  int64_t width = 256;
  int64_t depth = 3;
  int64_t heads = 4;
  int64_t mlp_ratio = 4;
  double dropout = 0.1;
  double attention_dropout = 0;
  double drop_path = 0;
  bool tied = true;
  BpeConfig tokenizer;
  int64_t max_tokens = 32;
  int64_t draw = 1;
  double label_smoothing = 0;
  SelfCriticalConfig self_critical;
  SearchConfig search;
};

template <class Field>
void visit(Field&& field, GenerationConfig& c) {
  field("target", c.target,
        "column(s) whose texts are learned, each of which is right; or label: column(s), such as "
        "{en: captions_en, zh: captions_zh}: one decoder of several languages");
  field("weight", c.weight, at_least(0.0), "factor in the total loss");
  field("reads", c.reads,
        "tokens: of fields, by cross-attention; fused: the fused vector, as a prefix; or both");
  field("fields", c.fields,
        "what it sees tokens of, default: every field; with reads: tokens it may leave out the "
        "field that reads the texts themselves, to be aligned (contrastive captioners)");
  field("width", c.width, closed<int64_t>(1, 16384), "width of the decoder");
  field("depth", c.depth, closed<int64_t>(1, 128), "its layers");
  field("heads", c.heads, closed<int64_t>(1, 256), "attention heads; divides width");
  field("mlp_ratio", c.mlp_ratio, closed<int64_t>(1, 16), "hidden width of an MLP, in widths");
  field("dropout", c.dropout, half_open(0.0, 1.0), "of tokens and of each branch");
  field("attention_dropout", c.attention_dropout, half_open(0.0, 1.0),
        "of attention weights; above 0 training takes a slower path");
  field("drop_path", c.drop_path, half_open(0.0, 1.0),
        "of whole branches at the last layer; 0 at the first");
  field("tied", c.tied, "the table that reads tokens also scores them");
  field("tokenizer", c.tokenizer, "what is learned from the texts of the training rows");
  field("max_tokens", c.max_tokens, closed<int64_t>(2, 4096),
        "of a text, its end included; longer ones are learned without their end");
  field("draw", c.draw, closed<int64_t>(1, 64),
        "texts of each label that are drawn of a row for one step; it is encoded once for all");
  field("label_smoothing", c.label_smoothing, half_open(0.0, 1.0),
        "share of the truth that is spread over all tokens");
  field("self_critical", c.self_critical,
        "learn what drawn texts are worth (CIDEr-D) in the last epochs");
  field("search", c.search, "how texts are written where nothing else is asked for");
}

}  // namespace braid
