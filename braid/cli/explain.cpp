// braid explain
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/library.h"
#include "braid/cli/named_values.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/core/text.h"

namespace braid {
namespace {

using Json = nlohmann::ordered_json;

struct ExplainArguments {
  ExplainRunRequest request;
  std::string run, file, question, out, device = "cpu";
  std::vector<std::string> values;
  bool json = false;
};

Json explained_json(const ExplainSummary& summary) {
  Json words = Json::array();
  for (const auto& word : summary.words)
    words.push_back({{"word", word.word}, {"file", word.file}, {"heat", word.heat}});
  return {{"text", summary.text},
          {"rows", summary.rows},
          {"columns", summary.columns},
          {"words", words},
          {"notes", summary.notes}};
}

void run_explain(ExplainArguments& a) {
  a.request.run = a.run;
  a.request.out = a.out;
  a.request.sample = {{a.request.field, a.file, true}};
  if (!a.question.empty()) a.request.sample.push_back({"", a.question, false});
  for (const auto& named : a.values) {
    const auto [field, text] = named_value(named, "--value question=\"what is it?\"");
    a.request.sample.push_back({field, text, false});
  }
  const auto summary = engine().explain(a.request, {{}, &stop_on_signals(), a.device});
  for (const auto& note : summary.notes)
    std::fprintf(stderr, "note: %s\n", printable(note).c_str());
  if (a.json) {
    std::puts(explained_json(summary).dump(2, ' ', false, Json::error_handler_t::replace).c_str());
    return;
  }
  std::printf("%s\n", printable(summary.text).c_str());
  for (const auto& word : summary.words)
    std::printf("  %s\n", printable(word.file).c_str());
}

}  // namespace

void add_explain(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "explain", "Show which places of a picture, or moments of a sound, an answer rests on");
  auto a = std::make_shared<ExplainArguments>();
  verb->add_option("run", a->run, "run directory of a recipe with a task")->required();
  verb->add_option("file", a->file, "picture or sound")->required();
  verb->add_option("question", a->question, "the question or context, where the run reads one");
  verb->add_option("-o,--out", a->out, "folder for the pictures, one a word")->required();
  verb->add_option("--method", a->request.method,
                   "gradient: what would change the answer; rollout: where the decoder looked")
      ->check(CLI::IsMember({"gradient", "rollout"}))
      ->capture_default_str();
  verb->add_option("--task", a->request.task, "which task of the run; default: the only one");
  verb->add_option("--field", a->request.field, "which field the file is; default: by its kind");
  verb->add_option("--value", a->values, "FIELD=TEXT: a text for a field, where there are several");
  verb->add_option("--answer", a->request.answer, "explain this class, not the one answered");
  verb->add_option("--language", a->request.language, "of the text; default: the first");
  add_device(*verb, a->device);
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n  braid explain runs/flickr8k_caption photo.jpg -o why\n"
      "  braid explain runs/easy_vqa picture.png \"what shape is it?\" -o why --answer circle\n");
  verb->callback([a] { run_explain(*a); });
}

}  // namespace braid
