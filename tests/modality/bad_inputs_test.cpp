// Every text and picture of the shared bad_inputs set: decoded whole or refused in one line, in
// bounded memory.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/modality/modality.h"
#include "golden.h"

namespace braid {
namespace {

// Damage that does not touch the pixels: EXIF, text chunks, densities, frames of an animation,
// unused palette entries, bytes between segments.
const std::set<std::string> kReadable = {
    "images_bad/imagers_Bad_clrsUsed.bmp",
    "images_bad/imagers_badpalettesize.bmp",
    "images_bad/imagers_badplanes.bmp",
    "images_bad/imagers_pal8oversizepal.bmp",
    "images_bad/imagers_rgb16-880.bmp",
    "images_bad/pillow_baddens1.bmp",
    "images_bad/pillow_baddens2.bmp",
    "images_bad/pillow_badfilesize.bmp",
    "images_bad/pillow_badpalettesize.bmp",
    "images_bad/pillow_broken_exif_dpi.jpg",
    "images_bad/pillow_decompression_bomb_extents.gif",
    "images_bad/pillow_invalid-exif-without-x-resolution.jpg",
    "images_bad/pillow_photoshop-200dpi-broken.jpg",
    "images_bad/pillow_png_decompression_dos.png",
    "images_bad/pillow_sugarshack_bad_mpo_header.jpg",
    "images_bad/pillow_syntax_num_frames_invalid.png",
    "images_bad/pillow_truncated_app14.jpg",
    "images_bad/pillow_truncated_exif_dpi.jpg",
};

class BadInputs : public testing::Test {
 protected:
  void SetUp() override {
    const char* data = std::getenv("BRAID_DATA");
    root_ = std::filesystem::path(data ? data : BRAID_SOURCE_DIR "/../shared/data") / "bad_inputs";
    if (!std::filesystem::exists(root_)) GTEST_SKIP() << root_ << " is not there";
    std::istringstream lines(read_text(root_ / "manifest.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      entries_.push_back(nlohmann::json::parse(line));
    }
  }

  // Why the file is refused, "" where it is read.
  std::string refusal(const Modality& modality, const std::string& file) const {
    try {
      const auto sample = modality.view(modality.prepare(read_file(root_ / file)));
      for (const float value : sample.values.values<float>()) {
        EXPECT_TRUE(value >= -1 && value <= 1) << file;
      }
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ErrorCode::kInput || error.code() == ErrorCode::kLimit) << file;
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << file;
      return error.what();
    }
    return {};
  }

  std::filesystem::path root_;
  std::vector<nlohmann::json> entries_;
};

TEST_F(BadInputs, PicturesAreReadWholeOrRefused) {
  const auto image = make_modality("image", ConfigNode::parse("{kind: image, size: 32}"));
  for (const auto& entry : entries_) {
    const std::string file = entry["file"], kind = entry["kind"];
    const auto folder = file.substr(0, file.find('/'));
    const bool picture = folder == "bmp_ok" || folder == "jpeg_variants" || folder == "png_suite" ||
                         kReadable.contains(file);
    const auto reason = refusal(*image, file);
    EXPECT_EQ(reason.empty(), picture) << file << " (" << kind << "): " << reason;
  }
}

TEST_F(BadInputs, TextsThatAreNotUtf8AreRefused) {
  const auto text = make_modality("text", ConfigNode::parse("{kind: text}"));
  text->fit([](const ValueVisitor& visit) { visit(as_bytes("one text to learn from")); });
  int refused = 0;
  for (const auto& entry : entries_) {
    const std::string file = entry["file"];
    if (!file.ends_with(".txt")) continue;
    try {
      text->prepare(read_file(root_ / file));
      ADD_FAILURE() << file << " was taken for text";
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ErrorCode::kInput || error.code() == ErrorCode::kLimit) << file;
      ++refused;
    }
  }
  EXPECT_EQ(refused, 3);
}

TEST_F(BadInputs, TakeNoMoreMemoryThanTheirLimitAllows) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers keep freed memory";
#endif
  const auto image =
      make_modality("image", ConfigNode::parse("{kind: image, size: 32, max_pixels: 1000000}"));
  struct rusage before {
  }, after{};
  ::getrusage(RUSAGE_SELF, &before);
  for (const auto& entry : entries_) refusal(*image, entry["file"]);
  ::getrusage(RUSAGE_SELF, &after);
  // A million pixels of four bytes, as decoded and as flattened, beside the decoder's own.
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 32 << 10) << "KiB";
}

}  // namespace
}  // namespace braid
