// braid index: build, look into, change
#include <cstdio>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/index_verbs.h"
#include "braid/cli/library.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/index/index.h"

namespace braid {
namespace {

using Json = nlohmann::ordered_json;

struct IndexArguments {
  std::string target, manifest, out, field, kind, device = "auto";
  std::vector<std::string> remove;
  std::optional<double> max_bad;
  int64_t width = 0;
  bool add = false, info = false, compact = false, json = false, quiet = false;

  std::optional<IndexKind> wanted_kind() const {
    if (kind.empty()) return std::nullopt;
    return index_kind(kind);
  }
  bool changes() const {
    return info || compact || !remove.empty() || (!kind.empty() && manifest.empty());
  }
};

void print_index(const std::string& path, const Index& index, int64_t removed, bool json) {
  const auto info = index.info();
  if (json) {
    Json object = {{"index", path}, {"removed", removed}};
    object.update(index_json(info));
    object.update({{"width", index.width()},
                   {"run_id", index.origin().run_id},
                   {"run_path", index.origin().run_path}});
    print_json(object);
    return;
  }
  if (removed > 0) std::printf("removed %lld, ", static_cast<long long>(removed));
  std::printf("%s: %s, width %lld, run %s at %s\n", path.c_str(), index_text(info).c_str(),
              static_cast<long long>(index.width()), index.origin().run_id.c_str(),
              index.origin().run_path.c_str());
}

void change_index(const IndexArguments& a) {
  if (a.target.empty() || !a.manifest.empty()) {
    throw Error(ErrorCode::kUsage,
                "expected: braid index INDEX --info | --compact | --kind KIND | --remove KEY ...");
  }
  const auto index = open_index(a.target, {this_machine().threads, 5000});
  const int64_t removed = a.remove.empty() ? 0 : index->remove(a.remove);
  if (removed < static_cast<int64_t>(a.remove.size())) {
    std::fprintf(stderr, "%lld of the keys were not in the index\n",
                 static_cast<long long>(a.remove.size()) - removed);
  }
  if (const auto kind = a.wanted_kind()) {
    index->build(*kind);
  } else if (a.compact) {
    index->compact();
  }
  print_index(a.target, *index, removed, a.json);
}

void build_index(const IndexArguments& a) {
  if (a.target.empty() || a.manifest.empty() || a.out.empty()) {
    throw Error(
        ErrorCode::kUsage,
        "expected: braid index RUN MANIFEST -o INDEX, or braid index INDEX --info | --remove KEY, "
        "or one of sync, duplicates, export, import; see braid index --help");
  }
  const auto summary = engine().index(
      {a.target, a.manifest, a.out, a.field, a.add, a.max_bad, a.wanted_kind(), a.width},
      {progress_display(a.quiet), &stop_on_signals(), a.device});
  print_bad(summary.bad);
  if (a.json) {
    Json object = {{"index", a.out}, {"added", summary.added}, {"bad", bad_json(summary.bad)}};
    object.update(index_json(summary.info));
    print_json(object);
  } else {
    std::printf("%s: added %lld, holds %s\n", a.out.c_str(), static_cast<long long>(summary.added),
                index_text(summary.info).c_str());
  }
}

}  // namespace

Json index_json(const IndexInfo& info) {
  return {{"size", info.size},     {"kind", index_kind_name(info.kind)},
          {"recall", info.recall}, {"segments", info.segments},
          {"rows", info.rows},     {"loose_rows", info.loose_rows},
          {"bytes", info.bytes}};
}

std::string index_text(const IndexInfo& info) {
  std::string text = std::to_string(info.size) + " items, " + index_kind_name(info.kind);
  if (info.kind == IndexKind::kExact) return text;
  if (info.loose_rows == info.rows) return text + " (too few yet: compared one by one)";
  char recall[64];
  std::snprintf(recall, sizeof recall, ", recall@10 %.3f against exact", info.recall);
  text += recall;
  constexpr double kLow = 0.95;
  if (info.recall < kLow) text += " (low: the data do not suit it; try another --kind)";
  if (info.loose_rows > 0) text += ", " + std::to_string(info.loose_rows) + " rows one by one";
  return text;
}

Json bad_json(const std::vector<BadSample>& bad) {
  Json list = Json::array();
  for (const auto& sample : bad) {
    list.push_back({{"where", sample.where}, {"message", sample.message}});
  }
  return list;
}

void print_json(const Json& json) {
  std::puts(json.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
}

void add_index(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "index",
      "Keep the vectors of a manifest or a folder for searching; look into or change them");
  auto a = std::make_shared<IndexArguments>();
  verb->add_option("source", a->target,
                   "run directory (or an index, with --info, --remove, --compact, --kind)");
  verb->add_option("manifest", a->manifest, "rows to index");
  verb->add_option("-o,--out", a->out, "index folder");
  verb->add_option("--field", a->field, "field to index; default: the first that is not text");
  verb->add_flag("--add", a->add, "add to an index that exists; rows with known keys are replaced");
  verb->add_option("--kind", a->kind,
                   "exact (every row is compared), hnsw (a graph: fast), ivf (clusters: small)");
  verb->add_option("--max-bad", a->max_bad,
                   "share of unreadable rows to put up with; default: the recipe's")
      ->check(CLI::Range(0.0, 1.0));
  add_width(*verb, a->width);
  add_device(*verb, a->device);
  verb->add_option("--remove", a->remove, "keys to remove");
  verb->add_flag("--info", a->info, "say what the index holds");
  verb->add_flag("--compact", a->compact, "rewrite it without removed vectors; mends graphs");
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n"
      "  braid index runs/emoji data/emoji/all.jsonl -o emoji.index\n"
      "  braid index runs/emoji more.jsonl -o emoji.index --add\n"
      "  braid index runs/short photos.jsonl -o small.index --width 64\n"
      "  braid index emoji.index --remove 1F34E 1F34F\n"
      "  braid index emoji.index --kind hnsw          # from now on\n"
      "  braid index sync photos -o photos.index --run runs/flickr8k\n"
      "  braid index duplicates photos.index --html twins.html\n"
      "  braid index export photos.index -o plain\n");
  verb->require_subcommand(0, 1);
  add_index_sync(*verb);
  add_index_duplicates(*verb);
  add_index_export(*verb);
  add_index_import(*verb);
  verb->callback([a, verb] {
    if (!verb->get_subcommands().empty()) return;  // theirs has run
    if (a->changes()) {
      change_index(*a);
    } else {
      build_index(*a);
    }
  });
}

}  // namespace braid
