#include "braid/study/kept_answers.h"

#include <algorithm>
#include <cstring>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/tensor_file/safetensors.h"

namespace braid {
namespace {

[[noreturn]] void refuse_answers(const std::filesystem::path& file, const std::string& what) {
  throw Error(ErrorCode::kInput, file.string() + ": not what a run of this recipe writes: " + what);
}

// The first of [S, N, C]: that of all fields.
Array first_of(const Array& all) {
  Array out(all.dtype(), {all.size(1), all.size(2)});
  std::memcpy(out.mutable_bytes(), all.bytes(), out.byte_size());
  return out;
}

}  // namespace

std::vector<KeptAnswers> read_kept_answers(const std::filesystem::path& path, const Recipe& recipe) {
  const auto file = read_safetensors(path);
  std::vector<KeptAnswers> all;
  for (const auto& [name, about] : file.metadata) {
    const auto task = name.substr(name.rfind('/') + 1);
    const auto known = std::find_if(recipe.tasks.begin(), recipe.tasks.end(),
                                    [&](const TaskConfig& own) { return own.name == task; });
    if (known == recipe.tasks.end()) refuse_answers(path, "it has task '" + task + "'");
    KeptAnswers kept{name, *known, {}, {}, {}, {}, {}};
    try {
      kept.keys = nlohmann::json::parse(about).at("keys").get<std::vector<std::string>>();
    } catch (const nlohmann::json::exception& problem) {
      refuse_answers(path, problem.what());
    }
    const auto rows = static_cast<int64_t>(kept.keys.size());
    const auto* answers = file.find(name + "/answers");
    const auto* present = file.find(name + "/present");
    if (!answers || answers->shape().size() != 3 || answers->size(1) != rows ||
        answers->dtype() != DType::kF64)
      refuse_answers(path, name + "/answers");
    if (!present || present->shape().size() != 2 || present->size(0) != rows)
      refuse_answers(path, name + "/present");
    kept.answers = first_of(*answers);
    const auto there = present->values<uint8_t>();
    const auto fields = static_cast<size_t>(present->size(1));
    for (size_t n = 0; n < kept.keys.size(); ++n) {
      const auto* own = there.data() + n * fields;
      kept.carries.push_back(std::any_of(own, own + fields, [](uint8_t f) { return f != 0; }));
    }
    if (const auto* targets = file.find(name + "/targets")) kept.targets = *targets;
    if (const auto* unseen = file.find(name + "/unseen")) {
      const auto marks = unseen->values<uint8_t>();
      kept.unseen.assign(marks.begin(), marks.end());
    }
    all.push_back(std::move(kept));
  }
  return all;
}

}  // namespace braid
