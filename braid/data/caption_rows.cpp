#include "braid/data/caption_rows.h"

#include <nlohmann/json.hpp>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/data/layout/layout.h"

namespace braid {
namespace {

constexpr size_t kNamedKeys = 3;  // in an error

class CaptionTableRows {
 public:
  explicit CaptionTableRows(const std::string& path) : path_(path) {
    const auto sources = find_sources(path, {}, "auto");
    if (sources.size() != 1) {
      throw Error(ErrorCode::kInput, path + ": stands for " + std::to_string(sources.size()) +
                                         " tables; expected one");
    }
    path_ = sources[0].path.string();
    table_ = make_table(sources[0].layout, {sources[0].path});
    if (table_->size() == 0) throw Error(ErrorCode::kInput, path_ + ": no rows");
  }

  int64_t size() const { return table_->size(); }
  Row row(int64_t i) const { return table_->row(i); }
  std::string place(int64_t i) const { return path_ + table_->mark(i); }
  const std::string& path() const { return path_; }

  // The texts of a cell that must be there.
  std::vector<std::string> texts(const Row& row, int64_t i, const std::string& column,
                                 const char* option) const {
    const Row* cell = find_cell(row, column);
    if (cell == nullptr) {
      const auto names = cell_names(row);
      throw Error(ErrorCode::kInput, place(i) + ": no column '" + column + "'" +
                                         did_you_mean(column, names) + "; " + option +
                                         " names it, there are: " + join(names, ", "));
    }
    if (!is_plain_cell(*cell)) {
      throw Error(ErrorCode::kInput,
                  place(i) + ": column '" + column + "': expected text or a list of texts");
    }
    return cell_texts(*cell);
  }

  std::string key(const Row& row, int64_t i, const std::string& column) const {
    const auto key = texts(row, i, column, "--key");
    if (key.size() == 1) return key[0];
    throw Error(ErrorCode::kInput, place(i) + ": column '" + column + "': expected one key, got " +
                                       (key.empty() ? "none" : std::to_string(key.size())));
  }

 private:
  std::string path_;
  std::unique_ptr<Table> table_;
};

struct PlacedAnswer {
  std::string text, place;
  bool taken = false;
};
using AnswersByKey = std::unordered_map<std::string, PlacedAnswer>;

std::string answer_of(const CaptionTableRows& rows, const Row& row, int64_t i,
                      const CaptionFiles& files) {
  auto texts = rows.texts(row, i, files.answer, "--answer");
  if (texts.size() > 1) {
    throw Error(ErrorCode::kInput, rows.place(i) + ": column '" + files.answer +
                                       "': expected one answer, got " +
                                       std::to_string(texts.size()));
  }
  return texts.empty() ? "" : texts[0];
}

void twice(const std::string& place, const std::string& key, const std::string& first) {
  throw Error(ErrorCode::kInput, place + ": key '" + key + "' again; it stands at " + first + " too");
}

AnswersByKey read_answers(const CaptionTableRows& rows, const CaptionFiles& files) {
  AnswersByKey answers;
  for (int64_t i = 0; i < rows.size(); ++i) {
    const auto row = rows.row(i);
    const auto key = rows.key(row, i, files.key);
    const auto [at, fresh] = answers.try_emplace(key, PlacedAnswer{{}, rows.place(i)});
    if (!fresh) twice(rows.place(i), key, at->second.place);
    at->second.text = answer_of(rows, row, i, files);
  }
  return answers;
}

void check_all_there(const std::vector<std::string>& alone, const std::string& here,
                     const std::string& there, const char* what) {
  if (alone.empty()) return;
  std::vector<std::string> named(alone.begin(),
                                 alone.begin() + static_cast<std::ptrdiff_t>(
                                                     std::min(kNamedKeys, alone.size())));
  throw Error(ErrorCode::kInput, there + ": no " + what + " for " + std::to_string(alone.size()) +
                                     (alone.size() == 1 ? " key" : " keys") + " of " + here + ": " +
                                     join(named, ", ") + (alone.size() > kNamedKeys ? ", ..." : ""));
}

}  // namespace

CaptionRows read_captions(const CaptionFiles& files) {
  const bool one_file = files.references.empty();
  const CaptionTableRows answer_rows(files.answers);
  auto answers = read_answers(answer_rows, files);
  const CaptionTableRows rows(one_file ? files.answers : files.references);
  CaptionRows read;
  std::unordered_map<std::string, std::string> places;
  std::vector<std::string> unanswered, extra;
  for (int64_t i = 0; i < rows.size(); ++i) {
    const auto row = rows.row(i);
    const auto key = rows.key(row, i, files.key);
    const auto [at, fresh] = places.try_emplace(key, rows.place(i));
    if (!fresh) twice(rows.place(i), key, at->second);
    auto references = rows.texts(row, i, files.reference, "--reference");
    if (references.empty()) {
      throw Error(ErrorCode::kInput,
                  rows.place(i) + ": column '" + files.reference + "': no reference");
    }
    const auto answer = answers.find(key);
    if (answer == answers.end()) {
      unanswered.push_back(key);
      continue;
    }
    answer->second.taken = true;
    read.empty += trim(answer->second.text).empty();
    read.keys.push_back(key);
    read.captions.candidates.push_back(std::move(answer->second.text));
    read.captions.references.push_back(std::move(references));
  }
  check_all_there(unanswered, rows.path(), answer_rows.path(), "answer");
  const bool all_taken = read.keys.size() == answers.size();
  for (int64_t i = 0; !all_taken && i < answer_rows.size(); ++i) {
    const auto key = answer_rows.key(answer_rows.row(i), i, files.key);
    if (!answers.at(key).taken) extra.push_back(key);
  }
  check_all_there(extra, answer_rows.path(), rows.path(), "references");
  return read;
}

}  // namespace braid
