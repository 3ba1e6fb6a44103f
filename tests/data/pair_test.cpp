#include "braid/data/pair.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "data_test.h"

namespace braid::data_test {
namespace {

using Json = nlohmann::json;

class PairTest : public DataTest {
 protected:
  void SetUp() override {
    DataTest::SetUp();
    write("hands/1.jpg", "hand one");
    write("hands/2.jpg", "hand two");
    write("hands/train.jsonl",
          "{\"image\": \"1.jpg\", \"digit\": 1}\n{\"image\": \"2.jpg\", \"digit\": 2}\n"
          "{\"image\": \"1.jpg\", \"digit\": 1}\n{\"image\": \"1.jpg\", \"digit\": 9}\n"
          "{\"image\": \"1.jpg\"}\n");
    write("voices/train.tar", tar_of({{"a.wav", "one, low"}, {"b.wav", "one, high"}, {"c.wav", "two"}}));
    write("voices/train.jsonl",
          "{\"audio\": \"a.wav\", \"digit\": 1}\n{\"audio\": \"b.wav\", \"digit\": 1}\n"
          "{\"audio\": \"c.wav\", \"digit\": 2}\n");
    std::string faces;
    for (const char* name : {"p", "q", "r"}) {
      write("faces/" + std::string(name) + ".jpg", std::string("face ") + name);
      faces += "{\"image\": \"" + std::string(name) + ".jpg\", \"label\": \"" + name + "\"}\n";
    }
    write("faces/train.jsonl", faces);
  }

  PairConfig config() const {
    PairConfig config;
    config.sources = {{"hand", "hands/train.jsonl"},
                      {"voice", "voices/train.jsonl"},
                      {"face", "faces/train.jsonl"}};
    config.same = {{"voice", "digit"}};
    config.base = folder_;
    config.seed = 3;
    config.output = folder_ / "joined/train.jsonl";
    return config;
  }

  std::vector<Json> rows() const {
    std::vector<Json> rows;
    std::istringstream text(read_text(folder_ / "joined/train.jsonl"));
    for (std::string line; std::getline(text, line);) rows.push_back(Json::parse(line));
    return rows;
  }
};

TEST_F(PairTest, JoinsRowsOfOneValueAndAnyRowOfTheOthers) {
  const auto made = pair_rows(config());
  EXPECT_EQ(made.rows, 3);
  EXPECT_EQ(made.left_out, 2);  // nobody says 9; a row without a digit
  const auto all = rows();
  ASSERT_EQ(all.size(), 3u);
  std::set<std::string> faces, ones;
  for (const auto& row : all) {
    EXPECT_EQ(row["hand"]["digit"], row["voice"]["digit"]);
    faces.insert(row["face"]["label"]);
    if (row["hand"]["digit"] == 1) ones.insert(row["voice"]["audio"]);
  }
  EXPECT_EQ(faces.size(), 3u);  // each of the three once before one comes again
  EXPECT_EQ(ones.size(), 2u);

  auto read = one_manifest("joined/train.jsonl");
  read.allow_roots = {"."};
  const auto data = open_dataset(read,
                                 {image_field("hand.image"),
                                  {"voice", "audio", {{"", {"voice.audio"}}}},
                                  {"face", "image", {{"", {"face.image"}}}}},
                                 folder_);
  EXPECT_EQ(bytes_of(data->values(0, 0, 0).at(0)), "hand one");
  EXPECT_EQ(bytes_of(data->values(1, 1, 0).at(0)), "two");
  EXPECT_EQ(bytes_of(data->values(0, 2, 0).at(0)), "face " + all[0]["face"]["label"].get<std::string>());
  EXPECT_EQ(data->column(1, "hand.digit"), std::vector<std::string>{"2"});
}

TEST_F(PairTest, DrawsEvenlyAndTheSameAgain) {
  auto often = config();
  often.times = 4;  // rows of 1, 2, 1: the voices of 1 are drawn 8 times, faces 12
  EXPECT_EQ(pair_rows(often).rows, 12);
  std::map<std::string, int> drawn;
  for (const auto& row : rows()) {
    ++drawn[row["voice"]["audio"].get<std::string>()];
    ++drawn[row["face"]["label"].get<std::string>()];
  }
  EXPECT_EQ(drawn["../voices/train.tar#a.wav"], 4);
  EXPECT_EQ(drawn["../voices/train.tar#b.wav"], 4);
  for (const char* face : {"p", "q", "r"}) EXPECT_EQ(drawn[face], 4) << face;
  const auto first = read_text(often.output);
  pair_rows(often);
  EXPECT_EQ(read_text(often.output), first);
  often.seed = 4;
  pair_rows(often);
  EXPECT_NE(read_text(often.output), first);
}

TEST_F(PairTest, MistakesAreToldAndWriteNoManifest) {
  const auto refused = [&](ErrorCode code, const std::vector<std::string>& parts, auto change) {
    auto wrong = config();
    change(wrong);
    expect_error(code, parts, [&] { pair_rows(wrong); });
  };
  refused(ErrorCode::kUsage, {"two sources or more"}, [](auto& c) { c.sources.resize(1); });
  refused(ErrorCode::kUsage, {"called 'hand'"}, [](auto& c) { c.sources[1].first = "hand"; });
  refused(ErrorCode::kUsage, {"'a.b'", "without dots"}, [](auto& c) { c.sources[1].first = "a.b"; });
  refused(ErrorCode::kUsage, {"--same hand=digit", "voice"},
          [](auto& c) { c.same = {{"hand", "digit"}}; });
  refused(ErrorCode::kUsage, {".jsonl"}, [](auto& c) { c.output = "joined"; });
  refused(ErrorCode::kInput, {"voices/train.jsonl", "'digits'"},
          [](auto& c) { c.same["voice"] = "digits"; });
  refused(ErrorCode::kInput, {"hands/train.jsonl", "spelled alike"},
          [](auto& c) { c.same["voice"] = "audio"; });
  EXPECT_FALSE(fs::exists(folder_ / "joined/train.jsonl"));
}

}  // namespace
}  // namespace braid::data_test
