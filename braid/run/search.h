// A question of several parts, an index that answers it: what `braid search` shows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "braid/index/index.h"
#include "braid/recipe/recipe.h"

namespace braid {

// One part of a question; a negative weight keeps away from it.
struct SearchPart {
  std::string modality;
  std::string value;  // "text": the words; "table": a JSON object; "image", "audio": a file
  double weight = 1;
};

struct SearchRequest {
  std::filesystem::path index;
  std::filesystem::path run;      // default: the run the index names
  std::vector<SearchPart> parts;  // at least one (index/query.h has the arithmetic)
  SearchOptions options;
  std::filesystem::path html;  // a page of hits; may be empty
};

struct SearchHit {
  std::string key;
  double score = 0;
  std::string caption;  // the recipe's `display` columns
  std::string file;
  std::string metadata;  // the manifest's row, JSON
};

// Throws Error(kUsage) for a question without parts.
std::unique_ptr<Index> open_searched_index(const SearchRequest& request);

// The vector of a part, [width] unit.
using PartEncoder = std::function<std::vector<float>(const SearchPart&, int64_t width)>;

// Asks, and writes the page where one is asked for. `recipe` of the run that made the vectors.
std::vector<SearchHit> ask_index(const SearchRequest& request, const Index& index,
                                 const Recipe& recipe, const PartEncoder& encode);

// The whole of it without libtorch: questions in words, to runs whose texts have a TextTower.
// Nothing for any other question.
std::optional<std::vector<SearchHit>> search_in_words(const SearchRequest& request);

}  // namespace braid
