// An installed braid is complete: examples build against it outside the tree, and run.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "shell.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using test::quoted;
using test::run;

// One installation for all tests of the suite, then moved: nothing may remember its first place.
class Install : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string name = testing::TempDir() + "braid install XXXXXX";
    folder_ = ::mkdtemp(name.data());
    const auto first = folder_ / "first";
    const auto done =
        run("cmake --install " + quoted(BRAID_BINARY_DIR) + " --prefix " + quoted(first));
    ASSERT_EQ(done.status, 0) << done.output;
    prefix_ = folder_ / "moved";
    fs::rename(first, prefix_);
    for (const auto& entry : fs::recursive_directory_iterator(prefix_)) {
      if (entry.path().filename() == "libbraid.so") library_folder_ = entry.path().parent_path();
    }
    ASSERT_FALSE(library_folder_.empty()) << done.output;
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  static inline fs::path folder_, prefix_, library_folder_;
};

TEST_F(Install, RunsTheProgram) {
  const auto help = run(quoted(prefix_ / "bin/braid") + " --help");
  EXPECT_EQ(help.status, 0) << help.output;
  EXPECT_NE(help.output.find("braid"), std::string::npos);
}

TEST_F(Install, LetsTheProgramFindItsLibrary) {
  const auto doctor = run(quoted(prefix_ / "bin/braid") + " doctor");
  EXPECT_EQ(doctor.status, 0) << doctor.output;
}

TEST_F(Install, BuildsAndStartsEveryExample) {
  const auto build = folder_ / "examples";
  const auto configured =
      run("cmake -G Ninja -S " + quoted(std::string(BRAID_SOURCE_DIR) + "/examples") + " -B " +
          quoted(build) + " -DCMAKE_PREFIX_PATH=" + quoted(prefix_));
  ASSERT_EQ(configured.status, 0) << configured.output;
  const auto built = run("cmake --build " + quoted(build));
  ASSERT_EQ(built.status, 0) << built.output;
  int examples = 0;
  for (const auto& entry : fs::directory_iterator(std::string(BRAID_SOURCE_DIR) + "/examples")) {
    if (entry.path().extension() != ".cpp") continue;
    ++examples;
    // Without arguments an example says how it is used.
    const auto started = run(quoted(build / entry.path().stem()));
    EXPECT_EQ(started.status, 2) << entry.path() << ": " << started.output;
    EXPECT_NE(started.output.find("usage:"), std::string::npos) << started.output;
  }
  EXPECT_GT(examples, 0);
}

TEST_F(Install, TellsPkgConfigHowToCompile) {
  const std::string ask =
      "PKG_CONFIG_PATH=" + quoted(library_folder_ / "pkgconfig") + " pkg-config ";
  const auto flags = run(ask + "--cflags --libs braid");
  ASSERT_EQ(flags.status, 0) << flags.output;
  EXPECT_NE(flags.output.find("-lbraid"), std::string::npos);
  const auto source = folder_ / "one.cpp";
  const auto compiled =
      run("echo '#include <braid/braid.h>\nint main() {}' > " + quoted(source) +
          " && eval g++ -std=c++20 " + quoted(quoted(source)) + " -o " +
          quoted(quoted(folder_ / "one")) + " \"$(" + ask + "--cflags --libs braid)\"");
  EXPECT_EQ(compiled.status, 0) << compiled.output;
}

}  // namespace
}  // namespace braid
