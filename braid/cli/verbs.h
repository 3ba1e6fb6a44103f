// The verbs of the program: each adds its sub-command to the app and runs as its callback.
#pragma once

#include <cstdint>
#include <string>

namespace CLI {
class App;
}

namespace braid {

void add_data(CLI::App& app);
void add_train(CLI::App& app);
void add_eval(CLI::App& app);
void add_predict(CLI::App& app);
void add_caption(CLI::App& app);
void add_ask(CLI::App& app);
void add_explain(CLI::App& app);
void add_probe(CLI::App& app);
void add_compare(CLI::App& app);
void add_embed(CLI::App& app);
void add_index(CLI::App& app);
void add_search(CLI::App& app);
void add_score(CLI::App& app);
void add_inspect(CLI::App& app);
void add_list(CLI::App& app);
void add_show_config(CLI::App& app);
void add_tokenizer(CLI::App& app);
void add_bench(CLI::App& app);
void add_doctor(CLI::App& app);

// Of `braid data`.
void add_degrade(CLI::App& verb);
void add_folds(CLI::App& verb);
void add_pair(CLI::App& verb);
void add_speak(CLI::App& verb);
void add_windows(CLI::App& verb);

// Shared by every verb that can speak to machines.
void add_json(CLI::App& verb, bool& json);
// By every verb that makes vectors.
void add_width(CLI::App& verb, int64_t& width);
// By every verb that computes; `device` holds its default.
void add_device(CLI::App& verb, std::string& device);

}  // namespace braid
