// What the cells of a study left on disk, as contenders of its table.
#pragma once

#include <string>
#include <vector>

#include "braid/study/study_table.h"

namespace braid {

struct Findings {
  std::vector<Contender> contenders;
  std::string data_hash, cpu;
};

// Reads the finished cells; those of a variant without any are left out. Throws Error(kState) where
// cells were trained on other data than others.
Findings read_findings(const StudyFolder& folder, const StudyPlan& plan);

// Rows of the evaluated split by a column of the data. Throws Error(kUsage) for a column that no
// row has.
RowGroups read_groups(const Recipe& recipe, const std::string& split, const std::string& column);

// Mean of the metric over what all fields gave, where it exists, as `eval.metric` chooses weights;
// `inputs`: of a blind baseline instead. NaN where there is none.
double mean_metric(const std::vector<Metric>& metrics, const std::string& name,
                   const std::string& inputs = "");

}  // namespace braid
