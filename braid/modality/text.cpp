#include "braid/modality/text.h"

#include <algorithm>
#include <utility>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/modality/hidden_words.h"
#include "braid/modality/member.h"
#include "braid/modality/text_views.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// Without ".json" or ".model", which says what kind it is.
std::filesystem::path tokenizer_stem(const std::filesystem::path& folder,
                                     const std::string& field) {
  return folder / (field == "text" ? "tokenizer" : "tokenizer." + field);
}

Sample text_sample(const std::vector<int64_t>& ids) {
  const auto length = static_cast<int64_t>(ids.size());
  Sample sample{Array::of<int64_t>({length}, ids), Array(DType::kBool, {length})};
  std::ranges::fill(sample.mask.mutable_values<bool>(), true);
  return sample;
}

class TextModality final : public Modality {
 public:
  explicit TextModality(TextConfig config) : config_(std::move(config)), hidden_(config_.hide) {}

  std::string_view name() const override { return "text"; }

  void fit(const ValueSource& values) override {
    if (!config_.tokenizer_file.empty()) {
      const std::string path = expand_environment(config_.tokenizer_file);
      adopt(load_tokenizer(path, config_.tokenizer.lowercase), path);
      return;
    }
    const TextSource corpus = [&](const TextVisitor& visit) {
      values([&](std::span<const std::byte> bytes) {
        // What prepare refuses is counted and named there.
        if (bytes.size() <= max_bytes() && valid_utf8(as_text(bytes))) visit(content(bytes));
      });
    };
    adopt(train_bpe(corpus, config_.tokenizer), "trained tokenizer");
  }

  void save(const std::filesystem::path& folder, const std::string& field) const override {
    const TokenizerFile file = tokenizer().file();
    write_atomic(tokenizer_stem(folder, field) += file.suffix, file.bytes);
  }

  void load(const std::filesystem::path& folder, const std::string& field) override {
    auto path = tokenizer_stem(folder, field) += ".model";
    if (!std::filesystem::exists(path)) path = tokenizer_stem(folder, field) += ".json";
    adopt(load_tokenizer(path), path.string());
  }

  std::string learned() const override { return content_hash(tokenizer().file().bytes); }

  std::map<std::string, int64_t> facts() const override {
    return {{"vocabulary", tokenizer().vocabulary()},
            {"max_tokens", config_.max_tokens},
            {"pad_id", pad_id()}};
  }

  Sample prepare(std::span<const std::byte> bytes) const override {
    if (bytes.size() > max_bytes()) {
      throw Error(ErrorCode::kLimit, "text of " + std::to_string(bytes.size()) +
                                         " bytes: expected at most " + std::to_string(max_bytes()) +
                                         " (max_bytes)");
    }
    if (!valid_utf8(as_text(bytes))) {
      throw Error(ErrorCode::kInput, "text is not UTF-8: expected UTF-8 without broken characters");
    }
    const std::string text = content(bytes);
    if (is_blank(text)) {
      throw Error(ErrorCode::kInput, "text is empty: expected more than white space");
    }
    auto ids = tokenizer().encode(text);
    if (ids.empty()) {
      throw Error(ErrorCode::kInput, "text has no token: the tokenizer leaves out all of it");
    }
    return text_sample(framed(std::move(ids), tokenizer().frame(), SIZE_MAX));
  }

  Sample augment(const Sample& prepared, Rng& rng) const override {
    return text_sample(cut(disturb(body(prepared), config_.views, tokenizer(), rng)));
  }

  Sample view(const Sample& prepared) const override { return text_sample(cut(body(prepared))); }

  Sample collate(std::span<const Sample* const> views) const override {
    int64_t longest = 1;
    for (const auto* view : views) {
      if (view) longest = std::max(longest, view->values.count());
    }
    const auto rows = static_cast<int64_t>(views.size());
    Sample batch{Array(DType::kI64, {rows, longest}), Array(DType::kBool, {rows, longest})};
    auto id = batch.values.mutable_values<int64_t>().begin();  // [B, T]
    auto real = batch.mask.mutable_values<bool>().begin();     // [B, T]
    for (size_t row = 0; row < views.size(); ++row, id += longest, real += longest) {
      if (!views[row]) continue;
      const auto ids = views[row]->values.values<int64_t>();
      std::fill(std::ranges::copy(ids, id).out, id + longest, pad_id());
      std::fill_n(real, ids.size(), true);
    }
    return batch;
  }

  uint64_t max_bytes() const override { return static_cast<uint64_t>(config_.max_bytes); }

 private:
  // What the model may see of a text.
  std::string content(std::span<const std::byte> bytes) const {
    std::string_view text = as_text(bytes);
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    return hidden_.empty() ? std::string(text) : hidden_.without(text);
  }

  const Tokenizer& tokenizer() const {
    if (!tokenizer_) throw Error(ErrorCode::kInternal, "text: call fit or load first");
    return *tokenizer_;
  }

  // Padding is told by the mask, so a tokenizer without <pad> may pad with anything.
  int64_t pad_id() const { return std::max<int64_t>(tokenizer().special_ids().pad, 0); }

  void adopt(std::unique_ptr<Tokenizer> tokenizer, const std::string& where) {
    check(*tokenizer, where);
    tokenizer_ = std::move(tokenizer);
  }

  void check(const Tokenizer& tokenizer, const std::string& where) const {
    const auto refuse = [&](const std::string& message) {
      throw Error(ErrorCode::kInput, where + ": " + message);
    };
    const TokenFrame& frame = tokenizer.frame();
    if (frame.suffix.empty()) {
      refuse(
          "no end token: expected a post_processor that adds one, or <eos>, </s>, [SEP] or "
          "<|endoftext|> among added_tokens");
    }
    if (config_.views.mask > 0 && tokenizer.special_ids().mask < 0) {
      refuse("no <mask> or [MASK] token: expected one, or views.mask 0");
    }
    const size_t around = frame.prefix.size() + frame.suffix.size();
    if (static_cast<size_t>(config_.max_tokens) <= around) {
      refuse("puts " + std::to_string(around) +
             " tokens around a text: expected max_tokens above " + std::to_string(around) +
             ", got " + std::to_string(config_.max_tokens));
    }
    bool ordinary = false;
    for (int64_t id = 0; id < tokenizer.vocabulary(); ++id) {
      ordinary = ordinary || !tokenizer.is_special(id);
    }
    if (!ordinary) refuse("has special tokens only");
  }

  std::vector<int64_t> body(const Sample& prepared) const {
    const auto ids = prepared.values.values<int64_t>();
    const TokenFrame& frame = tokenizer().frame();
    return {ids.begin() + static_cast<int64_t>(frame.prefix.size()),
            ids.end() - static_cast<int64_t>(frame.suffix.size())};
  }

  std::vector<int64_t> cut(std::vector<int64_t> ids) const {
    return framed(std::move(ids), tokenizer().frame(), static_cast<size_t>(config_.max_tokens));
  }

  TextConfig config_;
  HiddenWords hidden_;
  std::unique_ptr<const Tokenizer> tokenizer_;
};

}  // namespace

std::unique_ptr<Modality> make_text(const ConfigNode& node) {
  return std::make_unique<TextModality>(read_member<TextConfig>(node));
}

ModalityMember member_text() { return modality_member<TextConfig>(make_text, Cells::kValues); }

}  // namespace braid
