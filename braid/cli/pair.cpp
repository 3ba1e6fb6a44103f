// braid data pair
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/named_values.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/data/pair.h"

namespace braid {
namespace {

struct PairArguments {
  PairConfig config;
  std::vector<std::string> sources, same;
  std::string out;
  bool json = false, quiet = false;
};

void run_pair(const PairArguments& a) {
  auto config = a.config;
  config.output = a.out;
  for (const auto& text : a.sources)
    config.sources.push_back(named_value(text, "gesture=train.jsonl"));
  for (const auto& text : a.same) config.same.insert(named_value(text, "speech=digit"));
  const auto made = pair_rows(config, progress_display(a.quiet), &stop_on_signals());
  if (a.json) {
    const nlohmann::json out = {{"rows", made.rows}, {"left_out", made.left_out}};
    std::printf("%s\n", out.dump().c_str());
    return;
  }
  std::printf("%s: %lld rows; of the first source %lld without a partner\n", a.out.c_str(),
              static_cast<long long>(made.rows), static_cast<long long>(made.left_out));
}

}  // namespace

void add_pair(CLI::App& verb) {
  auto* pair = verb.add_subcommand("pair", "Join rows of several data sets into samples, by a seed");
  auto a = std::make_shared<PairArguments>();
  pair->add_option("sources", a->sources, "NAME=MANIFEST; each row of the first is in a sample")
      ->required();
  pair->add_option("-o,--out", a->out, "manifest to write, .jsonl")->required();
  pair->add_option("--same", a->same,
                   "NAME=COLUMN: of source NAME a row with the first one's value in COLUMN; of a "
                   "source without --same any row")
      ->delimiter(',');
  pair->add_option("--times", a->config.times, "samples of each row of the first source")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  pair->add_option("--seed", a->config.seed, "of what is drawn")->capture_default_str();
  pair->add_option("--layout", a->config.data.layout, "as data.layout of a recipe");
  pair->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*pair, a->json);
  pair->footer(
      "Pair each split by itself, so that splits share no row. Example:\n  braid data pair "
      "gesture=signs/train.jsonl speech=sounds/train.jsonl face=faces/train.jsonl \\\n    --same "
      "speech=digit --seed 7 -o data/train.jsonl\n");
  pair->callback([a] { run_pair(*a); });
}

}  // namespace braid
