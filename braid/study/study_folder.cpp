#include "braid/study/study_folder.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/recipe/moved_recipe.h"
#include "braid/version.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr uint64_t kMaxStudyBytes = 64 << 20;
constexpr int kStudyFormat = 1;

std::string seeds_text(const std::vector<int64_t>& seeds) {
  std::vector<std::string> texts;
  for (const int64_t seed : seeds) texts.push_back(std::to_string(seed));
  return join(texts, ", ");
}

Json plan_json(const StudyPlan& plan) {
  Json variants = Json::array();
  for (const auto& variant : plan.variants) {
    variants.push_back({{"name", variant.name},
                        {"role", variant.role == Role::kSingle ? "single" : "variant"},
                        {"settings", variant.settings}});
  }
  return {{"format", kStudyFormat},         {"version", BRAID_VERSION}, {"metric", plan.metric},
          {"validation", plan.validation},  {"split", plan.split},      {"seeds", plan.seeds},
          {"threads", plan.threads},        {"variants", variants}};
}

void flatten(const ConfigNode& node, const std::string& path,
             std::vector<std::pair<std::string, std::string>>& out) {
  const auto below = [&](const std::string& key) { return path.empty() ? key : path + "." + key; };
  for (const auto& [key, child] : node.entries()) flatten(child, below(key), out);
  for (size_t i = 0; i < node.items().size(); ++i)
    flatten(node.items()[i], below(std::to_string(i)), out);
  if (node.entries().empty() && node.items().empty())
    out.emplace_back(path, node.is_null() ? "nothing" : node.text());
}

std::vector<std::string> names_of(const std::vector<Variant>& variants) {
  std::vector<std::string> names;
  for (const auto& variant : variants) names.push_back(variant.name);
  return names;
}

std::vector<std::string> without(const std::vector<std::string>& all,
                                 const std::vector<std::string>& taken) {
  std::vector<std::string> left;
  for (const auto& one : all) {
    if (std::find(taken.begin(), taken.end(), one) == taken.end()) left.push_back(one);
  }
  return left;
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

Json read_json(const fs::path& path) {
  try {
    return Json::parse(read_text(path, kMaxStudyBytes));
  } catch (const Json::exception& problem) {
    throw Error(ErrorCode::kInput, path.string() + ": not what braid writes: " + problem.what());
  }
}

// A split may be called anything; a file may not.
std::string split_file(std::string split) {
  std::replace(split.begin(), split.end(), '/', '_');
  return split;
}

bool is_evaluated(const fs::path& run, const std::string& split, bool tasks) {
  const auto name = split_file(split);
  return is_there(run / "evaluations" / (name + ".json")) &&
         (!tasks || is_there(run / ("predictions-" + name + ".safetensors")));
}

}  // namespace

std::vector<std::string> recipe_differences(const std::string& there, const std::string& now) {
  std::vector<std::pair<std::string, std::string>> a, b;
  flatten(ConfigNode::parse(there, "there"), "", a);
  flatten(ConfigNode::parse(now, "now"), "", b);
  const std::map<std::string, std::string> old(a.begin(), a.end()), fresh(b.begin(), b.end());
  std::vector<std::string> out;
  const auto text = [](const auto& values, const std::string& key) {
    const auto found = values.find(key);
    return found == values.end() ? std::string("absent") : found->second;
  };
  for (const auto& [key, value] : a) {
    if (text(fresh, key) != value) out.push_back(key + ": " + value + " there, " + text(fresh, key) + " now");
  }
  for (const auto& [key, value] : b) {
    if (!old.contains(key)) out.push_back(key + ": absent there, " + value + " now");
  }
  return out;
}

std::vector<Cell> cells_of(const StudyPlan& plan) {
  std::vector<Cell> cells;
  for (const int64_t seed : plan.seeds) {
    for (size_t v = 0; v < plan.variants.size(); ++v) cells.push_back({v, seed});
  }
  return cells;
}

fs::path StudyFolder::recipe(const std::string& variant) const {
  return path_ / "recipes" / (variant + ".yaml");
}

fs::path StudyFolder::run(const std::string& variant, int64_t seed) const {
  return path_ / "runs" / (variant + "-s" + std::to_string(seed));
}

fs::path StudyFolder::log(const std::string& variant, int64_t seed) const {
  return path_ / "logs" / (variant + "-s" + std::to_string(seed) + ".log");
}

bool StudyFolder::is_study() const { return is_there(path_ / "study.json"); }

namespace {

[[noreturn]] void refuse_study(const fs::path& path, const std::string& what) {
  throw Error(ErrorCode::kState, path.string() + ": holds another study: " + what +
                                     "; go on with the command that began it, or choose another -o");
}

// Throws for whatever makes cells another's; further seeds are welcome.
void expect_same_study(const StudyFolder& folder, const Json& there, const StudyPlan& plan) {
  std::vector<std::string> names;
  for (const auto& variant : there.at("variants")) names.push_back(variant.at("name"));
  const auto now = names_of(plan.variants);
  const auto gone = without(names, now), added = without(now, names);
  if (!gone.empty() || !added.empty()) {
    refuse_study(folder.path(),
                 (gone.empty() ? "" : "it has " + join(gone, ", ") + ", which this one lacks") +
                     (gone.empty() || added.empty() ? "" : "; ") +
                     (added.empty() ? "" : "it lacks " + join(added, ", ")));
  }
  for (const auto& variant : plan.variants) {
    const auto path = folder.recipe(variant.name);
    auto differences = recipe_differences(
        read_text(path), moved_recipe(variant.recipe, path.parent_path()).to_yaml());
    if (differences.empty()) continue;
    const size_t more = differences.size() > 3 ? differences.size() - 3 : 0;
    differences.resize(std::min<size_t>(differences.size(), 3));
    refuse_study(folder.path(), "recipe of " + variant.name + ": " + join(differences, "; ") +
                                    (more ? " and " + std::to_string(more) + " more" : ""));
  }
  if (there.at("split") != plan.split) {
    refuse_study(folder.path(), "it reports split '" + there.at("split").get<std::string>() +
                                    "', this one '" + plan.split + "'");
  }
  const std::vector<int64_t> seeds = there.at("seeds");
  for (const int64_t seed : seeds) {
    if (std::find(plan.seeds.begin(), plan.seeds.end(), seed) == plan.seeds.end())
      refuse_study(folder.path(), "it has seeds " + seeds_text(seeds) + ", this one only " +
                                      seeds_text(plan.seeds));
  }
}

}  // namespace

StudyPlan StudyFolder::settle(StudyPlan plan) const {
  const auto file = path_ / "study.json";
  if (is_study()) {
    const auto there = read_json(file);
    try {
      if (there.at("format") != kStudyFormat)
        throw Error(ErrorCode::kState, file.string() + ": of another version of braid");
      expect_same_study(*this, there, plan);
      plan.threads = there.at("threads");
    } catch (const Json::exception& problem) {
      throw Error(ErrorCode::kInput, file.string() + ": not what braid writes: " + problem.what());
    }
  } else {
    make_folder(path_ / "recipes");
    for (const auto& variant : plan.variants) {
      write_atomic(recipe(variant.name),
                   moved_recipe(variant.recipe, path_ / "recipes").to_yaml());
    }
  }
  make_folder(path_ / "runs");
  make_folder(path_ / "logs");
  write_atomic(file, plan_json(plan).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  return plan;
}

CellState StudyFolder::state(const StudyPlan& plan, const Cell& cell) const {
  const auto& variant = plan.variants.at(cell.variant);
  const auto path = run(variant.name, cell.seed);
  if (!is_there(path / "run.json")) return CellState::kMissing;
  const bool tasks = !variant.recipe.tasks.empty();
  const auto stamp = read_json(path / "run.json");
  const bool trained = stamp.value("finished", false) && is_there(path / "training.json") &&
                       is_evaluated(path, plan.validation, tasks);
  if (!trained) return CellState::kBegun;
  return is_evaluated(path, plan.split, tasks) ? CellState::kDone : CellState::kTrained;
}

}  // namespace braid
