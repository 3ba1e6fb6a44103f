#include <algorithm>

#include "braid/report/sections.h"

namespace braid {
namespace {

constexpr size_t kMatrixClasses = 30;  // more would be no matrix to read
constexpr size_t kPairsShown = 20;

std::string share_text(int64_t part, int64_t whole) {
  return decimal(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1) + " %";
}

int64_t samples_of(const Confusion& c, size_t label) {
  int64_t sum = 0;
  for (size_t answer = 0; answer < c.names.size(); ++answer) sum += c.at(label, answer);
  return sum;
}

// "right3": of four steps of colour by the share of the class.
std::string heat_class(int64_t count, int64_t whole, bool right) {
  if (count == 0) return "cold";
  const auto step = (4 * count + whole - 1) / whole;
  return (right ? "right" : "wrong") + std::to_string(step);
}

void add_matrix_row(Html& page, const Confusion& c, size_t label) {
  const auto whole = samples_of(c, label);
  if (whole == 0) return;  // a class without a sample in the split
  page.open("tr").leaf("th", c.names[label], {{"scope", "row"}});
  for (size_t answer = 0; answer < c.names.size(); ++answer) {
    const auto count = c.at(label, answer);
    if (count == 0) {
      page.leaf("td", "", {{"class", "cold"}});
      continue;
    }
    page.leaf("td", std::to_string(count),
              {{"class", heat_class(count, whole, label == answer)},
               {"title", "true " + c.names[label] + ", answered " + c.names[answer] + ": " +
                             share_text(count, whole)}});
  }
  page.close();
}

void add_confusion_matrix(Html& page, const Confusion& c) {
  page.leaf("p", "Rows are true, columns answered; colour is the share of the row's samples.",
            {{"class", "soft"}});
  page.open("div", {{"class", "card scroll"},
                    {"tabindex", "0"},
                    {"role", "region"},
                    {"aria-label", "Confusion matrix"}});
  page.open("table", {{"class", "confusion"}}).open("thead").open("tr");
  page.leaf("td", "true \\ answered");
  for (const auto& name : c.names) page.leaf("th", name, {{"scope", "col"}});
  page.close().close().open("tbody");
  for (size_t label = 0; label < c.names.size(); ++label) add_matrix_row(page, c, label);
  page.close().close().close();
}

void add_worst_pairs(Html& page, const Confusion& c) {
  struct Pair {
    size_t label, answer;
    int64_t count;
  };
  std::vector<Pair> pairs;
  for (size_t label = 0; label < c.names.size(); ++label) {
    for (size_t answer = 0; answer < c.names.size(); ++answer) {
      const auto count = c.at(label, answer);
      if (label != answer && count > 0) pairs.push_back({label, answer, count});
    }
  }
  std::ranges::stable_sort(pairs, std::ranges::greater{}, &Pair::count);
  page.leaf("p",
            std::to_string(c.names.size()) + " classes, " + std::to_string(pairs.size()) +
                " kinds of mistakes; the most frequent:",
            {{"class", "soft"}});
  page.open("div", {{"class", "card"}}).open("table", {{"class", "metrics"}});
  page.open("thead").open("tr");
  for (const char* head : {"true", "answered", "count", "of the class"})
    page.leaf("th", head, {{"scope", "col"}});
  page.close().close().open("tbody");
  for (size_t i = 0; i < std::min(pairs.size(), kPairsShown); ++i) {
    const auto& pair = pairs[i];
    page.open("tr").leaf("th", c.names[pair.label], {{"scope", "row"}});
    page.leaf("td", c.names[pair.answer], {{"data-label", "answered"}});
    page.leaf("td", std::to_string(pair.count), {{"data-label", "count"}});
    page.leaf("td", share_text(pair.count, samples_of(c, pair.label)),
              {{"data-label", "of the class"}});
    page.close();
  }
  page.close().close().close();
}

}  // namespace

void add_confusion(Html& page, const Confusion& confusion) {
  page.leaf("h3", "Confusion");
  if (confusion.names.size() <= kMatrixClasses) {
    add_confusion_matrix(page, confusion);
  } else {
    add_worst_pairs(page, confusion);
  }
}

}  // namespace braid
