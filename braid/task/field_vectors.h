// Vectors of one field and source over some rows of a data set, one a value, or, of a field with
// pooling, one a row: what evaluations are made of.
#pragma once

#include <string>
#include <vector>

#include "braid/data/dataset.h"
#include "braid/recipe/recipe.h"
#include "braid/task/embed.h"

namespace braid {

struct FieldVectors {
  Array vectors;              // [N, D]
  std::vector<int64_t> rows;  // [N] rising
  std::vector<std::string> texts;  // of a field with pooling: those of a row, joined by ", "
  int64_t per_item = 0;            // most vectors of one row
  int64_t values = 0;              // that could be read
};

// Rows of `config` (its split, or the protocol's), rising. Throws Error(kConfig) for an unknown
// split and where there is none; `role` is for messages: "queries".
std::vector<int64_t> select_rows(const Dataset& data, const RowsConfig& config,
                                 const ProtocolConfig& protocol, const char* role);

// Has the row one of the values that the recipe withholds from training?
bool is_withheld(const Recipe& recipe, const Dataset& data, int64_t row);

// The field named, or the first text field (`text`) or other field that is not `other`, or any that
// is not. Throws Error(kConfig) for a recipe of one field.
size_t pick_field(const Recipe& recipe, const std::string& name, bool text, size_t other);

// Vectors of several questions about the same rows, made once.
class VectorMemo {
 public:
  const FieldVectors* find(const Dataset& data, size_t field, size_t source,
                           const std::vector<int64_t>& rows) const;
  void keep(const Dataset& data, size_t field, size_t source, std::vector<int64_t> rows,
            FieldVectors vectors);

 private:
  struct Kept {
    const Dataset* data;
    size_t field, source;
    std::vector<int64_t> rows;
    FieldVectors vectors;
  };
  std::vector<Kept> kept_;
};

// Values that cannot be read are left out and added to `bad`.
FieldVectors embed_rows(Model& model, const Dataset& data, size_t field, size_t source,
                        const Modality& modality, const std::vector<int64_t>& rows,
                        const EmbedOptions& options, std::vector<BadSample>* bad);

// Throws Error(kInput) when more than the share `max_bad` of all values could not be read.
void check_bad(const std::vector<BadSample>& bad, int64_t good, double max_bad);

}  // namespace braid
