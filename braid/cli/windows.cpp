// braid data windows
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/named_values.h"
#include "braid/cli/verbs.h"
#include "braid/data/windows.h"

namespace braid {
namespace {

struct WindowsArguments {
  WindowsConfig config;
  std::vector<std::string> recordings, splits;
  std::string out;
  bool json = false;
};

void run_windows(const WindowsArguments& a) {
  auto config = a.config;
  config.output = a.out;
  for (const auto& text : a.recordings) {
    const auto [column, file] = named_value(text, "speed=speed.csv");
    config.recordings.emplace_back(column, file);
  }
  for (const auto& text : a.splits) {
    const auto [split, share] = named_number(text, "train=0.8");
    config.splits.emplace_back(split, share);
  }
  const auto made = cut_windows(config);
  nlohmann::ordered_json rows = nlohmann::ordered_json::object();
  for (const auto& [split, count] : made.rows) rows[split] = count;
  if (a.json) {
    const nlohmann::ordered_json out = {{"seconds", made.seconds}, {"rows", rows}};
    std::printf("%s\n", out.dump().c_str());
    return;
  }
  std::printf("%s: windows of %.1f s in all:", a.out.c_str(), made.seconds);
  for (const auto& [split, count] : made.rows)
    std::printf(" %s%lld", split.empty() ? "" : (split + " ").c_str(),
                static_cast<long long>(count));
  std::printf("\n");
}

}  // namespace

void add_windows(CLI::App& verb) {
  auto* windows = verb.add_subcommand(
      "windows", "Cut long recordings, each with its own clock, into windows of time");
  auto a = std::make_shared<WindowsArguments>();
  windows->add_option("recordings", a->recordings, "COLUMN=FILE: CSV, JSON or .npy")->required();
  windows->add_option("-o,--out", a->out, "manifest to write, .jsonl")->required();
  windows->add_option("--time", a->config.time, "column of times; without it: --sample-rate");
  windows->add_option("--time-unit", a->config.time_unit_s, "seconds in one unit of it")
      ->capture_default_str();
  windows->add_option("--sample-rate", a->config.sample_rate, "steps a second")
      ->capture_default_str();
  windows->add_option("--seconds", a->config.seconds, "length of a window")->required();
  windows->add_option("--every", a->config.every, "seconds from one begin to the next")->required();
  windows->add_option("--splits", a->splits,
                      "shares of the time, one after another: train=0.8,val=0.1,test=0.1")
      ->delimiter(',');
  add_json(*windows, a->json);
  windows->footer(
      "No window lies in two splits. Example:\n  braid data windows speed=speed.csv imu=imu.csv "
      "--time t --seconds 2 --every 0.5 \\\n    --splits train=0.8,val=0.1,test=0.1 -o "
      "windows.jsonl\n");
  windows->callback([a] { run_windows(*a); });
}

}  // namespace braid
