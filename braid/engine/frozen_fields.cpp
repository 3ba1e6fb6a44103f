#include "braid/engine/frozen_fields.h"

#include <iterator>

#include "braid/core/machine.h"
#include "braid/data/array_cache.h"
#include "braid/engine/sample_stores.h"
#include "braid/task/encode_once.h"

namespace braid {
namespace {

std::vector<Value> values_of_rows(const Dataset& data, const std::vector<int64_t>& rows, size_t field) {
  std::vector<Value> values;
  for (const int64_t row : rows) {
    for (size_t source = 0; source < data.fields()[field].columns.size(); ++source) {
      auto own = data.values(row, field, source);
      std::move(own.begin(), own.end(), std::back_inserter(values));
    }
  }
  return values;
}

}  // namespace

void encode_frozen_fields(Model& model, const Recipe& recipe, const Dataset& data,
                          const std::vector<int64_t>& rows, const Evaluator* evaluator,
                          const std::vector<const Modality*>& modalities, const Watch& watch) {
  std::unique_ptr<ArrayCache> cache;
  for (size_t field = 0; field < recipe.fields.size(); ++field) {
    const auto& [name, config] = recipe.fields[field];
    if (!config.frozen) continue;
    if (!cache) {
      cache = std::make_unique<ArrayCache>(encoded_folder(), recipe.train.disk_cache_mb << 20,
                                           std::vector{samples_folder()});
    }
    auto values = values_of_rows(data, rows, field);
    for (size_t i = 0; evaluator && i < evaluator->size(); ++i) {
      auto asked = values_of_rows(evaluator->data(i), evaluator->rows(i), field);
      std::move(asked.begin(), asked.end(), std::back_inserter(values));
    }
    const auto& modality = *modalities[field];
    const auto key = encoding_key(model, field, config, modality);
    model.remember(field, encode_once(model, field, modality, values, key, *cache,
                                      {this_machine().threads, watch.sink, watch.stop}));
  }
}

}  // namespace braid
