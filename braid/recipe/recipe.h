// A recipe: everything that defines a run, from one YAML file and overrides. Torch-free.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/config.h"
#include "braid/data/dataset.h"
#include "braid/data/loader.h"
#include "braid/encoder/trunk_config.h"
#include "braid/recipe/protocol.h"
#include "braid/recipe/task_config.h"
#include "braid/space/projection_config.h"
#include "braid/space/support_set_config.h"
#include "braid/space/value_pooling_config.h"

namespace braid {

// One field of a sample: which columns, how they become numbers, who encodes them.
struct FieldConfig {
  ConfigNode from;      // column | [columns] | {label: column(s)}
  DrawConfig draw;      // which of a sample's values training sees
  std::optional<ValuePoolingConfig> pooling;  // instead: all of them, as one vector
  std::optional<SupportSetConfig> support;    // outside training: what its vectors are read as
  ConfigNode modality;  // {kind: image, ...}
  ConfigNode encoder;   // {kind: cnn, ...}
  std::string init_from;
  bool frozen = false;
};

template <class Field>
void visit(Field&& field, FieldConfig& c) {
  field("from", c.from,
        "column, list of columns, or label: column(s), such as {en: title, zh: title_zh}");
  field("draw", c.draw, "which of a sample's values one step sees");
  field("pooling", c.pooling,
        "every value of a sample takes part, joined into one vector, such as {kind: attention}; "
        "default: each value stands for the sample by itself");
  field("support", c.support,
        "outside training, vectors of this field are read as those of another, by the training "
        "samples that they are near to, such as {of: text}; default: they stand for themselves");
  field("modality", c.modality, "how values become numbers: {kind: image, ...}");
  field("encoder", c.encoder, "who encodes them: {kind: cnn, ...}");
  field("init_from", c.init_from,
        "run whose encoder of this field (or RUN#FIELD) this one starts as, tokenizer included");
  field("frozen", c.frozen,
        "the encoder keeps what it has from init_from; each value is encoded once, without views, "
        "and kept on disk");
}

// One term of the training loss: `between` two fields (every source of one with every source of the
// other; twice the same field = its sources with each other), or `views` of one field.
struct TermConfig {
  std::vector<std::string> between;
  std::string views;
  double weight = 1;
  ConfigNode loss;
  std::vector<int64_t> widths;        // empty = the whole width alone
  std::vector<double> width_weights;  // empty = all the same
};

template <class Field>
void visit(Field&& field, TermConfig& c) {
  field("between", c.between, "two fields whose embeddings are aligned");
  field("views", c.views, "a field whose two augmented views are aligned");
  field("weight", c.weight, at_least(0.0), "factor in the total loss");
  field("loss", c.loss, "alignment loss: {kind: info_nce, ...}");
  field("widths", c.widths,
        "the loss is the mean over these first widths of the vectors; space.width is one of them");
  field("width_weights", c.width_weights, "weights of that mean, default: all the same");
}

enum class Choice { kBest, kLast };
inline std::span<const char* const> enum_names(Choice*) {
  static constexpr const char* kNames[] = {"best", "last"};
  return kNames;
}

enum class TrainPrecision { kAuto, kFp32, kBf16 };
inline std::span<const char* const> enum_names(TrainPrecision*) {
  static constexpr const char* kNames[] = {"auto", "fp32", "bf16"};
  return kNames;
}

// Rows that the model confuses are put into one batch; see train/hard_negatives.h.
struct HardNegativesConfig {
  int64_t every = 0;
  int64_t count = 4;
  int64_t skip = 0;
  std::vector<std::string> between;
};

template <class Field>
void visit(Field&& field, HardNegativesConfig& c) {
  field("every", c.every, at_least<int64_t>(0),
        "epochs between minings of the training split, 0 = off");
  field("count", c.count, closed<int64_t>(1, 1024), "nearest rows that share a row's batch");
  field("skip", c.skip, closed<int64_t>(0, 1024),
        "still nearer ones passed over: they may be true matches");
  field("between", c.between,
        "fields whose vectors are compared; default: those of the first alignment term");
}

struct TrainConfig {
  int64_t batch = 128;
  int64_t chunk = 0;
  int64_t epochs = 30;
  std::optional<int64_t> steps;   // instead of epochs
  std::optional<double> minutes;  // stop after this time; not reproducible
  double lr = 1e-3;
  double lowest_lr = 0;  // where the cosine ends, share of lr
  double warmup = 0.05;  // share of all steps
  double weight_decay = 0.1;
  double beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8;
  double clip = 1;         // global gradient norm; 0 = off
  int64_t accumulate = 1;  // batches per step
  std::vector<PartConfig> parts;
  TrainPrecision precision = TrainPrecision::kAuto;
  double ema = 0;  // decay of averaged weights; 0 = off
  HardNegativesConfig hard_negatives;
  std::optional<double> modality_dropout;  // parse_recipe decides where nothing is said
  std::optional<int64_t> workers;
  int64_t cache_mb = 1024;
  int64_t disk_cache_mb = 8192;
  int64_t evaluate_every = 1;               // epochs
  int64_t checkpoint_every = 1;             // epochs
  std::optional<int64_t> checkpoint_steps;  // instead, in steps
  int64_t keep = 2;                         // newest checkpoints kept
  int64_t patience = 0;           // evaluations without a better one; 0 = never stop early
  Choice choose = Choice::kBest;  // which weights become model.safetensors
};

template <class Field>
void visit(Field&& field, TrainConfig& c) {
  field("batch", c.batch, closed<int64_t>(2, 1 << 20), "samples per batch");
  field("chunk", c.chunk, closed<int64_t>(0, 1 << 20),
        "values an encoder takes at once, so that a batch may exceed memory, 0 = all");
  field("epochs", c.epochs, at_least<int64_t>(1), "passes over the training split");
  field("steps", c.steps, "optimizer steps, instead of epochs");
  field("minutes", c.minutes,
        "stop after this time, whatever the steps; figures then depend on the machine");
  field("lr", c.lr, above(0.0), "peak learning rate");
  field("lowest_lr", c.lowest_lr, closed(0.0, 1.0), "end of the cosine, as a share of lr");
  field("warmup", c.warmup, closed(0.0, 1.0), "share of all steps with a rising rate");
  field("weight_decay", c.weight_decay, at_least(0.0),
        "AdamW decay; norms, biases, temperatures are spared");
  field("beta1", c.beta1, half_open(0.0, 1.0));
  field("beta2", c.beta2, half_open(0.0, 1.0));
  field("epsilon", c.epsilon, above(0.0));
  field("clip", c.clip, at_least(0.0), "largest global gradient norm, 0 = off");
  field("accumulate", c.accumulate, at_least<int64_t>(1), "batches whose gradients make one step");
  field("parts", c.parts, "parts of the model that are trained otherwise, or not at all");
  field("precision", c.precision,
        "of products in training: bf16, fp32, or auto = bf16 where the machine is faster in it");
  field("ema", c.ema, half_open(0.0, 1.0),
        "decay of the averaged weights that are evaluated and kept, 0 = off");
  field("hard_negatives", c.hard_negatives);
  field("modality_dropout", c.modality_dropout,
        "chance of each field of a sample to be hidden for a step, never the last pair, or of a "
        "recipe with tasks the last field; default: 0.1 with more than two fields, or with two and "
        "tasks, else 0");
  field("workers", c.workers,
        "threads that prepare batches while a step is computed; 0 = the step's own threads do, "
        "before it; default: 0 on the CPU, where both would compete for it, 1 with CUDA");
  field("cache_mb", c.cache_mb, at_least<int64_t>(0), "prepared values kept in memory, those apart that are kept on disk");
  field("disk_cache_mb", c.disk_cache_mb, closed<int64_t>(0, 1 << 30),
        "prepared samples of files, and vectors of frozen encoders, kept in BRAID_CACHE, of all "
        "runs together, 0 = none");
  field("evaluate_every", c.evaluate_every, at_least<int64_t>(1), "epochs between evaluations");
  field("checkpoint_every", c.checkpoint_every, at_least<int64_t>(1), "epochs between checkpoints");
  field("checkpoint_steps", c.checkpoint_steps, "steps between checkpoints, instead of epochs");
  field("keep", c.keep, at_least<int64_t>(1), "newest checkpoints kept");
  field("patience", c.patience, at_least<int64_t>(0),
        "evaluations without a better one before stopping, 0 = off");
  field("choose", c.choose, "weights that become model.safetensors: best on validation, or last");
}

struct Recipe {
  std::string name = "run";
  int64_t seed = 0;
  std::string train_split = "train";
  std::string init_from;  // run whose fields of the same names these start as, where not their own
  // Column -> values: rows that have one of them are not trained on and choose no weights.
  std::map<std::string, std::vector<std::string>> withhold;
  std::string licence;               // of the data, copied into the run's stamp
  std::vector<std::string> display;  // columns shown for a search hit
  DataConfig data;
  std::vector<std::pair<std::string, FieldConfig>> fields;  // in the order of the file
  std::optional<TrunkConfig> trunk;  // one transformer of the fields with `trunk: shared`
  ProjectionConfig space;  // from every encoder into the shared space
  std::string anchor;      // every other field is aligned with it; its terms are in `alignment`
  std::vector<TermConfig> alignment;
  std::vector<ConfigNode> interaction;  // in the order in which they stand behind each other
  ConfigNode fusion;                    // null: one field, or no task
  std::vector<TaskConfig> tasks;        // in the order of the file
  TrainConfig train;
  EvalConfig eval;

  std::filesystem::path base;  // folder that relative paths start from; not part of the file

  bool shares_trunk(size_t field) const;  // the recipe's own transformer, not one of the field
  size_t field_index(const std::string& name) const;  // Error(kUsage) naming the fields
  size_t task_index(const std::string& name) const;   // Error(kUsage) naming the tasks
  bool aligns_fields() const;                         // is there a term between two fields?
  // Widths that vectors may be cut to, falling: those that every term between fields trains (every
  // term of views, where there are no others). space.width is always one.
  std::vector<int64_t> widths() const;
  // `asked`, or space.width for 0. Throws Error(kUsage) naming the widths there are.
  int64_t width_or_whole(int64_t asked) const;
  std::vector<FieldSource> sources() const;
  std::string to_yaml() const;  // every default filled in
};

// Sources of a `from` node. Throws Error(kConfig).
Sources parse_sources(const ConfigNode& from);

// Throws Error(kConfig) at file:line:column for anything a run could trip over later.
Recipe parse_recipe(ConfigNode root, const std::filesystem::path& base);
Recipe load_recipe(const std::filesystem::path& path,
                   const std::vector<std::string>& overrides = {});

}  // namespace braid
