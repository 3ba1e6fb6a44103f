// Makes the samples of one row, and a batch of many: the part of the loader that knows no threads.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "braid/data/loader.h"
#include "braid/data/loading.h"
#include "braid/data/sample_cache.h"

namespace braid {

// The views of one row, in the order of fields, sources, draws and views.
struct RowSample {
  struct View {
    std::vector<Sample> samples;  // one, of a pooled field all; empty: a slot without a value
    uint64_t hash = 0;
  };
  std::vector<View> views;
  ValueOrigins origins;
  std::optional<BadSample> bad;  // some values could not be read: they are missing
  bool empty() const;            // no value at all
};

class BatchMaker {
 public:
  BatchMaker(const Dataset& dataset, const std::vector<const Modality*>& modalities,
             const LoaderConfig& config);

  // Depends on seed, epoch and row only. A value that cannot be read is a missing one; other
  // failures (no memory, Error(kIo)) are thrown. Many threads.
  RowSample sample(int64_t epoch, int64_t row);

  // Collates the samples of `rows`, but for those of which nothing could be read. Many threads.
  std::unique_ptr<Batch> batch(int64_t epoch, int64_t step, const std::vector<int64_t>& rows,
                               const std::vector<RowSample>& samples) const;

 private:
  struct Pick {
    size_t source = 0;
    std::optional<size_t> index;  // none: several values joined
    Value value;
    int64_t draw = 0;
  };

  std::optional<Pick> pick_value(int64_t epoch, int64_t row, size_t field, size_t source,
                                 int64_t number) const;
  std::optional<Pick> pick_source(int64_t epoch, int64_t row, size_t field, int64_t number) const;
  PreparedValue prepare(int64_t row, size_t field, const Pick& pick, ValueOrigins& origins);
  std::optional<Pick> pick(int64_t epoch, int64_t row, size_t field, size_t source,
                           int64_t number) const;
  // All that the row has for a source, up to the most that its pooling lets take part.
  std::vector<Pick> pick_all(int64_t epoch, int64_t row, size_t field, size_t source) const;
  // Adds a value's sample to each view of `views`; returns the hash of its bytes.
  uint64_t add_views(int64_t epoch, int64_t row, size_t field, const Pick& pick,
                     std::span<RowSample::View> views, ValueOrigins& origins);
  // Adds the views of one drawn value, of a pooled field those of all, or as many empty ones; what
  // cannot be read is noted in `out.bad`.
  void add_value(int64_t epoch, int64_t row, size_t field, size_t source, int64_t number,
                 RowSample& out);
  void add_all(int64_t epoch, int64_t row, size_t field, size_t source, RowSample& out);
  // Calls `read`; what is the sample's fault is noted in `out.bad`.
  template <class Read>
  void attempt(int64_t row, size_t field, RowSample& out, Read read) const;
  void fill_slot(size_t field, size_t at, const std::vector<const RowSample*>& rows,
                 Slot& slot) const;
  std::vector<bool> dropped(int64_t epoch, int64_t row) const;  // per field
  const std::string& label(size_t field, size_t source) const;
  bool every_source(size_t field) const;
  const ValuePoolingConfig* pooling(size_t field) const;  // nullptr: values are drawn
  DrawConfig draw(size_t field) const;
  int views(size_t field) const;
  bool augments(size_t field) const;
  const EncodedValues* encoded(size_t field) const;  // nullptr: the values themselves
  SampleStore* stored(size_t field) const;           // nullptr: none

  const Dataset& dataset_;
  std::vector<const Modality*> modalities_;
  LoaderConfig config_;
  SampleCache cache_;
};

}  // namespace braid
