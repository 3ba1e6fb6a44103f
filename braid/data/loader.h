// Batches, decoded and augmented: by worker threads ahead of the trainer, or by the trainer's own
// threads when it asks.
//
// The content of batch (epoch, step) depends on seed, epoch and rows only, never on the number of
// workers. Memory is bounded by `prefetch` batches and `cache_bytes`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "braid/data/batch.h"
#include "braid/data/dataset.h"
#include "braid/data/encoded_values.h"
#include "braid/data/field_dropout.h"
#include "braid/data/loading.h"
#include "braid/space/value_pooling_config.h"

namespace braid {

class SampleStore;

// How training draws from the values that a sample has for one source (a name and its keywords).
struct DrawConfig {
  int64_t count = 1;  // values drawn, each in a slot of its own
  double first = 0;
  double join = 0;
};

template <class Field>
void visit(Field&& field, DrawConfig& c) {
  field("count", c.count, closed<int64_t>(1, 64), "values drawn of each source for one step");
  field("first", c.first, closed(0.0, 1.0), "chance of the first value; else all have the same");
  field("join", c.join, closed(0.0, 1.0),
        "chance that two or more inline values, in random order, become one text");
}

struct LoaderConfig {
  int64_t batch = 128;
  int64_t workers = 1;   // threads that work ahead; 0 = next() makes its batch when asked
  int64_t threads = 1;   // of next() where there are no workers
  int64_t prefetch = 4;  // batches held ready
  uint64_t seed = 0;
  // true: rows, sources and values are drawn anew each epoch. false: rows in order, the last batch
  // may be short, the first value of each source, plain views.
  bool shuffle = true;
  bool augment = true;          // with shuffle: random views, else plain ones
  std::vector<bool> plain;      // per field: plain views whatever `augment` says; empty = none
  double max_bad = 0.01;        // of `rows`
  std::vector<bool> two_views;  // per field: give view 1 too; empty = none
  // Per field: a slot per source (true, and where empty) or one source drawn per sample, among
  // those that have a value; the slot's source is then "".
  std::vector<bool> every_source;
  std::vector<DrawConfig> draw;  // per field; empty = defaults
  // Per field: all values of a sample take part (up to `max`: random ones with shuffle, else the
  // first), and none is drawn; nullopt, or an empty list: one is.
  std::vector<std::optional<ValuePoolingConfig>> pooling;
  FieldDropoutConfig dropout;    // with shuffle: values hidden at random
  // Per field: gives these vectors in place of the values, all of which they must hold; nullptr, or
  // an empty list: the values.
  std::vector<std::shared_ptr<const EncodedValues>> encoded;
  // With shuffle: reorders the rows of an epoch once they are shuffled. Called by start(); must say
  // the same when training goes on from a checkpoint.
  std::function<void(std::vector<int64_t>& rows)> arrange;
  // Memory for prepared samples that lie in no file of `stored`; 0 = none. Changes no result.
  int64_t cache_bytes = int64_t{512} << 20;
  // Per field: where prepared samples are kept on disk; nullptr, or an empty list: nowhere. Changes
  // no result.
  std::vector<std::shared_ptr<SampleStore>> stored;
};

// A sample with values that could not be read: training takes them for missing ones.
struct BadSample {
  int64_t row;
  std::string where;    // "train.jsonl:17"
  std::string message;  // "image: photos/17.jpg: JPEG ends after 1200 bytes"
};

class Loader {
 public:
  virtual ~Loader() = default;
  // The next batch of the epoch begun, or nullptr at its end. With shuffle, an incomplete last
  // batch is dropped. Values that cannot be read are missing; rows with none that can are left out,
  // and so are batches without rows. Throws Error(kInput) listing the first bad samples once more
  // than max_bad of `rows` are bad, and whatever else went wrong in a worker (no memory,
  // Error(kIo)). One thread calls these methods.
  virtual std::unique_ptr<Batch> next() = 0;
  // Starts `epoch` at batch `step`; forgets what was prefetched. Cheap: nothing before it is
  // decoded.
  virtual void start(int64_t epoch, int64_t step) = 0;
  virtual int64_t steps_per_epoch() const = 0;
  virtual std::vector<BadSample> bad() const = 0;  // so far, each row once, by row
  virtual Loading loading() const = 0;             // so far, of batches handed out
};

// `modalities` in the order of dataset.fields(); dataset and modalities outlive the loader. Throws
// Error(kInput) when shuffle is on and the rows do not fill one batch.
std::unique_ptr<Loader> make_loader(const Dataset& dataset, std::vector<int64_t> rows,
                                    const std::vector<const Modality*>& modalities,
                                    const LoaderConfig& config);

}  // namespace braid
