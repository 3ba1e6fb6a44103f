#include "braid/task/target_texts.h"

#include <algorithm>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/tokenizer/tokenizer.h"
#include "braid/tokenizer/unicode.h"

namespace braid {
namespace {

// Calls visit(language, text) for each text of a row that says something.
template <class Visit>
void visit_texts(const TaskConfig& task, const Dataset& data, int64_t row, Visit visit) {
  for (size_t language = 0; language < task.texts.size(); ++language) {
    for (const auto& column : task.texts[language].second) {
      for (auto& text : data.column(row, column)) {
        if (!valid_utf8(text)) {
          throw Error(ErrorCode::kInput, data.where(row) + ": tasks." + task.name +
                                             ".target: column '" + column +
                                             "': expected UTF-8 without broken characters");
        }
        if (!is_blank(text)) visit(static_cast<int64_t>(language), std::move(text));
      }
    }
  }
}

// The one that stands most often, of equals the one met first.
class UsualText {
 public:
  void add(const std::string& text) {
    auto& [count, place] = counts_.try_emplace(text, 0, counts_.size()).first->second;
    ++count;
  }
  std::string most() const {
    const auto found = std::max_element(counts_.begin(), counts_.end(), [](auto& x, auto& y) {
      const auto [x_count, x_place] = x.second;
      const auto [y_count, y_place] = y.second;
      return x_count != y_count ? x_count < y_count : x_place > y_place;
    });
    return found == counts_.end() ? "" : found->first;
  }

 private:
  std::unordered_map<std::string, std::pair<int64_t, size_t>> counts_;
};

}  // namespace

TargetFacts learn_texts(const TaskConfig& task, const Dataset& data,
                        const std::vector<int64_t>& rows) {
  TargetFacts facts;
  std::vector<UsualText> usual(task.texts.size());
  std::vector<std::string> corpus;
  for (const int64_t row : rows) {
    const auto before = corpus.size();
    visit_texts(task, data, row, [&](int64_t language, std::string text) {
      usual[static_cast<size_t>(language)].add(text);
      corpus.push_back(std::move(text));
    });
    facts.rows += corpus.size() > before;
  }
  if (corpus.empty()) {
    throw Error(ErrorCode::kConfig, "tasks." + task.name + ".target: no row that is trained on " +
                                        "has a text in " + join(task.target, ", "));
  }
  for (size_t i = 0; i < task.texts.size(); ++i) {
    facts.languages.push_back(task.texts[i].first);
    facts.usual.push_back(usual[i].most());
  }
  const auto config = read_member<BpeConfig>(*task.node.find("tokenizer"));
  facts.tokenizer = train_bpe(
      [&](const TextVisitor& visit) {
        for (const auto& text : corpus) visit(text);
      },
      config);
  return facts;
}

std::vector<std::vector<TargetText>> read_texts(const TaskConfig& task, const TargetFacts& facts,
                                                const Dataset& data,
                                                const std::vector<int64_t>& rows) {
  std::vector<std::vector<TargetText>> all;
  for (const int64_t row : rows) {
    auto& texts = all.emplace_back();
    visit_texts(task, data, row, [&](int64_t language, std::string text) {
      auto tokens = facts.tokenizer->encode(text);
      texts.push_back({language, std::move(text), std::move(tokens)});
    });
  }
  return all;
}

}  // namespace braid
