#include "braid/modality/text.h"

#include <algorithm>
#include <utility>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/modality/text_views.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::filesystem::path tokenizer_path(const std::filesystem::path& folder,
                                     const std::string& field) {
  return folder / (field == "text" ? "tokenizer.json" : "tokenizer." + field + ".json");
}

Sample text_sample(const std::vector<int64_t>& ids) {
  const auto length = static_cast<int64_t>(ids.size());
  Sample sample{Array::of<int64_t>({length}, ids), Array(DType::kBool, {length})};
  std::ranges::fill(sample.mask.mutable_values<bool>(), true);
  return sample;
}

class TextModality final : public Modality {
 public:
  explicit TextModality(TextConfig config) : config_(std::move(config)) {}

  std::string_view name() const override { return "text"; }

  void fit(const ValueSource& values) override {
    if (!config_.tokenizer_file.empty()) {
      adopt(load_tokenizer(expand_environment(config_.tokenizer_file)), config_.tokenizer_file);
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
    write_atomic(tokenizer_path(folder, field), tokenizer().to_json());
  }

  void load(const std::filesystem::path& folder, const std::string& field) override {
    const auto path = tokenizer_path(folder, field);
    adopt(load_tokenizer(path), path.string());
  }

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
    const std::string_view text = content(bytes);
    if (is_blank(text)) {
      throw Error(ErrorCode::kInput, "text is empty: expected more than white space");
    }
    auto ids = tokenizer().encode(text);
    ids.push_back(tokenizer().eos_id());
    return text_sample(ids);
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
  static std::string_view content(std::span<const std::byte> bytes) {
    std::string_view text = as_text(bytes);
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    return text;
  }

  const Tokenizer& tokenizer() const {
    if (!tokenizer_) throw Error(ErrorCode::kInternal, "text: call fit or load first");
    return *tokenizer_;
  }

  // Padding is told by the mask, so a tokenizer without <pad> may pad with anything.
  int64_t pad_id() const { return std::max<int64_t>(tokenizer().pad_id(), 0); }

  void adopt(std::unique_ptr<Tokenizer> tokenizer, const std::string& where) {
    if (tokenizer->eos_id() < 0) {
      throw Error(ErrorCode::kInput, where + ": no end token: expected <eos> among added_tokens");
    }
    if (config_.views.mask > 0 && tokenizer->mask_id() < 0) {
      throw Error(ErrorCode::kInput,
                  where + ": no <mask> among added_tokens: expected one, or views.mask 0");
    }
    tokenizer_ = std::move(tokenizer);
  }

  static std::vector<int64_t> body(const Sample& prepared) {
    const auto ids = prepared.values.values<int64_t>();
    return {ids.begin(), ids.end() - 1};
  }

  std::vector<int64_t> cut(std::vector<int64_t> ids) const {
    ids.resize(std::min<size_t>(ids.size(), config_.max_tokens - 1));
    ids.push_back(tokenizer().eos_id());
    return ids;
  }

  TextConfig config_;
  std::unique_ptr<const Tokenizer> tokenizer_;
};

}  // namespace

std::unique_ptr<Modality> make_text(const ConfigNode& node) {
  return std::make_unique<TextModality>(read_member<TextConfig>(node));
}

}  // namespace braid
