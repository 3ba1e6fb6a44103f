// braid index, braid search
#include <cstdio>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/library.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/core/error.h"
#include "braid/index/index.h"

namespace braid {
namespace {

using Json = nlohmann::ordered_json;
constexpr auto kReplace = Json::error_handler_t::replace;

struct IndexArguments {
  std::string target, manifest, out, field;
  std::vector<std::string> remove;
  std::optional<double> max_bad;
  int64_t width = 0;
  bool add = false, info = false, compact = false, json = false, quiet = false;
};

struct SearchArguments {
  SearchRequest request;
  std::string index, run, image, html;
  bool json = false;
};

void print_index(const std::string& path, const Index& index, int64_t removed, bool json) {
  if (json) {
    const Json object = {{"index", path},
                         {"size", index.size()},
                         {"width", index.width()},
                         {"removed", removed},
                         {"run_id", index.origin().run_id},
                         {"run_path", index.origin().run_path}};
    std::puts(object.dump(-1, ' ', false, kReplace).c_str());
    return;
  }
  if (removed > 0) std::printf("removed %lld, ", static_cast<long long>(removed));
  std::printf("%s: %lld items, width %lld, run %s at %s\n", path.c_str(),
              static_cast<long long>(index.size()), static_cast<long long>(index.width()),
              index.origin().run_id.c_str(), index.origin().run_path.c_str());
}

void change_index(const IndexArguments& a) {
  const auto index = open_index(a.target);
  const int64_t removed = a.remove.empty() ? 0 : index->remove(a.remove);
  if (removed < static_cast<int64_t>(a.remove.size())) {
    std::fprintf(stderr, "%lld of the keys were not in the index\n",
                 static_cast<long long>(a.remove.size()) - removed);
  }
  if (a.compact) index->compact();
  print_index(a.target, *index, removed, a.json);
}

void build_index(const IndexArguments& a) {
  if (a.manifest.empty() || a.out.empty()) {
    throw Error(
        ErrorCode::kUsage,
        "expected: braid index RUN MANIFEST -o INDEX, or braid index INDEX --info | --remove KEY");
  }
  const auto summary =
      engine().index({a.target, a.manifest, a.out, a.field, a.add, a.max_bad, a.width},
                     {progress_display(a.quiet), &stop_on_signals()});
  print_bad(summary.bad);
  if (a.json) {
    Json bad = Json::array();
    for (const auto& sample : summary.bad)
      bad.push_back({{"where", sample.where}, {"message", sample.message}});
    const Json object = {
        {"index", a.out}, {"added", summary.added}, {"size", summary.size}, {"bad", bad}};
    std::puts(object.dump(-1, ' ', false, kReplace).c_str());
  } else {
    std::printf("%s: added %lld, holds %lld\n", a.out.c_str(),
                static_cast<long long>(summary.added), static_cast<long long>(summary.size));
  }
}

void print_hits(const std::vector<SearchHit>& hits, bool json) {
  if (json) {
    Json list = Json::array();
    for (const auto& hit : hits) {
      auto row = Json::parse(hit.metadata, nullptr, /*allow_exceptions=*/false);
      list.push_back({{"key", hit.key},
                      {"score", hit.score},
                      {"caption", hit.caption},
                      {"file", hit.file},
                      {"metadata", row.is_discarded() ? Json() : row}});
    }
    std::puts(Json{{"hits", list}}.dump(2, ' ', false, kReplace).c_str());
    return;
  }
  for (size_t i = 0; i < hits.size(); ++i) {
    std::printf("%2zu  %.3f  %s  %s\n", i + 1, hits[i].score, hits[i].caption.c_str(),
                hits[i].file.c_str());
  }
}

void run_search(SearchArguments& a) {
  if (a.request.text.empty() == a.image.empty()) {
    throw Error(ErrorCode::kUsage, "expected either --text or --image");
  }
  a.request.index = a.index;
  a.request.run = a.run;
  a.request.image = a.image;
  a.request.html = a.html;
  const auto hits = engine().search(a.request, {{}, &stop_on_signals()});
  print_hits(hits, a.json);
  if (!a.html.empty()) std::fprintf(stderr, "page: %s\n", a.html.c_str());
}

}  // namespace

void add_index(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "index", "Keep the vectors of a manifest for searching; look into or change an index");
  auto a = std::make_shared<IndexArguments>();
  verb->add_option("run", a->target,
                   "run directory (or an index, with --info, --remove, --compact)")
      ->required();
  verb->add_option("manifest", a->manifest, "rows to index");
  verb->add_option("-o,--out", a->out, "index folder");
  verb->add_option("--field", a->field, "field to index; default: the first that is not text");
  verb->add_flag("--add", a->add, "add to an index that exists; rows with known keys are replaced");
  verb->add_option("--max-bad", a->max_bad,
                   "share of unreadable rows to put up with; default: the recipe's")
      ->check(CLI::Range(0.0, 1.0));
  add_width(*verb, a->width);
  verb->add_option("--remove", a->remove, "keys to remove");
  verb->add_flag("--info", a->info, "say what the index holds");
  verb->add_flag("--compact", a->compact, "rewrite it without removed vectors");
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n"
      "  braid index runs/emoji data/emoji/all.jsonl -o emoji.index\n"
      "  braid index runs/emoji more.jsonl -o emoji.index --add\n"
      "  braid index emoji.index --remove 1F34E 1F34F\n"
      "  braid index runs/short photos.jsonl -o small.index --width 64\n");
  verb->callback([a] {
    if (a->info || a->compact || !a->remove.empty()) {
      change_index(*a);
    } else {
      build_index(*a);
    }
  });
}

void add_search(CLI::App& app) {
  auto* verb = app.add_subcommand("search", "Ask an index in words or with a picture");
  auto a = std::make_shared<SearchArguments>();
  verb->add_option("index", a->index, "index folder")->required();
  verb->add_option("--text", a->request.text, "words, in any language the run was trained in");
  verb->add_option("--image", a->image, "a picture");
  verb->add_option("-k", a->request.k, "hits")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  verb->add_option("--run", a->run, "run directory, where it is not the one the index names");
  verb->add_option("--html", a->html, "also write a page with pictures");
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n"
      "  braid search emoji.index --text \"红苹果\" -k 5\n"
      "  braid search emoji.index --image photo.jpg --html hits.html\n");
  verb->callback([a] { run_search(*a); });
}

}  // namespace braid
