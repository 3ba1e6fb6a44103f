#include "braid/engine/task_facts.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFile = "tasks.json";
constexpr uint64_t kMaxFactBytes = uint64_t{256} << 20;

std::filesystem::path tokenizer_path(const std::filesystem::path& run, const TaskConfig& task) {
  return run / ("tokenizer.task." + task.name + ".json");
}

void check(const TargetFacts& facts) {
  const bool fits =
      facts.classes.size() == facts.counts.size() && facts.columns.size() == facts.mean.size() &&
      facts.columns.size() == facts.deviation.size() &&
      facts.columns.size() == facts.median.size() && facts.languages.size() == facts.usual.size();
  if (!fits) throw Error(ErrorCode::kInput, "lists of different lengths");
}

TargetFacts parse_facts(const Json& j) {
  TargetFacts facts{j.at("rows"), j.at("classes"),   j.at("counts"), j.at("columns"),
                    j.at("mean"), j.at("deviation"), j.at("median")};
  facts.languages = j.value("languages", facts.languages);
  facts.usual = j.value("usual", facts.usual);
  check(facts);
  return facts;
}

std::string class_text(const TargetFacts& facts, bool most) {
  const auto at = most ? std::max_element(facts.counts.begin(), facts.counts.end())
                       : std::min_element(facts.counts.begin(), facts.counts.end());
  return std::to_string(*at) + " of " +
         facts.classes[static_cast<size_t>(at - facts.counts.begin())];
}

}  // namespace

void write_task_facts(const std::filesystem::path& run, const Recipe& recipe,
                      const std::vector<TargetFacts>& facts) {
  if (recipe.tasks.empty()) return;
  Json all = Json::object();
  for (size_t k = 0; k < recipe.tasks.size(); ++k) {
    const auto& own = facts.at(k);
    all[recipe.tasks[k].name] = {{"kind", recipe.tasks[k].kind}, {"rows", own.rows},
                                 {"classes", own.classes},       {"counts", own.counts},
                                 {"columns", own.columns},       {"mean", own.mean},
                                 {"deviation", own.deviation},   {"median", own.median}};
    if (!own.tokenizer) continue;
    all[recipe.tasks[k].name]["languages"] = own.languages;
    all[recipe.tasks[k].name]["usual"] = own.usual;
    write_atomic(tokenizer_path(run, recipe.tasks[k]), own.tokenizer->file().bytes);
  }
  write_atomic(run / kFile, all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

std::vector<TargetFacts> read_task_facts(const std::filesystem::path& run, const Recipe& recipe) {
  std::vector<TargetFacts> facts;
  if (recipe.tasks.empty()) return facts;
  const auto path = run / kFile;
  const auto text = read_text(path, kMaxFactBytes);
  try {
    const auto all = Json::parse(text);
    for (const auto& task : recipe.tasks) {
      facts.push_back(parse_facts(all.at(task.name)));
      if (!task.writes()) continue;
      facts.back().tokenizer = load_tokenizer(tokenizer_path(run, task));
      if (facts.back().languages.size() != task.texts.size())
        throw Error(ErrorCode::kInput, "task " + task.name + ": languages of another recipe");
    }
  } catch (const Json::exception& problem) {
    throw Error(ErrorCode::kInput, path.string() + ": not what a run writes: " + problem.what());
  } catch (const Error& problem) {
    throw Error(ErrorCode::kInput, path.string() + ": not what a run writes: " + problem.what());
  }
  return facts;
}

std::vector<std::string> task_fact_lines(const Recipe& recipe,
                                         const std::vector<TargetFacts>& facts) {
  std::vector<std::string> lines;
  for (size_t k = 0; k < recipe.tasks.size(); ++k) {
    const auto& task = recipe.tasks[k];
    const auto& own = facts.at(k);
    const auto head = "task " + task.name + ": ";
    if (!own.classes.empty()) {
      lines.push_back(head + std::to_string(own.classes.size()) + " classes in " +
                      std::to_string(own.rows) + " rows, from " + class_text(own, false) + " to " +
                      class_text(own, true));
    }
    if (own.tokenizer) {
      lines.push_back(head + "texts in " + std::to_string(own.rows) + " rows, " +
                      std::to_string(own.tokenizer->vocabulary()) + " tokens");
    }
    for (size_t c = 0; c < own.columns.size(); ++c) {
      lines.push_back(head + own.columns[c] + ", mean " + number_text(own.mean[c]) +
                      ", deviation " + number_text(own.deviation[c]) + ", in " +
                      std::to_string(own.rows) + " rows");
    }
  }
  return lines;
}

}  // namespace braid
