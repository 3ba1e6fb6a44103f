// A collection as a user keeps it: 20,000 pictures indexed, searched, filtered, changed, followed
// through kills; and what graphs and clusters find of the emoji.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>

#include "braid/core/rng.h"
#include "braid/index/index.h"
#include "braid/modality/picture/encode.h"
#include "braid/tensor_file/npy.h"
#include "small_emoji.h"

namespace braid::test {
namespace {

using testing::HasSubstr;

constexpr int64_t kPictures = 20'000;

// 12 x 12 pixels: nine squares of colour, others for every number.
Bytes small_picture(int64_t number) {
  Rng rng(static_cast<uint64_t>(number));
  uint8_t colours[9][3];
  for (auto& colour : colours) {
    for (auto& value : colour) value = static_cast<uint8_t>(rng.below(256));
  }
  std::vector<uint8_t> pixels;
  for (int y = 0; y < 12; ++y) {
    for (int x = 0; x < 12; ++x) {
      const auto* colour = colours[y / 4 * 3 + x / 4];
      pixels.insert(pixels.end(), colour, colour + 3);
    }
  }
  return encode_png({pixels.data(), 12, 12, 3});
}

fs::path place_of(int64_t number) {
  return fs::path("d" + std::to_string(number % 100)) / ("p" + std::to_string(number) + ".png");
}

void write_plain(const fs::path& file, const Bytes& bytes) {
  FILE* out = std::fopen(file.c_str(), "wb");
  ASSERT_NE(out, nullptr);
  EXPECT_EQ(std::fwrite(bytes.data(), 1, bytes.size(), out), bytes.size());
  std::fclose(out);
}

int64_t items_in(const fs::path& index) {
  return fs::exists(index) ? open_index(index)->size() : 0;
}

class Collection : public SlowTest {
 protected:
  void SetUp() override {
    SlowTest::SetUp();
    photos_ = folder_ / "photos";
    for (int64_t d = 0; d < 100; ++d) make_folder(photos_ / ("d" + std::to_string(d)));
    for (int64_t n = 0; n < kPictures; ++n) write_plain(photos_ / place_of(n), small_picture(n));
  }

  Json json_of(const std::string& arguments) {
    const auto ran = braid_output(arguments + " --json");
    EXPECT_EQ(ran.status, 0) << arguments << "\n" << ran.output;
    return Json::parse(ran.output, nullptr, false);
  }
  std::string best_hit(const fs::path& index, int64_t number) {
    const auto hits = json_of("search " + quoted(index) + " -k 3 --image " +
                              quoted(photos_ / place_of(number)))["hits"];
    return hits.empty() ? "" : hits[0]["key"].get<std::string>();
  }
  std::string sync_command(const std::string& more = "") {
    return "index sync -q " + quoted(photos_) + " -o " + quoted(folder_ / "s.index") + " --run " +
           run_dir() + " " + more;
  }

  fs::path photos_;
};

TEST_F(Collection, OfAManifestIsIndexedSearchedFilteredAndChanged) {
  std::string first, rest;
  for (int64_t n = 0; n < kPictures; ++n) {
    const Json row = {{"key", "k" + std::to_string(n)},
                      {"image", place_of(n).string()},
                      {"class", n % 10},
                      {"year", std::to_string(2000 + n % 25)}};
    (n < kPictures - 500 ? first : rest) += row.dump() + "\n";
  }
  write_atomic(photos_ / "first.jsonl", first);
  write_atomic(photos_ / "rest.jsonl", rest);
  const auto index = folder_ / "m.index";
  json_of("index -q " + run_dir() + " " + quoted(photos_ / "first.jsonl") + " -o " + quoted(index) +
          " --kind ivf");
  const auto added = json_of("index -q --add " + run_dir() + " " + quoted(photos_ / "rest.jsonl") +
                             " -o " + quoted(index));
  EXPECT_EQ(added["size"], kPictures);
  EXPECT_EQ(added["loose_rows"], 500);
  EXPECT_GE(added["recall"], 0.95);
  for (const int64_t n : {7, 12'345, 19'999})
    EXPECT_EQ(best_hit(index, n), "k" + std::to_string(n));

  const auto hits = json_of("search " + quoted(index) + " -k 50 --text apple --minus-text green " +
                            "--weight 0.5 --where 'class in (3, 4) and year >= 2020'")["hits"];
  ASSERT_EQ(hits.size(), 50u);
  for (const auto& hit : hits) {
    EXPECT_TRUE(hit["metadata"]["class"] == 3 || hit["metadata"]["class"] == 4);
    EXPECT_GE(hit["metadata"]["year"], "2020");
  }
  const auto wrong = braid("search " + quoted(index) + " --text apple --where 'clas = 3'");
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.output, HasSubstr("character 1: no item has a column 'clas' (did you mean "
                                      "'class'?)"));

  std::string keys;
  for (int64_t n = 0; n < 100; ++n) keys += " k" + std::to_string(n);
  EXPECT_EQ(json_of("index " + quoted(index) + " --remove" + keys)["size"], kPictures - 100);
  EXPECT_NE(best_hit(index, 7), "k7");
  EXPECT_EQ(json_of("index " + quoted(index) + " --kind exact")["rows"], kPictures - 100);
  EXPECT_EQ(best_hit(index, 12'345), "k12345");
}

TEST_F(Collection, IsFollowedThroughKillsAndChanges) {
  Rng rng(3);
  int64_t before = 0;
  for (int kill = 0; kill < 5; ++kill) {
    {
      Child child("env BRAID_THREADS=2 " + quoted(BRAID_PROGRAM) + " " + sync_command());
      while (child.running() && items_in(folder_ / "s.index") <= before) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(rng.below(200)));
      child.signal(SIGKILL);
      child.wait();
    }
    const auto index = open_index(folder_ / "s.index");
    index->verify();
    EXPECT_GT(index->size(), before);
    EXPECT_LT(index->size(), kPictures) << "killed too late to mean anything";
    before = index->size();
  }
  const auto done = json_of(sync_command("--kind hnsw"));
  EXPECT_EQ(done["unchanged"], before);
  EXPECT_EQ(done["added"], kPictures - before);
  EXPECT_EQ(done["size"], kPictures);
  EXPECT_EQ(best_hit(folder_ / "s.index", 4711), place_of(4711).string());

  for (int64_t n = 0; n < 20; ++n) fs::remove(photos_ / place_of(n));
  for (int64_t n = 20; n < 30; ++n) write_plain(photos_ / place_of(n), small_picture(n + 900'000));
  for (int64_t n = 30; n < 35; ++n) {
    const auto file = photos_ / place_of(n);
    fs::last_write_time(file, fs::last_write_time(file) + std::chrono::seconds(9));
  }
  for (int64_t n = 0; n < 5; ++n) {
    write_plain(photos_ / ("new" + std::to_string(n) + ".png"), small_picture(800'000 + n));
  }
  write_atomic(photos_ / "broken.png", std::string_view("no picture"));
  write_atomic(photos_ / "notes.txt", std::string_view("words"));
  const auto changed = json_of(sync_command());
  for (const auto& [name, count] :
       std::vector<std::pair<std::string, int64_t>>{{"removed", 20},
                                                    {"changed", 10},
                                                    {"touched", 5},
                                                    {"added", 5},
                                                    {"ignored", 1},
                                                    {"unchanged", kPictures - 35},
                                                    {"size", kPictures - 15}}) {
    EXPECT_EQ(changed[name], count) << name;
  }
  ASSERT_EQ(changed["bad"].size(), 1u);
  EXPECT_THAT(changed["bad"][0]["where"], HasSubstr("broken.png"));
  EXPECT_EQ(best_hit(folder_ / "s.index", 25), place_of(25).string());

  // A disk that is not there must not empty the index.
  fs::rename(photos_, folder_ / "away");
  EXPECT_EQ(braid(sync_command()).status, 4);
  make_folder(photos_);
  const auto refused = braid(sync_command());
  EXPECT_EQ(refused.status, 5);
  EXPECT_THAT(refused.output, HasSubstr("nothing was changed. Is the disk mounted?"));
  EXPECT_EQ(open_index(folder_ / "s.index")->size(), kPictures - 15);
  EXPECT_EQ(json_of(sync_command("--max-removed 1"))["size"], 0);
}

// Mean recall@10 of what is found without --exact, over the rows of an .npy.
double recall_at_10(const Index& index, const Array& queries) {
  const auto truth = index.search_many(queries.values<float>(), SearchOptions{10, "", true});
  const auto found = index.search_many(queries.values<float>(), SearchOptions{10, "", false});
  double right = 0, all = 0;
  for (size_t q = 0; q < truth.size(); ++q) {
    std::set<std::string> keys;
    for (const auto& hit : truth[q]) keys.insert(hit.key);
    for (const auto& hit : found[q]) right += static_cast<double>(keys.count(hit.key));
    all += static_cast<double>(keys.size());
  }
  return right / all;
}

using EmojiIndex = SlowTest;

TEST_F(EmojiIndex, OfGraphsAndClustersFindsWhatAnExactSearchFinds) {
  ASSERT_EQ(braid("data emoji -q -o " + quoted(folder_ / "emoji")).status, 0);
  const auto rows = read_text(folder_ / "emoji/all.jsonl");
  std::string names;
  for (size_t begin = 0; begin < rows.size();) {
    const size_t end = rows.find('\n', begin);
    const auto row = Json::parse(rows.substr(begin, end - begin));
    if (row.contains("name_en") && row["name_en"].is_string()) {
      names += row["name_en"].get<std::string>() + "\n";
    }
    begin = end + 1;
  }
  write_atomic(folder_ / "names.txt", names);
  const auto texts = folder_ / "names.npy";
  ASSERT_EQ(braid("embed " + run_dir() + " --field text --from " + quoted(folder_ / "names.txt") +
                  " -o " + quoted(texts))
                .status,
            0);
  const auto path = folder_ / "x.index";
  ASSERT_EQ(braid("index -q " + run_dir() + " " + quoted(folder_ / "emoji/all.jsonl") + " -o " +
                  quoted(path))
                .status,
            0);
  ASSERT_EQ(braid("index export " + quoted(path) + " -o " + quoted(folder_ / "plain")).status, 0);
  const auto pictures = read_npy(folder_ / "plain/vectors.npy");
  for (const auto* kind : {"hnsw", "ivf"}) {
    const auto built = braid("index " + quoted(path) + " --kind " + kind);
    ASSERT_EQ(built.status, 0) << built.output;
    EXPECT_THAT(built.output, HasSubstr("recall@10 "));
    const auto index = open_index(path);
    const double by_picture = recall_at_10(*index, pictures);
    const double by_text = recall_at_10(*index, read_npy(texts));
    std::printf("%s: recall@10 %.4f by picture, %.4f by text\n", kind, by_picture, by_text);
    EXPECT_GE(by_picture, 0.98);
    // Words lie apart from pictures, where clusters of pictures are found less surely.
    EXPECT_GE(by_text, std::string(kind) == "hnsw" ? 0.98 : 0.9);
  }
}

}  // namespace
}  // namespace braid::test
