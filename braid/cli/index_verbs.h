// The verbs below `braid index`.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "braid/data/loader.h"
#include "braid/index/index.h"

namespace CLI {
class App;
}

namespace braid {

void add_index_sync(CLI::App& index);
void add_index_duplicates(CLI::App& index);
void add_index_export(CLI::App& index);
void add_index_import(CLI::App& index);

// What several of them show of an index.
nlohmann::ordered_json index_json(const IndexInfo& info);
std::string index_text(const IndexInfo& info);  // "1849 items, hnsw, recall@10 0.994 against exact"
nlohmann::ordered_json bad_json(const std::vector<BadSample>& bad);
void print_json(const nlohmann::ordered_json& json);

}  // namespace braid
