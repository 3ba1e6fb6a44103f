// The model of a recipe: one tower (encoder, projection; pooling and support set, where a field has
// them) a field, all ending in the shared space.
// Fields with `trunk: shared` run their tokens through one transformer, which is the model's own.
// The encoder of a frozen field keeps its weights and stays in eval mode; its projection trains.
// Of a recipe with tasks, what stands behind the towers (joint.h) is the model's, too.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <torch/types.h>

#include "braid/block/module.h"
#include "braid/data/encoded_values.h"
#include "braid/encoder/encoder.h"
#include "braid/generate/write.h"
#include "braid/kernel/precision.h"
#include "braid/modality/modality.h"
#include "braid/recipe/recipe.h"
#include "braid/space/projection.h"
#include "braid/space/support_set.h"
#include "braid/space/value_pooling.h"
#include "braid/task/joint.h"
#include "braid/tensor_file/safetensors.h"

namespace braid {

class Model : public Module {
 public:
  // `modalities` in the order of recipe.fields, already fitted or loaded; kept alive by the caller.
  // `facts`: one a task of the recipe. Throws Error(kConfig) for a tower that train.chunk cannot
  // cut, and for tokens asked of a frozen field.
  Model(const Recipe& recipe, const std::vector<const Modality*>& modalities,
        const std::vector<TargetFacts>& facts = {});

  // values [N, ...] and mask [N, T] or undefined, as collate gives them -> [N, D], not normalised.
  // In on any device, out on the model's, float32. Layers compute in precision(), on the CPU only
  // while training: what is embedded there for use is float32 throughout.
  at::Tensor embed(size_t field, const at::Tensor& values, const at::Tensor& mask);
  // The two halves of it: what the field's encoder makes of values [N, E], and that in the space.
  at::Tensor encode(size_t field, const at::Tensor& values, const at::Tensor& mask);
  at::Tensor project(size_t field, const at::Tensor& encoded);
  // How the vectors of a sample's values become one, in float32; nullptr for a field without
  // `pooling`: there a sample has one.
  const ValuePooling* pooling(size_t field) const { return towers_.at(field)->pooling.get(); }
  // What a field's vectors are read as outside training; nullptr for a field without `support`.
  SupportSet* support(size_t field) const { return towers_.at(field)->support.get(); }
  void clear_supports();  // they are of the weights that they were filled with
  // All that the encoder makes, tokens too, on the model's device: of its own width E.
  Embedding encode_whole(size_t field, const at::Tensor& values, const at::Tensor& mask);

  Joint* joint() { return joint_.get(); }  // nullptr: no tasks
  const Joint* joint() const { return joint_.get(); }
  // joint() in the model's precision. Tokens of parts as encode_whole gives them.
  Joined fuse(std::vector<Embedding> parts, std::vector<Look>* looks = nullptr);
  at::Tensor answer(size_t task, const at::Tensor& vectors);  // [B, W] -> [B, C], as of Head
  // Of a task of kind generation, in the model's precision: the scores of texts under teacher
  // forcing (Decoder::forward). Of a task of kind transcription: what a field's tokens say. Of
  // both: texts about each sample.
  at::Tensor score_texts(size_t task, const Joined& joined, const TextBatch& texts);
  Tokens hear(size_t task, const Joined& joined);
  std::vector<std::vector<WrittenText>> write(size_t task, const Joined& joined,
                                              const WriteOptions& options);

  // Encoders and projections, with what stands before the names of their parameters.
  void each_tower(const std::function<void(const std::string& prefix, Module& part)>& visit);

  Encoder& encoder(size_t field) { return *towers_.at(field)->encoder; }
  Projection& projection(size_t field) { return *towers_.at(field)->projection; }
  Transformer* trunk() { return trunk_.get(); }  // nullptr where no field shares one
  // What a frozen encoder made of values: embed_values takes it from there.
  void remember(size_t field, std::shared_ptr<const EncodedValues> encoded);
  const std::shared_ptr<const EncodedValues>& remembered(size_t field) const;

  // What train.precision means on the device where the model is. Throws Error(kConfig) for bf16 on
  // a processor without it.
  Precision precision() const;

  int64_t width() const { return width_; }
  double flops(size_t field) const;  // of one full-size value into the space, forward
  // Of one sample, behind the fields' vectors, with so many tokens of each field (Joint::flops).
  double joint_flops(std::vector<int64_t> tokens = {}) const;
  int64_t parameter_count() const;   // frozen ones included
  int64_t frozen_count() const;      // those that need no gradient among them

 private:
  Precision precision_of(const Module& part) const;

  class Tower : public Module {
   public:
    Tower(std::shared_ptr<Encoder> into_tokens, std::shared_ptr<Projection> into_space,
          std::shared_ptr<ValuePooling> into_one, std::shared_ptr<SupportSet> into_another);
    std::shared_ptr<Encoder> encoder;
    std::shared_ptr<Projection> projection;
    std::shared_ptr<ValuePooling> pooling;  // or nullptr
    std::shared_ptr<SupportSet> support;    // or nullptr
  };
  std::vector<std::string> names_;  // of the fields
  std::vector<std::shared_ptr<Tower>> towers_;
  std::shared_ptr<Transformer> trunk_;  // of the fields that share one, or nullptr
  std::shared_ptr<Joint> joint_;        // nullptr: no tasks
  std::vector<std::shared_ptr<const EncodedValues>> remembered_;  // a field each, or nullptr
  int64_t width_;
  TrainPrecision wanted_;
};

// Parameters and buffers by name, as they stand (copies).
TensorFile state_of(const Module& module);

// Fills every parameter and buffer; one without rows takes as many as the file has. Throws
// Error(kState) naming the first tensor that is missing, extra, or of another shape or type.
void load_state(Module& module, const TensorFile& file, const std::string& where);

// The same without a copy: the tensors become the file's arrays. Of a file mapped kPrivate they may
// be written, too; of others never.
void adopt_state(Module& module, const TensorFile& file, const std::string& where);

}  // namespace braid
