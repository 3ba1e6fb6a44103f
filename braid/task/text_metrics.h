// How good the texts of a task that writes are: from all fields, from every other set of
// them, with one field's values shuffled between rows, and beside the most usual training text.
#pragma once

#include <vector>

#include "braid/task/task_metrics.h"

namespace braid {

// A set of metrics each language; where every reference is one word, only exact_match,
// vqa_accuracy, chrf and Judged::metric: there are no words in a row. Metric::query_field says who
// answered: "image+text", "image+text, image shuffled", "usual". Rows count that have a text of
// the language and a field of the set. Throws Error(kInput) where none do.
std::vector<Metric> text_metrics(const Judged& judged, const Metric& about);
// The first set's alone, without intervals.
std::vector<Metric> brief_text_metrics(const Judged& judged, const Metric& about);

// What people wrote of row n of the targets, of one language.
std::vector<std::string> references_of(const TargetTable& targets, int64_t n, int64_t language);

}  // namespace braid
