// braid data speak
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/core/text.h"
#include "braid/data/speak.h"

namespace braid {
namespace {

struct SpeakArguments {
  SpeakConfig config;
  std::vector<std::string> manifests;
  std::string out;
  bool json = false, quiet = false;
};

void run_speak(const SpeakArguments& a) {
  auto config = a.config;
  config.data.manifest = a.manifests;
  config.output = a.out;
  const auto made = speak(config, progress_display(a.quiet), &stop_on_signals());
  const auto& speech = made.speech;
  if (a.json) {
    const nlohmann::json out = {{"rows", made.rows},
                                {"files", speech.files},
                                {"without_sound", speech.silent},
                                {"synthesiser", speech.synthesiser},
                                {"voices", speech.voices}};
    std::printf("%s\n", out.dump().c_str());
    return;
  }
  std::printf("%s/spoken.jsonl: %lld rows, %lld sounds (%s: %s), %lld texts without sound\n",
              a.out.c_str(), static_cast<long long>(made.rows),
              static_cast<long long>(speech.files), speech.synthesiser.c_str(),
              join(speech.voices, ", ").c_str(), static_cast<long long>(speech.silent));
}

}  // namespace

void add_speak(CLI::App& verb) {
  auto* speak = verb.add_subcommand(
      "speak", "Read a text column aloud by espeak-ng: a manifest with a sound for each text");
  auto a = std::make_shared<SpeakArguments>();
  speak->add_option("manifests", a->manifests, "as data.manifest of a recipe")->required();
  speak->add_option("-o,--out", a->out, "folder to make")->required();
  speak->add_option("--column", a->config.column, "column whose texts are read")->required();
  speak->add_option("--most", a->config.most, "texts of a row, the first ones; 0 = all")
      ->check(CLI::NonNegativeNumber);
  speak->add_option("--voices", a->config.voices, "voices of espeak-ng; a text draws one of them")
      ->delimiter(',')
      ->capture_default_str();
  speak->add_option("--split", a->config.split, "rows of one split only");
  speak->add_option("--split-column", a->config.data.split_column,
                    "column that names a row's split");
  speak->add_option("--files", a->config.files, "columns that name files, where the guess is wrong")
      ->delimiter(',');
  speak->add_option("--layout", a->config.data.layout, "as data.layout of a recipe");
  speak->add_option("--root", a->config.data.root, "folder that file names start from");
  speak->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*speak, a->json);
  speak->footer(
      "The voices are synthetic. Example:\n  braid data speak train.jsonl --column caption "
      "--voices en-us,en+f3 -o data/read\n");
  speak->callback([a] { run_speak(*a); });
}

}  // namespace braid
