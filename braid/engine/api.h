// What the program asks of libbraid.so: one call a verb, plain structs in and out. Torch-free.
//
// The program loads the library at run time (cli/library.h) and gets this interface through
// braid_engine_api(); programs that link the library use braid.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/loader.h"
#include "braid/index/index.h"
#include "braid/metric/contribution.h"
#include "braid/metric/metric.h"
#include "braid/run/search.h"

namespace braid {

// How a call runs: who listens, who may stop it, where it computes.
struct Watch {
  ProgressSink sink;
  const StopFlag* stop = nullptr;
  std::string device = "auto";  // "cpu", "cuda", "cuda:1"; auto: CUDA where there is some
};

struct TrainRequest {
  std::filesystem::path recipe;  // not with resume
  std::vector<std::string> overrides;
  std::filesystem::path run;
  bool resume = false;
  bool inexact = false;
};

struct TrainSummary {
  std::filesystem::path run;
  int64_t steps = 0;
  double seconds = 0;                             // of this process
  double samples_per_s = 0;                       // in training steps
  int64_t parameters = 0, frozen_parameters = 0;  // all, and those of frozen encoders among them
  std::string device;                             // "cpu", "cuda:0"
  std::vector<Metric> metrics;                    // validation protocols, with the weights kept
  std::vector<BadSample> bad;
  Loading loading;
  std::vector<std::string> notes;  // rows left out of tasks, classes unseen, warnings about fields
  std::vector<Contribution> contributions = {};  // of fields to tasks
};

struct EvalRequest {
  std::filesystem::path run;
  std::string split;           // protocols of this split
  std::filesystem::path data;  // another manifest: every row asks, every row is searched
  int64_t width = 0;           // of the vectors, one that the run trained; 0 = whole
};

struct EvalSummary {
  int64_t width = 0;
  std::vector<Metric> metrics;
  std::vector<BadSample> bad;
  std::vector<std::string> notes;  // rows left out of tasks, classes unseen, warnings about fields
  std::vector<Contribution> contributions = {};  // of fields to tasks
};

struct PredictRequest {
  std::filesystem::path run;
  std::filesystem::path data;  // a manifest; rows may lack columns of fields
  // Not "": a safetensors file to write, of how the fields of each row look at each other.
  std::filesystem::path attention;
};

// What the model says of one task and row.
struct TaskAnswer {
  std::string task, kind;
  // The class, the labels, "true" or "false", of generation a text each language; none of numbers.
  std::vector<std::string> labels;
  // Of each class or label its probability; of "true" that of the pair; of each column its number.
  std::vector<std::pair<std::string, double>> values;
};

struct Prediction {
  std::string where, key;           // "new.jsonl:3"; the recipe's key column, where the row has it
  std::vector<std::string> fields;  // that could be read; without any there are no answers
  std::vector<std::pair<std::string, double>> alpha;  // weights of fields, where the fusion has them
  std::vector<TaskAnswer> answers;
};

struct PredictSummary {
  std::vector<Prediction> rows;
  std::vector<BadSample> bad;
};

// Samples given by hand: a caption, an answer to a question about a picture.
struct AskRequest {
  std::filesystem::path run;
  std::string task;  // "": the only one
  // Of each sample field -> text, or the name of a file. A field that is empty is taken by what the
  // value is: the first of text, or of the file's kind.
  struct Given {
    std::string field, value;
    bool file = false;
  };
  std::vector<std::vector<Given>> samples;
  std::string language;                       // of generation: one of the task's, "": each
  std::map<std::string, std::string> search;  // keys of tasks.NAME.search, instead of the recipe's
  uint64_t seed = 0;                          // of draws
};

// One text that was written.
struct AskedText {
  std::string language, text;
  double log_probability = 0, score = 0;
  bool ended = false;  // false: cut at max_tokens
};

struct AskedAnswer {
  std::string task, kind;
  std::vector<AskedText> texts;  // of generation, best first
  // Of other kinds, as in TaskAnswer; classes by falling probability.
  std::vector<std::string> labels;
  std::vector<std::pair<std::string, double>> values;
};

struct AskSummary {
  std::vector<AskedAnswer> answers;  // a sample each
  std::vector<std::string> notes;    // texts that were cut
};

// Why an answer: heat over the picture or sound.
struct ExplainRunRequest {
  std::filesystem::path run;
  std::string task, field;  // "": the only task; the field of the sample's file
  std::vector<AskRequest::Given> sample;
  std::string language, answer, method = "gradient";  // or rollout; answer: another class
  std::map<std::string, std::string> search;
  std::filesystem::path out;  // folder: 0-all.png, 1-<word>.png, ...
};

struct ExplainSummary {
  std::string text;
  int64_t rows = 0, columns = 0;
  struct Word {
    std::string word;
    std::vector<double> heat;  // [rows, columns], sums to 1
    std::string file;
  };
  std::vector<Word> words;  // the first: the mean of all
  std::vector<std::string> notes;
};

struct EmbedRequest {
  std::filesystem::path run;
  std::string field;
  // The values of each sample, one but for fields with pooling: texts, or file names for
  // modalities that read files.
  std::vector<std::vector<std::string>> samples;
  std::filesystem::path out;  // .npy [N, D] float32
  int64_t width = 0;                // D, one that the run trained; 0 = whole
};

struct EmbedSummary {
  int64_t count = 0, width = 0;
  // BadSample::row is the number of the sample, `where` the value; nothing is written if any is
  // bad.
  std::vector<BadSample> bad;
  std::vector<std::vector<float>> weights;  // of each sample's values, of a field with pooling
};

struct IndexRequest {
  std::filesystem::path run;
  std::filesystem::path manifest;
  std::filesystem::path out;
  std::string field;              // default: the recipe's first field that is not text
  bool add = false;               // into an index that exists
  std::optional<double> max_bad;  // share of unreadable rows tolerated; default: the recipe's
  std::optional<IndexKind> kind;  // default: exact, or what the index is
  int64_t width = 0;              // of the vectors, one that the run trained; 0 = whole
};

struct IndexSummary {
  int64_t added = 0, size = 0;
  std::vector<BadSample> bad;
  IndexInfo info;
};

struct SyncRequest {
  std::filesystem::path folder;
  std::filesystem::path out;      // the index; made where there is none
  std::filesystem::path run;      // needed to make it; default: the run the index names
  std::string field;              // default: the recipe's first field that is not text
  std::optional<IndexKind> kind;  // default: exact, or what the index is
  double max_removed = 0.5;       // share of the folder's items that may go at once
  bool thorough = false;          // compare contents even where size and time agree
  bool moved = false;             // the folder has another name than last time
};

struct SyncSummary {
  int64_t added = 0, changed = 0, touched = 0, removed = 0, unchanged = 0;
  int64_t ignored = 0;         // files of other kinds
  std::vector<BadSample> bad;  // not in the index; read again next time
  IndexInfo info;
};

struct BenchRequest {
  std::filesystem::path run;
  std::filesystem::path data;  // another manifest; default: the recipe's data
  int64_t samples = 256;       // rows that are read, encoded and searched
  double seconds = 2;          // of each figure, at least one round
};

// One figure: how much was done in how long.
struct BenchLine {
  std::string name;  // "encode image"
  std::string unit;  // "samples"
  int64_t count = 0;
  double seconds = 0;
};

struct BenchSummary {
  std::filesystem::path run;
  std::vector<BenchLine> lines;
  double open_seconds = 0;  // of the run, weights read
  int64_t parameters = 0, threads = 0, peak_memory_mb = 0;
  std::string cpu, capability;
  std::vector<std::string> notes;  // what was left out, and why
};

// Facts of this machine as the library sees them, and what is wrong with them.
struct Diagnosis {
  std::vector<std::pair<std::string, std::string>> facts;
  std::vector<std::string> warnings;
};

class EngineApi {
 public:
  virtual ~EngineApi() = default;
  virtual TrainSummary train(const TrainRequest& request, const Watch& watch) = 0;
  virtual EvalSummary eval(const EvalRequest& request, const Watch& watch) = 0;
  virtual PredictSummary predict(const PredictRequest& request, const Watch& watch) = 0;
  virtual AskSummary ask(const AskRequest& request, const Watch& watch) = 0;
  virtual ExplainSummary explain(const ExplainRunRequest& request, const Watch& watch) = 0;
  virtual EmbedSummary embed(const EmbedRequest& request, const Watch& watch) = 0;
  virtual IndexSummary index(const IndexRequest& request, const Watch& watch) = 0;
  virtual SyncSummary sync(const SyncRequest& request, const Watch& watch) = 0;
  virtual std::vector<SearchHit> search(const SearchRequest& request, const Watch& watch) = 0;
  virtual BenchSummary bench(const BenchRequest& request, const Watch& watch) = 0;
  virtual Diagnosis doctor() = 0;
};

}  // namespace braid

// Version of the program that asks; throws braid::Error(kState) when the library is another.
extern "C" __attribute__((visibility("default"))) braid::EngineApi* braid_engine_api(
    const char* version);
