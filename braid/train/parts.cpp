#include "braid/train/parts.h"

#include <algorithm>
#include <set>

#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

// "picture.encoder" of "picture.encoder.stem.conv.weight".
std::string first_two(const std::string& name) {
  const auto dot = name.find('.');
  return dot == std::string::npos ? name : name.substr(0, name.find('.', dot + 1));
}

void check_patterns(const Module::NamedTensors& model, const Module::NamedTensors& loss,
                    const std::vector<PartConfig>& parts) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : model) names.push_back(name);
  for (const auto& [name, tensor] : loss) names.push_back("loss." + name);
  for (const auto& part : parts) {
    for (const auto& glob : part.match) {
      const bool any = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return matches_glob(name, glob);
      });
      if (any) continue;
      std::set<std::string> known;
      for (const auto& name : names) known.insert(first_two(name) + ".*");
      throw Error(ErrorCode::kConfig,
                  "train.parts: no parameter is called '" + glob +
                      "'; there are: " + join(std::vector<std::string>(known.begin(), known.end()), ", "));
    }
  }
}

// An encoder or projection, its parameters under `prefix`.
void freeze_whole(Module& part, const std::string& prefix, const std::vector<PartConfig>& parts) {
  const auto own = part.named_parameters();
  const bool all = std::all_of(own.begin(), own.end(), [&](const auto& named) {
    return part_of(parts, prefix + named.first).freeze;
  });
  if (all && !own.empty()) part.freeze_in_eval();
}

}  // namespace

PartConfig part_of(const std::vector<PartConfig>& parts, std::string name) {
  constexpr std::string_view kModel = "model.";
  if (name.starts_with(kModel)) name.erase(0, kModel.size());
  PartConfig found;
  for (const auto& part : parts) {
    for (const auto& glob : part.match) {
      if (matches_glob(name, glob)) found = part;
    }
  }
  return found;
}

void freeze_parts(Model& model, const JointLoss& loss, const std::vector<PartConfig>& parts) {
  if (parts.empty()) return;
  const auto of_model = model.named_parameters();
  const auto of_loss = loss.named_parameters();
  check_patterns(of_model, of_loss, parts);
  for (auto [name, tensor] : of_model) {
    if (part_of(parts, name).freeze) tensor.set_requires_grad(false);
  }
  const bool some = std::any_of(of_model.begin(), of_model.end(),
                                [](const auto& named) { return named.second.requires_grad(); });
  if (!some) throw Error(ErrorCode::kConfig, "train.parts: everything is frozen, nothing to train");
  for (auto [name, tensor] : of_loss) {
    if (part_of(parts, "loss." + name).freeze) tensor.set_requires_grad(false);
  }
  model.each_tower(
      [&](const std::string& prefix, Module& part) { freeze_whole(part, prefix, parts); });
}

}  // namespace braid
