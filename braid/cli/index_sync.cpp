// braid index sync
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/index_verbs.h"
#include "braid/cli/library.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"

namespace braid {
namespace {

struct SyncArguments {
  SyncRequest request;
  std::string folder, out, run, kind, device = "auto";
  bool json = false, quiet = false;
};

void print_summary(const SyncArguments& a, const SyncSummary& s) {
  if (a.json) {
    nlohmann::ordered_json object = {{"index", a.out},       {"added", s.added},
                                     {"changed", s.changed}, {"touched", s.touched},
                                     {"removed", s.removed}, {"unchanged", s.unchanged},
                                     {"ignored", s.ignored}, {"bad", bad_json(s.bad)}};
    object.update(index_json(s.info));
    print_json(object);
    return;
  }
  const auto count = [](int64_t n) { return static_cast<long long>(n); };
  std::printf("%s: %lld added, %lld changed, %lld removed, %lld only touched, %lld unchanged",
              a.out.c_str(), count(s.added), count(s.changed), count(s.removed), count(s.touched),
              count(s.unchanged));
  if (s.ignored > 0) std::printf(", %lld files of other kinds left out", count(s.ignored));
  std::printf("; holds %s\n", index_text(s.info).c_str());
}

void run_sync(SyncArguments& a) {
  a.request.folder = a.folder;
  a.request.out = a.out;
  a.request.run = a.run;
  if (!a.kind.empty()) a.request.kind = index_kind(a.kind);
  const auto summary =
      engine().sync(a.request, {progress_display(a.quiet), &stop_on_signals(), a.device});
  print_bad(summary.bad);
  print_summary(a, summary);
}

}  // namespace

void add_index_sync(CLI::App& index) {
  auto* verb = index.add_subcommand(
      "sync",
      "Make an index hold the files of a folder: add new ones, embed changed ones again, "
      "remove those that are gone. After a kill the same command goes on.");
  auto a = std::make_shared<SyncArguments>();
  verb->add_option("folder", a->folder, "folder, with those below it")->required();
  verb->add_option("-o,--out", a->out, "index folder")->required();
  verb->add_option("--run", a->run, "run directory; needed the first time");
  verb->add_option("--field", a->request.field, "field to index; default: the first not of text");
  verb->add_option("--kind", a->kind, "exact, hnsw or ivf; default: exact, or what it is");
  verb->add_option("--max-removed", a->request.max_removed,
                   "stop where a larger share of the folder's items would go (an unmounted disk)")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  verb->add_flag("--thorough", a->request.thorough,
                 "compare contents even where size and time agree");
  verb->add_flag("--moved", a->request.moved, "the folder has another name than last time");
  add_device(*verb, a->device);
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n"
      "  braid index sync photos -o photos.index --run runs/flickr8k --kind hnsw\n"
      "  braid index sync photos -o photos.index          # every night\n");
  verb->callback([a] { run_sync(*a); });
}

}  // namespace braid
