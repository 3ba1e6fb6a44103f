// A plan of two variants of a recipe and its fields alone: "mean", "gated", "only-said" (the other
// field is left out to keep tests short).
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "braid/core/file.h"
#include "braid/study/study_folder.h"
#include "tests/scratch.h"

namespace braid::study_test {

inline const std::string kKinds = "fusion.kind=mean,gated";

class WithPlan : public ::testing::Test {
 protected:
  StudyPlan plan(const std::vector<int64_t>& seeds, const std::vector<std::string>& vary = {kKinds},
                 const std::vector<std::string>& overrides = {}) const {
    write_atomic(scratch_ / "r.yaml",
                 std::string_view("data: {manifest: rows.jsonl, split_column: split}\n"
                                  "fields:\n"
                                  "  said: {from: a, modality: {kind: text}, encoder: "
                                  "{kind: bag_of_tokens}}\n"
                                  "  drawn: {from: b, modality: {kind: text}, encoder: "
                                  "{kind: bag_of_tokens}}\n"
                                  "tasks: {animal: {kind: classification, target: animal}}\n"
                                  "train: {epochs: 3}\n"));
    std::vector<Vary> varied;
    for (const auto& text : vary) varied.push_back(parse_vary(text));
    StudyPlan plan{"accuracy", "val", "test", seeds, 1, {}};
    plan.variants = make_variants(scratch_ / "r.yaml", overrides, varied).all;
    plan.variants.pop_back();
    return plan;
  }
  static void put(const std::filesystem::path& file, const std::string& text) {
    make_folder(file.parent_path());
    write_atomic(file, std::string_view(text));
  }
  Scratch scratch_;
};

}  // namespace braid::study_test
