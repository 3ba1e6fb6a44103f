#include "braid/data/degrade.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "braid/modality/picture/decode.h"
#include "braid/modality/picture/encode.h"
#include "braid/modality/sound/decode.h"
#include "braid/modality/sound/encode.h"
#include "data_test.h"

namespace braid::data_test {
namespace {

using Json = nlohmann::json;

// Two values in turn, pixel by pixel, like a chess board.
Picture board(int64_t side, uint8_t dark, uint8_t light) {
  auto picture = blank_picture(side, side, 3);
  for (size_t i = 0; i < picture.data.size(); ++i) {
    const auto pixel = static_cast<int64_t>(i / 3);
    picture.data[i] = (pixel + pixel / side) % 2 ? light : dark;
  }
  return picture;
}

std::vector<float> tone(size_t length, double amplitude) {
  std::vector<float> sound(length);
  for (size_t i = 0; i < length; ++i)
    sound[i] = static_cast<float>(amplitude * std::sin(0.3 * static_cast<double>(i)));
  return sound;
}

TEST(DegradePicture, LosesOneRectangleOfTheShareToItsMeanColour) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    auto picture = board(64, 0, 200);
    Rng rng(seed);
    degrade(picture, {.erase = 0.25, .noise_db = {}}, rng);
    int64_t left = 64, right = 0, top = 64, bottom = 0, lost = 0;
    for (int64_t i = 0; i < 64 * 64; ++i) {
      const auto value = picture.data[static_cast<size_t>(3 * i)];
      if (value != 100) continue;  // the mean of the board
      ++lost;
      left = std::min(left, i % 64), right = std::max(right, i % 64 + 1);
      top = std::min(top, i / 64), bottom = std::max(bottom, i / 64 + 1);
    }
    EXPECT_EQ(lost, (right - left) * (bottom - top));
    EXPECT_NEAR(static_cast<double>(lost), 1024, 23);  // half a pixel of its longest side, 46
    const double shape = static_cast<double>(bottom - top) / static_cast<double>(right - left);
    EXPECT_GT(shape, 0.47);
    EXPECT_LT(shape, 2.12);
  }
  auto all = board(8, 0, 200);
  Rng rng(1);
  degrade(all, {.erase = 1, .noise_db = {}}, rng);
  EXPECT_EQ(std::ranges::count(all.data, 100), 8 * 8 * 3);
}

TEST(DegradePicture, NoiseHasThePowerAskedForAndNoColour) {
  const auto before = board(64, 108, 148);  // variance 400
  for (const auto& [decibels, power] : {std::pair{0.0, 400.0}, {10.0, 40.0}}) {
    auto after = before;
    Rng rng(3);
    degrade(after, {.erase = 0, .noise_db = decibels}, rng);
    double squares = 0;
    for (size_t i = 0; i < after.data.size(); i += 3) {
      const int noise = after.data[i] - before.data[i];
      squares += noise * noise;
      ASSERT_EQ(after.data[i + 1] - before.data[i + 1], noise);
      ASSERT_EQ(after.data[i + 2] - before.data[i + 2], noise);
    }
    EXPECT_NEAR(squares / 4096, power, 0.1 * power);  // of 4096 draws the deviation is 2.2 %
  }
}

TEST(DegradeSound, LosesOneSpanToSilence) {
  const auto before = tone(8000, 0.5);
  auto after = before;
  Rng rng(5);
  degrade(after, {.erase = 0.25, .noise_db = {}}, rng);
  const auto changed = [&](size_t i) { return after[i] != before[i]; };
  size_t first = 0, last = 7999;
  while (!changed(first)) ++first;
  while (!changed(last)) --last;
  EXPECT_NEAR(static_cast<double>(last - first + 1), 2000, 1);  // an end may be 0 as it was
  for (size_t i = first; i <= last; ++i) ASSERT_EQ(after[i], 0);
}

TEST(DegradeSound, NoiseHasThePowerAskedForAndNothingIsClipped) {
  const auto before = tone(16000, 0.1);  // power 0.005
  auto after = before;
  Rng rng(5);
  degrade(after, {.erase = 0, .noise_db = 10.0}, rng);
  double squares = 0;
  for (size_t i = 0; i < after.size(); ++i) squares += std::pow(after[i] - before[i], 2);
  EXPECT_NEAR(squares / 16000, 0.0005, 0.00003);  // of 16000 draws the deviation is 1.1 %
  after = tone(16000, 0.9);
  degrade(after, {.erase = 0, .noise_db = -10.0}, rng);
  const auto loudest = std::ranges::max(after, {}, [](float v) { return std::abs(v); });
  EXPECT_FLOAT_EQ(std::abs(loudest), 1);
}

class DegradeTest : public DataTest {
 protected:
  void SetUp() override {
    DataTest::SetUp();
    fs::create_directories(folder_ / "set");
    write_atomic(folder_ / "set/a.png", encode_png(board(32, 0, 200)));
    write_atomic(folder_ / "set/b.png", encode_png(board(8, 50, 90)));
    write_atomic(folder_ / "set/s.flac", encode_flac(tone(800, 0.5), 8000));
    write("set/all.jsonl",
          "{\"id\": \"x\", \"image\": \"a.png\", \"sound\": \"s.flac\", \"label\": 1}\n"
          "{\"id\": \"y\", \"image\": [\"a.png\", \"b.png\"], \"sound\": null, \"label\": 2}\n"
          "{\"id\": \"z\", \"image\": \"a.png\", \"sound\": \"s.flac\", \"label\": 1}\n");
  }

  DegradeConfig config() const {
    DegradeConfig config;
    config.data = one_manifest("set/all.jsonl");
    config.data.key = "id";
    config.base = folder_;
    config.columns["image"].erase = 0.25;
    config.seed = 7;
    config.rate = 8000;
    config.output = folder_ / "hard/all.jsonl";
    return config;
  }

  std::unique_ptr<Dataset> made(const std::string& name) const {
    auto read = one_manifest(name);
    read.allow_roots = {"set"};
    return open_dataset(read, {image_field("image"), {"sound", "audio", {{"", {"sound"}}}}},
                        folder_);
  }
};

TEST_F(DegradeTest, ChangesTheColumnsAskedForAndNamesTheOthersFromTheNewPlace) {
  const auto summary = degrade_data(config());
  EXPECT_EQ(summary.rows, 3);
  EXPECT_EQ(summary.files, 4);
  const auto data = made("hard/all.jsonl");
  ASSERT_EQ(data->size(), 3);
  EXPECT_EQ(data->column(1, "label"), std::vector<std::string>{"2"});
  EXPECT_EQ(bytes_of(data->values(0, 1, 0).at(0)), read_text(folder_ / "set/s.flac"));
  EXPECT_TRUE(data->values(1, 1, 0).empty());
  ASSERT_EQ(data->values(1, 0, 0).size(), 2u);
  const auto second = decode_image(fetch(data->values(1, 0, 0)[1], 1 << 20));
  EXPECT_EQ(second.data[0] == 50 || second.data[0] == 70, true);  // b.png's, or its mean
  // Rows of one picture draw apart.
  EXPECT_NE(bytes_of(data->values(0, 0, 0)[0]), bytes_of(data->values(2, 0, 0)[0]));
}

TEST_F(DegradeTest, ARowDrawsTheSameInAnySelectionOfRows) {
  auto whole = config();
  whole.columns["sound"].noise_db = 0;
  degrade_data(whole);
  write("set/last.jsonl",
        "{\"id\": \"z\", \"image\": \"a.png\", \"sound\": \"s.flac\", \"label\": 1}\n");
  auto part = whole;
  part.data.manifest = {"set/last.jsonl"};
  part.output = folder_ / "hard/last.jsonl";
  degrade_data(part);
  const auto all = made("hard/all.jsonl"), last = made("hard/last.jsonl");
  for (const size_t field : {0u, 1u})
    EXPECT_EQ(bytes_of(all->values(2, field, 0)[0]), bytes_of(last->values(0, field, 0)[0]));
  part.seed = 8;
  degrade_data(part);
  const auto other = made("hard/last.jsonl");
  for (const size_t field : {0u, 1u})
    EXPECT_NE(bytes_of(all->values(2, field, 0)[0]), bytes_of(other->values(0, field, 0)[0]));
}

TEST_F(DegradeTest, SoundsAreWrittenAtTheRateAskedFor) {
  auto asked = config();
  asked.columns = {{"sound", {.erase = 0.5, .noise_db = {}}}};
  asked.rate = 4000;
  degrade_data(asked);
  const auto data = made("hard/all.jsonl");
  const auto bytes = fetch(data->values(0, 1, 0)[0], 1 << 20);
  EXPECT_EQ(decode_sound(bytes, 4000).size(), 400u);
}

TEST_F(DegradeTest, MistakesAreToldAndWriteNoManifest) {
  const auto refused = [&](ErrorCode code, const std::vector<std::string>& parts, auto change) {
    auto wrong = config();
    change(wrong);
    expect_error(code, parts, [&] { degrade_data(wrong); });
  };
  refused(ErrorCode::kUsage, {"--erase COLUMN=SHARE"}, [](auto& c) { c.columns.clear(); });
  refused(ErrorCode::kUsage, {"image", "0 .. 1", "1.5"},
          [](auto& c) { c.columns["image"].erase = 1.5; });
  refused(ErrorCode::kUsage, {"image", "dB"}, [](auto& c) { c.columns["image"].noise_db = 1e9; });
  refused(ErrorCode::kUsage, {".jsonl"}, [](auto& c) { c.output = "hard"; });
  refused(ErrorCode::kConfig, {"did you mean 'image'"},
          [](auto& c) { c.columns = {{"imag", {.erase = 0.5, .noise_db = {}}}}; });
  refused(ErrorCode::kUsage, {"no rows in split 'val'"}, [](auto& c) { c.split = "val"; });
  write_atomic(folder_ / "set/b.png", std::string_view("no picture"));
  refused(ErrorCode::kInput, {"all.jsonl:2", "b.png"}, [](auto&) {});
  StopFlag stop;
  stop.request();
  expect_error(ErrorCode::kInterrupted, {"nothing is written"},
               [&] { degrade_data(config(), {}, &stop); });
  EXPECT_FALSE(fs::exists(folder_ / "hard/all.jsonl"));
  EXPECT_FALSE(fs::exists(folder_ / "hard/all.tar"));
}

}  // namespace
}  // namespace braid::data_test
