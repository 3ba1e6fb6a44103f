#include "braid/task/model.h"

#include <set>

#include "braid/block/device.h"
#include "braid/core/error.h"
#include "braid/encoder/trunk.h"
#include "braid/kernel/choice.h"
#include "braid/task/tensor.h"

namespace braid {

Model::Tower::Tower(std::shared_ptr<Encoder> into_tokens, std::shared_ptr<Projection> into_space,
                    std::shared_ptr<ValuePooling> into_one,
                    std::shared_ptr<SupportSet> into_another)
    : encoder(register_module("encoder", std::move(into_tokens))),
      projection(register_module("projection", std::move(into_space))) {
  if (into_one) pooling = register_module("pooling", std::move(into_one));
  if (into_another) support = register_module("support", std::move(into_another));
}

namespace {

// Statistics of a chunk are not those of the batch: gradients would not be the batch's either.
void refuse_mixing(const std::string& field, const FieldConfig& config, const Module& tower) {
  const auto part = tower.find_mixing();
  if (part.empty()) return;
  config.encoder.fail("train.chunk: in the encoder of '" + field + "' samples see each other (" +
                      part + " is a batch norm), so chunks would not add up to the batch; set " +
                      "fields." + field + ".encoder.norm: group, or train.chunk: 0");
}

// What a frozen encoder made is kept as one vector a value, and chunks carry vectors only.
void refuse_tokens(const Recipe& recipe, const Joint& joint) {
  const auto& reader = joint.token_reader();
  if (reader.empty()) return;
  if (recipe.train.chunk > 0) {
    throw Error(ErrorCode::kConfig, "train.chunk: " + reader +
                                        " reads tokens, which chunks do not " +
                                        "carry; set train.chunk: 0, or a fusion of vectors");
  }
  for (const auto& [name, config] : recipe.fields) {
    if (!config.frozen) continue;
    config.encoder.fail("fields." + name + ".frozen: " + reader +
                        " reads tokens, but of a frozen " +
                        "field one vector a value is kept; instead of frozen set train.parts: " +
                        "[{match: " + name + ".encoder.*, freeze: true}]");
  }
}

}  // namespace

Model::Model(const Recipe& recipe, const std::vector<const Modality*>& modalities,
             const std::vector<TargetFacts>& facts)
    : width_(recipe.space.width), wanted_(recipe.train.precision) {
  for (size_t i = 0; i < recipe.fields.size() && !trunk_; ++i) {
    if (recipe.shares_trunk(i))
      trunk_ = register_module(kSharedTrunk, std::make_shared<Transformer>(trunk_shape(*recipe.trunk)));
  }
  for (size_t i = 0; i < recipe.fields.size(); ++i) {
    const auto& [name, config] = recipe.fields[i];
    const EncoderInput input{std::string(modalities[i]->form()), modalities[i]->facts(), trunk_};
    auto encoder = make_encoder(config.encoder, input);
    auto projection = std::make_shared<Projection>(recipe.space, encoder->width());
    auto pooling = config.pooling
                       ? std::make_shared<ValuePooling>(*config.pooling, recipe.space.width)
                       : nullptr;
    auto support = config.support
                       ? std::make_shared<SupportSet>(*config.support, recipe.space.width)
                       : nullptr;
    const auto tower = register_module(
        name, std::make_shared<Tower>(std::move(encoder), std::move(projection), std::move(pooling),
                                      std::move(support)));
    if (config.frozen) tower->encoder->freeze_in_eval();
    if (recipe.train.chunk > 0 && !config.frozen) refuse_mixing(name, config, *tower);
    towers_.push_back(tower);
    names_.push_back(name);
  }
  remembered_.resize(towers_.size());
  if (recipe.tasks.empty()) return;
  std::vector<int64_t> widths;
  for (const auto& tower : towers_) widths.push_back(tower->encoder->token_width());
  joint_ = register_module("joint", std::make_shared<Joint>(recipe, widths, facts));
  refuse_tokens(recipe, *joint_);
}

at::Tensor Model::embed(size_t field, const at::Tensor& values, const at::Tensor& mask) {
  return project(field, encode(field, values, mask));
}

at::Tensor Model::encode(size_t field, const at::Tensor& values, const at::Tensor& mask) {
  auto& encoder = *towers_.at(field)->encoder;
  const auto here = encoder.device();
  const auto x = to_device(values, here), real = to_device(mask, here);
  const MixedPrecision mixed(here, precision_of(encoder));
  return encoder.encode_pooled(x, real);  // [N, E]
}

Embedding Model::encode_whole(size_t field, const at::Tensor& values, const at::Tensor& mask) {
  auto& encoder = *towers_.at(field)->encoder;
  const auto here = encoder.device();
  const auto x = to_device(values, here), real = to_device(mask, here);
  const MixedPrecision mixed(here, precision_of(encoder));
  return encoder.encode(x, real);
}

at::Tensor Model::project(size_t field, const at::Tensor& encoded) {
  const auto& projection = *towers_.at(field)->projection;
  const auto here = projection.device();
  const MixedPrecision mixed(here, precision_of(projection));
  const auto vectors = projection.forward(to_device(encoded, here));  // [N, D]
  return here.is_cuda() ? vectors.to(at::kFloat) : vectors;
}

void Model::clear_supports() {
  for (const auto& tower : towers_) {
    if (tower->support) tower->support->clear();
  }
}

Joined Model::fuse(std::vector<Embedding> parts, std::vector<Look>* looks) {
  const auto here = joint_->device();
  const MixedPrecision mixed(here, precision_of(*joint_));
  for (size_t i = 0; joint_->reads_tokens() && i < parts.size(); ++i)
    parts[i].tokens = joint_->project_tokens(i, parts[i].tokens);
  auto fused = joint_->fuse(std::move(parts), looks);
  if (here.is_cuda()) fused.vector = fused.vector.to(at::kFloat);
  return fused;
}

at::Tensor Model::answer(size_t task, const at::Tensor& vectors) {
  const auto here = joint_->device();
  const MixedPrecision mixed(here, precision_of(*joint_));
  const auto outputs = joint_->head(task).forward(vectors);  // [B, C]
  return here.is_cuda() ? outputs.to(at::kFloat) : outputs;
}

at::Tensor Model::score_texts(size_t task, const Joined& joined, const TextBatch& texts) {
  const auto here = joint_->device();
  const MixedPrecision mixed(here, precision_of(*joint_));
  const auto& decoder = *joint_->decoder(task);
  const auto scores = decoder.forward(decoder.see(joined.parts, joined.vector), texts);  // [N, V]
  return here.is_cuda() ? scores.to(at::kFloat) : scores;
}

Tokens Model::hear(size_t task, const Joined& joined) {
  const MixedPrecision mixed(joint_->device(), precision_of(*joint_));
  return joint_->transcriber(task)->hear(joined.parts);
}

std::vector<std::vector<WrittenText>> Model::write(size_t task, const Joined& joined,
                                                   const WriteOptions& options) {
  const at::NoGradGuard no_grad;
  if (const auto* transcriber = joint_->transcriber(task)) {
    std::vector<std::vector<WrittenText>> texts;
    for (auto& text : transcriber->read(hear(task, joined))) texts.push_back({std::move(text)});
    return texts;
  }
  const MixedPrecision mixed(joint_->device(), precision_of(*joint_));
  const auto& decoder = *joint_->decoder(task);
  return write_about(decoder, decoder.see(joined.parts, joined.vector), options);
}

Precision Model::precision_of(const Module& part) const {
  return part.device().is_cuda() || part.is_training() ? precision() : Precision::kFp32;
}

void Model::remember(size_t field, std::shared_ptr<const EncodedValues> encoded) {
  remembered_.at(field) = std::move(encoded);
}

const std::shared_ptr<const EncodedValues>& Model::remembered(size_t field) const {
  return remembered_.at(field);
}

Precision Model::precision() const {
  const auto here = device();
  if (wanted_ == TrainPrecision::kFp32) return Precision::kFp32;
  if (here.is_cuda()) return Precision::kBf16;
  if (wanted_ == TrainPrecision::kAuto)
    return here.is_cpu() && has_fast_bf16() && use_kernels() ? Precision::kBf16 : Precision::kFp32;
  if (!here.is_cpu() || !has_bf16() || !use_kernels()) {
    throw Error(ErrorCode::kConfig, "train.precision: bf16: " + device_text(here) +
                                        " does not multiply bfloat16; set fp32 or auto");
  }
  return Precision::kBf16;
}

void Model::each_tower(const std::function<void(const std::string&, Module&)>& visit) {
  for (size_t i = 0; i < towers_.size(); ++i) {
    visit(names_[i] + ".encoder.", *towers_[i]->encoder);
    visit(names_[i] + ".projection.", *towers_[i]->projection);
  }
}

double Model::flops(size_t field) const {
  const auto& tower = *towers_.at(field);
  return tower.encoder->flops() + tower.projection->flops() +
         (tower.support ? tower.support->flops() : 0);
}

double Model::joint_flops(std::vector<int64_t> tokens) const {
  return joint_ ? joint_->flops(std::move(tokens)) : 0;
}

namespace {

int64_t count_of(const Module::NamedTensors& tensors) {
  int64_t count = 0;
  for (const auto& [name, tensor] : tensors) count += tensor.numel();
  return count;
}

}  // namespace

int64_t Model::parameter_count() const {
  return count_of(named_parameters()) + count_of(named_frozen());
}

int64_t Model::frozen_count() const {
  int64_t count = count_of(named_frozen());
  for (const auto& [name, tensor] : named_parameters())
    count += tensor.requires_grad() ? 0 : tensor.numel();
  return count;
}

TensorFile state_of(const Module& module) {
  TensorFile file;
  const auto add = [&](const auto& named) {
    for (const auto& [name, tensor] : named)
      file.tensors.emplace_back(name, to_array(tensor.detach().clone()));
  };
  add(module.named_parameters());
  add(module.named_buffers());
  return file;
}

namespace {

// What `file` holds for `tensor`; throws Error(kState) where it does not fit.
at::Tensor stored_tensor(const TensorFile& file, const std::string& name, const at::Tensor& tensor,
                         const std::string& where) {
  const auto* array = file.find(name);
  if (!array) {
    throw Error(ErrorCode::kState,
                where + ": holds no tensor '" + name + "', which this recipe needs");
  }
  auto shape = tensor.sizes().vec();  // without rows: as many as there are
  if (!shape.empty() && shape[0] == 0 && !array->shape().empty()) shape[0] = array->shape()[0];
  if (array->shape() != shape) {
    throw Error(ErrorCode::kState, where + ": tensor '" + name + "': expected shape " +
                                       shape_text(shape) + ", got " +
                                       shape_text(array->shape()));
  }
  const auto source = to_tensor(*array);
  if (source.scalar_type() != tensor.scalar_type()) {
    throw Error(ErrorCode::kState, where + ": tensor '" + name + "': expected " +
                                       dtype_name(to_array(tensor).dtype()) + ", got " +
                                       dtype_name(array->dtype()));
  }
  return source;
}

// Calls fill(tensor, source) for every parameter and buffer.
template <class Fill>
void fill_state(Module& module, const TensorFile& file, const std::string& where, Fill fill) {
  const at::NoGradGuard no_grad;
  std::set<std::string> used;
  for (const auto& named : {module.named_parameters(), module.named_buffers()}) {
    for (const auto& [name, tensor] : named) {
      fill(at::Tensor(tensor), stored_tensor(file, name, tensor, where));
      used.insert(name);
    }
  }
  for (const auto& [name, array] : file.tensors) {
    if (used.contains(name)) continue;
    throw Error(ErrorCode::kState,
                where + ": holds tensor '" + name + "', which this recipe does not have");
  }
}

}  // namespace

void load_state(Module& module, const TensorFile& file, const std::string& where) {
  fill_state(module, file, where, [](at::Tensor target, const at::Tensor& source) {
    if (target.sizes() != source.sizes())
      target.set_data(at::empty(source.sizes(), target.options()));
    target.copy_(source);
  });
}

void adopt_state(Module& module, const TensorFile& file, const std::string& where) {
  fill_state(module, file, where,
             [](at::Tensor target, const at::Tensor& source) { target.set_data(source); });
}

}  // namespace braid
