// braid doctor
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/library.h"
#include "braid/cli/verbs.h"

namespace braid {
namespace {

void run_doctor(bool json) {
  const auto diagnosis = engine().doctor();
  if (json) {
    nlohmann::ordered_json facts;
    for (const auto& [name, value] : diagnosis.facts) facts[name] = value;
    std::puts(
        nlohmann::ordered_json{{"facts", facts}, {"warnings", diagnosis.warnings}}.dump(2).c_str());
    return;
  }
  for (const auto& [name, value] : diagnosis.facts)
    std::printf("%-24s %s\n", name.c_str(), value.c_str());
  for (const auto& warning : diagnosis.warnings) std::printf("warning: %s\n", warning.c_str());
  if (diagnosis.warnings.empty()) std::puts("nothing wrong found");
}

}  // namespace

void add_doctor(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "doctor", "Say what this machine gives: threads, instruction set, speed of the libraries");
  auto json = std::make_shared<bool>(false);
  add_json(*verb, *json);
  verb->footer("Examples:\n  braid doctor\n  braid doctor --json\n");
  verb->callback([json] { run_doctor(*json); });
}

}  // namespace braid
