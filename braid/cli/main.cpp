// braid, the program. Torch-free: verbs that compute load libbraid.so.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "braid/cli/environment.h"
#include "braid/cli/library.h"
#include "braid/cli/verbs.h"
#include "braid/core/error.h"
#include "braid/core/text.h"
#include "braid/version.h"

namespace braid {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  braid data emoji -o data/emoji\n"
    "  braid train recipes/emoji.yaml -o runs/emoji train.epochs=20\n"
    "  braid eval runs/emoji --split test --json\n"
    "  braid predict runs/digits new.jsonl\n"
    "  braid compare recipes/av_digits_fused.yaml --vary fusion.kind=mean,gated -o studies/digits\n"
    "  braid index runs/emoji data/emoji/all.jsonl -o emoji.index\n"
    "  braid search emoji.index --text \"红苹果\" -k 5\n"
    "\n"
    "Exit status: 0 done, 1 a fault of ours, 2 wrong command line or recipe, 3 bad input,\n"
    "4 not found or not writable, 5 does not belong together, 130 interrupted.\n";

// Errors go to standard error as one line; with --json also to standard output as an object.
int report(const std::string& code, const std::string& message, int status, bool json) {
  std::fprintf(stderr, "braid: %s\n", printable(message).c_str());
  if (json) {
    const nlohmann::json object = {{"error", {{"code", code}, {"message", message}}}};
    std::puts(object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  }
  return status;
}

// CLI11 takes an unknown verb for a stray argument: name the nearest verb instead.
void check_verb(const CLI::App& app, const std::string& word) {
  if (word.starts_with("-")) return;
  std::vector<std::string> verbs;
  for (const auto* verb : app.get_subcommands({})) verbs.push_back(verb->get_name());
  if (std::find(verbs.begin(), verbs.end(), word) != verbs.end()) return;
  throw Error(ErrorCode::kUsage, "no verb '" + word + "'" + did_you_mean(word, verbs) +
                                     "; there are: " + join(verbs, ", "));
}

int run(int argc, char** argv) {
  CLI::App app("braid " BRAID_VERSION
               ": trains, evaluates, indexes and searches multimodal models");
  app.name("braid");
  app.set_version_flag("--version", BRAID_VERSION);
  app.footer(kExamples);
  app.require_subcommand(1);
  for (const auto add :
       {add_data, add_train, add_eval, add_compare, add_predict, add_caption, add_ask, add_explain,
        add_score, add_probe, add_embed, add_index, add_search, add_inspect, add_tokenizer, add_list,
        add_show_config, add_bench, add_doctor}) {
    add(app);
  }
  bool json = false;
  for (int i = 1; i < argc; ++i) json = json || std::string(argv[i]) == "--json";
  try {
    if (argc > 1) check_verb(app, argv[1]);
    if (argc > 1 && runs_long(argv[1])) settle_environment(argv);
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::RuntimeError& ended) {
    return ended.get_exit_code();  // a verb that has said all it has to say
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) return app.exit(problem);  // --help, --version
    if (argc == 1) {
      std::fputs(app.help().c_str(), stderr);
      return exit_status(ErrorCode::kUsage);
    }
    return report(
        "usage",
        std::string(problem.what()) + "; see braid " + (argc > 1 ? argv[1] : "") + " --help",
        exit_status(ErrorCode::kUsage), json);
  } catch (const Error& error) {
    return report(error_name(error.code()), error.what(), exit_status(error.code()), json);
  } catch (const std::bad_alloc&) {
    return report("limit", "out of memory", exit_status(ErrorCode::kLimit), json);
  } catch (const std::exception& error) {
    return report("internal", std::string("internal fault, please report it: ") + error.what(), 1,
                  json);
  }
}

}  // namespace
}  // namespace braid

int main(int argc, char** argv) {
  const int status = braid::run(argc, argv);
  if (!braid::engine_loaded()) return status;
  // All is written and closed. libtorch and the 290 libraries it brings on Debian 12 would take 50
  // ms to tidy memory that goes back to the system as a whole.
  std::fflush(nullptr);
  std::_Exit(status);
}
