#include "braid/modality/text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid {
namespace {

using Ids = std::vector<int64_t>;
constexpr int64_t kMask = 1, kEos = 3;

// Fitted on words of one token each: "a", " b", ... of the letters.
std::unique_ptr<Modality> fitted(const std::string& yaml) {
  auto text = make_text(ConfigNode::parse(yaml));
  text->fit([](const ValueVisitor& visit) {
    visit(as_bytes("a b c d e f g h"));
    visit(as_bytes("\xff"));  // broken values are not learned from
  });
  return text;
}

std::unique_ptr<Modality> viewing(const std::string& views) {
  return fitted("{tokenizer: {min_count: 1}, views: {" + views + "}}");
}

Sample prepare(const Modality& text, std::string_view value) {
  return text.prepare(as_bytes(value));
}

Ids ids_of(const Sample& sample) {
  const auto ids = sample.values.values<int64_t>();
  return {ids.begin(), ids.end()};
}

ErrorCode code_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "expected an error";
  return ErrorCode::kInternal;
}

std::filesystem::path fresh_folder(const std::string& name) {
  const auto folder = std::filesystem::path(testing::TempDir()) / ("braid_text_" + name);
  std::filesystem::remove_all(folder);
  make_folder(folder);
  return folder;
}

TEST(Text, EndsInEosAndIsAllReal) {
  const auto text = fitted("{tokenizer: {min_count: 1}}");
  const Sample sample = prepare(*text, "a b c");
  // 4 specials and the byte; then " b" is the first merge, " c" the second.
  EXPECT_EQ(ids_of(sample), (Ids{4 + 'a', 260, 261, kEos}));
  EXPECT_EQ(sample.mask.shape(), sample.values.shape());
  for (const bool real : sample.mask.values<bool>()) EXPECT_TRUE(real);
  EXPECT_EQ(ids_of(prepare(*text,
                           "\xef\xbb\xbf"
                           "A b c")),
            ids_of(sample));  // a BOM is no text
}

TEST(Text, RefusesWhatIsNoText) {
  const auto text = fitted("{max_bytes: 15}");
  EXPECT_EQ(code_of([&] { prepare(*text, ""); }), ErrorCode::kInput);
  EXPECT_EQ(code_of([&] { prepare(*text, " \t\n\u3000"); }), ErrorCode::kInput);
  EXPECT_EQ(code_of([&] { prepare(*text, "\xef\xbb\xbf "); }), ErrorCode::kInput);
  EXPECT_EQ(code_of([&] { prepare(*text, "\xff\xd8\xff"); }), ErrorCode::kInput);
  EXPECT_EQ(code_of([&] { prepare(*text, "a b c d e f g h i"); }), ErrorCode::kLimit);
  EXPECT_EQ(text->max_bytes(), 15u);
}

TEST(Text, RefusesWrongRecipes) {
  for (const char* yaml : {"{max_tokens: 1}", "{views: {mask: 1.5}}",
                           "{tokenizer: {vocabulary: 10}}", "{lenght: 3}"}) {
    EXPECT_EQ(code_of([&] { make_text(ConfigNode::parse(yaml)); }), ErrorCode::kConfig) << yaml;
  }
}

TEST(Text, AsksForFitOrLoadFirst) {
  const auto text = make_text(ConfigNode::parse("{}"));
  EXPECT_EQ(code_of([&] { prepare(*text, "a"); }), ErrorCode::kInternal);
  EXPECT_EQ(code_of([&] { text->facts(); }), ErrorCode::kInternal);
}

TEST(Text, ViewsAreCutWithEosLast) {
  const auto text = fitted("{tokenizer: {min_count: 1}, max_tokens: 3, views: {mask: 0}}");
  const Sample sample = prepare(*text, "a b c d e");
  EXPECT_EQ(ids_of(sample).size(), 6u);
  EXPECT_EQ(ids_of(text->view(sample)), (Ids{4 + 'a', 260, kEos}));
  Rng rng(1);
  for (int round = 0; round < 50; ++round) {
    const Ids ids = ids_of(text->augment(sample, rng));
    EXPECT_LE(ids.size(), 3u);
    EXPECT_EQ(ids.back(), kEos);
  }
  EXPECT_EQ(ids_of(text->view(prepare(*text, "a"))), (Ids{4 + 'a', kEos}));
}

TEST(Text, CollatePadsToTheLongestPresent) {
  const auto text = fitted("{tokenizer: {min_count: 1}}");
  const Sample two = text->view(prepare(*text, "a")), four = text->view(prepare(*text, "a b c"));
  const Sample* rows[] = {&two, nullptr, &four};
  const Sample batch = text->collate(rows);
  EXPECT_EQ(batch.values.shape(), (std::vector<int64_t>{3, 4}));
  EXPECT_EQ(ids_of(batch), (Ids{101, kEos, 0, 0, 0, 0, 0, 0, 101, 260, 261, kEos}));
  const auto real = batch.mask.values<bool>();
  EXPECT_EQ(std::vector<bool>(real.begin(), real.end()),
            (std::vector<bool>{1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1}));
}

TEST(Text, CollateOfNothingIsOneColumnOfNothing) {
  const auto text = fitted("{}");
  const Sample* rows[] = {nullptr, nullptr};
  const Sample batch = text->collate(rows);
  EXPECT_EQ(batch.values.shape(), (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(ids_of(batch), (Ids{0, 0}));
  for (const bool real : batch.mask.values<bool>()) EXPECT_FALSE(real);
}

TEST(Text, MaskAtOneMasksAllButEos) {
  const auto text = viewing("delete: 0, swap: 0, insert: 0, mask: 1");
  Rng rng(1);
  EXPECT_EQ(ids_of(text->augment(prepare(*text, "a b c"), rng)), (Ids{kMask, kMask, kMask, kEos}));
}

TEST(Text, DeleteAtOneLeavesOneToken) {
  const auto text = viewing("delete: 1, swap: 0, insert: 0, mask: 0");
  const Sample sample = prepare(*text, "a b c");
  const Ids all = ids_of(sample);
  std::set<int64_t> left;
  Rng rng(1);
  for (int round = 0; round < 100; ++round) {
    const Ids ids = ids_of(text->augment(sample, rng));
    ASSERT_EQ(ids.size(), 2u);
    EXPECT_EQ(ids.back(), kEos);
    left.insert(ids[0]);
  }
  EXPECT_EQ(left, std::set<int64_t>(all.begin(), all.end() - 1));  // each token gets its turn
}

TEST(Text, DeleteKeepsTheOrder) {
  const auto text = viewing("delete: 0.5, swap: 0, insert: 0, mask: 0");
  const Sample sample = prepare(*text, "a b c d e f g h");
  const Ids all = ids_of(sample);
  Rng rng(2);
  size_t kept = 0;
  for (int round = 0; round < 400; ++round) {
    const Ids ids = ids_of(text->augment(sample, rng));
    size_t at = 0;
    for (const auto id : all) at += at < ids.size() && ids[at] == id;
    EXPECT_EQ(at, ids.size());
    kept += ids.size() - 1;
  }
  EXPECT_NEAR(kept / 3200.0, 0.5, 0.045);  // five standard errors of 0.0088
}

TEST(Text, SwapIsAPermutationAndAtOneARotation) {
  const auto text = viewing("delete: 0, swap: 0.5, insert: 0, mask: 0");
  const Sample sample = prepare(*text, "a b c d e f");
  Ids all = ids_of(sample);
  Rng rng(3);
  for (int round = 0; round < 50; ++round) {
    Ids ids = ids_of(text->augment(sample, rng));
    EXPECT_EQ(ids.back(), kEos);
    EXPECT_TRUE(std::is_permutation(ids.begin(), ids.end(), all.begin(), all.end()));
  }
  const auto always = viewing("delete: 0, swap: 1, insert: 0, mask: 0");
  std::rotate(all.begin(), all.begin() + 1, all.end() - 1);
  EXPECT_EQ(ids_of(always->augment(sample, rng)), all);
}

TEST(Text, InsertAtOnePutsAnOrdinaryTokenBehindEach) {
  const auto text = viewing("delete: 0, swap: 0, insert: 1, mask: 0");
  const Sample sample = prepare(*text, "a b c");
  Rng rng(4);
  for (int round = 0; round < 100; ++round) {
    const Ids ids = ids_of(text->augment(sample, rng));
    ASSERT_EQ(ids.size(), 7u);
    EXPECT_EQ((Ids{ids[0], ids[2], ids[4], ids[6]}), ids_of(sample));
    for (const size_t i : {1, 3, 5}) EXPECT_GE(ids[i], 4);
  }
}

TEST(Text, AugmentDependsOnTheStreamAlone) {
  const auto text = viewing("delete: 0.3, swap: 0.3, insert: 0.3, mask: 0.3");
  const Sample sample = prepare(*text, "a b c d e f g h");
  Rng one(5), same(5), other(6);
  const Ids ids = ids_of(text->augment(sample, one));
  EXPECT_EQ(ids_of(text->augment(sample, same)), ids);
  EXPECT_NE(ids_of(text->augment(sample, other)), ids);
  EXPECT_EQ(ids_of(text->view(sample)), ids_of(sample));  // and leaves the sample alone
}

TEST(Text, SavesAndLoadsUnderTheFieldsName) {
  const auto folder = fresh_folder("save");
  const auto text = fitted("{tokenizer: {min_count: 1}}");
  text->save(folder, "text");
  text->save(folder, "question");
  EXPECT_TRUE(std::filesystem::exists(folder / "tokenizer.json"));
  EXPECT_TRUE(std::filesystem::exists(folder / "tokenizer.question.json"));
  const auto loaded = make_text(ConfigNode::parse("{max_tokens: 5}"));
  loaded->load(folder, "question");
  EXPECT_EQ(ids_of(prepare(*loaded, "a b狗")), ids_of(prepare(*text, "a b狗")));
  EXPECT_EQ(loaded->facts(), (std::map<std::string, int64_t>{
                                 {"vocabulary", 267}, {"max_tokens", 5}, {"pad_id", 0}}));
  EXPECT_EQ(code_of([&] { loaded->load(folder, "answer"); }), ErrorCode::kNotFound);
}

TEST(Text, UsesATokenizerFileInsteadOfLearning) {
  const auto folder = fresh_folder("file");
  fitted("{tokenizer: {min_count: 1}}")->save(folder, "text");
  const std::string file = "{tokenizer_file: " + (folder / "tokenizer.json").string() + "}";
  const auto text = make_text(ConfigNode::parse(file));
  text->fit([](const ValueVisitor&) { FAIL() << "nothing is to be learned"; });
  EXPECT_EQ(text->facts().at("vocabulary"), 267);

  auto json = read_text(folder / "tokenizer.json");
  json.replace(json.find("<mask>"), 6, "<other");
  json.replace(json.find("<mask>"), 6, "<other");
  write_atomic(folder / "tokenizer.json", json);
  const auto visit = [](const ValueVisitor&) {};
  EXPECT_EQ(code_of([&] { make_text(ConfigNode::parse(file))->fit(visit); }), ErrorCode::kInput);
}

// A vocab.txt of 8 tokens, as a recipe names it.
std::string bert_file(const std::filesystem::path& folder) {
  write_atomic(folder / "vocab.txt",
               std::string_view("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n狗\na\nb\n"));
  return "tokenizer_file: " + (folder / "vocab.txt").string();
}

std::unique_ptr<Modality> with_file(const std::string& keys) {
  auto text = make_text(ConfigNode::parse("{" + keys + "}"));
  text->fit([](const ValueVisitor&) { FAIL() << "nothing is to be learned"; });
  return text;
}

TEST(Text, CutsWithinTheTokensAroundAText) {
  const auto folder = fresh_folder("around");
  const auto text = with_file(bert_file(folder) + ", max_tokens: 4");
  const Sample sample = prepare(*text, "A 狗b狗");
  EXPECT_EQ(ids_of(sample), (Ids{2, 6, 5, 7, 5, 3}));
  EXPECT_EQ(ids_of(text->view(sample)), (Ids{2, 6, 5, 3}));
  Rng rng(1);
  for (int round = 0; round < 50; ++round) {
    const Ids ids = ids_of(text->augment(sample, rng));
    EXPECT_LE(ids.size(), 4u);
    EXPECT_EQ(ids.front(), 2);
    EXPECT_EQ(ids.back(), 3);
  }
}

TEST(Text, KeepsATokenizerFileInTheRun) {
  const auto folder = fresh_folder("keeps");
  const auto given = with_file(bert_file(folder));
  const auto run = folder / "run";
  make_folder(run);
  given->save(run, "text");
  std::filesystem::remove(folder / "vocab.txt");
  const auto loaded = make_text(ConfigNode::parse("{tokenizer_file: gone.txt}"));
  loaded->load(run, "text");
  EXPECT_EQ(ids_of(prepare(*loaded, "a 狗 [SEP]")), ids_of(prepare(*given, "a 狗 [SEP]")));
  EXPECT_EQ(loaded->facts().at("vocabulary"), 8);
}

// Field 1 is a piece: its text (field 1) and type (field 3; 1 normal, 2 unknown, 3 control).
std::string piece_field(const std::string& text, char type) {
  const std::string piece = {'\n', static_cast<char>(text.size())};
  const std::string body = piece + text + std::string{'\x18', type};
  return std::string{'\n', static_cast<char>(body.size())} + body;
}

TEST(Text, KeepsASentencePieceModelInTheRun) {
  const auto folder = fresh_folder("model");
  const std::string model = piece_field("<unk>", 2) + piece_field("</s>", 3) +
                            piece_field("\u2581a", 1) + piece_field("狗", 1);
  write_atomic(folder / "some.model", model);
  const auto given =
      with_file("views: {mask: 0}, tokenizer_file: " + (folder / "some.model").string());
  EXPECT_EQ(ids_of(prepare(*given, "a狗")), (Ids{2, 3, 1}));
  given->save(folder, "question");
  EXPECT_EQ(read_text(folder / "tokenizer.question.model"), model);
  const auto loaded = make_text(ConfigNode::parse("{}"));
  EXPECT_EQ(code_of([&] { loaded->load(folder, "question"); }), ErrorCode::kInput);  // no <mask>
  const auto plain = make_text(ConfigNode::parse("{views: {mask: 0}}"));
  plain->load(folder, "question");
  EXPECT_EQ(ids_of(prepare(*plain, "a狗")), (Ids{2, 3, 1}));
}

TEST(Text, RefusesTokenizersItCannotUse) {
  const auto folder = fresh_folder("refuses");
  const std::string file = bert_file(folder);
  const auto visit = [](const ValueVisitor&) {};
  const auto fit = [&](const std::string& keys) {
    return code_of([&] { make_text(ConfigNode::parse("{" + keys + "}"))->fit(visit); });
  };
  EXPECT_EQ(fit(file + ", max_tokens: 2"), ErrorCode::kInput);  // no room within [CLS] [SEP]
  EXPECT_EQ(fit("tokenizer_file: " + (folder / "absent").string()), ErrorCode::kNotFound);
  write_atomic(folder / "vocab.txt", std::string_view("[UNK]\n[CLS]\n[SEP]\n"));
  EXPECT_EQ(fit(file), ErrorCode::kInput);  // no [MASK]
  write_atomic(folder / "vocab.txt", std::string_view("[UNK]\na\n"));
  EXPECT_EQ(fit(file + ", views: {mask: 0}"), ErrorCode::kInput);  // no [SEP]
}

TEST(Text, RefusesTextWithoutTokens) {
  const auto folder = fresh_folder("tokenless");
  const auto text = with_file(bert_file(folder));
  EXPECT_EQ(code_of([&] { prepare(*text, "\u200b"); }), ErrorCode::kInput);  // cleaned away
}

}  // namespace
}  // namespace braid
