// braid data
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>

#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/demo_data/emoji.h"

namespace braid {
namespace {

struct EmojiArguments {
  EmojiConfig config;
  std::string out;
  bool quiet = false;
};

}  // namespace

void add_data(CLI::App& app) {
  auto* verb = app.add_subcommand("data", "Make a data set from what the system has");
  verb->require_subcommand(1);
  verb->footer("Examples:\n  braid data emoji -o data/emoji\n");
  auto* emoji = verb->add_subcommand(
      "emoji", "Colour emoji with names and keywords, from Debian's font and CLDR packages");
  auto a = std::make_shared<EmojiArguments>();
  emoji->add_option("-o,--out", a->out, "folder to make")->required();
  emoji->add_option("--languages", a->config.languages, "CLDR locales: en zh zh_Hant ja de ...")
      ->delimiter(',')
      ->capture_default_str();
  emoji->add_flag("--tones", a->config.tones, "skin-tone variants too");
  emoji->add_option("--font", a->config.font, "NotoColorEmoji.ttf, where it is not the package's");
  emoji->add_option("--cldr", a->config.cldr, "folder that holds annotations/, likewise");
  emoji->add_option("--emoji-test", a->config.emoji_test, "emoji-test.txt, likewise");
  emoji->add_flag("-q,--quiet", a->quiet, "no progress");
  emoji->footer(
      "Examples:\n  braid data emoji -o data/emoji\n  braid data emoji -o data/emoji --languages "
      "en,zh,ja\n");
  emoji->callback([a] {
    a->config.output = a->out;
    make_emoji(a->config, progress_display(a->quiet), &stop_on_signals());
    std::printf("%s: look with `braid inspect %s/all.jsonl`\n", a->out.c_str(), a->out.c_str());
  });
}

}  // namespace braid
