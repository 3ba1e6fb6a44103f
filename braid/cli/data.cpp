// braid data
#include <cstdio>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/core/text.h"
#include "braid/data/pack.h"
#include "braid/demo_data/emoji.h"

namespace braid {
namespace {

struct EmojiArguments {
  EmojiConfig config;
  std::string out;
  bool quiet = false;
};

struct PackArguments {
  PackConfig config;
  std::vector<std::string> manifests;
  double size_mb = 1024;
  bool json = false, quiet = false;
};

void run_pack(const PackArguments& a) {
  auto config = a.config;
  config.data.manifest = a.manifests;
  config.max_bytes = static_cast<uint64_t>(a.size_mb * (1 << 20));
  const auto made = pack(config, progress_display(a.quiet), &stop_on_signals());
  if (a.json) {
    const nlohmann::json out = {
        {"samples", made.samples}, {"shards", made.shards}, {"files", made.files}};
    std::printf("%s\n", out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return;
  }
  std::printf("%lld samples in %zu shards, %s .. %s\nfiles of: %s\n",
              static_cast<long long>(made.samples), made.shards.size(), made.shards.front().c_str(),
              made.shards.back().c_str(),
              made.files.empty() ? "no column" : join(made.files, ", ").c_str());
}

void add_pack(CLI::App& verb) {
  auto* pack = verb.add_subcommand("pack", "Write a data set of any layout as WebDataset shards");
  auto a = std::make_shared<PackArguments>();
  pack->add_option("manifests", a->manifests, "as data.manifest of a recipe")->required();
  pack->add_option("-o,--out", a->config.output, "name of the shards: shards/train-%06d.tar")
      ->required();
  pack->add_option("--count", a->config.max_count, "most samples in a shard, 0 = any")
      ->check(CLI::NonNegativeNumber);
  pack->add_option("--size", a->size_mb, "most MiB in a shard, before compression, 0 = any")
      ->check(CLI::Range(0.0, 1e9))
      ->capture_default_str();
  pack->add_flag("--zst", a->config.zst, "compress by zstd (.tar.zst)");
  pack->add_option("--files", a->config.files, "columns that name files, where the guess is wrong")
      ->delimiter(',');
  pack->add_option("--split", a->config.split, "rows of one split only");
  pack->add_option("--split-column", a->config.data.split_column,
                   "column that names a row's split");
  pack->add_option("--layout", a->config.data.layout, "as data.layout of a recipe");
  pack->add_option("--root", a->config.data.root, "folder that file names start from");
  pack->add_flag("--keep-unpaired", a->config.data.keep_unpaired,
                 "pictures without a text are no error");
  pack->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*pack, a->json);
  pack->footer(
      "Examples:\n  braid data pack train.jsonl -o shards/train-%06d.tar --count 10000\n"
      "  braid data pack photos/ -o photos-%03d.tar --zst\n"
      "  braid data pack all.csv --split-column split --split val -o val.tar\n");
  pack->callback([a] { run_pack(*a); });
}

}  // namespace

void add_data(CLI::App& app) {
  auto* verb = app.add_subcommand(
      "data", "Make a data set: emoji, shards, readings aloud, windows, worse copies, pairs");
  verb->require_subcommand(1);
  verb->footer(
      "Examples:\n  braid data emoji -o data/emoji\n  braid data pack train.jsonl -o "
      "shards/train-%06d.tar\n");
  add_pack(*verb);
  add_speak(*verb);
  add_windows(*verb);
  add_degrade(*verb);
  add_pair(*verb);
  auto* emoji = verb->add_subcommand(
      "emoji", "Colour emoji with names and keywords, from Debian's font and CLDR packages");
  auto a = std::make_shared<EmojiArguments>();
  emoji->add_option("-o,--out", a->out, "folder to make")->required();
  emoji->add_option("--languages", a->config.languages, "CLDR locales: en zh zh_Hant ja de ...")
      ->delimiter(',')
      ->capture_default_str();
  emoji->add_flag("--tones", a->config.tones, "skin-tone variants too");
  emoji->add_flag("--speech", a->config.speech,
                  "names and keywords read aloud too, by espeak-ng (synthetic voices, en and zh)");
  emoji->add_option("--font", a->config.font, "NotoColorEmoji.ttf, where it is not the package's");
  emoji->add_option("--cldr", a->config.cldr, "folder that holds annotations/, likewise");
  emoji->add_option("--emoji-test", a->config.emoji_test, "emoji-test.txt, likewise");
  emoji->add_flag("-q,--quiet", a->quiet, "no progress");
  emoji->footer(
      "Examples:\n  braid data emoji -o data/emoji\n  braid data emoji -o data/emoji --speech\n  "
      "braid data emoji -o data/emoji --languages en,zh,ja\n");
  emoji->callback([a] {
    a->config.output = a->out;
    make_emoji(a->config, progress_display(a->quiet), &stop_on_signals());
    std::printf("%s: look with `braid inspect %s/all.jsonl`\n", a->out.c_str(), a->out.c_str());
  });
}

}  // namespace braid
