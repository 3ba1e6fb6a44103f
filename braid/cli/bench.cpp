// braid bench
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/library.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"

namespace braid {
namespace {

struct BenchArguments {
  std::string run, data, device = "auto";
  int64_t samples = 256;
  double seconds = 2;
  bool json = false, quiet = false;
};

double per_second(const BenchLine& line) { return static_cast<double>(line.count) / line.seconds; }

void print_bench_json(const BenchSummary& s) {
  nlohmann::ordered_json lines = nlohmann::ordered_json::array();
  for (const auto& line : s.lines) {
    lines.push_back({{"name", line.name},
                     {"unit", line.unit},
                     {"per_second", per_second(line)},
                     {"count", line.count},
                     {"seconds", line.seconds}});
  }
  const nlohmann::ordered_json object = {{"run", s.run.string()},
                                         {"cpu", s.cpu},
                                         {"threads", s.threads},
                                         {"capability", s.capability},
                                         {"parameters", s.parameters},
                                         {"open_seconds", s.open_seconds},
                                         {"figures", lines},
                                         {"peak_memory_mb", s.peak_memory_mb},
                                         {"notes", s.notes}};
  std::puts(object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

void print_bench_table(const BenchSummary& s) {
  std::printf("%s: %.2f million parameters; %s, %lld threads, %s\n", s.run.c_str(),
              static_cast<double>(s.parameters) / 1e6, s.cpu.c_str(),
              static_cast<long long>(s.threads), s.capability.c_str());
  std::printf("%-36s %12.2f s\n", "open the run", s.open_seconds);
  for (const auto& line : s.lines)
    std::printf("%-36s %12.1f %s/s\n", line.name.c_str(), per_second(line), line.unit.c_str());
  std::printf("%-36s %12lld MB\n", "peak memory", static_cast<long long>(s.peak_memory_mb));
  for (const auto& note : s.notes) std::printf("%s\n", note.c_str());
}

void run_bench(const BenchArguments& a) {
  const auto summary = engine().bench({a.run, a.data, a.samples, a.seconds},
                                      {progress_display(a.quiet), &stop_on_signals(), a.device});
  if (a.json) {
    print_bench_json(summary);
  } else {
    print_bench_table(summary);
  }
}

}  // namespace

void add_bench(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "bench", "Measure a run on this machine: reading, encoding, training, searching, memory");
  auto a = std::make_shared<BenchArguments>();
  verb->add_option("run", a->run, "run directory; it stays as it is")->required();
  verb->add_option("--data", a->data, "another manifest with the recipe's columns");
  verb->add_option("--samples", a->samples, "rows that are read, encoded and searched")
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 30))
      ->capture_default_str();
  verb->add_option("--seconds", a->seconds, "for each figure, at least one round")
      ->check(CLI::Range(0.001, 86400.0))
      ->capture_default_str();
  add_device(*verb, a->device);
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*verb, a->json);
  verb->footer(
      "Figures are of this moment: whatever else runs takes its share. See docs/performance.md.\n\n"
      "Examples:\n"
      "  braid bench runs/emoji\n"
      "  braid bench runs/flickr8k --samples 1000 --seconds 10 --json\n"
      "  BRAID_THREADS=1 braid bench runs/emoji --data mine.jsonl\n");
  verb->callback([a] { run_bench(*a); });
}

}  // namespace braid
