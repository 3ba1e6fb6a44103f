#include "braid/data/pair.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "braid/core/text.h"
#include "braid/data/file_columns.h"
#include "braid/data/moved_row.h"

namespace braid {
namespace {

void check_pair(const PairConfig& config) {
  const auto refuse = [](const std::string& why) { throw Error(ErrorCode::kUsage, "pair: " + why); };
  if (config.sources.size() < 2)
    refuse("expected two sources or more, such as gesture=a.jsonl speech=b.jsonl");
  std::set<std::string> names;
  for (const auto& [name, manifest] : config.sources) {
    if (!names.insert(name).second) refuse("two sources are called '" + name + "'");
    if (name.find('.') != name.npos) refuse("source '" + name + "': expected a name without dots");
  }
  for (const auto& [name, column] : config.same) {
    if (!names.contains(name) || name == config.sources[0].first) {
      refuse("--same " + name + "=" + column + ": expected the name of a source but the first; " +
             "there are: " + join(std::vector(names.begin(), names.end()), ", "));
    }
  }
  if (config.times < 1) refuse("times: expected 1 or more, got " + std::to_string(config.times));
  if (config.output.extension() != ".jsonl")
    refuse("'" + config.output.string() + "': expected the name of a manifest to write, .jsonl");
}

// Rows in random order, each once before one comes again.
class Deck {
 public:
  Deck(std::vector<int64_t> rows, uint64_t seed, std::string purpose)
      : rows_(std::move(rows)), seed_(seed), purpose_(std::move(purpose)) {}

  int64_t draw() {
    if (at_ == order_.size()) {
      order_ = permutation(static_cast<int64_t>(rows_.size()), Rng(seed_, round_++, 0, purpose_));
      at_ = 0;
    }
    return rows_[static_cast<size_t>(order_[at_++])];
  }

 private:
  std::vector<int64_t> rows_;
  uint64_t seed_, round_ = 0;
  std::string purpose_;
  std::vector<int64_t> order_;
  size_t at_ = 0;
};

class PairSource {
 public:
  PairSource(const PairConfig& config, size_t number, const ProgressSink& progress)
      : name_(config.sources[number].first) {
    auto data = config.data;
    data.manifest = {config.sources[number].second};
    data_ = open_dataset(data, file_fields(data, config.base, {}, progress), config.base);
    const auto same = config.same.find(name_);
    if (same != config.same.end()) column_ = same->second;
    if (number == 0) return;
    std::map<std::string, std::vector<int64_t>> by_value;  // "" = any
    for (int64_t row = 0; row < data_->size(); ++row) {
      const auto value = column_.empty() ? std::optional<std::string>("") : value_of(row, column_);
      if (value) by_value[*value].push_back(row);
    }
    for (auto& [value, rows] : by_value)
      decks_.emplace(value, Deck(std::move(rows), config.seed, name_ + "=" + value));
    if (decks_.empty()) {
      throw Error(ErrorCode::kInput, config.sources[number].second + ": no row has one value in '" +
                                         column_ + "', by which it is paired");
    }
  }

  // The one value of a column, if there is one.
  std::optional<std::string> value_of(int64_t row, const std::string& column) const {
    auto texts = data_->column(row, column);
    if (texts.size() != 1) return std::nullopt;
    return std::move(texts[0]);
  }

  Deck* deck(const std::string& value) {
    const auto found = decks_.find(value);
    return found == decks_.end() ? nullptr : &found->second;
  }

  const std::string& name() const { return name_; }
  const std::string& column() const { return column_; }  // "" = any row
  const Dataset& data() const { return *data_; }

 private:
  std::string name_, column_;
  std::unique_ptr<Dataset> data_;
  std::map<std::string, Deck> decks_;
};

// The decks that partners of a leading row come from; none where one has no such row.
std::vector<Deck*> decks_of(std::vector<PairSource>& sources, int64_t row) {
  std::vector<Deck*> decks;
  for (size_t i = 1; i < sources.size(); ++i) {
    const auto& column = sources[i].column();
    const auto value =
        column.empty() ? std::optional<std::string>("") : sources[0].value_of(row, column);
    auto* deck = value ? sources[i].deck(*value) : nullptr;
    if (!deck) return {};
    decks.push_back(deck);
  }
  return decks;
}

}  // namespace

PairSummary pair_rows(const PairConfig& config, const ProgressSink& progress,
                      const StopFlag* stop) {
  check_pair(config);
  std::vector<PairSource> sources;
  for (size_t i = 0; i < config.sources.size(); ++i) sources.emplace_back(config, i, progress);
  const auto folder = config.output.parent_path();
  const auto& lead = sources[0].data();
  PairSummary summary;
  std::string manifest;
  Meter meter(progress, "pair", "row", lead.size() * config.times);
  for (int64_t again = 0; again < config.times; ++again) {
    for (int64_t row = 0; row < lead.size(); ++row) {
      if (stop && stop->requested())
        throw Error(ErrorCode::kInterrupted, "stopped; nothing is written");
      meter.advance(1);
      const auto decks = decks_of(sources, row);
      if (decks.empty()) {
        if (again == 0) ++summary.left_out;
        continue;
      }
      Row cells;
      cells[sources[0].name()] = moved_row(lead, row, 0, folder);
      for (size_t i = 1; i < sources.size(); ++i)
        cells[sources[i].name()] = moved_row(sources[i].data(), decks[i - 1]->draw(), 0, folder);
      manifest += cells.dump() + "\n";
      ++summary.rows;
    }
  }
  if (summary.rows == 0) {
    throw Error(ErrorCode::kInput,
                "pair: no row of '" + config.sources[0].second +
                    "' has a value that every source has in its column; are the columns of --same "
                    "there, and spelled alike?");
  }
  if (!folder.empty()) make_folder(folder);
  write_atomic(config.output, manifest);
  meter.finish();
  return summary;
}

}  // namespace braid
