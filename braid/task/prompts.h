// Classification by label prompts: each class is the mean of the unit vectors of texts about it, a
// value is of the class whose vector is nearest. No weight is trained for it, so classes may be any
// that words exist for (Radford et al. 2021).
#pragma once

#include "braid/task/retrieval.h"

namespace braid {

// One vector a class.
struct ClassVectors {
  std::vector<std::string> classes;
  Array vectors;  // [C, D or width] float32, unit rows
};

// `prompts[c]`: the texts of class c, read by the text field `field`. Throws Error(kInput) for one
// that cannot be read and for texts that cancel each other.
ClassVectors class_vectors(Model& model, size_t field, const Modality& modality,
                           const std::vector<std::string>& classes,
                           const std::vector<std::vector<std::string>>& prompts,
                           const EmbedOptions& options);

// `question` is one of prompts. In each language: accuracies of the rows that have a class; where
// classes were withheld from training, those of the others among the others, of the withheld ones
// among themselves (zero_shot_accuracy) and among all (generalised_accuracy). Throws Error(kConfig)
// for a class without words, Error(kInput) when more than max_bad of the values could not be read.
RetrievalResult evaluate_prompts(Model& model, const Dataset& data,
                                 const std::vector<const Modality*>& modalities,
                                 const Question& question, const RetrievalOptions& options);

}  // namespace braid
