#include "braid/task/attention_rows.h"

#include "braid/block/device.h"
#include "braid/core/error.h"
#include "braid/task/field_rows.h"
#include "braid/task/joint_part.h"
#include "braid/task/tensor.h"

namespace braid {
namespace {

std::vector<Look> looks_of_row(Model& model, const Dataset& data,
                               const std::vector<const Modality*>& modalities, int64_t row,
                               const EmbedOptions& options) {
  std::vector<Embedding> parts;
  for (size_t field = 0; field < modalities.size(); ++field) {
    const auto own = read_field_rows(model, data, field, *modalities[field], {row}, options);
    parts.push_back(
        joint_part(own.vectors, own.tokens, own.places, model.width(), model.device()));
  }
  std::vector<Look> looks;
  model.fuse(std::move(parts), &looks);
  return looks;
}

}  // namespace

std::vector<RowAttention> attention_of_rows(Model& model, const Dataset& data,
                                            const std::vector<const Modality*>& modalities,
                                            const std::vector<int64_t>& rows,
                                            const EmbedOptions& options, int64_t most_bytes) {
  const at::NoGradGuard no_grad;
  if (!model.joint() || model.joint()->interactions() == 0) {
    throw Error(ErrorCode::kUsage,
                "no attention to export: the recipe has no interaction, in which fields look at "
                "each other (docs/interaction.md)");
  }
  if (model.is_training()) model.train(false);
  std::vector<RowAttention> out;
  int64_t bytes = 0;
  Meter meter(options.sink, stage_on("attention", model.device()), "row", std::ssize(rows));
  for (const int64_t row : rows) {
    if (options.stop && options.stop->requested())
      throw Error(ErrorCode::kInterrupted, "stopped while reading attention");
    auto& own = out.emplace_back();
    for (const auto& look : looks_of_row(model, data, modalities, row, options)) {
      const auto weights = look.weights[0].to(at::kCPU, at::kFloat);  // [T_from, T_to]
      if (weights.sum().item<float>() == 0) continue;  // an absent field, or nothing to look at
      bytes += weights.numel() * static_cast<int64_t>(sizeof(float));
      if (bytes > most_bytes) {
        throw Error(ErrorCode::kLimit,
                    "attention of " + std::to_string(out.size()) + " of " +
                        std::to_string(rows.size()) + " rows takes more than " +
                        std::to_string(most_bytes >> 20) + " MiB: ask for fewer rows");
      }
      own.emplace_back(look.name, to_array(weights.contiguous()));
    }
    meter.advance(1);
  }
  meter.finish();
  return out;
}

}  // namespace braid
