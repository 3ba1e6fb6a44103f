// What written texts are worth beside what people wrote: caption metrics, and how many are one of the
// references to the letter. Formulas and sources: docs/metrics.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "braid/metric/caption/captions.h"

namespace braid {

// As exact_match compares: lower case, without punctuation and the articles a, an, the, number words
// up to ten as digits, one blank between words.
std::string plain_answer(std::string_view text);

// exact_match; vqa_accuracy (vqa_answer.h) where most samples have ten references and none has more
// (a blank answer is no reference: nobody is right by it); and what caption_statistics gives.
Statistics generation_statistics(const Captions& captions, const CaptionRule& rule,
                                 const Metric& about);
// The first of them alone: cheap enough for each group of rows.
Statistics exact_match_statistics(const Captions& captions, const Metric& about);

// What the figures may be called, for recipes.
std::vector<std::string> generation_score_names();

// How texts of a language ("" = not said) become words: Chinese by characters, others as English.
WordRule words_of_language(std::string_view language, const std::vector<std::string>& texts);

// chrF of one text, 0 .. 1: how near it is to the nearest reference.
double sentence_chrf(std::string_view text, const std::vector<std::string>& references);

}  // namespace braid
