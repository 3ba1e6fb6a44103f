// braid train
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/library.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/core/error.h"
#include "braid/metric/inputs_table.h"

namespace braid {
namespace {

struct TrainArguments {
  std::vector<std::string> words;  // recipe, then overrides
  std::string out, resume, device = "auto";
  bool inexact = false, quiet = false, json = false;
};

TrainRequest to_request(const TrainArguments& a) {
  TrainRequest request;
  request.inexact = a.inexact;
  request.resume = !a.resume.empty();
  if (request.resume) {
    request.run = a.resume;
    request.overrides = a.words;
    return request;
  }
  if (a.words.empty() || a.out.empty()) {
    throw Error(ErrorCode::kUsage,
                "expected: braid train RECIPE -o RUN [key=value ...], or braid train --resume RUN");
  }
  request.recipe = a.words[0];
  request.run = a.out;
  request.overrides.assign(a.words.begin() + 1, a.words.end());
  return request;
}

std::string millions(int64_t count) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f million", static_cast<double>(count) / 1e6);
  return text;
}

nlohmann::ordered_json loading_json(const EpochLoading& l) {
  return {{"samples_per_s", l.samples_per_s()},
          {"mb_per_s", l.mb_per_s()},
          {"values_from_memory", l.origins.memory},
          {"values_from_disk_cache", l.origins.disk},
          {"values_decoded", l.origins.decoded}};
}

void print_summary(const TrainSummary& s, bool json) {
  if (json) {
    nlohmann::ordered_json object = {
        {"run", s.run.string()},
        {"steps", s.steps},
        {"seconds", s.seconds},
        {"samples_per_s", s.samples_per_s},
        {"parameters", s.parameters},
        {"frozen_parameters", s.frozen_parameters},
        {"device", s.device},
        {"loading",
         {{"first", loading_json(s.loading.first)}, {"later", loading_json(s.loading.later)}}},
        {"bad", s.bad.size()},
        {"metrics", nlohmann::ordered_json::parse(metrics_json(s.metrics))},
        {"matrices", nlohmann::ordered_json::parse(matrices_json(recall_matrices(s.metrics)))}};
    if (!s.contributions.empty()) {
      object["contributions"] =
          nlohmann::ordered_json::parse(contributions_json(s.contributions));
    }
    if (!s.notes.empty()) object["notes"] = s.notes;
    std::puts(object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return;
  }
  const std::string frozen =
      s.frozen_parameters ? " (" + millions(s.frozen_parameters) + " of them frozen)" : "";
  std::printf("trained %s: %lld steps, %s parameters%s, %s in all, %.0f samples/s on %s\n",
              s.run.c_str(), static_cast<long long>(s.steps), millions(s.parameters).c_str(),
              frozen.c_str(), duration_text(s.seconds).c_str(), s.samples_per_s, s.device.c_str());
  std::printf("loader: first epoch %s\n", loading_text(s.loading.first).c_str());
  if (s.loading.later.samples > 0)
    std::printf("        later %s\n", loading_text(s.loading.later).c_str());
  if (!s.metrics.empty()) std::fputs(metrics_table(first_inputs(s.metrics)).c_str(), stdout);
  std::fputs(inputs_tables(s.metrics).c_str(), stdout);
  std::fputs(contribution_tables(s.contributions).c_str(), stdout);
  for (const auto& matrix : recall_matrices(s.metrics))
    std::fputs(("\n" + matrix_table(matrix)).c_str(), stdout);
  std::printf("report: %s\n", (s.run / "report.html").c_str());
}

}  // namespace

void add_train(CLI::App& app) {
  auto* verb = app.add_subcommand("train", "Train a recipe into a run directory, or continue one");
  auto a = std::make_shared<TrainArguments>();
  verb->add_option("recipe", a->words, "recipe file, then overrides such as train.epochs=20");
  verb->add_option("-o,--out", a->out, "run directory to make");
  verb->add_option("--resume", a->resume, "run directory to continue, to the same bytes");
  verb->add_flag("--inexact", a->inexact,
                 "resume although threads, instruction set, device or data changed");
  add_device(*verb, a->device);
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n"
      "  braid train recipes/emoji.yaml -o runs/emoji\n"
      "  braid train recipes/emoji.yaml -o runs/short train.epochs=5 seed=1\n"
      "  braid train recipes/emoji.yaml -o runs/gpu --device cuda:1\n"
      "  braid train recipes/emoji.yaml -o runs/text fields.image.init_from=../runs/emoji \\\n"
      "      fields.image.frozen=true fields.image.modality.views=null\n"
      "  braid train --resume runs/emoji\n");
  verb->callback([a] {
    const auto summary =
        engine().train(to_request(*a), {progress_display(a->quiet), &stop_on_signals(), a->device});
    print_bad(summary.bad);
    print_notes(summary.notes);
    print_summary(summary, a->json);
  });
}

}  // namespace braid
