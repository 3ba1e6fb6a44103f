#include "braid/interaction/exchange_layer.h"

#include <torch/types.h>

#include "braid/block/cross_attention.h"
#include "braid/block/joined_segments.h"
#include "braid/core/text.h"

namespace braid {

ExchangeLayer::ExchangeLayer(const TransformerShape& shape, int64_t i,
                             std::vector<std::string> fields, Reads reads)
    : shape_(shape),
      residual_{shape.dropout, drop_path_at(shape, i)},
      fields_(std::move(fields)),
      reads_(std::move(reads)) {
  const int64_t width = shape.width;
  for (const auto& field : fields_) {
    const auto reader = register_module("reader_" + field, std::make_shared<PartGroup>());
    readers_.push_back(
        {reader->register_module("norm", std::make_shared<LayerNorm>(width)),
         reader->register_module("query", std::make_shared<Linear>(width, width)),
         reader->register_module("output", std::make_shared<Linear>(width, width, false)),
         reader->register_module(
             "self", std::make_shared<TransformerBlock>(shape, residual_.drop_path))});
    const auto source = register_module("source_" + field, std::make_shared<PartGroup>());
    sources_.push_back(
        {source->register_module("norm", std::make_shared<LayerNorm>(width)),
         source->register_module("key_value", std::make_shared<Linear>(width, 2 * width))});
  }
}

std::vector<at::Tensor> ExchangeLayer::forward(const std::vector<Tokens>& readers,
                                               const std::vector<Tokens>& sources,
                                               std::vector<Look>* looks) const {
  std::vector<at::Tensor> key_values;  // [M], each [N_j, 2 D]
  for (size_t j = 0; j < sources.size(); ++j) {
    key_values.push_back(
        sources_[j].key_value->forward(sources_[j].norm->forward(sources[j].values)));
  }
  std::vector<at::Tensor> out;
  for (size_t i = 0; i < readers.size(); ++i) {
    std::vector<Segments> segments;
    std::vector<at::Tensor> rows;
    std::vector<std::string> names;
    for (const size_t j : reads_[i]) {
      segments.push_back(sources[j].segments);
      rows.push_back(key_values[j]);
      names.push_back(fields_[j]);
    }
    const JoinedSegments joined(std::move(segments));
    const auto& x = readers[i];
    at::Tensor weights;
    const auto seen = attend_across(readers_[i].query->forward(readers_[i].norm->forward(x.values)),
                                    joined.join(rows), x.segments, joined.segments(), shape_.heads,
                                    is_training() ? shape_.attention_dropout : 0,
                                    looks ? &weights : nullptr);  // [N, D]
    const auto read = residual_.add(x.values, readers_[i].output->forward(seen), x.segments,
                                    is_training());
    out.push_back(readers_[i].own->forward(read, x.segments));
    if (looks) looks->push_back({fields_[i] + "->" + join(names, "+"), weights});
  }
  return out;
}

double ExchangeLayer::flops(const std::vector<int64_t>& readers,
                            const std::vector<int64_t>& sources) const {
  const double d = shape_.width;
  double sum = 0;
  for (size_t i = 0; i < readers.size(); ++i) {
    const double t = readers[i], s = sources[i];
    sum += block_flops(shape_, readers[i]);
    sum += 4 * t * d * d + 4 * s * d * d;  // queries and outputs, keys and values
    for (const size_t j : reads_[i]) sum += 4 * t * sources[j] * d;
  }
  return sum;
}

}  // namespace braid
