// braid eval, braid embed
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/library.h"
#include "braid/cli/terminal.h"
#include "braid/cli/verbs.h"
#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/metric/inputs_table.h"

namespace braid {
namespace {

constexpr uint64_t kMaxListBytes = uint64_t{256} << 20;

struct EvalArguments {
  std::string run, split = "test", data;
  int64_t width = 0;
  std::string device = "auto";
  bool json = false, quiet = false;
};

struct EmbedArguments {
  std::string run, field, from, lists, out;
  bool together = false;
  int64_t width = 0;
  std::string device = "auto";
  std::vector<std::string> values;
  bool json = false, quiet = false;
};

void run_eval(const EvalArguments& a) {
  const auto summary = engine().eval({a.run, a.split, a.data, a.width},
                                     {progress_display(a.quiet), &stop_on_signals(), a.device});
  print_bad(summary.bad);
  print_notes(summary.notes);
  if (!a.json) {
    std::fputs(metrics_table(first_inputs(summary.metrics)).c_str(), stdout);
    std::fputs(inputs_tables(summary.metrics).c_str(), stdout);
    std::fputs(contribution_tables(summary.contributions).c_str(), stdout);
    for (const auto& matrix : recall_matrices(summary.metrics))
      std::fputs(("\n" + matrix_table(matrix)).c_str(), stdout);
    return;
  }
  nlohmann::ordered_json bad = nlohmann::ordered_json::array();
  for (const auto& sample : summary.bad)
    bad.push_back({{"where", sample.where}, {"message", sample.message}});
  nlohmann::ordered_json object = {
      {"run", a.run},
      {"width", summary.width},
      {"metrics", nlohmann::ordered_json::parse(metrics_json(summary.metrics))},
      {"matrices", nlohmann::ordered_json::parse(matrices_json(recall_matrices(summary.metrics)))},
      {"bad", bad}};
  if (!summary.contributions.empty()) {
    object["contributions"] =
        nlohmann::ordered_json::parse(contributions_json(summary.contributions));
  }
  if (!summary.notes.empty()) object["notes"] = summary.notes;
  std::puts(object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

std::vector<std::string> lines_of(const std::string& file) {
  const std::string content = file == "-"
                                  ? std::string(std::istreambuf_iterator<char>(std::cin), {})
                                  : read_text(file, kMaxListBytes);
  std::vector<std::string> lines;
  for (const auto& line : split(content, '\n')) {
    if (!trim(line).empty()) lines.emplace_back(trim(line));
  }
  return lines;
}

// A line of --lists: ["a.png", "b.png"], the values of one sample.
std::vector<std::string> list_of(const std::string& line, const std::string& file, size_t number) {
  const auto list = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  const bool texts = list.is_array() && !list.empty() &&
                     std::all_of(list.begin(), list.end(),
                                 [](const auto& value) { return value.is_string(); });
  if (!texts) {
    throw Error(ErrorCode::kInput, file + ": list " + std::to_string(number) +
                                       ": expected the values of one sample, such as " +
                                       "[\"a.png\", \"b.png\"], got " + printable(line));
  }
  return list.get<std::vector<std::string>>();
}

std::vector<std::vector<std::string>> samples_of(const EmbedArguments& a) {
  auto values = a.values;
  if (!a.from.empty()) {
    for (auto& line : lines_of(a.from)) values.push_back(std::move(line));
  }
  std::vector<std::vector<std::string>> samples;
  if (a.together && !values.empty()) {
    samples.push_back(std::move(values));
  } else {
    for (auto& value : values) samples.push_back({std::move(value)});
  }
  if (a.lists.empty()) return samples;
  size_t number = 0;
  for (const auto& line : lines_of(a.lists)) samples.push_back(list_of(line, a.lists, ++number));
  return samples;
}

void run_embed(const EmbedArguments& a) {
  const auto samples = samples_of(a);
  const auto summary = engine().embed({a.run, a.field, samples, a.out, a.width},
                                      {progress_display(a.quiet), &stop_on_signals(), a.device});
  if (!summary.bad.empty()) {
    size_t total = 0;
    for (const auto& sample : samples) total += sample.size();
    throw Error(ErrorCode::kInput,
                std::to_string(summary.bad.size()) + " of " + std::to_string(total) +
                    " values could not be read, nothing was written; first: '" +
                    printable(summary.bad[0].where) + "': " + summary.bad[0].message);
  }
  if (a.json) {
    nlohmann::ordered_json object = {
        {"out", a.out}, {"count", summary.count}, {"width", summary.width}};
    if (!summary.weights.empty()) object["weights"] = summary.weights;
    std::puts(object.dump().c_str());
  } else {
    std::printf("%s: %lld vectors of width %lld\n", a.out.c_str(),
                static_cast<long long>(summary.count), static_cast<long long>(summary.width));
  }
}

}  // namespace

void add_eval(CLI::App& app) {
  auto* verb =
      app.add_subcommand("eval", "Measure a trained run on a split or on another manifest");
  auto a = std::make_shared<EvalArguments>();
  verb->add_option("run", a->run, "run directory")->required();
  verb->add_option("--split", a->split, "protocols of this split")->capture_default_str();
  verb->add_option("--data", a->data,
                   "another manifest with the recipe's columns; every row asks and is searched");
  add_width(*verb, a->width);
  add_device(*verb, a->device);
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n  braid eval runs/emoji --split test\n  braid eval runs/emoji --data mine.jsonl "
      "--json\n  braid eval runs/short --width 64\n");
  verb->callback([a] { run_eval(*a); });
}

void add_embed(CLI::App& app) {
  auto* verb =
      app.add_subcommand("embed", "Turn texts or files into vectors (.npy, one unit row each)");
  auto a = std::make_shared<EmbedArguments>();
  verb->add_option("run", a->run, "run directory")->required();
  verb->add_option("values", a->values, "texts, or files for fields that read files");
  verb->add_option("--field", a->field, "field of the recipe that encodes them")->required();
  verb->add_option("--from", a->from, "file with one value a line, - for standard input");
  verb->add_option("--lists", a->lists,
                   "file with one sample a line, a JSON list of its values (fields with pooling)");
  verb->add_flag("--together", a->together,
                 "the values are one sample: one vector of all (fields with pooling)");
  verb->add_option("-o,--out", a->out, ".npy to write, [N, D] float32")->required();
  add_width(*verb, a->width);
  add_device(*verb, a->device);
  verb->add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(*verb, a->json);
  verb->footer(
      "Examples:\n"
      "  braid embed runs/emoji --field image a.png b.jpg -o vectors.npy\n"
      "  braid embed runs/emoji --field text \"red apple\" \"红苹果\" -o words.npy\n"
      "  braid embed runs/emoji --field text --from captions.txt -o captions.npy\n"
      "  braid embed runs/house --field photos --together hall.jpg garden.jpg -o house.npy\n"
      "  braid embed runs/short --field text --width 64 \"red apple\" -o words.npy\n");
  verb->callback([a] { run_embed(*a); });
}

}  // namespace braid
