#include "braid/train/hard_negatives.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <tuple>
#include <unordered_set>

#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/core/parallel.h"
#include "braid/task/embed.h"

namespace braid {
namespace {

constexpr const char* kTableName = "neighbours";
constexpr int64_t kQueriesPerTake = 64;
constexpr int64_t kSpareHits = 16;  // asked for beyond what is needed: equal values are passed over

bool same_values(const std::vector<Value>& a, const std::vector<Value>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Value& x, const Value& y) {
    return x.text == y.text && x.file == y.file && x.member == y.member;
  });
}

std::pair<size_t, size_t> mined_fields(const Recipe& recipe) {
  const auto& named = recipe.train.hard_negatives.between;
  if (!named.empty()) return {recipe.field_index(named[0]), recipe.field_index(named[1])};
  for (const auto& term : recipe.alignment) {
    if (!term.between.empty()) {
      return {recipe.field_index(term.between[0]), recipe.field_index(term.between[1])};
    }
  }
  const size_t field = recipe.field_index(recipe.alignment.at(0).views);
  return {field, field};
}

// What a row is mined by: of its first source that has any, the first value, or all where the field
// pools them; none: an empty list.
std::vector<Value> mined_values(const Dataset& data, int64_t row, size_t field, bool pools) {
  for (size_t source = 0; source < data.fields()[field].columns.size(); ++source) {
    auto values = data.values(row, field, source);
    if (values.empty()) continue;
    if (!pools) values.resize(1);
    return values;
  }
  return {};
}

}  // namespace

HardNegatives::HardNegatives(const Recipe& recipe, const Dataset& data, std::vector<int64_t> rows,
                             std::vector<const Modality*> modalities,
                             std::vector<std::shared_ptr<SampleStore>> stored)
    : config_(recipe.train.hard_negatives),
      batch_(recipe.train.batch),
      data_(&data),
      rows_(std::move(rows)),
      modalities_(std::move(modalities)),
      stored_(std::move(stored)) {
  std::tie(a_, b_) = mined_fields(recipe);
  for (size_t i = 0; i < rows_.size(); ++i) number_[rows_[i]] = static_cast<int64_t>(i);
}

HardNegatives::Side HardNegatives::embed(Model& model, size_t field) const {
  std::vector<std::vector<Value>> samples;
  std::vector<int64_t> owner;
  for (const int64_t row : rows_) {
    auto own = mined_values(*data_, row, field, model.pooling(field) != nullptr);
    if (own.empty()) continue;
    samples.push_back(std::move(own));
    owner.push_back(row);
  }
  auto embedded = embed_samples(model, field, *modalities_[field], samples,
                                {.threads = this_machine().threads, .stored = stored_});
  Side side{std::move(embedded.vectors), {}, {}};
  for (const int64_t i : embedded.kept) {  // the loader counts and names those that are missing
    side.rows.push_back(owner[static_cast<size_t>(i)]);
    side.values.push_back(std::move(samples[static_cast<size_t>(i)]));
  }
  return side;
}

// The neighbours of one row among hits that are best first.
std::vector<TopkHit> HardNegatives::chosen(const Side& a, size_t row, const Side& b,
                                           const std::vector<TopkHit>& hits) const {
  const auto own = std::lower_bound(b.rows.begin(), b.rows.end(), a.rows[row]);
  const bool has_own = own != b.rows.end() && *own == a.rows[row];
  const auto* partner = has_own ? &b.values[static_cast<size_t>(own - b.rows.begin())] : nullptr;
  std::vector<TopkHit> neighbours;
  int64_t passed = 0;
  for (const auto& hit : hits) {
    const auto at = static_cast<size_t>(hit.row);
    if (b.rows[at] == a.rows[row] || (partner && same_values(*partner, b.values[at]))) continue;
    if (passed++ < config_.skip) continue;
    neighbours.push_back({hit.score, b.rows[at]});
    if (static_cast<int64_t>(neighbours.size()) == config_.count) break;
  }
  return neighbours;
}

double HardNegatives::mine(Model& model) {
  const auto a = embed(model, a_), b = embed(model, b_);
  clear_table();
  const int64_t width = model.width(), count = static_cast<int64_t>(a.rows.size());
  const TopkRows candidates{b.vectors.values<float>().data(), b.vectors.size(0), width};
  std::vector<std::vector<TopkHit>> found(a.rows.size());
  const int64_t parts = (count + kQueriesPerTake - 1) / kQueriesPerTake;
  parallel_for(parts, this_machine().threads, [&](int64_t part) {
    const int64_t begin = part * kQueriesPerTake, end = std::min(begin + kQueriesPerTake, count);
    const auto hits = topk(a.vectors.values<float>().data() + begin * width, end - begin,
                           candidates, config_.count + config_.skip + kSpareHits);
    for (int64_t i = begin; i < end; ++i) {
      const auto row = static_cast<size_t>(i);
      found[row] = chosen(a, row, b, hits[static_cast<size_t>(i - begin)]);
    }
  });
  double sum = 0;
  int64_t all = 0;
  for (size_t i = 0; i < found.size(); ++i) {
    auto line = table_.begin() + line_of(a.rows[i]);
    for (const auto& neighbour : found[i]) {
      *line++ = neighbour.row;
      sum += neighbour.score;
      ++all;
    }
  }
  return all ? sum / static_cast<double>(all) : std::numeric_limits<double>::quiet_NaN();
}

void HardNegatives::clear_table() {
  table_.assign(rows_.size() * static_cast<size_t>(config_.count), -1);
}

std::ptrdiff_t HardNegatives::line_of(int64_t row) const {
  return static_cast<std::ptrdiff_t>(number_.at(row) * config_.count);
}

void HardNegatives::arrange(std::vector<int64_t>& order) const {
  if (table_.empty()) return;
  std::vector<int64_t> arranged;
  std::unordered_set<int64_t> placed;
  const auto place = [&](int64_t row) {
    if (placed.insert(row).second) arranged.push_back(row);
  };
  for (const int64_t row : order) {
    if (placed.contains(row)) continue;
    place(row);
    const int64_t* line = table_.data() + line_of(row);
    for (int64_t k = 0; k < config_.count && line[k] >= 0; ++k) {
      if (static_cast<int64_t>(arranged.size()) % batch_ == 0) break;  // the batch is full
      place(line[k]);
    }
  }
  order = std::move(arranged);
}

TensorFile HardNegatives::state() const {
  TensorFile file;
  if (table_.empty()) return file;
  Array table(DType::kI64, {static_cast<int64_t>(rows_.size()), config_.count});
  std::memcpy(table.mutable_values<int64_t>().data(), table_.data(),
              table_.size() * sizeof(int64_t));
  file.tensors.emplace_back(kTableName, std::move(table));
  return file;
}

void HardNegatives::load(const TensorFile& state, int64_t epoch, const std::string& where) {
  if (epoch < config_.every) return;  // nothing mined yet
  const auto* table = state.find(kTableName);
  const std::vector<int64_t> shape = {static_cast<int64_t>(rows_.size()), config_.count};
  if (!table || table->dtype() != DType::kI64 || table->shape() != shape) {
    throw Error(ErrorCode::kState,
                where + ": mined neighbours are missing or of another shape, expected " +
                    std::to_string(shape[0]) + " rows of " + std::to_string(shape[1]));
  }
  const auto values = table->values<int64_t>();
  clear_table();
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] != -1 && !number_.contains(values[i])) {
      throw Error(ErrorCode::kState, where + ": mined neighbours name row " +
                                         std::to_string(values[i]) + ", which is not trained on");
    }
    table_[i] = values[i];
  }
}

}  // namespace braid
