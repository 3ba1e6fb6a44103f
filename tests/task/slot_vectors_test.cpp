#include "braid/task/slot_vectors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "braid/core/file.h"
#include "braid/modality/modality.h"
#include "tests/scratch.h"

namespace braid {
namespace {

// Two sounds of `steps` frames of 8 bands.
Slot sounds(int64_t steps, int view) {
  Slot slot;
  slot.view = view;
  slot.batch = {Array(DType::kF32, {2, steps, 8}), Array(DType::kBool, {2, steps})};
  float number = 0;
  for (float& value : slot.batch.values.mutable_values<float>()) value = std::sin(number += 0.7f);
  std::ranges::fill(slot.batch.mask.mutable_values<bool>(), true);
  slot.present = {1, 1};
  slot.value_key = {1, 2};
  return slot;
}

TEST(SlotVectors, ViewsOfOtherLengthsAreEmbeddedTogetherAsEachAlone) {
  const Scratch folder;
  write_atomic(folder / "all.jsonl", std::string_view("{\"sound\": \"a.wav\"}\n"));
  const auto recipe = parse_recipe(
      ConfigNode::parse("data: {manifest: all.jsonl}\nspace: {width: 8}\nfields: {a: {from: sound, "
                        "modality: {kind: audio, bands: 8}, encoder: {kind: audio_cnn, stages: [4, "
                        "8], blocks: 0, dropout: 0}}}\nalignment: [{views: a}]\n",
                        "r.yaml"),
      folder.path());
  const auto modality = make_modality("audio", recipe.fields[0].second.modality);
  at::manual_seed(1);
  Model model(recipe, {modality.get()}, {});
  model.train(false);
  const FieldEncoding encoding{&model, nullptr, 0, 0, 0, false};
  const auto vectors = [&](std::vector<Slot> slots) {
    return embed_field(encoding, FieldBatch{"a", std::move(slots), false}).vectors;
  };
  const auto both = vectors({sounds(11, 0), sounds(16, 1)});  // [4, 8]
  const auto alone = at::cat({vectors({sounds(11, 0)}), vectors({sounds(16, 1)})}, 0);
  EXPECT_TRUE(at::allclose(both, alone, 0, 1e-5)) << both - alone;
  EXPECT_GT((alone[0] - alone[2]).abs().max().item<float>(), 1e-3);
}

}  // namespace
}  // namespace braid
