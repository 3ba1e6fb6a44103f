// What a run keeps of the targets of its tasks: tasks.json and the tokenizers of those that write.
#include "braid/engine/task_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scratch.h"
#include "tests/tiny_world.h"

namespace braid {
namespace {

using test::TinyWorld;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kWriter =
    "fusion: mean\ntasks:\n  say: {kind: generation, target: {es: es, it: it}, tokenizer: "
    "{vocabulary: 300}}\n  fit: {kind: matching}\n";

class TaskFactsTest : public testing::Test {
 protected:
  TaskFactsTest() : world_(folder_.path(), kWriter, test::spoken_manifest()) {
    write_task_facts(folder_.path(), world_.recipe, world_.facts);
  }
  std::vector<TargetFacts> again() const { return read_task_facts(folder_.path(), world_.recipe); }

  const Scratch folder_;
  TinyWorld world_;
  const std::string tokenizer_file_ = "tokenizer.task.say.json";
};

TEST_F(TaskFactsTest, OfATaskThatWritesComeBack) {
  const auto facts = again();
  ASSERT_EQ(facts.size(), 2u);
  const auto &want = world_.facts[0], &got = facts[0];
  EXPECT_EQ(got.rows, 64);
  EXPECT_THAT(got.languages, ElementsAre("es", "it"));
  EXPECT_THAT(got.usual, ElementsAre("rojo", "ecco azul"));
  EXPECT_EQ(got.usual, want.usual);
  ASSERT_TRUE(got.tokenizer);
  EXPECT_EQ(got.tokenizer->file().bytes, want.tokenizer->file().bytes);
  EXPECT_EQ(got.tokenizer->file().bytes, read_text(folder_ / tokenizer_file_));
  EXPECT_EQ(got.tokenizer->special_ids().eos, want.tokenizer->special_ids().eos);
  for (const char* text : {"un barco es rojo", "Straße 7", "两只狗"})
    EXPECT_EQ(got.tokenizer->encode(text), want.tokenizer->encode(text)) << text;
}

TEST_F(TaskFactsTest, OfOtherTasksHaveNoTokenizer) {
  EXPECT_FALSE(again()[1].tokenizer);
  EXPECT_TRUE(again()[1].languages.empty());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "tokenizer.task.fit.json"));
}

TEST_F(TaskFactsTest, AreSaidInALine) {
  const auto lines = task_fact_lines(world_.recipe, world_.facts);
  EXPECT_THAT(lines, ElementsAre("task say: texts in 64 rows, " +
                                 std::to_string(world_.facts[0].tokenizer->vocabulary()) +
                                 " tokens"));
}

TEST_F(TaskFactsTest, ADamagedTokenizerIsNamed) {
  const auto whole = read_text(folder_ / tokenizer_file_);
  for (const std::string& damaged :
       {std::string(), std::string("{\"model\": 1}"), whole.substr(0, whole.size() / 2)}) {
    write_atomic(folder_ / tokenizer_file_, std::string_view(damaged));
    const auto message = error_of([&] { again(); });
    EXPECT_EQ(message.find("input: "), 0u) << message;
    EXPECT_THAT(message, HasSubstr((folder_ / tokenizer_file_).string()));
  }
  std::filesystem::remove(folder_ / tokenizer_file_);
  EXPECT_THAT(error_of([&] { again(); }), HasSubstr((folder_ / tokenizer_file_).string()));
}

TEST_F(TaskFactsTest, ThoseOfAnotherRecipeAreRefused) {
  const Scratch other;
  const TinyWorld one(other.path(),
                      "fusion: mean\ntasks:\n  say: {kind: generation, target: es, tokenizer: "
                      "{vocabulary: 300}}\n  fit: {kind: matching}\n",
                      test::spoken_manifest());
  EXPECT_THAT(error_of([&] { read_task_facts(folder_.path(), one.recipe); }),
              HasSubstr("task say: languages of another recipe"));
  EXPECT_THAT(error_of([&] { read_task_facts(other.path(), one.recipe); }),
              HasSubstr("not_found: "));
}

}  // namespace
}  // namespace braid
