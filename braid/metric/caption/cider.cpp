// CIDEr-D as coco-caption has it: for n = 1 .. 4 the cosine of tf-idf vectors, of the candidate no
// more than the reference has, times exp(-(difference of lengths)^2 / 2 sigma^2); mean over
// references and n, times 10.
#include <cmath>

#include "braid/metric/caption/grams.h"

namespace braid {
namespace {

constexpr double kCiderSigma = 6, kCiderScale = 10;

}  // namespace

CiderD::CiderD(std::span<const CountedSample> samples, uint32_t grams)
    : documents_(grams), log_documents_(std::log(static_cast<double>(samples.size()))) {
  std::vector<uint32_t> last_sample(grams, UINT32_MAX);
  for (size_t i = 0; i < samples.size(); ++i) {
    for (const auto& reference : samples[i].references) {
      for (const auto& gram : reference.grams) {
        if (last_sample[gram.id] == i) continue;
        last_sample[gram.id] = static_cast<uint32_t>(i);
        ++documents_[gram.id];
      }
    }
  }
}

double CiderD::weight(const Gram& gram) const {
  const uint32_t documents = gram.id < documents_.size() ? documents_[gram.id] : 0;
  return gram.count * (log_documents_ - std::log(std::max(1.0, static_cast<double>(documents))));
}

double CiderD::score(const CountedSample& sample) const {
  using Norms = std::array<double, kGramOrders>;
  const auto square_norms = [&](const std::vector<Gram>& grams, std::vector<double>* weights) {
    Norms norms{};
    for (const auto& gram : grams) {
      weights->push_back(weight(gram));
      norms[gram.order] += weights->back() * weights->back();
    }
    return norms;
  };
  std::vector<double> ours, theirs;
  const auto& grams = sample.candidate.grams;
  const auto our_norms = square_norms(grams, &ours);
  double sum = 0;
  for (const auto& reference : sample.references) {
    theirs.clear();
    const auto their_norms = square_norms(reference.grams, &theirs);
    Norms products{};
    for (size_t i = 0, j = 0; i < grams.size() && j < reference.grams.size();) {
      if (grams[i].id == reference.grams[j].id) {
        products[grams[i].order] += std::min(ours[i], theirs[j]) * theirs[j];
        ++i, ++j;
      } else {
        ++(grams[i].id < reference.grams[j].id ? i : j);
      }
    }
    const double longer = static_cast<double>(sample.candidate.words.size()) -
                          static_cast<double>(reference.words.size());
    const double penalty = std::exp(-longer * longer / (2 * kCiderSigma * kCiderSigma));
    for (size_t n = 0; n < kGramOrders; ++n) {
      const double norms = our_norms[n] * their_norms[n];
      if (norms > 0) sum += penalty * products[n] / std::sqrt(norms);
    }
  }
  return kCiderScale * sum / (kGramOrders * static_cast<double>(sample.references.size()));
}

}  // namespace braid
