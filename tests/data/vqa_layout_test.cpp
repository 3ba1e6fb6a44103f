// VQA sets: questions and their ten answers, as the set's own files have them.
#include <gmock/gmock.h>

#include "braid/data/layout/layout.h"
#include "braid/data/layout/vqa_names.h"
#include "packed.h"

namespace braid::data_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Of each text {"answer": TEXT, "answer_confidence": "yes", "answer_id": 1 ..}.
std::string vqa_answers(const std::vector<std::string>& texts) {
  std::string list;
  for (size_t i = 0; i < texts.size(); ++i) {
    list += std::string(i == 0 ? "" : ", ") + R"({"answer": ")" + texts[i] +
            R"(", "answer_confidence": "yes", "answer_id": )" + std::to_string(i + 1) + "}";
  }
  return "[" + list + "]";
}

std::string vqa_annotation(const std::string& question, const std::string& image,
                           const std::string& answers) {
  return R"({"question_type": "what", "multiple_choice_answer": "net", "answers": )" + answers +
         R"(, "image_id": )" + image + R"(, "answer_type": "other", "question_id": )" + question +
         "}";
}

std::string vqa_questions(const std::string& part, const std::string& list) {
  return R"({"info": {"year": 2017}, "task_type": "Open-Ended", "data_type": "mscoco", )"
         R"("license": {"name": "CC"}, "data_subtype": ")" +
         part + R"(", "questions": [)" + list + "]}";
}

std::string vqa_annotations(const std::string& list) {
  return R"({"info": {}, "license": {}, "data_subtype": "val2014", "annotations": [)" + list + "]}";
}

const std::string kTwoQuestions =
    R"({"image_id": 42, "question": "What is it?", "question_id": 42000}, )"
    R"({"image_id": 7, "question": "Is it red?", "question_id": 7001})";

const char* kValQuestions = "v2_OpenEnded_mscoco_val2014_questions.json";
const char* kValAnnotations = "v2_mscoco_val2014_annotations.json";

class VqaLayoutTest : public DataTest {
 protected:
  std::unique_ptr<Dataset> open(const std::string& name, DataConfig config = {}) const {
    config.manifest = {name};
    return open_dataset(config, {image_field("image"), text_field("question")}, folder_);
  }
  void write_val(const std::string& folder = "") const {
    write(folder + kValQuestions, vqa_questions("val2014", kTwoQuestions));
    write(folder + kValAnnotations,
          vqa_annotations(vqa_annotation("7001", "7", vqa_answers({"no", "yes", "no"})) + ", " +
                          vqa_annotation("42000", "42", vqa_answers({"net", "a net"}))));
  }
};

TEST_F(VqaLayoutTest, ARowIsAQuestionWithEveryAnswer) {
  write_val();
  write("val2014/COCO_val2014_000000000042.jpg", "forty-two");
  for (const char* name : {kValQuestions, kValAnnotations}) {
    const auto data = open(name);
    EXPECT_THAT(
        row_texts(*data),
        ElementsAre(
            R"({"image":"val2014/COCO_val2014_000000000042.jpg","question":"What is it?",)"
            R"("answers":["net","a net"],"answer":"net","question_type":"what",)"
            R"("answer_type":"other","image_id":42,"question_id":42000,"split":"val"})",
            R"({"image":"val2014/COCO_val2014_000000000007.jpg","question":"Is it red?",)"
            R"("answers":["no","yes","no"],"answer":"net","question_type":"what",)"
            R"("answer_type":"other","image_id":7,"question_id":7001,"split":"val"})"));
    EXPECT_EQ(data->where(1), std::string(name) + "#7001");
    EXPECT_EQ(data->streams().at(0).layout, "vqa");
    EXPECT_THAT(data->splits(), ElementsAre("val"));
    EXPECT_EQ(bytes_of(data->values(0, 0, 0).at(0)), "forty-two");
    EXPECT_THAT(data->column(1, "answers"), ElementsAre("no", "yes", "no"));
    expect_error(ErrorCode::kNotFound, {"COCO_val2014_000000000007.jpg"},
                 [&] { fetch(data->values(1, 0, 0).at(0), 1 << 20); });
  }
}

TEST_F(VqaLayoutTest, AFolderHoldsSplitsOfWhichTheTestSplitHasNoAnswers) {
  write_val("set/");
  write("set/v2_OpenEnded_mscoco_test2015_questions.json",
        vqa_questions("test2015", R"({"image_id": 1, "question": "?!", "question_id": 10})"));
  write("set/MultipleChoice_mscoco_val2014_questions.json", "not read: the same questions again");
  write("set/val2014/COCO_val2014_000000000042.jpg", "forty-two");
  const auto data = open("set");
  EXPECT_EQ(data->size(), 3);
  EXPECT_EQ(data->rows("val").size(), 2u);
  const auto test = data->rows("test");
  ASSERT_EQ(test.size(), 1u);
  EXPECT_THAT(data->column(test[0], "answers"), IsEmpty());
  EXPECT_THAT(data->column(test[0], "question"), ElementsAre("?!"));
  DataConfig files;
  files.files = {{"train", {std::string("set/") + kValQuestions}}};
  const auto named = open_dataset(files, {text_field("question")}, folder_);
  EXPECT_THAT(named->splits(), ElementsAre("train"));  // what the recipe says goes first
}

TEST_F(VqaLayoutTest, PicturesAreNamedByThePartAndItsKind) {
  const auto picture_of = [&](const std::string& questions) {
    write("a_questions.json", questions);
    return open("a_questions.json")->column(0, "image").at(0);
  };
  const std::string one = R"({"image_id": 123456789012, "question": "?", "question_id": "q"})";
  EXPECT_EQ(picture_of(vqa_questions("test-dev2015", one)),
            "test2015/COCO_test2015_123456789012.jpg");
  // The keys about the file may stand behind its list.
  EXPECT_EQ(picture_of(R"({"questions": [)" + one +
                       R"(], "data_type": "abstract_v002", "data_subtype": "train2015"})"),
            "train2015/abstract_v002_train2015_123456789012.png");
  EXPECT_EQ(picture_of(R"({"data_subtype": "mine", "questions": [)" + one + R"(], "annotations": [)" +
                       vqa_annotation("\"q\"", "123456789012", vqa_answers({"x"})) + "]}"),
            "mine/COCO_mine_123456789012.jpg");
  EXPECT_TRUE(open("a_questions.json")->splits().empty());
  EXPECT_THAT(open("a_questions.json")->column(0, "answers"), ElementsAre("x"));
}

TEST_F(VqaLayoutTest, NumbersAreTextsAndOddKeysStay) {
  write("odd_questions.json",
        vqa_questions("val2014", R"({"question_id": 1, "multiple_choices": ["a", "b"], )"
                                 R"("image": "../x.jpg", "image_id": "5", "question": 2014})"));
  write("odd_annotations.json",
        vqa_annotations(R"({"question_id": 1, "answer_type": null, "answers": [{"answer": 3}, )"
                        R"({"answer": "3"}, {"answer": ""}]})"));
  EXPECT_THAT(row_texts(*open("odd_questions.json")),
              ElementsAre(R"({"image":"val2014/COCO_val2014_000000000005.jpg","question":"2014",)"
                          R"("answers":["3","3",""],"question_id":1,"multiple_choices":["a","b"],)"
                          R"("image_id":"5","split":"val"})"));
}

TEST_F(VqaLayoutTest, RefusesWhatDoesNotFitTogether) {
  const std::string q = R"({"image_id": 1, "question": "?", "question_id": 5})";
  const auto a = [](const std::string& id) { return vqa_annotation(id, "1", vqa_answers({"x"})); };
  const auto refused = [&](const std::string& questions, const std::string& annotations,
                           const std::vector<std::string>& parts, DataConfig config = {}) {
    write("questions.json", vqa_questions("val2014", questions));
    write("annotations.json", vqa_annotations(annotations));
    config.layout = "vqa";
    expect_error(ErrorCode::kInput, parts, [&] { open("questions.json", config); });
  };
  refused(q + "," + q, a("5"), {"questions.json", "question id 5 stands twice"});
  refused(q, a("5") + "," + a("5"), {"annotations.json", "question id 5 is answered twice"});
  refused(q, a("5") + "," + a("6"), {"annotation 2", "question id 6", "does not have"});
  refused(q, vqa_annotation("5", "2", vqa_answers({"x"})), {"image id 2", "the question of 1"});
  refused(q, "", {"question 5 has no answers", "keep_unpaired"});
  refused(q, vqa_annotation("5", "1", "[]"), {"question 5", "no answers", "keep_unpaired"});
  refused(q, vqa_annotation("5", "1", "\"x\""), {"question 5", "expected a list, got string"});
  refused(q, vqa_annotation("5", "1", "[\"x\"]"), {"question 5", "an answer without 'answer'"});
  refused(q, R"({"image_id": 1, "caption": "x"})", {"no 'question_id'", "not captions"});
  refused(R"({"image_id": 1, "question_id": 5})", "", {"question 1 (id 5) has no 'question'"});
  refused(R"({"image_id": 1, "question": " ", "question_id": 5})", "", {"has no 'question'"});
  refused(R"({"question": "?", "question_id": 5})", "", {"has no 'image_id'"});
  refused(R"({"image_id": 1, "question": "?"})", "", {"question 1 has no 'question_id'"});
  refused(R"({"image_id": "../7", "question": "?", "question_id": 5})", "", {"digits", "'../7'"});
  refused(R"({"image_id": 1, "question": ["?"], "question_id": 5})", "", {"'question'", "array"});
  refused("1", "", {"'questions': expected a list of objects"});
  refused("", "", {"no list 'questions'"});
}

TEST_F(VqaLayoutTest, RefusesFilesThatCannotBeRead) {
  write_val();
  const std::string text = read_text(folder_ / kValAnnotations);
  write(kValAnnotations, text.substr(0, text.size() / 2));
  expect_error(ErrorCode::kInput, {kValAnnotations, "not valid JSON"},
               [&] { open(kValQuestions); });
  fs::remove(folder_ / kValQuestions);
  write(kValAnnotations, text);
  expect_error(ErrorCode::kInput, {"annotations without their questions", kValQuestions},
               [&] { open(kValAnnotations); });
  write("questions.json", R"({"questions": [{"image_id": 1, "question": "?", "question_id": 5}]})");
  expect_error(ErrorCode::kInput, {"no 'data_subtype'"}, [&] { open("questions.json"); });
  fs::create_directories(folder_ / "empty");
  DataConfig config;
  config.layout = "vqa";
  expect_error(ErrorCode::kInput, {"vqa needs a file"}, [&] { open("empty", config); });
}

TEST_F(VqaLayoutTest, UnpairedQuestionsAreKeptWhereAskedFor) {
  write("questions.json", vqa_questions("val2014", kTwoQuestions));
  write("annotations.json", vqa_annotations(vqa_annotation("7001", "7", vqa_answers({"no"}))));
  DataConfig keep;
  keep.keep_unpaired = true;
  const auto data = open("questions.json", keep);
  EXPECT_THAT(data->column(0, "answers"), IsEmpty());
  EXPECT_THAT(data->column(1, "answers"), ElementsAre("no"));
  DataConfig small;
  small.max_row_bytes = 11;  // "Is it red?" and "no" are 12
  expect_error(ErrorCode::kLimit, {"#7001", "12 bytes", "max_row_bytes"}, [&] {
    small.keep_unpaired = true;
    open("questions.json", small)->column(1, "answers");
  });
}

TEST(VqaNames, LeadFromOneFileToTheOther) {
  EXPECT_EQ(vqa_partner_names(kValQuestions).at(0), kValAnnotations);
  EXPECT_EQ(vqa_partner_names(kValAnnotations).at(0), kValQuestions);
  EXPECT_THAT(vqa_partner_names("MultipleChoice_mscoco_val2014_questions.json"),
              ElementsAre("mscoco_val2014_annotations.json",
                          "MultipleChoice_mscoco_val2014_annotations.json"));
  EXPECT_THAT(vqa_partner_names("mscoco_val2014_annotations.json"),
              ElementsAre("OpenEnded_mscoco_val2014_questions.json",
                          "MultipleChoice_mscoco_val2014_questions.json",
                          "mscoco_val2014_questions.json"));
  EXPECT_THAT(vqa_partner_names("questions.json"), ElementsAre("annotations.json"));
  EXPECT_THAT(vqa_partner_names("other.json"), IsEmpty());
  EXPECT_TRUE(is_open_questions_name(kValQuestions));
  EXPECT_FALSE(is_open_questions_name(kValAnnotations));
  EXPECT_FALSE(is_open_questions_name("MultipleChoice_mscoco_val2014_questions.json"));
}

}  // namespace
}  // namespace braid::data_test
