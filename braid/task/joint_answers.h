// What a model answers to rows of a data set, from every set of their fields: each field is encoded
// once, what stands behind the fields runs once for each set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "braid/core/array.h"
#include "braid/task/embed.h"

namespace braid {

// Fields that the model is allowed to see. [M]
using FieldSet = std::vector<bool>;

// All fields first; then, of up to four fields, every other set that is not empty, larger ones
// first; of more, all but one, then each alone. Of five the rest follows, which contributions need.
std::vector<FieldSet> field_sets(size_t fields);
size_t tabled_sets(size_t fields);  // how many of them have metrics: not the rest of five fields
std::string set_name(const FieldSet& set, const std::vector<std::string>& fields);  // "image+text"

using Texts = std::vector<std::string>;

struct JointAnswers {
  std::vector<int64_t> rows;  // [N] as asked
  std::vector<std::string> fields;
  std::vector<FieldSet> sets;    // [S]
  std::vector<uint8_t> present;  // [N, M] fields that could be read
  // [tasks][S] of [N, C] double, as Head::answers. Of matching, in every set, [N, 2]: that the
  // row's pair is true, and that a false one is, of the row and the next that differs; NaN where
  // none is.
  std::vector<std::vector<Array>> answers;
  // [tasks][S][languages] of [N] texts, of tasks that write, whose answers are empty.
  std::vector<std::vector<std::vector<Texts>>> texts = {};
  std::vector<Array> alpha;    // [S] of [N, M] float32, weights of fields; empty where none are
  std::vector<BadSample> bad;  // values that could not be read: missing ones
  int64_t good = 0;            // values that could
  // Where asked for: rows ([R] places among the N, rising), and for each field what all fields
  // answer with its values shuffled between them, [tasks][M] of [R, C]; an empty array of a field
  // that fewer than two of the rows have, and of a task of kind matching.
  std::vector<int64_t> shuffled_rows = {};
  std::vector<std::vector<Array>> shuffled = {};
  std::vector<std::vector<std::vector<Texts>>> shuffled_texts = {};  // [tasks][M][languages] of [R]

  bool carries(int64_t n, size_t set) const;  // row n has a field of the set
};

// Puts the model in eval mode. A field of several sources is seen by the first that a row has, and
// there by its first value, or by all where it pools. `shuffle`: the seed by which values of fields
// change places, where that is asked of several fields. Throws Error(kInterrupted) when `stop` is
// set.
JointAnswers answer_rows(Model& model, const Dataset& data,
                         const std::vector<const Modality*>& modalities,
                         const std::vector<int64_t>& rows, const std::vector<FieldSet>& sets,
                         const EmbedOptions& options, std::optional<uint64_t> shuffle = {});

}  // namespace braid
