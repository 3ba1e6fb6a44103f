#include "braid/modality/modality.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid {
namespace {

TEST(Modalities, AllDefAndTheFolderAgree) {
  std::set<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(BRAID_SOURCE_DIR) + "/braid/modality")) {
    const auto name = entry.path().stem().string();
    if (entry.path().extension() != ".cpp") continue;
    // A file is a member when it defines its own maker; the rest are helpers of members.
    const auto maker = "> make_" + name + "(const ConfigNode& node) {";
    if (read_text(entry.path()).find(maker) != std::string::npos) files.insert(name);
  }
  const auto names = modality_names();
  EXPECT_EQ(files, std::set<std::string>(names.begin(), names.end()));
}

TEST(Modalities, AreBuiltByNameFromAFieldThatHasOtherKeysToo) {
  const auto node =
      ConfigNode::parse("{modality: image, columns: [a], size: 7, encoder: {kind: vit}}");
  const auto image = make_modality("image", node);
  EXPECT_EQ(image->name(), "image");
  EXPECT_EQ(image->facts().at("size"), 7);
}

TEST(Modalities, RefuseAnUnknownNameWithTheNearest) {
  try {
    make_modality("imgae", ConfigNode::parse("{size: 7}", "r.yaml"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConfig);
    EXPECT_NE(std::string(error.what()).find("did you mean 'image'"), std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find("r.yaml"), std::string::npos) << error.what();
  }
}

TEST(Modalities, NameTheKeysTheyRead) {
  const auto keys = modality_keys("image");
  const auto found =
      std::find_if(keys.begin(), keys.end(), [](const FieldDoc& k) { return k.name == "size"; });
  ASSERT_NE(found, keys.end());
  EXPECT_EQ(found->range, "1 .. 4096");
  EXPECT_THROW(modality_keys("smell"), Error);
}

}  // namespace
}  // namespace braid
