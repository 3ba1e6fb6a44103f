// braid compare
#include <charconv>
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "braid/cli/library.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/core/error.h"
#include "braid/core/text.h"

namespace braid {
namespace {

struct CompareArguments {
  std::vector<std::string> words, vary;
  std::string out, budget, split = "test", group, device = "auto";
  int64_t seeds = 5, jobs = 0;
  bool json = false, quiet = false;
};

// "90s", "60m", "1.5h".
double seconds_of(const std::string& text) {
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string unit(end, text.data() + text.size());
  const double factor = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  if (problem != std::errc() || factor == 0 || !(value > 0)) {
    throw Error(ErrorCode::kUsage,
                "--budget '" + text + "': expected a time such as 90s, 60m or 2h");
  }
  return value * factor;
}

void print_list(const char* title, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  std::fprintf(stderr, "%s\n", title);
  for (const auto& line : lines) std::fprintf(stderr, "  %s\n", printable(line).c_str());
}

void run_compare(const CompareArguments& a) {
  CompareRequest request;
  request.recipe = a.words[0];
  request.overrides.assign(a.words.begin() + 1, a.words.end());
  request.vary = a.vary;
  request.seeds = a.seeds;
  request.out = a.out.empty() ? "studies/" + request.recipe.stem().string() : a.out;
  request.split = a.split;
  request.group = a.group;
  if (!a.budget.empty()) request.budget_s = seconds_of(a.budget);
  request.jobs = a.jobs;
  request.program = this_program();
  const auto summary =
      study().compare(request, {progress_display(a.quiet), &stop_on_signals(), a.device});
  print_notes(summary.notes);
  print_list("failed:", summary.failed);
  print_list("missing, the time was up (the same command goes on):", summary.missing);
  if (a.json) {
    std::fputs(summary.json.c_str(), stdout);
  } else {
    std::fputs(summary.text.c_str(), stdout);
    if (!summary.best.empty()) {
      std::printf("\nbest on validation: %s; its recipe: %s\n", printable(summary.best).c_str(),
                  (summary.folder / "best.yaml").c_str());
    }
    std::printf("page: %s\n", (summary.folder / "compare.html").c_str());
  }
  if (summary.status != 0) {
    std::fprintf(stderr, "braid: %zu cell(s) failed\n", summary.failed.size());
    throw CLI::RuntimeError(summary.status);
  }
}

}  // namespace

void add_compare(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "compare", "Train variants of a recipe under several seeds: which is best, is it noise?");
  auto a = std::make_shared<CompareArguments>();
  verb->add_option("recipe", a->words, "recipe file, then overrides of every variant")->required();
  verb->add_option("--vary", a->vary, "a key and its values: fusion.kind=mean,gated; may be repeated")
      ->allow_extra_args(false);
  verb->add_option("--seeds", a->seeds, "seeds of each variant")
      ->check(CLI::Range(int64_t{1}, int64_t{1000}))
      ->capture_default_str();
  verb->add_option("-o,--out", a->out,
                   "folder of the study, made or continued; default: studies/RECIPE");
  verb->add_option("--split", a->split, "split that figures are of; never chosen on")
      ->capture_default_str();
  verb->add_option("--group", a->group,
                   "column whose equal values make rows belong together (a patient, a speaker)");
  verb->add_option("--budget", a->budget, "begin no cell after this time: 90s, 60m, 2h");
  verb->add_option("--jobs", a->jobs, "processes at once; default: as many as the machine holds")
      ->check(CLI::Range(int64_t{1}, int64_t{4096}));
  add_device(*verb, a->device);
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*verb, a->json);
  verb->footer(
      "Compares every combination of the values, every field alone and blind answers, on the same\n"
      "rows and seeds; chooses on the validation split. Killed or interrupted, the same command goes\n"
      "on. Exit status: that of the first cell that failed, else 0.\n"
      "\n"
      "Examples:\n"
      "  braid compare recipes/av_digits_fused.yaml -o studies/digits \\\n"
      "      --vary fusion.kind=mean,gated,modality_attention --vary fusion.score=dot,additive\n"
      "  braid compare recipe.yaml --vary train.lr=0.001,0.003 --seeds 3 --budget 60m\n"
      "  braid compare recipe.yaml --vary fusion.kind=sum,film --group patient train.epochs=5\n"
      "  braid train studies/digits/best.yaml -o runs/digits\n");
  verb->callback([a] { run_compare(*a); });
}

}  // namespace braid
