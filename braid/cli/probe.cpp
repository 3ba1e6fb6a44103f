// braid probe
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/library.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/metric/inputs_table.h"

namespace braid {
namespace {

struct ProbeArguments {
  std::string run, target, split = "test", device = "auto";
  bool json = false, quiet = false;
};

void run_probe(const ProbeArguments& a) {
  const auto summary = study().probe({a.run, a.target, a.split},
                                     {progress_display(a.quiet), &stop_on_signals(), a.device});
  print_bad(summary.bad);
  if (!a.json) {
    print_notes(summary.notes);
    std::fputs(metrics_table(first_inputs(summary.metrics)).c_str(), stdout);
    std::fputs(inputs_tables(summary.metrics).c_str(), stdout);
    return;
  }
  const nlohmann::ordered_json object = {
      {"run", a.run},
      {"target", a.target},
      {"metrics", nlohmann::ordered_json::parse(metrics_json(summary.metrics))},
      {"notes", summary.notes}};
  std::puts(object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

}  // namespace

void add_probe(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "probe",
      "Measure what a run's frozen vectors know of a column: linear classifier and neighbours");
  auto a = std::make_shared<ProbeArguments>();
  verb->add_option("run", a->run, "run directory")->required();
  verb->add_option("--target", a->target, "column of classes")->required();
  verb->add_option("--split", a->split, "rows that are measured")->capture_default_str();
  add_device(*verb, a->device);
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*verb, a->json);
  verb->footer("Examples:\n  braid probe runs/av_digits --target digit\n");
  verb->callback([a] { run_probe(*a); });
}

}  // namespace braid
