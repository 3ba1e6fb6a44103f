// braid inspect
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/data/inspect.h"
#include "braid/data/layout/layout.h"
#include "braid/modality/picture/decode.h"

namespace braid {
namespace {

struct InspectArguments {
  std::vector<std::string> manifests;
  std::string layout = "auto", root, target;
  bool keep_unpaired = false, columns_only = false, json = false, quiet = false;
};

// Pictures are decoded whole: a cut file often has a sound header.
std::string picture_problem(const std::string& kind, std::span<const std::byte> bytes) {
  if (kind != "picture") return "";
  try {
    decode_image(bytes);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

std::vector<std::string> known_layouts() {
  auto names = layout_names();
  names.insert(names.begin(), "auto");
  return names;
}

void run_inspect(const InspectArguments& a) {
  DataConfig how;
  how.layout = a.layout;
  how.root = a.root;
  how.keep_unpaired = a.keep_unpaired;
  auto config = inspect_config({a.manifests.begin(), a.manifests.end()}, how);
  config.read_files = !a.columns_only;
  config.target = a.target;
  config.check = picture_problem;
  config.progress = progress_display(a.quiet);
  const auto audit = inspect(config);
  std::fputs((a.json ? audit_json(audit) + "\n" : audit_table(audit)).c_str(), stdout);
}

}  // namespace

void add_inspect(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "inspect",
      "Show what a data set holds: layout, columns, gaps, unreadable files, leaks across splits");
  auto a = std::make_shared<InspectArguments>();
  verb->add_option("manifests", a->manifests,
                   "JSONL, CSV, TSV, tars, a folder, COCO JSON, ...; several manifests are splits "
                   "named by their files")
      ->required();
  verb->add_option("--layout", a->layout, "where the one that is seen is not the one meant")
      ->check(CLI::IsMember(known_layouts()));
  verb->add_option("--root", a->root, "folder that file names start from");
  verb->add_option("--target", a->target,
                   "column that shall be told from others: flag its copies, ids and columns that "
                   "tell it all alone");
  verb->add_flag("--keep-unpaired", a->keep_unpaired, "pictures without a text are no error");
  verb->add_flag("--columns-only", a->columns_only, "do not read the files that rows name");
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n  braid inspect data/emoji/all.jsonl\n  braid inspect train.jsonl val.jsonl "
      "test.jsonl --json\n"
      "  braid inspect 'shards/train-{000..012}.tar'\n  braid inspect photos/\n"
      "  braid inspect annotations/captions.json --root images\n"
      "  braid inspect patients.csv --target diagnosis\n");
  verb->callback([a] { run_inspect(*a); });
}

}  // namespace braid
