// A study on disk: what is compared, and how far each cell (a variant under one seed) has come.
// Torch-free.
//
//   study.json            metric, splits, seeds, threads of each cell, variants
//   recipes/NAME.yaml     a recipe each variant; seeds are overrides
//   runs/NAME-sSEED/      the run of a cell
//   logs/NAME-sSEED.log   what its processes said
//   compare.md .csv .json .html, best.yaml
//   study.lock, cells.lock
//
// How far a cell has come is read from its run alone: after a kill nothing has to be mended.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "braid/study/variants.h"

namespace braid {

struct StudyPlan {
  std::string metric;      // eval.metric of all variants
  std::string validation;  // split that the winner is chosen on
  std::string split;       // split that figures are reported of
  std::vector<int64_t> seeds;
  int64_t threads = 1;  // of each cell: other numbers give other bytes
  std::vector<Variant> variants;
};

struct Cell {
  size_t variant = 0;
  int64_t seed = 0;
};

enum class CellState { kMissing, kBegun, kTrained, kDone };

class StudyFolder {
 public:
  explicit StudyFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path recipe(const std::string& variant) const;
  std::filesystem::path run(const std::string& variant, int64_t seed) const;
  std::filesystem::path log(const std::string& variant, int64_t seed) const;
  bool is_study() const;

  // Makes the folder a study of `plan`, or checks that it is one. A study that is there keeps its
  // threads, which are returned in the plan, and may get further seeds. Under a StudyLock. Throws
  // Error(kState) for another study, naming what differs.
  StudyPlan settle(StudyPlan plan) const;

  CellState state(const StudyPlan& plan, const Cell& cell) const;

 private:
  std::filesystem::path path_;
};

// Seed by seed, so that a study that is cut short has variants with the same seeds.
std::vector<Cell> cells_of(const StudyPlan& plan);

// "train.epochs: 3 there, 5 now" of keys whose values differ, in the order of the first.
std::vector<std::string> recipe_differences(const std::string& there, const std::string& now);

}  // namespace braid
