#include "braid/task/asked_samples.h"

#include <torch/types.h>

#include "braid/core/error.h"
#include "braid/task/joint_part.h"
#include "braid/task/tensor.h"

namespace braid {
namespace {

Sample prepared(const std::string& field, const Modality& modality, const Value& value,
                std::vector<std::string>& notes) {
  try {
    const auto whole = modality.prepare(fetch(value, modality.max_bytes()));
    auto seen = modality.view(whole);
    if (modality.name() == "text" && seen.values.count() < whole.values.count()) {
      notes.push_back(field + ": " + std::to_string(whole.values.count()) +
                      " tokens, the model reads the first " + std::to_string(seen.values.count()));
    }
    return seen;
  } catch (const Error& problem) {
    throw Error(problem.code(), field + ": " + problem.what());
  }
}

}  // namespace

AskedParts read_asked(Model& model, const std::vector<std::string>& fields,
                      const std::vector<const Modality*>& modalities, const AskedValues& samples,
                      bool graph) {
  const at::AutoGradMode mode(graph);
  if (model.is_training()) model.train(false);
  AskedParts out;
  for (size_t field = 0; field < modalities.size(); ++field) {
    const auto& modality = *modalities[field];
    std::vector<Sample> views;
    std::vector<int64_t> places;
    for (const auto& sample : samples) {
      places.push_back(sample[field] ? std::ssize(views) : kAbsent);
      if (sample[field])
        views.push_back(prepared(fields[field], modality, *sample[field], out.notes));
    }
    at::Tensor vectors;
    Tokens tokens;
    if (views.empty()) {
      out.encoded.emplace_back();
    } else {
      std::vector<const Sample*> pointers;
      for (const auto& view : views) pointers.push_back(&view);
      const auto batch = modality.collate(pointers);
      auto values = to_tensor(batch.values);
      if (graph && values.is_floating_point()) values.requires_grad_();
      const auto whole = model.encode_whole(field, values, to_tensor(batch.mask));
      out.encoded.push_back(whole.tokens);
      vectors = model.project(field, whole.pooled);
      if (const auto* pooling = model.pooling(field)) {
        std::vector<int64_t> each(views.size() + 1);
        for (size_t i = 0; i < each.size(); ++i) each[i] = static_cast<int64_t>(i);
        vectors = pooling->forward(vectors, each).vectors;
      }
      if (model.joint()->reads_tokens()) tokens = whole.tokens;
    }
    out.parts.push_back(joint_part(vectors, tokens, places, model.width(), model.device()));
  }
  return out;
}

}  // namespace braid
