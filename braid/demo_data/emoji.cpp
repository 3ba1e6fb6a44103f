#include "braid/demo_data/emoji.h"

#include <algorithm>
#include <unordered_set>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/demo_data/annotations.h"
#include "braid/demo_data/emoji_facts.h"
#include "braid/demo_data/emoji_font.h"
#include "braid/demo_data/emoji_inputs.h"
#include "braid/demo_data/emoji_list.h"
#include "braid/demo_data/emoji_rows.h"
#include "braid/demo_data/emoji_speech.h"
#include "braid/modality/picture/encode.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

void check_config(const EmojiConfig& config) {
  if (config.output.empty()) throw Error(ErrorCode::kConfig, "emoji: no output folder given");
  if (config.languages.empty()) {
    throw Error(ErrorCode::kConfig, "languages: expected at least one, such as [en, zh]");
  }
  std::unordered_set<std::string> seen;
  for (const auto& language : config.languages) {
    if (!seen.insert(language).second) {
      throw Error(ErrorCode::kConfig, "languages: '" + language + "' is given twice");
    }
  }
}

std::map<std::string, Annotations> read_languages(const EmojiConfig& config, const fs::path& cldr) {
  std::map<std::string, Annotations> all;
  for (const auto& language : config.languages) all[language] = read_annotations(cldr, language);
  return all;
}

// Keeps a file that already holds these bytes: a repeated run then writes nothing.
void write_if_changed(const fs::path& path, const Bytes& bytes) {
  std::error_code problem;
  if (fs::file_size(path, problem) == bytes.size() && !problem && read_file(path) == bytes) return;
  write_atomic(path, bytes);
}

// Draws the rows' pictures, drops rows without one, joins the bases of equal pictures.
void draw_all(const EmojiConfig& config, const EmojiInputs& inputs, std::vector<EmojiRow>& rows,
              EmojiFacts& facts, Meter& meter, const StopFlag* stop) {
  EmojiFont font(inputs.font);
  std::vector<EmojiRow> drawn;
  std::vector<std::string> hashes;
  facts.side = config.side ? config.side : font.side();
  for (auto& row : rows) {
    if (stop && stop->requested()) {
      throw Error(ErrorCode::kInterrupted, "stopped; the same command continues");
    }
    meter.advance(1);
    const auto picture = font.draw(row.emoji.points);
    if (!picture) {
      ++facts.undrawn;
      continue;
    }
    const Bytes png = encode_png(pad_square(*picture, facts.side));
    write_if_changed(config.output / "images" / (row.emoji.key + ".png"), png);
    hashes.push_back(content_hash(png));
    drawn.push_back(std::move(row));
  }
  if (drawn.empty()) {
    throw Error(ErrorCode::kInput, inputs.font.string() + ": draws none of the emoji listed");
  }
  facts.distinct_pictures =
      static_cast<int64_t>(std::unordered_set<std::string>(hashes.begin(), hashes.end()).size());
  join_equal_pictures(drawn, hashes);
  rows = std::move(drawn);
}

}  // namespace

void make_emoji(const EmojiConfig& config, ProgressSink progress, StopFlag* stop) {
  check_config(config);
  const EmojiInputs inputs = find_inputs(config);
  const auto list =
      parse_emoji_test(read_text(inputs.emoji_test, 64 << 20), inputs.emoji_test.string());
  auto rows = annotate(list, read_languages(config, inputs.cldr), config.tones);
  EmojiFacts facts;
  facts.emoji_version = list.version;
  facts.listed = count_listed(list, config.tones);
  facts.unnamed = facts.listed - static_cast<int64_t>(rows.size());

  make_folder(config.output / "images");
  Meter meter(progress, "draw", "picture", static_cast<int64_t>(rows.size()));
  draw_all(config, inputs, rows, facts, meter, stop);
  meter.finish();
  assign_splits(rows);
  if (config.speech) {
    facts.speech = speak_rows(config.output, rows, std::move(progress), stop);
    write_atomic(config.output / "spoken.jsonl", join(facts.speech->training, ""));
  }
  write_atomic(config.output / "README.md", readme_markdown(config, facts, rows));
  write_atomic(config.output / "LICENSES.md", licenses_markdown());
  write_atomic(config.output / "facts.json", facts_json(config, inputs, facts, rows));
  write_atomic(config.output / "all.jsonl", manifest_jsonl(rows));
}

}  // namespace braid
