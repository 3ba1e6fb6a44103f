// The task that transcribes, by the recipe's keys. What it computes: transcriber.h.
#include "braid/generate/transcription.h"

#include "braid/generate/transcriber.h"

namespace braid {

std::shared_ptr<Transcriber> make_transcription(const ConfigNode& node, const DecoderInput& input) {
  return std::make_shared<Transcriber>(read_member<TranscriptionConfig>(node), input);
}

}  // namespace braid
