// Hard negatives mined from the training split: every few epochs all rows are embedded as the model
// now is, each row's nearest other rows are found, and from then on near rows share a batch.
//   neighbours of row i: rows j != i with the largest cos(a_i, b_j), after `skip` nearer ones
// a and b are the fields of `between`; rows that hold the same value as i are not counted.
// An epoch still visits every row once: its shuffled order is walked, each row not yet placed is
// followed by its neighbours not yet placed, as far as its batch has room.
// Source: Xiong et al. 2021 (ANCE, negatives from an index of the model's own vectors, refreshed
// now and then); Byun et al. 2022 (GRIT-VLP, similar samples grouped into batches). Ours: exact
// search, the greedy walk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "braid/data/dataset.h"
#include "braid/kernel/topk.h"
#include "braid/recipe/recipe.h"
#include "braid/task/model.h"
#include "braid/tensor_file/safetensors.h"

namespace braid {

class HardNegatives {
 public:
  // For a recipe with train.hard_negatives.every > 0. `rows` are those that are trained on; data
  // and modalities outlive this. `stored` as EmbedOptions has it.
  HardNegatives(const Recipe& recipe, const Dataset& data, std::vector<int64_t> rows,
                std::vector<const Modality*> modalities,
                std::vector<std::shared_ptr<SampleStore>> stored = {});

  bool due(int64_t epoch) const { return epoch > 0 && epoch % config_.every == 0; }
  // Puts the model in eval mode. Returns the mean cosine of rows and their neighbours; NaN where
  // there are none.
  double mine(Model& model);
  // Reorders the rows of an epoch; leaves them alone before anything is mined.
  void arrange(std::vector<int64_t>& order) const;

  TensorFile state() const;  // empty before anything is mined
  // `epoch` is the one that training stands in. Throws Error(kState) for a state of something else.
  void load(const TensorFile& state, int64_t epoch, const std::string& where);

 private:
  struct Side {
    Array vectors;                           // [V, D]
    std::vector<int64_t> rows;               // [V] rising
    std::vector<std::vector<Value>> values;  // [V]
  };
  Side embed(Model& model, size_t field) const;
  std::vector<TopkHit> chosen(const Side& a, size_t row, const Side& b,
                              const std::vector<TopkHit>& hits) const;
  void clear_table();
  std::ptrdiff_t line_of(int64_t row) const;  // where its neighbours begin in the table

  HardNegativesConfig config_;
  int64_t batch_;
  size_t a_ = 0, b_ = 0;  // fields
  const Dataset* data_;
  std::vector<int64_t> rows_;
  std::vector<const Modality*> modalities_;
  std::vector<std::shared_ptr<SampleStore>> stored_;
  std::unordered_map<int64_t, int64_t> number_;  // of a row among rows_
  std::vector<int64_t> table_;  // [rows, count], -1 where there are fewer; empty: not mined yet
};

}  // namespace braid
