#include "braid/engine/ask_verb.h"

#include <algorithm>

#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/data/media_kind.h"
#include "braid/task/tensor.h"

namespace braid {
namespace {

constexpr size_t kAskedAtOnce = 32;

class Asking {
 public:
  Asking(const AskRequest& request, const Watch& watch)
      : request_(request), watch_(watch), run_(open_run(request.run, watch.device)) {
    task_ = asked_task(run_, request.task);
    const auto& task = run_.recipe.tasks[task_];
    if (task.transcribes() && request.search.empty()) {
      languages_ = asked_languages(request.language, run_.facts[task_]);
    } else if (task.kind == "generation") {
      how_.search = asked_search(request.search, task);
      how_.seed = request.seed;
      how_.interrupted = [this] { return watch_.stop && watch_.stop->requested(); };
      languages_ = asked_languages(request.language, run_.facts[task_]);
    } else if (!request.search.empty() || !request.language.empty()) {
      throw Error(ErrorCode::kUsage, "task " + task.name + " is of kind " + task.kind +
                                         ", which searches for no text: beam, language and the like "
                                         "say nothing");
    }
  }

  AskSummary run() {
    AskSummary all;
    const auto samples = asked_values(run_, request_.samples);
    for (size_t begin = 0; begin < samples.size(); begin += kAskedAtOnce) {
      const auto count = std::min(kAskedAtOnce, samples.size() - begin);
      const auto first = samples.begin() + static_cast<std::ptrdiff_t>(begin);
      auto read = read_asked(*run_.model, field_names(run_.recipe), run_.modality_pointers(),
                             {first, first + static_cast<std::ptrdiff_t>(count)});
      std::move(read.notes.begin(), read.notes.end(), std::back_inserter(all.notes));
      const auto joined = run_.model->fuse(std::move(read.parts));
      answer(joined, begin, count, all.answers);
    }
    return all;
  }

 private:
  void answer(const Joined& joined, size_t begin, size_t count, std::vector<AskedAnswer>& out) {
    const auto& task = run_.recipe.tasks[task_];
    for (size_t i = 0; i < count; ++i) out.push_back({task.name, task.kind, {}, {}, {}});
    const auto own = out.end() - static_cast<std::ptrdiff_t>(count);
    if (!task.writes()) return choose(joined, own);
    how_.numbers.clear();
    for (size_t i = 0; i < count; ++i) how_.numbers.push_back(static_cast<int64_t>(begin + i));
    for (const int64_t language : languages_) {
      how_.language = language;
      const auto written = run_.model->write(task_, joined, how_);
      for (size_t i = 0; i < count; ++i) {
        for (const auto& text : written[i])
          own[static_cast<std::ptrdiff_t>(i)].texts.push_back(
              {run_.facts[task_].languages[static_cast<size_t>(language)], text.text,
               text.log_probability, text.score, text.ended});
      }
    }
  }

  void choose(const Joined& joined, std::vector<AskedAnswer>::iterator out) {
    const at::NoGradGuard no_grad;
    const auto& facts = run_.facts[task_];
    const auto outputs = run_.model->answer(task_, joined.vector);
    const auto answers = to_array(run_.model->joint()->head(task_).answers(outputs).cpu());
    const auto& names = facts.columns.empty() ? facts.classes : facts.columns;
    const auto numbers = answers.values<double>();
    for (int64_t i = 0; i < answers.size(0); ++i, ++out) {
      for (size_t c = 0; c < names.size(); ++c)
        out->values.emplace_back(names[c], numbers[static_cast<size_t>(i) * names.size() + c]);
      if (!facts.columns.empty()) continue;
      std::stable_sort(out->values.begin(), out->values.end(),
                       [](const auto& a, const auto& b) { return a.second > b.second; });
      for (const auto& [name, p] : out->values) {
        const bool multi = run_.recipe.tasks[task_].multi();
        if (multi ? p > 0.5 : out->labels.empty()) out->labels.push_back(name);
      }
    }
  }

  const AskRequest& request_;
  const Watch& watch_;
  LoadedRun run_;
  size_t task_ = 0;
  WriteOptions how_;
  std::vector<int64_t> languages_;
};

}  // namespace

std::vector<std::string> field_names(const Recipe& recipe) {
  std::vector<std::string> names;
  for (const auto& [name, config] : recipe.fields) names.push_back(name);
  return names;
}

size_t asked_field(const LoadedRun& run, const AskRequest::Given& given) {
  const auto names = field_names(run.recipe);
  if (!given.field.empty()) {
    const auto found = std::find(names.begin(), names.end(), given.field);
    if (found != names.end()) return static_cast<size_t>(found - names.begin());
    throw Error(ErrorCode::kUsage, "this run has no field '" + given.field + "'" +
                                       did_you_mean(given.field, names) +
                                       "; it has: " + join(names, ", "));
  }
  if (!given.file) return run.field_of_modality("text");
  const auto kind = media_kind(given.value);
  if (kind == "sound") return run.field_of_modality("audio");
  if (kind == "picture" || kind.empty()) return run.field_of_modality("image");
  for (size_t i = 0; i < run.modalities.size(); ++i) {
    if (!is_inline(run.modalities[i]->name())) return i;
  }
  throw Error(ErrorCode::kUsage, given.value + ": this run reads no files");
}

SearchConfig asked_search(const std::map<std::string, std::string>& keys, const TaskConfig& task) {
  auto node = *task.node.find("search");
  for (const auto& [key, value] : keys) {
    node.put(key, key == "stop" ? write(std::vector<std::string>{value})
                                : ConfigNode::scalar(value));
  }
  auto search = read_member<SearchConfig>(node);
  check(search);
  return search;
}

std::vector<int64_t> asked_languages(const std::string& wanted, const TargetFacts& facts) {
  std::vector<int64_t> all;
  for (size_t i = 0; i < facts.languages.size(); ++i) {
    if (wanted.empty() || facts.languages[i] == wanted) all.push_back(static_cast<int64_t>(i));
  }
  if (!all.empty()) return all;
  const bool named = !facts.languages[0].empty();
  throw Error(ErrorCode::kUsage,
              "language '" + wanted + "': " +
                  (named ? "the task writes " + join(facts.languages, ", ")
                         : std::string("the task's target names none; leave --language out")));
}

AskSummary ask_run(const AskRequest& request, const Watch& watch) {
  return Asking(request, watch).run();
}

size_t asked_task(const LoadedRun& run, const std::string& wanted) {
  const auto& tasks = run.recipe.tasks;
  std::vector<std::string> known;
  std::vector<size_t> fit;
  for (size_t k = 0; k < tasks.size(); ++k) {
    if (tasks[k].kind == "matching") continue;  // of pairs
    known.push_back(tasks[k].name);
    if (wanted.empty() || tasks[k].name == wanted) fit.push_back(k);
  }
  const auto path = run.directory.path().string();
  if (known.empty())
    throw Error(ErrorCode::kUsage, path + ": this run answers nothing; see docs/tasks.md");
  if (fit.size() == 1) return fit[0];
  if (wanted.empty()) {
    throw Error(ErrorCode::kUsage,
                path + ": several tasks, name one with --task: " + join(known, ", "));
  }
  throw Error(ErrorCode::kUsage, path + ": no task '" + wanted + "'" + did_you_mean(wanted, known) +
                                     "; there are: " + join(known, ", "));
}

AskedValues asked_values(const LoadedRun& run,
                         const std::vector<std::vector<AskRequest::Given>>& samples) {
  AskedValues all;
  for (const auto& sample : samples) {
    auto& values = all.emplace_back(run.recipe.fields.size());
    for (const auto& given : sample) {
      const auto field = asked_field(run, given);
      if (values[field]) {
        throw Error(ErrorCode::kUsage, "field '" + run.recipe.fields[field].first +
                                           "': two values of one sample");
      }
      values[field] = given.file ? Value{"", given.value, ""} : Value{given.value, {}, ""};
    }
  }
  return all;
}

}  // namespace braid
