// Answers compared as the evaluation of the VQA challenge does (Antol et al. 2015, VQA; its program
// vqaEval.py).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace braid {

inline constexpr int64_t kVqaAnswers = 10;  // that people gave to each question

// In lower case; marks are blanks, or nothing where some such mark stands beside a blank or the
// text has a comma between digits; full stops go unless a digit follows; none, zero .. ten are
// digits; a, an, the are left out; contractions have their apostrophes (dont -> don't); one blank
// between words. What that program leaves alone stays: colons, apostrophes, &, %, $.
std::string vqa_answer(std::string_view text);

// Of ten answers each is left out once: the mean of min(matches among the other nine / 3, 1).
double vqa_accuracy(int64_t matches);

}  // namespace braid
