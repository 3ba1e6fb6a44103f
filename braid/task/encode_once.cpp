#include "braid/task/encode_once.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "braid/block/device.h"
#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/core/parallel.h"
#include "braid/kernel/choice.h"
#include "braid/task/tensor.h"
#include "braid/version.h"

namespace braid {
namespace {

constexpr size_t kBlock = 512;     // values of one file
constexpr size_t kTogether = 64;   // values that the encoder takes at once
constexpr int64_t kPerRead = 256;  // values read between two looks at the stop flag
constexpr const char* kVectors = "vectors";

bool is_value_fault(ErrorCode code) {
  return code == ErrorCode::kInput || code == ErrorCode::kLimit || code == ErrorCode::kNotFound;
}

// A value as it was first read; equal ones share it.
struct Content {
  const Value* value;
  uint64_t key;
};

class Encoding {
 public:
  Encoding(Model& model, size_t field, const Modality& modality, std::string key, ArrayCache& cache,
           const EncodeOnceOptions& options)
      : model_(model),
        field_(field),
        modality_(modality),
        key_(std::move(key)),
        cache_(cache),
        options_(options) {}

  std::shared_ptr<const EncodedValues> run(const std::vector<Value>& values);

 private:
  // Names each value's content, or what is wrong with it.
  void identify(const std::vector<Value>& values);
  std::optional<TensorFile> look_up(size_t block);
  void make_missing_blocks();
  TensorFile make_block(size_t block, Meter& meter);
  void add_vectors(size_t begin, size_t end, float* out, TensorFile& file);
  std::shared_ptr<const EncodedValues> table(
      const std::vector<Value>& values, const std::unordered_map<uint64_t, size_t>& number) const;
  std::string block_key(size_t block) const;
  std::pair<size_t, size_t> range(size_t block) const {
    return {block * kBlock, std::min((block + 1) * kBlock, contents_.size())};
  }
  void check_stop() const;

  Model& model_;
  const size_t field_;
  const Modality& modality_;
  const std::string key_;
  ArrayCache& cache_;
  const EncodeOnceOptions& options_;
  std::vector<uint64_t> keys_;                     // of each value; 0: it could not be read
  std::vector<std::string> problems_;              // of each value
  std::vector<Content> contents_;                  // distinct ones, in order
  std::vector<std::optional<TensorFile>> blocks_;  // of contents_
};

void Encoding::check_stop() const {
  if (options_.stop && options_.stop->requested())
    throw Error(ErrorCode::kInterrupted, "stopped while encoding; what is encoded is kept");
}

void Encoding::identify(const std::vector<Value>& values) {
  const auto total = static_cast<int64_t>(values.size());
  keys_.resize(values.size());
  problems_.resize(values.size());
  Meter meter(options_.sink, "identify", "item", total);
  for (int64_t begin = 0; begin < total; begin += kPerRead) {
    check_stop();
    const int64_t count = std::min(kPerRead, total - begin);
    parallel_for(count, options_.threads, [&](int64_t i) {
      const auto at = static_cast<size_t>(begin + i);
      try {
        keys_[at] = value_key(fetch(values[at], modality_.max_bytes()));
      } catch (const Error& problem) {
        if (!is_value_fault(problem.code())) throw;
        problems_[at] = naming(values[at], problem.what());
      }
    });
    meter.advance(count);
  }
  meter.finish();
}

std::string Encoding::block_key(size_t block) const {
  std::string all = key_;
  const auto [begin, end] = range(block);
  for (size_t i = begin; i < end; ++i) all += ' ' + std::to_string(contents_[i].key);
  return content_hash(all);
}

std::optional<TensorFile> Encoding::look_up(size_t block) {
  const auto key = block_key(block);
  auto file = cache_.find(key);
  if (!file) return file;
  const auto [begin, end] = range(block);
  const std::vector<int64_t> expected = {static_cast<int64_t>(end - begin),
                                         model_.encoder(field_).width()};
  const auto* vectors = file->find(kVectors);
  if (vectors && vectors->dtype() == DType::kF32 && vectors->shape() == expected) return file;
  throw Error(ErrorCode::kInput, (cache_.folder() / key).string() + ": expected F32 vectors " +
                                     shape_text(expected) + "; it is a cache: remove the file, " +
                                     "and it is made again");
}

// Vectors of contents [begin, end) at `out`; what is wrong with one goes into the metadata.
void Encoding::add_vectors(size_t begin, size_t end, float* out, TensorFile& file) {
  std::vector<Sample> views(end - begin);
  std::vector<std::string> problems(end - begin);
  parallel_for(static_cast<int64_t>(views.size()), options_.threads, [&](int64_t i) {
    const auto at = static_cast<size_t>(i);
    const auto& content = contents_[begin + at];
    try {
      const auto bytes = fetch(*content.value, modality_.max_bytes());
      if (value_key(bytes) != content.key)
        throw Error(ErrorCode::kState, content.value->text + ": changed while it was encoded");
      views[at] = modality_.view(modality_.prepare(bytes));
    } catch (const Error& problem) {
      if (!is_value_fault(problem.code())) throw;
      problems[at] = naming(*content.value, problem.what());
    }
  });
  std::vector<const Sample*> good;
  for (size_t i = 0; i < views.size(); ++i) {
    if (problems[i].empty()) good.push_back(&views[i]);
  }
  at::Tensor vectors;  // [G, E]
  if (!good.empty()) {
    const auto batch = modality_.collate(good);
    vectors = model_.encode(field_, to_tensor(batch.values), to_tensor(batch.mask))
                  .to(at::kCPU, at::kFloat)
                  .contiguous();
  }
  const auto width = static_cast<size_t>(model_.encoder(field_).width());
  const float* next = good.empty() ? nullptr : vectors.data_ptr<float>();
  for (size_t i = 0; i < views.size(); ++i) {
    if (problems[i].empty()) {
      std::copy_n(next, width, out + i * width);
      next += width;
    } else {
      file.metadata[std::to_string(begin % kBlock + i)] = problems[i];
    }
  }
}

TensorFile Encoding::make_block(size_t block, Meter& meter) {
  const auto [first, last] = range(block);
  const int64_t width = model_.encoder(field_).width();
  Array vectors(DType::kF32, {static_cast<int64_t>(last - first), width});
  TensorFile file;
  for (size_t begin = first; begin < last; begin += kTogether) {
    check_stop();
    const size_t end = std::min(begin + kTogether, last);
    auto* out =
        vectors.mutable_values<float>().data() + (begin - first) * static_cast<size_t>(width);
    add_vectors(begin, end, out, file);
    meter.advance(static_cast<int64_t>(end - begin));
  }
  file.tensors.emplace_back(kVectors, std::move(vectors));
  return file;
}

void Encoding::make_missing_blocks() {
  size_t known = 0;
  for (size_t block = 0; block < blocks_.size(); ++block) {
    const auto [begin, end] = range(block);
    if (blocks_[block]) known += end - begin;
  }
  if (known == contents_.size()) return;
  const auto missing = static_cast<int64_t>(contents_.size() - known);
  cache_.expect_room(missing * model_.encoder(field_).width() *
                     static_cast<int64_t>(sizeof(float)));
  Meter meter(options_.sink, stage_on("encode", model_.device()), "item",
              static_cast<int64_t>(contents_.size()), static_cast<int64_t>(known));
  for (size_t block = 0; block < blocks_.size(); ++block) {
    if (blocks_[block]) continue;
    blocks_[block] = make_block(block, meter);
    cache_.store(block_key(block), *blocks_[block]);
    blocks_[block] = look_up(block);  // mapped: the memory may go
    if (!blocks_[block]) {
      throw Error(ErrorCode::kIo, cache_.folder().string() +
                                      ": what was stored is gone: is another "
                                      "program emptying it?");
    }
  }
  meter.finish();
}

std::shared_ptr<const EncodedValues> Encoding::run(const std::vector<Value>& values) {
  identify(values);
  std::unordered_map<uint64_t, size_t> number;  // of a content, by its key
  for (size_t i = 0; i < values.size(); ++i) {
    if (!problems_[i].empty() || !number.try_emplace(keys_[i], contents_.size()).second) continue;
    contents_.push_back({&values[i], keys_[i]});
  }
  blocks_.resize((contents_.size() + kBlock - 1) / kBlock);
  for (size_t block = 0; block < blocks_.size(); ++block) blocks_[block] = look_up(block);
  make_missing_blocks();
  return table(values, number);
}

std::shared_ptr<const EncodedValues> Encoding::table(
    const std::vector<Value>& values, const std::unordered_map<uint64_t, size_t>& number) const {
  auto encoded = std::make_shared<EncodedValues>(model_.encoder(field_).width());
  for (const auto& block : blocks_) encoded->add_block(*block->find(kVectors));
  for (size_t i = 0; i < values.size(); ++i) {
    if (!problems_[i].empty()) {
      encoded->add_bad(values[i], problems_[i]);
      continue;
    }
    const size_t content = number.at(keys_[i]), block = content / kBlock, row = content % kBlock;
    const auto& bad = blocks_[block]->metadata;
    if (const auto found = bad.find(std::to_string(row)); found != bad.end()) {
      encoded->add_bad(values[i], found->second);
    } else {
      encoded->add(values[i], keys_[i], block, row);
    }
  }
  return encoded;
}

}  // namespace

std::string encoding_key(Model& model, size_t field, const FieldConfig& config,
                         const Modality& modality) {
  auto preprocessing = config.modality;
  // Those are of training, or in what the modality learned.
  for (const char* other : {"views", "tokenizer", "tokenizer_file"}) preprocessing.erase(other);
  const auto machine = this_machine();
  const auto& encoder = model.encoder(field);
  std::string all = preprocessing.to_yaml() + config.encoder.to_yaml() + modality.learned() + '\n' +
                    BRAID_VERSION + ' ' + machine.capability + ' ' +
                    std::to_string(machine.threads) + ' ' + (use_kernels() ? "kernels " : "ref ");
  const auto device = encoder.device();
  all += device_text(device);
  if (device.is_cuda()) all += std::string(" ") + precision_name(model.precision());
  for (const auto& [name, array] : state_of(encoder).tensors)
    all += '\n' + name + ' ' + content_hash({array.bytes(), array.byte_size()});
  return content_hash(all);
}

std::shared_ptr<const EncodedValues> encode_once(Model& model, size_t field,
                                                 const Modality& modality,
                                                 const std::vector<Value>& values,
                                                 const std::string& key, ArrayCache& cache,
                                                 const EncodeOnceOptions& options) {
  const at::NoGradGuard no_grad;
  return Encoding(model, field, modality, key, cache, options).run(values);
}

}  // namespace braid
