// What a study found: one row each variant, single field and blind baseline. Torch-free.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "braid/study/row_test.h"
#include "braid/study/study_folder.h"

namespace braid {

// One finished cell.
struct CellResult {
  int64_t seed = 0;
  double validation = 0, value = 0;  // the metric on either split; NaN where it does not exist
  double seconds = 0;
  int64_t peak_memory_mb = 0;
};

// What is known of one variant, single field or baseline before rows are compared.
struct Contender {
  std::string name;
  std::string role;                   // "variant", "single", "blind"
  std::vector<std::string> settings;  // that make it
  std::vector<CellResult> cells;      // by seed; of a blind one none
  double validation = 0, value = 0;   // of a blind one
  SeedScores scores;                  // of a blind one under every seed the same; may be empty
  int64_t parameters = 0;
  double flops = 0;  // a sample, forward
};

// Against the best variant: best - this one, in the metric's unit.
struct AgainstBest {
  RowTest rows;
  Comparison seeds;
  std::optional<double> rows_p, seeds_p;  // after Holm over all rows of the table
};

struct TableRow {
  Contender contender;
  double validation = 0, value = 0;       // means over seeds
  std::optional<Interval> seeds_interval;  // Student's t over seeds, of two or more
  std::optional<RowInterval> rows;         // bootstrap over rows
  std::optional<AgainstBest> against;      // not of the best one
  bool best = false;
  double seconds = 0;  // mean of a cell
  int64_t peak_memory_mb = 0;
};

struct StudyTable {
  std::string name, metric, validation, split, group;
  std::vector<int64_t> seeds;
  int64_t threads = 1;
  std::string data_hash, cpu;
  std::vector<TableRow> rows;          // variants from the best on validation, singles, blind
  std::vector<std::string> notes;      // what to mind, for people
  std::vector<std::string> failed;     // "gated seed 3: message (log)"
  std::vector<std::string> missing;    // "gated seed 3"
};

// Chooses the best variant on validation, among those that have as many seeds as any (of equal ones
// that with fewer parameters), and compares all others with it. Fills `rows` and adds notes.
void fill_table(StudyTable& table, std::vector<Contender> contenders, const RowGroups& groups);

const TableRow* best_row(const StudyTable& table);

std::string table_markdown(const StudyTable& table);
std::string table_csv(const StudyTable& table);
std::string table_json(const StudyTable& table);
std::string table_terminal(const StudyTable& table);  // for terminals
std::string table_page(const StudyTable& table);      // one self-contained HTML page

}  // namespace braid
