// A modality turns the bytes of one value into the numbers an encoder reads.
//
// bytes --prepare--> Sample in its natural shape --augment (training) or view (evaluation)-->
// Sample of the recipe's shape --collate--> one batch.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "braid/core/array.h"
#include "braid/core/config.h"
#include "braid/core/rng.h"

namespace braid {

// One value, or one batch of values, as numbers.
struct Sample {
  Array values;  // image: [H, W, 3] u8, views [3, S, S] f32; text: [T] i64 ids
  Array mask;    // [T] bool over the axis that varies in length, true = real; empty when fixed
};

// Hands every raw value of the training split to the visitor, always in the same order.
using ValueVisitor = std::function<void(std::span<const std::byte>)>;
using ValueSource = std::function<void(const ValueVisitor&)>;

class Modality {
 public:
  virtual ~Modality() = default;
  virtual std::string_view name() const = 0;  // as in recipes: "image"
  // The modality whose encoders read these batches, because they have its form and its facts.
  virtual std::string_view form() const { return name(); }

  // Learns what must be known before the first prepare (a vocabulary). Called once, over the
  // training split only. Does nothing where there is nothing to learn.
  virtual void fit(const ValueSource& values) { (void)values; }

  // What fit learned, kept in the run directory. `field` is the field's name in the recipe: files
  // of two fields must not collide. load throws Error(kNotFound) or Error(kInput).
  virtual void save(const std::filesystem::path& folder, const std::string& field) const {
    (void)folder, (void)field;
  }
  virtual void load(const std::filesystem::path& folder, const std::string& field) {
    (void)folder, (void)field;
  }

  // A hash of what fit learned, or load read; "" where nothing is learned.
  virtual std::string learned() const { return ""; }

  // What fit learned, or load read, in words: a line a piece, for those who train. May be none.
  virtual std::vector<std::string> notes() const { return {}; }

  // What an encoder must know of the batches: vocabulary, max_tokens, size, channels, columns ... Throws
  // Error(kInternal) where that is learned and neither fit nor load was called.
  virtual std::map<std::string, int64_t> facts() const { return {}; }

  // The next four are const and may be called from many threads.

  // Throws Error(kInput) or Error(kLimit) for bytes that are empty, over the limits, or not of this
  // modality; checks sizes before it allocates. Never returns NaN.
  virtual Sample prepare(std::span<const std::byte> bytes) const = 0;

  // A random view for training. All chance comes from `rng`.
  virtual Sample augment(const Sample& prepared, Rng& rng) const = 0;

  // The one view for evaluation, embedding and search.
  virtual Sample view(const Sample& prepared) const = 0;

  // Views -> one batch [B, ...], with mask [B, T] where lengths vary. Null pointers stand for
  // missing values and become zeros (mask false); a batch with no value at all gives rows of zeros.
  virtual Sample collate(std::span<const Sample* const> views) const = 0;

  // May one file be longer than this? Bytes; checked before the file is read.
  virtual uint64_t max_bytes() const = 0;
};

// Builds a modality from a field's node of the recipe ({modality: image, size: 64, ...}); only the
// modality's own keys are read. Throws Error(kConfig).
std::unique_ptr<Modality> make_modality(const std::string& name, const ConfigNode& node);
std::vector<std::string> modality_names();  // in the order of all.def

// Do the columns of a source make one value, and may a cell hold it? Else columns are alternatives.
bool joins_columns(std::string_view modality);
// Is a cell of such a modality the value itself: JSON, several lines, a number? Else it names a
// file.
bool is_inline_value(std::string_view cell);
// Are values of this modality the cells themselves, rather than names of files?
bool is_inline(std::string_view modality);

// The keys make_modality reads, with bounds, defaults and help: a recipe's reader needs them to
// tell a mistyped key from one that is not the modality's. Throws Error(kConfig) for an unknown
// name.
std::vector<FieldDoc> modality_keys(const std::string& name);

// A node of these keys alone (and `kind`), checked, with every default filled in. Throws
// Error(kConfig).
ConfigNode complete_modality(const std::string& name, const ConfigNode& node);

struct ModalityDoc {
  std::string name, help;
  std::vector<FieldDoc> keys;
};
std::vector<ModalityDoc> modality_docs();  // in the order of all.def

}  // namespace braid
