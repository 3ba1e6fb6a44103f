#include "braid/modality/text_views.h"

#include <utility>

namespace braid {
namespace {

std::vector<int64_t> delete_some(const std::vector<int64_t>& ids, double chance, Rng& rng) {
  std::vector<int64_t> kept;
  for (const auto id : ids) {
    if (!rng.chance(chance)) kept.push_back(id);
  }
  if (kept.empty()) kept.push_back(ids[rng.below(static_cast<int64_t>(ids.size()))]);
  return kept;
}

void swap_some(std::vector<int64_t>& ids, double chance, Rng& rng) {
  for (size_t i = 0; i + 1 < ids.size(); ++i) {
    if (rng.chance(chance)) std::swap(ids[i], ids[i + 1]);
  }
}

int64_t random_token(const Tokenizer& tokenizer, Rng& rng) {
  int64_t id;
  do {
    id = rng.below(tokenizer.vocabulary());
  } while (tokenizer.is_special(id));  // ends: the modality refuses a tokenizer that has only these
  return id;
}

std::vector<int64_t> insert_some(const std::vector<int64_t>& ids, double chance,
                                 const Tokenizer& tokenizer, Rng& rng) {
  std::vector<int64_t> longer;
  for (const auto id : ids) {
    longer.push_back(id);
    if (rng.chance(chance)) longer.push_back(random_token(tokenizer, rng));
  }
  return longer;
}

}  // namespace

std::vector<int64_t> disturb(std::vector<int64_t> ids, const TextViewConfig& config,
                             const Tokenizer& tokenizer, Rng& rng) {
  if (config.erase > 0) ids = delete_some(ids, config.erase, rng);
  if (config.swap > 0) swap_some(ids, config.swap, rng);
  if (config.insert > 0) ids = insert_some(ids, config.insert, tokenizer, rng);
  if (config.mask > 0) {
    for (auto& id : ids) {
      if (rng.chance(config.mask)) id = tokenizer.special_ids().mask;
    }
  }
  return ids;
}

}  // namespace braid
