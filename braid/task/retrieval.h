// Retrieval: one field asks, another is searched, in both directions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "braid/data/dataset.h"
#include "braid/metric/metric.h"
#include "braid/recipe/recipe.h"
#include "braid/task/field_vectors.h"

namespace braid {

// A protocol with every default decided, and the rows it is about. Of prompts: `query` reads them,
// `against` is classified, both lists are the rows that are.
struct Question {
  ProtocolConfig protocol;
  size_t query = 0, against = 0;  // fields
  std::vector<int64_t> query_rows, gallery_rows;
  std::vector<std::string> withheld = {};        // of prompts: classes that training did not see
  std::map<int64_t, std::string> value_of = {};  // by row, of protocol.relevant; empty without it
};

// Queries of the validation split leave out what the recipe withholds: held-out classes choose no
// weights. Throws Error(kConfig) when the rows are empty or query rows are not all in the gallery.
Question resolve_question(const Recipe& recipe, const Dataset& data,
                          const ProtocolConfig& protocol);

// Rank of one query's true item, and what stood before it.
struct Outcome {
  std::string protocol, language;
  int64_t row;       // of the query
  std::string text;  // the query as written
  int64_t rank;
  std::vector<int64_t> top;  // gallery rows, best first
  std::vector<double> scores;
};

struct Geometry {
  std::string protocol, language;
  double gap, alignment, uniformity_query, uniformity_gallery;
  std::string query_field = "", gallery_field = "";
};

struct RetrievalResult {
  std::vector<Metric> metrics;
  std::vector<Geometry> geometry;
  std::vector<Outcome> outcomes;  // query -> gallery direction, when asked for
  std::vector<BadSample> bad;     // rows left out
};

struct RetrievalOptions {
  EmbedOptions embed;
  int64_t seed = 0;
  double max_bad = 0.01;
  int64_t top = 0;             // > 0: fill outcomes with this many hits
  VectorMemo* memo = nullptr;  // of vectors that several questions need; may be none
};

// `data` must have been opened with the protocol's columns. Throws Error(kInput) when more than
// max_bad of the values could not be read.
RetrievalResult evaluate_retrieval(Model& model, const Dataset& data,
                                   const std::vector<const Modality*>& modalities,
                                   const Question& question, const RetrievalOptions& options);

}  // namespace braid
