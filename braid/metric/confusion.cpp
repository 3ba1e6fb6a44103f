#include "braid/metric/confusion.h"

#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "braid/core/text.h"
#include "braid/metric/columns.h"

namespace braid {
namespace {

constexpr size_t kMostClasses = 10;  // of a matrix within 80 columns
constexpr size_t kMistakesShown = 20;

std::string mistakes_table(const Confusion& confusion) {
  struct Mistake {
    size_t label, answer;
    int64_t count;
  };
  std::vector<Mistake> mistakes;
  for (size_t label = 0; label < confusion.names.size(); ++label) {
    for (size_t answer = 0; answer < confusion.names.size(); ++answer) {
      const int64_t count = confusion.at(label, answer);
      if (label != answer && count > 0) mistakes.push_back({label, answer, count});
    }
  }
  std::stable_sort(mistakes.begin(), mistakes.end(),
                   [](const Mistake& a, const Mistake& b) { return a.count > b.count; });
  const size_t shown = std::min(mistakes.size(), kMistakesShown);
  std::string text = "most frequent mistakes (true, answered)\n";
  for (size_t i = 0; i < shown; ++i) {
    text += "  " + left_cell(confusion.names[mistakes[i].label], 30) + "  " +
            left_cell(confusion.names[mistakes[i].answer], 30) + "  " +
            right_cell(std::to_string(mistakes[i].count), 6) + "\n";
  }
  if (mistakes.empty()) text += "  none\n";
  if (shown < mistakes.size()) {
    text += "  and " + std::to_string(mistakes.size() - shown) + " more\n";
  }
  return text;
}

}  // namespace

Confusion confusion(const ClassPredictions& predictions) {
  const auto given = checked(predictions);
  Confusion out{predictions.names, std::vector<int64_t>(given.classes * given.classes)};
  for (size_t i = 0; i < given.size(); ++i) {
    const double* row = given.row(i);
    const auto answer = static_cast<size_t>(std::max_element(row, row + given.classes) - row);
    ++out.counts[given.labels[i] * given.classes + answer];
  }
  return out;
}

std::string confusion_table(const Confusion& confusion) {
  const size_t classes = confusion.names.size();
  if (classes > kMostClasses) return mistakes_table(confusion);
  const size_t width = classes > 6 ? 5 : 9, first = 16;
  std::string text = "rows are true, columns answered\n  " + left_cell("", first);
  for (const auto& name : confusion.names) text += " " + right_cell(name, width);
  text += "\n";
  for (size_t label = 0; label < classes; ++label) {
    text += "  " + left_cell(confusion.names[label], first);
    for (size_t answer = 0; answer < classes; ++answer) {
      text += " " + right_cell(std::to_string(confusion.at(label, answer)), width);
    }
    text += "\n";
  }
  return text;
}

std::string confusion_json(const Confusion& confusion) {
  nlohmann::ordered_json counts = nlohmann::ordered_json::array();
  for (size_t label = 0; label < confusion.names.size(); ++label) {
    const auto begin =
        confusion.counts.begin() + static_cast<std::ptrdiff_t>(label * confusion.names.size());
    counts.push_back(
        std::vector<int64_t>(begin, begin + static_cast<std::ptrdiff_t>(confusion.names.size())));
  }
  const nlohmann::ordered_json json{{"classes", confusion.names}, {"counts", counts}};
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace braid
