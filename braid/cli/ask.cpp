// braid caption, braid ask
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

struct AskArguments {
  AskRequest request;
  std::string run, context, question, device = "cpu";
  std::vector<std::string> files, values;
  bool asks = false;  // a question, which may not be empty
  bool json = false, quiet = false;
};

// Options that stand for keys of the task's search.
void add_search_options(CLI::App& verb, AskRequest& request) {
  const auto key = [&](const std::string& option, const std::string& name, const char* help) {
    verb.add_option_function<std::string>(
        option, [&request, name](const std::string& value) { request.search[name] = value; }, help);
  };
  key("--beam", "beam", "hypotheses kept, 1 = greedy; default: the recipe's search.beam");
  key("--best", "best", "texts for each sample");
  key("--length-penalty", "length_penalty", "score = log p / tokens^this");
  verb.add_flag_callback("--sample", [&request] { request.search["sample"] = "true"; },
                         "draw tokens instead of taking the most probable");
  key("--temperature", "temperature", "of draws, below 1: the probable more often");
  key("--top-k", "top_k", "draw among so many tokens, 0 = all");
  key("--top-p", "top_p", "draw among the fewest tokens with this much probability");
  key("--repetition-penalty", "repetition_penalty", "above 1: what stands there already is rarer");
  key("--max-tokens", "max_tokens", "at most so many");
  key("--stop", "stop", "the text ends before this string");
  verb.add_option("--seed", request.seed, "of draws")->capture_default_str();
  verb.add_option("--language", request.language, "of the task's target: en, zh; default: each");
}

std::string sample_name(const AskArguments& a, size_t i) {
  return a.files.empty() ? a.question : a.files[i];
}

std::string figure(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

std::vector<std::string> lines_of(const AskedAnswer& answer) {
  std::vector<std::string> lines;
  for (const auto& text : answer.texts) {
    lines.push_back((text.language.empty() ? "" : text.language + ": ") + text.text +
                    (text.ended ? "" : " ...") +
                    (answer.texts.size() > 1 ? "  (" + figure(text.log_probability) + ")" : ""));
  }
  if (answer.kind == "regression") {
    for (const auto& [name, value] : answer.values) lines.push_back(name + " " + figure(value));
    return lines;
  }
  for (const auto& label : answer.labels) {
    for (const auto& [name, p] : answer.values) {
      if (name == label) lines.push_back(label + "  (" + figure(p) + ")");
    }
  }
  return lines;
}

void print_answers(const AskArguments& a, const AskSummary& summary) {
  for (size_t i = 0; i < summary.answers.size(); ++i) {
    const auto lines = lines_of(summary.answers[i]);
    if (summary.answers.size() == 1 && lines.size() == 1) {
      std::printf("%s\n", printable(lines[0]).c_str());
      continue;
    }
    std::printf("%s\n", printable(sample_name(a, i)).c_str());
    for (const auto& line : lines) std::printf("  %s\n", printable(line).c_str());
  }
}

Json json_of(const AskedAnswer& answer) {
  Json object = {{"task", answer.task}, {"kind", answer.kind}};
  if (answer.kind == "generation" || answer.kind == "transcription") {
    object["texts"] = Json::array();
    for (const auto& text : answer.texts) {
      Json one = {{"text", text.text}};
      if (!text.language.empty()) one["language"] = text.language;
      one["log_probability"] = text.log_probability;
      one["score"] = text.score;
      one["ended"] = text.ended;
      object["texts"].push_back(std::move(one));
    }
    return object;
  }
  Json values = Json::object();
  for (const auto& [name, value] : answer.values) values[name] = value;
  if (answer.kind == "regression") {
    object["values"] = values;
  } else {
    object["labels"] = answer.labels;
    object["probabilities"] = values;
  }
  return object;
}

void run_ask(AskArguments& a) {
  a.request.run = a.run;
  std::vector<AskRequest::Given> shared;
  if (!a.context.empty()) shared.push_back({"", a.context, false});
  if (a.asks) shared.push_back({"", a.question, false});
  for (const auto& named : a.values) {
    const auto [field, text] = named_value(named, "--value question=\"what is it?\"");
    shared.push_back({field, text, false});
  }
  a.request.samples.clear();
  for (const auto& file : a.files) {
    auto sample = shared;
    sample.insert(sample.begin(), {"", file, true});
    a.request.samples.push_back(std::move(sample));
  }
  if (a.files.empty()) a.request.samples.push_back(shared);
  const auto summary =
      engine().ask(a.request, {progress_display(a.quiet), &stop_on_signals(), a.device});
  for (const auto& note : summary.notes)
    std::fprintf(stderr, "note: %s\n", printable(note).c_str());
  if (!a.json) return print_answers(a, summary);
  Json answers = Json::array();
  for (size_t i = 0; i < summary.answers.size(); ++i) {
    Json one = {{"sample", sample_name(a, i)}};
    one.update(json_of(summary.answers[i]));
    answers.push_back(std::move(one));
  }
  const Json object = {{"run", a.run}, {"answers", answers}, {"notes", summary.notes}};
  std::puts(object.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

void add_common(CLI::App& verb, const std::shared_ptr<AskArguments>& a) {
  verb.add_option("--task", a->request.task, "which task of the run; default: the only one");
  verb.add_option("--value", a->values, "FIELD=TEXT: a text for a field, where there are several");
  add_search_options(verb, a->request);
  add_device(verb, a->device);
  verb.add_flag("-q,--quiet", a->quiet, "no progress");
  add_json(verb, a->json);
  verb.callback([a] { run_ask(*a); });
}

}  // namespace

void add_caption(CLI::App& app) {
  auto* verb = app.add_subcommand("caption", "Write what pictures or sounds show");
  auto a = std::make_shared<AskArguments>();
  verb->add_option("run", a->run, "run directory of a recipe with a task that writes")
      ->required();
  verb->add_option("files", a->files, "pictures or sounds")->required();
  verb->add_option("--context", a->context, "a sentence that goes with each, such as its headline");
  verb->footer(
      "Examples:\n  braid caption runs/flickr8k_caption photo.jpg\n"
      "  braid caption runs/flickr8k_caption *.jpg --beam 5 --language zh --json\n"
      "  braid caption runs/flickr8k_context photo.jpg --context \"a dog at the beach\"\n");
  add_common(*verb, a);
}

void add_ask(CLI::App& app) {
  auto* verb = app.add_subcommand("ask", "Answer a question about a picture or sound");
  auto a = std::make_shared<AskArguments>();
  a->asks = true;
  a->files.resize(1);
  verb->add_option("run", a->run, "run directory of a recipe with a task")->required();
  verb->add_option("file", a->files[0], "picture or sound")->required();
  verb->add_option("question", a->question, "the question")->required();
  verb->footer(
      "Examples:\n  braid ask runs/easy_vqa_open picture.png \"what color is the triangle?\"\n"
      "  braid ask runs/easy_vqa picture.png \"is there a circle?\" --json\n");
  add_common(*verb, a);
}

}  // namespace braid
