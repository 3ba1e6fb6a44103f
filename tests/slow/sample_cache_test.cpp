// Prepared samples on disk, through the whole program: the bytes of a run do not know of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "small_emoji.h"

namespace braid::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class CachedRun : public SlowTest {
 protected:
  void SetUp() override {
    SlowTest::SetUp();
    use(folder_ / "cache");
  }
  void TearDown() override {
    ::unsetenv("BRAID_CACHE");
    SlowTest::TearDown();
  }
  static void use(const fs::path& cache) { ::setenv("BRAID_CACHE", cache.c_str(), 1); }

  std::string train(const std::string& name, const std::string& more = "") const {
    return "train " + quoted(emoji_ / "recipe.yaml") + " -o " + quoted(folder_ / name) +
           " train.cache_mb=0 " + more;
  }
  std::string weights(const std::string& name) const {
    return file_hash(folder_ / name / "model.safetensors");
  }
  Json loading(const std::string& name) const {
    return Json::parse(read_text(folder_ / name / "training.json")).at("loading");
  }
};

TEST_F(CachedRun, GivesTheSameBytesWithACacheThatIsOffEmptyFullOrOutOfReach) {
  const auto off = braid(train("off", "train.disk_cache_mb=0"));
  ASSERT_EQ(off.status, 0) << off.output;
  EXPECT_FALSE(fs::exists(folder_ / "cache"));
  EXPECT_EQ(loading("off").at("later").at("values_from_disk_cache"), 0);

  const auto cold = braid(train("cold"));
  ASSERT_EQ(cold.status, 0) << cold.output;
  EXPECT_EQ(loading("cold").at("first").at("values_from_disk_cache"), 0);
  // An epoch leaves the rows of an incomplete batch out: a later one may meet them first.
  const auto later = loading("cold").at("later");
  EXPECT_GT(later.at("values_from_disk_cache"), 5 * later.at("values_decoded").get<int64_t>());
  EXPECT_THAT(cold.output, HasSubstr("loader: first epoch "));

  const auto warm = braid(train("warm"));
  ASSERT_EQ(warm.status, 0) << warm.output;
  EXPECT_EQ(loading("warm").at("first").at("values_decoded"), 0);
  EXPECT_THAT(warm.output, HasSubstr("(files: from the disk cache 100 %)"));
  EXPECT_GT(loading("warm").at("first").at("samples_per_s"), 0);
  EXPECT_THAT(read_text(folder_ / "warm/report.html"), HasSubstr("from the disk cache 100 %"));

  // Other views find it; another size does not.
  const auto views = braid(train("views", "fields.image.modality.views.flip=0"));
  EXPECT_EQ(loading("views").at("first").at("values_decoded"), 0) << views.output;
  const auto larger = braid(train("larger", "fields.image.modality.size=26"));
  EXPECT_GT(loading("larger").at("first").at("values_decoded"), 0) << larger.output;

  std::ofstream(folder_ / "file") << "no folder";
  use(folder_ / "file/cache");
  const auto nowhere = braid(train("nowhere"));
  ASSERT_EQ(nowhere.status, 0) << nowhere.output;
  const auto said = nowhere.output.find("prepared samples are not kept on disk");
  EXPECT_NE(said, std::string::npos) << nowhere.output;
  EXPECT_EQ(nowhere.output.find("prepared samples are not kept on disk", said + 1),
            std::string::npos);
  for (const char* name : {"cold", "warm", "nowhere"}) EXPECT_EQ(weights(name), weights("off"));
}

TEST_F(CachedRun, TwoAtOnceAndOneThatIsKilledShareTheCache) {
  const auto command = [&](const std::string& name) {
    return "env BRAID_THREADS=2 " + quoted(BRAID_PROGRAM) + " " + train(name) + " > " +
           quoted(folder_ / (name + ".log")) + " 2>&1";
  };
  {
    Child killed(command("killed"));
    while (killed.running() && !fs::exists(folder_ / "killed/state/step-000000000007"))
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    killed.signal(SIGKILL);
    EXPECT_EQ(killed.wait(), 128 + SIGKILL);
  }
  Child one(command("one")), other(command("other"));
  EXPECT_EQ(one.wait(), 0) << read_text(folder_ / "one.log");
  EXPECT_EQ(other.wait(), 0) << read_text(folder_ / "other.log");
  EXPECT_EQ(weights("one"), weights("other"));
  const auto resumed = braid("train --resume " + quoted(folder_ / "killed"));
  ASSERT_EQ(resumed.status, 0) << resumed.output;
  EXPECT_EQ(weights("killed"), weights("one"));
  EXPECT_EQ(loading("killed").at("first").at("values_decoded"), 0);
}

TEST_F(CachedRun, BenchLoadsFromEachPlaceAndLeavesNothingBehind) {
  const auto bench = braid_output("bench --json -q --seconds 0.1 --samples 64 " +
                                  quoted(emoji_ / "run"));
  ASSERT_EQ(bench.status, 0) << bench.output;
  EXPECT_THAT(bench.output, HasSubstr("\"load, first epoch\""));
  EXPECT_THAT(bench.output, HasSubstr("\"load, from the disk cache\""));
  EXPECT_THAT(bench.output, HasSubstr("\"load, from memory\""));
  EXPECT_FALSE(fs::exists(folder_ / "cache"));
  for (const auto& entry : fs::directory_iterator(fs::temp_directory_path()))
    EXPECT_THAT(entry.path().string(), Not(HasSubstr("braid_bench_")));
}

}  // namespace
}  // namespace braid::test
