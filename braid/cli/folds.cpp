// braid data folds
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/data/folds.h"

namespace braid {
namespace {

struct FoldsArguments {
  FoldsConfig config;
  std::vector<std::string> manifests;
  std::string out;
  bool json = false, quiet = false;
};

void run_folds(const FoldsArguments& a) {
  auto config = a.config;
  config.data.manifest = a.manifests;
  config.output = a.out;
  const auto made = make_folds(config, progress_display(a.quiet), &stop_on_signals());
  if (a.json) {
    const nlohmann::json out = {{"rows", made.rows}, {"groups", made.groups}};
    std::printf("%s\n", out.dump().c_str());
    return;
  }
  std::printf("%s: %lld groups; rows:", a.out.c_str(), static_cast<long long>(made.groups));
  for (const auto rows : made.rows) std::printf(" %lld", static_cast<long long>(rows));
  std::printf("\n");
}

}  // namespace

void add_folds(CLI::App& verb) {
  auto* folds =
      verb.add_subcommand("folds", "Split for cross-validation: every row is tested once");
  auto a = std::make_shared<FoldsArguments>();
  folds->add_option("manifests", a->manifests, "as data.manifest of a recipe, all rows")
      ->required();
  folds->add_option("-o,--out", a->out, "manifest to write, .jsonl")->required();
  folds->add_option("--count", a->config.count, "parts")->capture_default_str();
  folds->add_option("--group", a->config.group,
                    "column; rows of one value there (a patient, a speaker) stay together");
  folds->add_option("--seed", a->config.seed, "of the order in which groups are dealt out")
      ->capture_default_str();
  folds
      ->add_option("--files", a->config.files, "columns that name files, where the guess is wrong")
      ->delimiter(',');
  folds->add_option("--layout", a->config.data.layout, "as data.layout of a recipe");
  folds->add_option("--root", a->config.data.root, "folder that file names start from");
  folds->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*folds, a->json);
  folds->footer(
      "Run k of a recipe trains with data.split_column=fold_k. Example:\n  braid data folds "
      "train.jsonl val.jsonl test.jsonl --group patient --count 5 -o folds/all.jsonl\n");
  folds->callback([a] { run_folds(*a); });
}

}  // namespace braid
