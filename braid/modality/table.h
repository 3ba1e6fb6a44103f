// Tables: many columns of a row as one value.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "braid/core/config.h"
#include "braid/modality/modality.h"

namespace braid {

// How a training view disturbs a row; each cell draws for itself.
struct TableViewConfig {
  double drop = 0.1;    // becomes a missing cell; one cell always stays
  double noise = 0.05;  // added to numbers, in spreads of their column
};

template <class Field>
void visit(Field&& field, TableViewConfig& c) {
  field("drop", c.drop, closed(0.0, 1.0), "chance that a cell becomes missing; one always stays");
  field("noise", c.noise, closed(0.0, 10.0),
        "standard deviation of noise on numbers, in spreads of their column");
}

struct TableConfig {
  ConfigNode columns = ConfigNode::map();
  std::vector<std::string> missing = {"na", "n/a", "nan", "null", "#n/a", "nil", "-", "?", "缺失"};
  int64_t max_categories = 256;
  int64_t min_count = 2;
  int64_t max_bytes = 1 << 20;
  TableViewConfig views;
};

template <class Field>
void visit(Field&& field, TableConfig& c) {
  field("columns", c.columns,
        "column: numeric, categorical, boolean, ordinal, date or skip, {ordinal: [low, high]}, "
        "{date: dmy}, {date: mdy}; of the others the training cells tell");
  field("missing", c.missing, "texts that stand for no value, whatever the case");
  field("max_categories", c.max_categories, closed<int64_t>(0, 65536),
        "categories that a column keeps; the rest share one vector, with unseen ones");
  field("min_count", c.min_count, at_least<int64_t>(1), "training rows that a kept category has");
  field("max_bytes", c.max_bytes, closed<int64_t>(1, 1 << 26), "longer values are refused");
  field("views", c.views, "random changes of training views");
}

// A value is one JSON object of cells (tabular/cell_object.h). A column goes by its name, or by the
// last part of a dotted one where no other column has that. Sample: values [C, 1 + P] f32, of each
// column an id (tabular/column.h) and P numbers. Facts: columns C, numbers P, ids.
std::unique_ptr<Modality> make_table(const ConfigNode& node);

}  // namespace braid
