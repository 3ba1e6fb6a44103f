// An encoder turns a batch of one modality's numbers into tokens and one vector a sample.
//
// B batch, T tokens, D width of the encoder. In eval mode encode is pure and safe from many
// threads; training is one thread. Chance (initial weights, dropout) as braid/block/module.h says.
#pragma once

#include <map>
#include <string>

#include "braid/block/module.h"
#include "braid/core/config.h"
#include "braid/space/embedding.h"

namespace braid {

class Transformer;

class Encoder : public Module {
 public:
  // image: values [B, C, S, S] float, mask undefined. text: values [B, T] int64, mask [B, T] bool,
  // T at most max_tokens; undefined: all real.
  // table: values [B, C, 1 + P] float, of each column an id and P numbers. audio: values [B, T, F]
  // float, mask [B, T]. series: values [B, T, 2 C + 1] float (as braid/modality/series.h), mask
  // likewise, T at most max_steps.
  // out: tokens (of the real ones only), pooled [B, D], present [B]: all true for pictures and
  // tables (the caller knows which are missing), true where a token is real for the others. A
  // text without a token never gives NaN. Throws Error(kShape), Error(kInput) for an id outside the
  // vocabulary.
  virtual Embedding encode(const at::Tensor& values, const at::Tensor& mask) = 0;
  // pooled alone, for who needs no tokens: the same to rounding, and faster where pooled is made of
  // one token a sample.
  virtual at::Tensor encode_pooled(const at::Tensor& values, const at::Tensor& mask) {
    return encode(values, mask).pooled;
  }

  virtual int64_t width() const = 0;  // D, of pooled
  virtual int64_t token_width() const { return width(); }
  virtual double flops() const = 0;   // floating-point operations to encode one full-size sample
};

// What the modality knows and the encoder must fit.
struct EncoderInput {
  std::string modality;  // "image"
  // image: size, channels; text: vocabulary, max_tokens, pad_id; table: columns, numbers, ids;
  // audio: width, max_frames; series: channels, max_steps
  std::map<std::string, int64_t> facts;
  std::shared_ptr<Transformer> trunk = nullptr;  // of encoders with `trunk: shared`; not theirs

  // Throws Error(kInternal) when the modality did not say.
  int64_t fact(const std::string& name) const;
};

// Builds an encoder by the `kind` of its node. Throws Error(kConfig), with file:line:column, for an
// unknown kind or key, a value out of range, or a modality that the encoder cannot read.
std::shared_ptr<Encoder> make_encoder(const ConfigNode& node, const EncoderInput& input);

// What members check at their door.
// Throws Error(kConfig) at the node's kind unless the field's modality is `reads`.
void expect_modality(const ConfigNode& node, const EncoderInput& input, const std::string& reads);
// Throws Error(kConfig) at the node's heads.
void expect_divides(const ConfigNode& node, int64_t heads, int64_t width);
// Throw Error(kShape). expect_texts returns the mask, made of ones where it was undefined.
void expect_pictures(const at::Tensor& values, int64_t channels, int64_t size);
at::Tensor expect_texts(const at::Tensor& values, const at::Tensor& mask, int64_t max_tokens);
// [B, T, width] with 1 .. max_steps steps; the same for its mask [B, T].
at::Tensor expect_sequences(const at::Tensor& values, const at::Tensor& mask, int64_t width,
                            int64_t max_steps);

}  // namespace braid
