// braid search
#include <cstdio>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/library.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/core/error.h"
#include "braid/index/filter.h"
#include "braid/run/search.h"

namespace braid {
namespace {

using Json = nlohmann::ordered_json;

struct SearchArguments {
  SearchRequest request;
  std::string index, run, html;
  std::string device = "cpu";  // a question is one vector: a GPU takes longer to wake
  std::vector<std::string> texts, minus_texts, images, minus_images, sounds, tables;
  std::vector<double> weights;
  bool json = false;
};

// The parts in the order of the command line; a weight belongs to the part before it.
std::vector<SearchPart> parts_of(const CLI::App& verb) {
  struct Kind {
    const char* option;
    const char* modality;
    double sign;
  };
  constexpr Kind kKinds[] = {{"--text", "text", 1},   {"--minus-text", "text", -1},
                             {"--image", "image", 1}, {"--minus-image", "image", -1},
                             {"--audio", "audio", 1}, {"--table", "table", 1}};
  std::vector<SearchPart> parts;
  std::map<const CLI::Option*, size_t> used;
  bool weighed = true;
  for (const CLI::Option* option : verb.parse_order()) {
    for (const auto& kind : kKinds) {
      if (!option->check_name(kind.option)) continue;
      parts.push_back({kind.modality, option->results().at(used[option]++), kind.sign});
      weighed = false;
    }
    if (!option->check_name("--weight")) continue;
    if (weighed) {
      throw Error(ErrorCode::kUsage,
                  "--weight stands after the part it weighs, once: "
                  "--text dog --weight 2 --minus-text beach");
    }
    parts.back().weight *= option->as<std::vector<double>>().at(used[option]++);
    weighed = true;
  }
  return parts;
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
    std::puts(Json{{"hits", list}}.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    return;
  }
  for (size_t i = 0; i < hits.size(); ++i) {
    std::printf("%2zu  %.3f  %s  %s\n", i + 1, hits[i].score, hits[i].caption.c_str(),
                hits[i].file.c_str());
  }
}

void run_search(SearchArguments& a, const CLI::App& verb) {
  a.request.parts = parts_of(verb);
  if (a.request.parts.empty()) {
    throw Error(
        ErrorCode::kUsage,
        "expected a question: --text, --image, --audio, --table, --minus-text or --minus-image");
  }
  for (const auto& part : a.request.parts) {
    if (part.value.empty()) throw Error(ErrorCode::kUsage, "a part of the question is empty");
  }
  if (!a.request.options.where.empty()) {
    Filter{a.request.options.where};  // a mistake is told before libtorch is loaded
  }
  a.request.index = a.index;
  a.request.run = a.run;
  a.request.html = a.html;
  // In words, libtorch would take longer to load than the rest altogether.
  auto hits = a.device == "cpu" ? search_in_words(a.request) : std::nullopt;
  if (!hits) hits = engine().search(a.request, {{}, &stop_on_signals(), a.device});
  print_hits(*hits, a.json);
  if (!a.html.empty()) std::fprintf(stderr, "page: %s\n", a.html.c_str());
}

template <class T>
void add_part(CLI::App& verb, const char* name, std::vector<T>& values, const char* help) {
  verb.add_option(name, values, help)->allow_extra_args(false);
}

}  // namespace

void add_search(CLI::App& app) {
  auto* verb = app.add_subcommand("search", "Ask an index in words, with pictures, or both");
  auto a = std::make_shared<SearchArguments>();
  verb->add_option("index", a->index, "index folder")->required();
  add_part(*verb, "--text", a->texts, "words, in any language the run was trained in");
  add_part(*verb, "--image", a->images, "a picture");
  add_part(*verb, "--audio", a->sounds, "a sound file");
  add_part(*verb, "--table", a->tables, "cells of a table, one JSON object");
  add_part(*verb, "--minus-text", a->minus_texts, "words to keep away from");
  add_part(*verb, "--minus-image", a->minus_images, "a picture to keep away from");
  add_part(*verb, "--weight", a->weights, "how much the part before it counts; default 1");
  verb->add_option("--where", a->request.options.where,
                   "only items whose metadata pass: \"class = dog and year >= 2010\"");
  verb->add_option("-k", a->request.options.k, "hits")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  verb->add_flag("--exact", a->request.options.exact,
                 "compare every row, also in an index of kind hnsw or ivf");
  verb->add_option("--run", a->run, "run directory, where it is not the one the index names");
  add_device(*verb, a->device);
  verb->add_option("--html", a->html, "also write a page with pictures");
  add_json(*verb, a->json);
  verb->footer(
      "Several parts are added up, each as a vector of length 1 times its weight (docs/index.md).\n"
      "Filters: = != < <= > >= contains, in (a, b), is missing; and, or, not, parentheses.\n\n"
      "Examples:\n"
      "  braid search emoji.index --text \"红苹果\" -k 5\n"
      "  braid search emoji.index --image photo.jpg --html hits.html\n"
      "  braid search photos.index --text dog --minus-text beach --weight 0.5 --image like.jpg\n"
      "  braid search photos.index --text dog --where \"year >= 2010 and not place = Rome\"\n"
      "  braid search emoji.index --audio say.wav\n"
      "  braid search scans.index --table '{\"age\": 40, \"sex\": \"F\"}'\n");
  verb->callback([a, verb] { run_search(*a, *verb); });
}

}  // namespace braid
