// braid data degrade
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/named_values.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/data/degrade.h"

namespace braid {
namespace {

struct DegradeArguments {
  DegradeConfig config;
  std::vector<std::string> manifests, erase, noise;
  std::string out;
  bool json = false, quiet = false;
};

void run_degrade(const DegradeArguments& a) {
  auto config = a.config;
  config.data.manifest = a.manifests;
  config.output = a.out;
  for (const auto& text : a.erase) {
    const auto [column, share] = named_number(text, "image=0.5");
    config.columns[column].erase = share;
  }
  for (const auto& text : a.noise) {
    const auto [column, decibels] = named_number(text, "audio=-6");
    config.columns[column].noise_db = decibels;
  }
  const auto made = degrade_data(config, progress_display(a.quiet), &stop_on_signals());
  if (a.json) {
    const nlohmann::json out = {{"rows", made.rows}, {"files", made.files}};
    std::printf("%s\n", out.dump().c_str());
    return;
  }
  std::printf("%s: %lld rows, %lld values made worse\n", a.out.c_str(),
              static_cast<long long>(made.rows), static_cast<long long>(made.files));
}

}  // namespace

void add_degrade(CLI::App& verb) {
  auto* degrade = verb.add_subcommand(
      "degrade", "Make pictures and sounds worse, by fixed seeds: parts lost, noise added");
  auto a = std::make_shared<DegradeArguments>();
  degrade->add_option("manifests", a->manifests, "as data.manifest of a recipe")->required();
  degrade->add_option("-o,--out", a->out, "manifest to write, .jsonl; a .tar beside it")
      ->required();
  degrade
      ->add_option("--erase", a->erase,
                   "COLUMN=SHARE: a rectangle of a picture, a span of a sound is lost")
      ->delimiter(',');
  degrade
      ->add_option("--noise", a->noise,
                   "COLUMN=DECIBELS: white noise, so far below (of negative: above) what is there")
      ->delimiter(',');
  degrade->add_option("--seed", a->config.seed, "of what is lost and of noise")
      ->capture_default_str();
  degrade->add_option("--key", a->config.data.key,
                      "column that identifies a row: it draws the same in any selection of rows "
                      "(default: file and line)");
  degrade->add_option("--rate", a->config.rate, "samples a second of the sounds written")
      ->check(CLI::Range(1000, 192000))
      ->capture_default_str();
  degrade->add_option("--split", a->config.split, "rows of one split only");
  degrade->add_option("--split-column", a->config.data.split_column,
                      "column that names a row's split");
  degrade
      ->add_option("--files", a->config.files, "columns that name files, where the guess is wrong")
      ->delimiter(',');
  degrade->add_option("--layout", a->config.data.layout, "as data.layout of a recipe");
  degrade->add_option("--root", a->config.data.root, "folder that file names start from");
  degrade->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*degrade, a->json);
  degrade->footer(
      "Example:\n  braid data degrade train.jsonl --erase image=0.5 --noise image=3,audio=-6 "
      "--seed 7 -o hard/train.jsonl\n");
  degrade->callback([a] { run_degrade(*a); });
}

}  // namespace braid
