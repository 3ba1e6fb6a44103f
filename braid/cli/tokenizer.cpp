// braid tokenizer train | encode | info
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/tokenizer/tokenizer.h"

namespace braid {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

void print_json(const ordered_json& value, int indent) {
  const auto replace = ordered_json::error_handler_t::replace;
  std::puts(value.dump(indent, ' ', false, replace).c_str());
}

// Calls visit(line) for each line of a text file; "-" is standard input. Throws where a line is
// not UTF-8.
template <class Visit>
void each_line(const std::string& path, Visit&& visit) {
  std::ifstream file;
  if (path != "-") {
    if (!fs::exists(path)) throw Error(ErrorCode::kNotFound, path + ": no such file");
    file.open(path, std::ios::binary);
    if (fs::is_directory(path) || !file) throw Error(ErrorCode::kIo, path + ": cannot be read");
  }
  std::istream& in = path == "-" ? std::cin : file;
  int64_t number = 0;
  for (std::string line; std::getline(in, line);) {
    if (++number == 1 && line.starts_with("\xef\xbb\xbf")) line.erase(0, 3);
    if (line.ends_with('\r')) line.pop_back();
    if (!valid_utf8(line)) {
      throw Error(ErrorCode::kInput,
                  path + ":" + std::to_string(number) + ": not UTF-8; expected text, one a line");
    }
    visit(line);
  }
  if (in.bad()) throw Error(ErrorCode::kIo, path + ": cannot be read");
}

struct TrainTokenizerArguments {
  std::vector<std::string> files;
  std::string out;
  BpeConfig config;
  bool keep_case = false, quiet = false;
};

void run_tokenizer_train(const TrainTokenizerArguments& a) {
  const fs::path folder = fs::path(a.out).parent_path();
  if (!folder.empty() && !fs::is_directory(folder)) {
    throw Error(ErrorCode::kNotFound, folder.string() + ": no such folder for " + a.out);
  }
  if (fs::is_directory(a.out)) throw Error(ErrorCode::kIo, a.out + ": is a folder");
  BpeConfig config = a.config;
  config.lowercase = !a.keep_case;
  const auto display = progress_display(a.quiet);
  Meter meter(display, "read", "line", 0);
  int64_t lines = 0;
  const TextSource corpus = [&](const TextVisitor& visit) {
    for (const auto& file : a.files) {
      each_line(file, [&](const std::string& line) {
        visit(line);
        ++lines;
        meter.advance(1);
      });
    }
    meter.finish();
  };
  const auto tokenizer = train_bpe(corpus, config, display);
  write_atomic(a.out, tokenizer->file().bytes);
  const bool fewer = tokenizer->vocabulary() < config.vocabulary;
  std::printf("%s: %lld tokens from %lld lines%s; try `braid tokenizer encode %s \"...\"`\n",
              a.out.c_str(), static_cast<long long>(tokenizer->vocabulary()),
              static_cast<long long>(lines),
              fewer ? " (the text has no more pairs that repeat)" : "", a.out.c_str());
}

struct EncodeArguments {
  std::string tokenizer, file;
  std::vector<std::string> texts;
  bool ends = false, keep_case = false, json = false;
  size_t max_tokens = SIZE_MAX;
};

void print_encoded(const std::string& text, const std::vector<int64_t>& ids,
                   const Tokenizer& tokenizer, bool json) {
  std::vector<std::string> numbers, readable, tokens;
  for (const auto id : ids) {
    numbers.push_back(std::to_string(id));
    readable.push_back(tokenizer.readable(id));
    tokens.push_back(tokenizer.token(id));
  }
  if (json) {
    print_json(
        {{"text", text}, {"ids", ids}, {"tokens", tokens}, {"decoded", tokenizer.decode(ids)}}, -1);
    return;
  }
  std::printf("%s\n%s\n", join(readable, " ").c_str(), join(numbers, " ").c_str());
}

void run_tokenizer_encode(const EncodeArguments& a) {
  if (a.texts.empty() == a.file.empty()) {
    throw Error(ErrorCode::kUsage,
                "expected texts or --file: braid tokenizer encode TOKENIZER TEXT ...");
  }
  const auto tokenizer = load_tokenizer(a.tokenizer, !a.keep_case);
  const bool framing = a.ends || a.max_tokens != SIZE_MAX;
  const auto encode = [&](const std::string& text) {
    auto ids = tokenizer->encode(text);
    if (framing) ids = framed(std::move(ids), tokenizer->frame(), a.max_tokens);
    print_encoded(text, ids, *tokenizer, a.json);
  };
  for (const auto& text : a.texts) encode(text);
  if (!a.file.empty()) each_line(a.file, encode);
}

struct InfoArguments {
  std::string tokenizer;
  bool keep_case = false, json = false;
};

void run_tokenizer_info(const InfoArguments& a) {
  const auto tokenizer = load_tokenizer(a.tokenizer, !a.keep_case);
  ordered_json facts = {{"file", a.tokenizer}, {"vocabulary", tokenizer->vocabulary()}};
  for (const auto& [name, value] : tokenizer->summary()) facts[name] = value;
  const SpecialIds& ids = tokenizer->special_ids();
  const auto token = [&](int64_t id) -> ordered_json {
    if (id < 0) return nullptr;
    return {{"id", id}, {"token", tokenizer->token(id)}};
  };
  facts["tokens"] = {{"pad", token(ids.pad)},
                     {"mask", token(ids.mask)},
                     {"beginning", token(ids.bos)},
                     {"end", token(ids.eos)},
                     {"unknown", token(ids.unknown)}};
  std::string around;
  for (const auto id : tokenizer->frame().prefix) around += tokenizer->token(id) + " ";
  around += "...";
  for (const auto id : tokenizer->frame().suffix) around += " " + tokenizer->token(id);
  facts["around"] = around;
  if (a.json) return print_json(facts, 2);
  const auto line = [](const std::string& name, const std::string& value) {
    std::printf("%-16s %s\n", name.c_str(), value.c_str());
  };
  for (const auto& [name, value] : facts.items()) {
    if (name == "tokens") {
      for (const auto& [kind, one] : value.items()) {
        line(kind, one.is_null() ? "none"
                                 : one["token"].get<std::string>() + " (" + one["id"].dump() + ")");
      }
    } else {
      line(name, value.is_string() ? value.get<std::string>() : value.dump());
    }
  }
}

constexpr const char* kKinds =
    "tokenizer.json, SentencePiece .model, vocab.txt, CLIP's merges, a folder or a run";
constexpr const char* kKeepCase = "do not lowercase (a vocab.txt does not say)";

void add_tokenizer_train(CLI::App& parent) {
  auto* verb = parent.add_subcommand("train", "Learn byte-level BPE from text, one a line");
  auto a = std::make_shared<TrainTokenizerArguments>();
  verb->add_option("files", a->files, "text files; - is standard input")->required();
  verb->add_option("-o,--out", a->out, "tokenizer.json to write")->required();
  verb->add_option("--vocabulary", a->config.vocabulary, "tokens in all, bytes included")
      ->check(CLI::Range(300, 1 << 20))
      ->capture_default_str();
  verb->add_option("--min-count", a->config.min_count, "pairs seen less often are not merged")
      ->check(CLI::Range(1, 1 << 30))
      ->capture_default_str();
  verb->add_flag("--keep-case", a->keep_case, "do not lowercase");
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  verb->footer(
      "Examples:\n  braid tokenizer train captions.txt -o tokenizer.json\n"
      "  zcat zh.txt.gz | braid tokenizer train - -o zh.json --vocabulary 16000 --keep-case\n");
  verb->callback([a] { run_tokenizer_train(*a); });
}

void add_tokenizer_encode(CLI::App& parent) {
  auto* verb = parent.add_subcommand("encode", "Show the tokens of texts and their ids");
  auto a = std::make_shared<EncodeArguments>();
  verb->add_option("tokenizer", a->tokenizer, kKinds)->required();
  verb->add_option("texts", a->texts, "texts");
  verb->add_option("--file", a->file, "a file of texts, one a line; - is standard input");
  verb->add_flag("--ends", a->ends, "with the tokens that a model gets around a text");
  verb->add_option("--max-tokens", a->max_tokens, "cut to so many, ends included")
      ->check(CLI::Range(1, 1 << 30));
  verb->add_flag("--keep-case", a->keep_case, kKeepCase);
  add_json(*verb, a->json);
  verb->footer(
      "With --json one object a text and line.\n\nExamples:\n"
      "  braid tokenizer encode runs/emoji \"红苹果\" \"a red apple\"\n"
      "  braid tokenizer encode bert/vocab.txt --file captions.txt --ends --json\n");
  verb->callback([a] { run_tokenizer_encode(*a); });
}

void add_tokenizer_info(CLI::App& parent) {
  auto* verb = parent.add_subcommand("info", "Say what a tokenizer is made of");
  auto a = std::make_shared<InfoArguments>();
  verb->add_option("tokenizer", a->tokenizer, kKinds)->required();
  verb->add_flag("--keep-case", a->keep_case, kKeepCase);
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n  braid tokenizer info runs/emoji\n"
      "  braid tokenizer info spiece.model --json\n");
  verb->callback([a] { run_tokenizer_info(*a); });
}

}  // namespace

void add_tokenizer(CLI::App& app) {
  auto* verb = app.add_subcommand("tokenizer", "Train, try and look at tokenizers");
  verb->require_subcommand(1);
  verb->footer(
      "Examples:\n  braid tokenizer train captions.txt -o tokenizer.json\n"
      "  braid tokenizer encode tokenizer.json \"一只狗在海边跑。\"\n"
      "  braid tokenizer info tokenizer.json\n");
  add_tokenizer_train(*verb);
  add_tokenizer_encode(*verb);
  add_tokenizer_info(*verb);
}

}  // namespace braid
