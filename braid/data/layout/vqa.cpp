// VQA v1 and v2: {"data_type", "data_subtype", "questions": [{"image_id", "question", "question_id"}]}
// and, beside it or in it, {"annotations": [{"question_id", "image_id", "question_type",
// "answer_type", "multiple_choice_answer", "answers": [{"answer", ...}]}]}.
// A row is a question: `image` (val2014/COCO_val2014_000000000042.jpg), `question`, `answers`,
// `answer` (multiple_choice_answer), `question_type`, `answer_type`, the question's own keys and
// `split`. Where there are no annotations, as of the test questions, a row has no answers.
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/data/layout/json_lists.h"
#include "braid/data/layout/layout.h"
#include "braid/data/layout/row_pool.h"
#include "braid/data/layout/vqa_names.h"

namespace braid {
namespace {

constexpr size_t kIdDigits = 12;  // of the picture in the name of its file
constexpr int64_t kUnanswered = -1;

// "val2014" -> "val"; "" for a part that is no split.
std::string split_of_part(const std::string& part) {
  const auto name = part.substr(0, part.find_last_not_of("0123456789") + 1);
  return name == "train" || name == "val" || name == "test" || name == "test-dev" ? name : "";
}

class Vqa final : public Table {
 public:
  explicit Vqa(const TableInput& input)
      : max_row_bytes_(static_cast<size_t>(input.max_row_bytes)),
        keep_unpaired_(input.keep_unpaired) {
    read(input.path);
    if (questions_file_.empty() != answers_file_.empty()) read_partner(input.path);
    if (!questions_file_.empty()) file_ = questions_file_;
    if (ids_.empty()) refuse("no list 'questions' with a question in it");
    join_answers();
    hash_ = braid::content_hash(std::string_view(hash_));
  }

  int64_t size() const override { return questions_.size(); }

  Row row(int64_t i) const override {
    const auto at = static_cast<size_t>(i);
    const Row question = questions_.row(i);
    Row row = {{"image", picture_of(image_ids_.at(at))}, {"question", question.at("question")}};
    size_t bytes = question.at("question").get_ref<const std::string&>().size();
    if (own_[at] != kUnanswered) {
      const Row answers = answers_.row(own_[at]);
      for (const auto& [key, value] : answers.items()) row[key] = value;
      for (const auto& answer : answers.at("answers"))
        bytes += answer.get_ref<const std::string&>().size();
    }
    if (bytes > max_row_bytes_) {
      throw Error(ErrorCode::kLimit, questions_file_ + mark(i) + ": question and answers of " +
                                         std::to_string(bytes) + " bytes are over the limit of " +
                                         std::to_string(max_row_bytes_) + " (data.max_row_bytes)");
    }
    for (const auto& [key, value] : question.items()) {
      if (!row.contains(key)) row[key] = value;
    }
    if (has_splits()) row["split"] = split_;
    return row;
  }

  std::string mark(int64_t i) const override { return "#" + ids_.at(static_cast<size_t>(i)); }
  std::string content_hash() const override { return hash_; }
  bool has_splits() const override { return !split_.empty(); }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::kInput, file_ + ": " + what);
  }

  std::string required(const Row& element, const char* key, const std::string& what) const {
    auto text = element_text(element, key, file_ + ": " + what);
    if (trim(text).empty()) refuse(what + " has no '" + key + "'");
    return text;
  }

  void read(const std::filesystem::path& path) {
    file_ = path.string();
    const std::string text = read_text(path, kMaxJsonBytes);
    hash_ += braid::content_hash(std::string_view(text)) + "\n";
    Row rest;
    visit_json_lists(
        text, file_,
        [&](const std::string& list, const Row& element) {
          if (list == "questions") add_question(element);
          if (list == "annotations") add_answers(element);
          return true;
        },
        &rest);
    for (const char* list : {"questions", "annotations"}) {
      const auto found = rest.find(list);
      if (found == rest.end()) continue;
      if (!found->is_array() || !found->empty())
        refuse("'" + std::string(list) + "': expected a list of objects");
      (*list == 'q' ? questions_file_ : answers_file_) = file_;
      if (*list == 'q') name_pictures(rest);
    }
  }

  void name_pictures(const Row& about) {
    const auto part = required(about, "data_subtype", "the file");
    const auto kind = element_text(about, "data_type", file_);
    const bool photos = kind.empty() || kind == "mscoco";
    split_ = split_of_part(part);
    // The questions of test-dev are about pictures of the test split.
    const auto folder = split_ == "test-dev" ? "test" + part.substr(split_.size()) : part;
    picture_begin_ = folder + "/" + (photos ? "COCO" : kind) + "_" + folder + "_";
    picture_end_ = photos ? ".jpg" : ".png";
  }

  // The file of answers to questions may be absent, that of questions to answers may not.
  void read_partner(const std::filesystem::path& path) {
    const auto names = vqa_partner_names(path.filename().string());
    for (const auto& name : names) {
      if (!std::filesystem::exists(path.parent_path() / name)) continue;
      read(path.parent_path() / name);
      return;
    }
    if (questions_file_.empty()) {
      refuse("annotations without their questions: expected beside it " +
             (names.empty() ? "a file '...questions.json', and '...annotations.json' as its own name"
                            : join(names, " or ")));
    }
  }

  void add_question(const Row& element) {
    const auto place = "question " + std::to_string(ids_.size() + 1);
    const auto id = required(element, "question_id", place);
    const auto what = place + " (id " + id + ")";
    const auto image = required(element, "image_id", what);
    if (image.size() > kIdDigits || image.find_first_not_of("0123456789") != image.npos)
      refuse(what + ": 'image_id': expected a number of up to 12 digits, got '" + image + "'");
    Row row = {{"question", required(element, "question", what)}};
    if (!place_.emplace(id, ids_.size()).second) refuse("question id " + id + " stands twice");
    ids_.push_back(id);
    image_ids_.push_back(image);
    for (const auto& [key, value] : element.items()) {
      if (key != "image" && key != "split" && !row.contains(key)) row[key] = value;
    }
    questions_.append(row);
  }

  void add_answers(const Row& element) {
    const auto place = "annotation " + std::to_string(answered_.size() + 1);
    if (!has_key(element, "question_id"))
      refuse(place + " has no 'question_id': expected answers to questions, not captions");
    const auto id = required(element, "question_id", place);
    const auto what = place + " (of question " + id + ")";
    Row row = {{"answers", texts_of(element, what)}};
    const auto add = [&](const char* key, const char* column) {
      const auto text = element_text(element, key, file_ + ": " + what);
      if (!text.empty()) row[column] = text;
    };
    add("multiple_choice_answer", "answer");
    add("question_type", "question_type");
    add("answer_type", "answer_type");
    answered_.push_back({id, element_text(element, "image_id", file_ + ": " + what)});
    answers_.append(row);
  }

  Row texts_of(const Row& element, const std::string& what) const {
    Row texts = Row::array();
    const auto found = element.find("answers");
    if (found == element.end() || !found->is_array()) {
      refuse(what + ": 'answers': expected a list, got " +
             std::string(found == element.end() ? "nothing" : found->type_name()));
    }
    for (const auto& answer : *found) {
      if (!answer.is_object() || !answer.contains("answer"))
        refuse(what + ": an answer without 'answer'");
      texts.push_back(element_text(answer, "answer", file_ + ": " + what));
    }
    if (texts.empty() && !keep_unpaired_)
      refuse(what + " has no answers (data.keep_unpaired takes it with a gap)");
    return texts;
  }

  void join_answers() {
    own_.assign(ids_.size(), kUnanswered);
    file_ = answers_file_.empty() ? questions_file_ : answers_file_;
    for (size_t a = 0; a < answered_.size(); ++a) {
      const auto what = "annotation " + std::to_string(a + 1) + " is of question id " +
                        answered_[a].question;
      const auto found = place_.find(answered_[a].question);
      if (found == place_.end()) refuse(what + ", which 'questions' does not have");
      auto& own = own_[found->second];
      if (own != kUnanswered) refuse("question id " + answered_[a].question + " is answered twice");
      const auto& image = image_ids_[found->second];
      if (!answered_[a].image.empty() && answered_[a].image != image)
        refuse(what + " and image id " + answered_[a].image + ", the question of " + image);
      own = static_cast<int64_t>(a);
    }
    for (size_t i = 0; i < own_.size() && !answers_file_.empty() && !keep_unpaired_; ++i) {
      if (own_[i] == kUnanswered)
        refuse("question " + ids_[i] + " has no answers (data.keep_unpaired takes it with a gap)");
    }
    place_.clear();
    answered_.clear();
  }

  std::string picture_of(const std::string& image) const {
    return picture_begin_ + std::string(kIdDigits - image.size(), '0') + image + picture_end_;
  }

  struct Answered {
    std::string question, image;
  };

  std::string file_;  // that is being read
  std::string questions_file_, answers_file_, hash_;
  std::string split_, picture_begin_, picture_end_;
  size_t max_row_bytes_;
  bool keep_unpaired_;
  RowPool questions_, answers_;
  std::vector<std::string> ids_, image_ids_;  // of the questions
  std::vector<int64_t> own_;                  // answers of each question
  std::unordered_map<std::string, size_t> place_;  // of an id, while the files are read
  std::vector<Answered> answered_;                 // likewise
};

}  // namespace

std::unique_ptr<Table> make_vqa(const TableInput& input) { return std::make_unique<Vqa>(input); }

}  // namespace braid
