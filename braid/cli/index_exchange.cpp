// braid index export, braid index import
#include <cstdio>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/index_verbs.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/index/exchange.h"

namespace braid {
namespace {

struct ExportArguments {
  std::string index, out;
  bool json = false;
};

struct ImportArguments {
  std::string from, items, out, run, kind;
  bool add = false, json = false, quiet = false;
};

// run.json as train writes it: only who the run is.
IndexOrigin origin_of_run(const std::string& run) {
  const auto file = std::filesystem::path(run) / "run.json";
  const auto json = nlohmann::json::parse(read_text(file, 1 << 20), nullptr, false);
  if (!json.is_object() || !json.contains("id") || !json["id"].is_string() ||
      !json.contains("weights_hash") || !json["weights_hash"].is_string()) {
    throw Error(ErrorCode::kInput, file.string() + ": damaged, or not of a run");
  }
  return {json["id"], json["weights_hash"], run};
}

ImportRequest import_request(const ImportArguments& a) {
  ImportRequest request;
  request.out = a.out;
  request.add = a.add;
  const std::filesystem::path from = a.from;
  if (a.items.empty()) {
    request.vectors = from / "vectors.npy";
    request.items = from / "items.jsonl";
    const auto about = read_export_origin(from);
    request.origin = about.origin;
    if (!a.add) request.kind = about.kind;
  } else {
    request.vectors = from;
    request.items = a.items;
  }
  if (!a.run.empty()) request.origin = origin_of_run(a.run);
  if (!a.kind.empty()) request.kind = index_kind(a.kind);
  request.sink = progress_display(a.quiet);
  request.stop = &stop_on_signals();
  return request;
}

void run_import(const ImportArguments& a) {
  const int64_t count = import_index(import_request(a));
  const auto info = open_index(a.out)->info();
  if (a.json) {
    nlohmann::ordered_json object = {{"index", a.out}, {"imported", count}};
    object.update(index_json(info));
    print_json(object);
  } else {
    std::printf("%s: imported %lld, holds %s\n", a.out.c_str(), static_cast<long long>(count),
                index_text(info).c_str());
  }
}

void run_export(const ExportArguments& a) {
  const int64_t count = export_index(a.index, a.out);
  if (a.json) {
    print_json({{"index", a.index}, {"out", a.out}, {"exported", count}});
  } else {
    std::printf("%s: %lld items in vectors.npy, items.jsonl and origin.json\n", a.out.c_str(),
                static_cast<long long>(count));
  }
}

}  // namespace

void add_index_export(CLI::App& index) {
  auto* verb =
      index.add_subcommand("export", "Write an index as .npy and .jsonl for other programs");
  auto a = std::make_shared<ExportArguments>();
  verb->add_option("index", a->index, "index folder")->required();
  verb->add_option("-o,--out", a->out, "folder to make")->required();
  add_json(*verb, a->json);
  verb->footer("Examples:\n  braid index export photos.index -o plain\n");
  verb->callback([a] { run_export(*a); });
}

void add_index_import(CLI::App& index) {
  auto* verb =
      index.add_subcommand("import", "Make an index of an export, or of vectors made elsewhere");
  auto a = std::make_shared<ImportArguments>();
  verb->add_option("from", a->from, "folder of an export, or a .npy of float32 [N, width]")
      ->required();
  verb->add_option("items", a->items, ".jsonl beside a .npy: {\"key\": ..., \"metadata\": {...}}");
  verb->add_option("-o,--out", a->out, "index folder")->required();
  verb->add_option("--run", a->run, "run that made the vectors: without it, no search by text");
  verb->add_option("--kind", a->kind, "exact, hnsw or ivf; default: exact, or the export's");
  verb->add_flag("--add", a->add, "add to an index that exists; known keys are replaced");
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n"
      "  braid index import plain -o copy.index\n"
      "  braid index import vectors.npy items.jsonl -o mine.index --run runs/emoji\n");
  verb->callback([a] { run_import(*a); });
}

}  // namespace braid
