// Several pictures a sample, one of which shows what its words say: through the whole program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "braid/tensor_file/npy.h"
#include "small_emoji.h"

namespace braid::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr size_t kPooledPictures = 4;  // of a sample
constexpr size_t kFillers = 3;   // the same everywhere, in turn

class PooledRun : public SlowTest {
 protected:
  // The small emoji set, each picture among three that say nothing, at a place that changes.
  void SetUp() override {
    SlowTest::SetUp();
    fs::copy(emoji_ / "images", folder_ / "images", fs::copy_options::recursive);
    std::istringstream lines(read_text(emoji_ / "all.jsonl"));
    std::vector<Json> rows;
    for (std::string line; std::getline(lines, line);) rows.push_back(Json::parse(line));
    std::string manifest;
    for (size_t i = kFillers; i < rows.size(); ++i) {
      Json photos = Json::array();
      for (size_t k = 0; k < kPooledPictures; ++k) {
        const auto& shown = k == shown_at(i) ? rows[i] : rows[(i + k) % kFillers];
        photos.push_back(shown.at("image"));
      }
      rows[i]["photos"] = photos;
      manifest += rows[i].dump() + "\n";
      shown_.push_back(shown_at(i));
      photos_.push_back(photos);
    }
    write_atomic(folder_ / "all.jsonl", std::string_view(manifest));
    std::string recipe = kSmallRecipe;
    const std::string from = "from: image\n";
    recipe.replace(recipe.find(from), from.size(), "from: photos\n    pooling: {hidden: 32}\n");
    write_atomic(folder_ / "recipe.yaml", std::string_view(recipe));
  }

  static size_t shown_at(size_t row) { return (row * 7 + row / 4) % kPooledPictures; }

  Ran train(const std::string& name, const std::string& more) const {
    return braid("train -q " + quoted(folder_ / "recipe.yaml") + " -o " + quoted(folder_ / name) +
                 " 'alignment=[{between: [image, text]}]' " + more);
  }
  // One list a sample, as `embed --lists` reads them.
  void write_lists() const {
    std::string lists;
    for (auto list : photos_) {
      for (auto& name : list) name = (folder_ / name.get<std::string>()).string();
      lists += list.dump() + "\n";
    }
    write_atomic(folder_ / "lists", std::string_view(lists));
  }
  Json embed(const std::string& more, const std::string& out) const {
    const auto ran = braid_output("embed " + quoted(folder_ / "run") + " -q --json --field image " +
                                  more + " -o " + quoted(folder_ / out));
    EXPECT_EQ(ran.status, 0) << ran.output;
    return ran.status == 0 ? Json::parse(ran.output) : Json();
  }

  std::vector<size_t> shown_;
  std::vector<Json> photos_;
};

TEST_F(PooledRun, FindsThePictureThatIsMeantAndIsUsedLikeEveryOther) {
  const auto ran = train("run", "train.steps=200 train.ema=0 train.choose=last");
  ASSERT_EQ(ran.status, 0) << ran.output;
  write_lists();
  const auto embedded = embed("--lists " + quoted(folder_ / "lists"), "all.npy");
  ASSERT_EQ(embedded.at("count"), photos_.size());
  double weight = 0;  // of the pictures that are meant: 0.25 before training
  for (size_t i = 0; i < shown_.size(); ++i)
    weight += embedded.at("weights").at(i).at(shown_[i]).get<double>() / shown_.size();
  EXPECT_GT(weight, 0.3);  // 200 steps are a beginning

  const auto index = quoted(folder_ / "x.index");
  const auto indexed = braid("index " + quoted(folder_ / "run") + " " +
                             quoted(folder_ / "all.jsonl") + " -o " + index);
  ASSERT_EQ(indexed.status, 0) << indexed.output;
  const auto exported = braid("index export " + index + " -o " + quoted(folder_ / "plain"));
  ASSERT_EQ(exported.status, 0) << exported.output;
  EXPECT_EQ(read_npy(folder_ / "plain/vectors.npy").size(0), std::ssize(photos_));
  // Two pictures ask together; samples of several answer.
  const auto first = folder_ / photos_[0].at(shown_[0]).get<std::string>();
  const auto found =
      braid_output("search " + index + " --json -k 3 --image " + quoted(first) + " --image " +
                   quoted(folder_ / photos_[0].at((shown_[0] + 1) % kPooledPictures).get<std::string>()) +
                   " --weight 0.1");
  ASSERT_EQ(found.status, 0) << found.output;
  const auto answer = Json::parse(found.output);
  EXPECT_EQ(answer.at("hits").size(), 3u);
  for (const auto& hit : answer.at("hits"))
    EXPECT_EQ(hit.at("metadata").at("photos").size(), kPooledPictures) << hit.dump();

  const auto asked = braid_output("eval " + quoted(folder_ / "run") + " --json -q --data " +
                                  quoted(folder_ / "all.jsonl"));
  ASSERT_EQ(asked.status, 0) << asked.output;
  double value = 0, chance = 0;
  const auto figures = Json::parse(asked.output);
  for (const auto& metric : figures.at("metrics")) {
    if (metric.at("name") != "recall@10") continue;
    value += metric.at("value").get<double>();
    chance += 10 / metric.at("gallery").get<double>();
  }
  EXPECT_GT(value, 2 * chance);
}

TEST_F(PooledRun, AFrozenEncoderIsPooledTooAndAMaximumSaysWhatItLeavesOut) {
  ::setenv("BRAID_CACHE", (folder_ / "cache").c_str(), 1);
  const auto ran =
      train("run", "train.steps=20 fields.image.frozen=true fields.image.pooling.max=3 " +
                       quoted("fields.image.init_from=" + (emoji_ / "run").string()));
  ::unsetenv("BRAID_CACHE");
  ASSERT_EQ(ran.status, 0) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("of them frozen)"));
  write_lists();
  const auto together = embed("--together " + quoted(folder_ / photos_[0][0].get<std::string>()) +
                                  " " + quoted(folder_ / photos_[0][1].get<std::string>()),
                              "two.npy");
  EXPECT_EQ(together.at("count"), 1);
  EXPECT_EQ(together.at("weights").at(0).size(), 2u);
  const auto cut = braid("embed " + quoted(folder_ / "run") + " --field image --lists " +
                         quoted(folder_ / "lists") + " -o " + quoted(folder_ / "all.npy"));
  EXPECT_EQ(cut.status, 0) << cut.output;
  EXPECT_THAT(cut.output, AllOf(HasSubstr(std::to_string(photos_.size()) + " samples have more"),
                                HasSubstr("pooling.max = 3")));
}

TEST_F(PooledRun, MistakesAreNamed) {
  EXPECT_THAT(train("run", "train.steps=2 fields.image.draw.count=2").output,
              AllOf(HasSubstr("'image' has pooling"), HasSubstr("leave draw out")));
  const auto picture = quoted(folder_ / photos_[0][0].get<std::string>());
  const auto plain = braid("embed " + run_dir() + " --field image --together " + picture + " " +
                           picture + " -o " + quoted(folder_ / "v.npy"));
  EXPECT_EQ(plain.status, 2) << plain.output;
  EXPECT_THAT(plain.output, HasSubstr("field 'image' has no pooling"));
  write_atomic(folder_ / "lists", std::string_view("[\"a.png\"]\n{\"a\": 1}\n"));
  EXPECT_THAT(braid("embed " + run_dir() + " --field image --lists " + quoted(folder_ / "lists") +
                    " -o " + quoted(folder_ / "v.npy"))
                  .output,
              HasSubstr("lists: list 2: expected the values of one sample"));
}

}  // namespace
}  // namespace braid::test
