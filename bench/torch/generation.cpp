// Writing with and without the past kept (KV cache), side by side in one run: the same tokens, and how much
// longer it takes to read the whole text again for each of them.
//   bench_generation [samples 32] [tokens 32] [layers 6] [width 256] [source tokens 49]
#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "braid/core/machine.h"
#include "braid/engine/start.h"
#include "braid/generate/write.h"

namespace {

using namespace braid;

double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return x[x.size() / 2];
}

}  // namespace

int main(int argc, char** argv) {
  const auto argument = [&](int i, int64_t otherwise) {
    return argc > i ? std::atoll(argv[i]) : otherwise;
  };
  const int64_t samples = argument(1, 32), tokens = argument(2, 32), layers = argument(3, 6),
                width = argument(4, 256), source_tokens = argument(5, 49);
  start_tensors();
  at::manual_seed(1);
  DecoderInput input{width, width, {"picture"}, {}};
  input.facts.languages = {""};
  input.facts.tokenizer = train_bpe(
      [](const TextVisitor& visit) {
        for (int i = 0; i < 4000; ++i) visit("word" + std::to_string(i * 7919 % 4000));
      },
      {4000, true, 1});
  GenerationConfig config;
  config.width = width;
  config.depth = layers;
  config.max_tokens = tokens;
  Decoder decoder(config, input);
  decoder.eval();
  const at::NoGradGuard no_grad;
  const Embedding picture{{at::randn({samples, source_tokens, width}),
                           Segments::uniform(samples, source_tokens)},
                          at::randn({samples, width}),
                          at::ones({samples}, at::kBool)};
  const auto source = decoder.see({picture}, picture.pooled);
  WriteOptions options;
  options.search.min_tokens = options.search.max_tokens = tokens;
  std::vector<double> ratios, kept, again;
  std::vector<std::vector<int64_t>> first, second;
  for (int round = 0; round < 7; ++round) {
    double seconds[2];
    for (const bool keep : {true, false}) {
      options.keep_past = keep;
      const auto begin = std::chrono::steady_clock::now();
      const auto written = write_about(decoder, source, options);
      seconds[keep ? 0 : 1] =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      auto& texts = keep ? first : second;
      texts.clear();
      for (const auto& sample : written) texts.push_back(sample[0].tokens);
    }
    if (first != second) {
      std::fprintf(stderr, "other tokens with the past kept\n");
      return 1;
    }
    kept.push_back(seconds[0]);
    again.push_back(seconds[1]);
    ratios.push_back(seconds[1] / seconds[0]);
  }
  std::printf("{\"samples\": %lld, \"tokens\": %lld, \"layers\": %lld, \"width\": %lld, \"source_tokens\": %lld, "
              "\"threads\": %d, \"kept_ms\": %.1f, \"again_ms\": %.1f, \"ratio\": %.2f, \"lowest\": %.2f}\n",
              static_cast<long long>(samples), static_cast<long long>(tokens),
              static_cast<long long>(layers), static_cast<long long>(width),
              static_cast<long long>(source_tokens), static_cast<int>(this_machine().threads),
              1000 * median(kept), 1000 * median(again), median(ratios),
              *std::min_element(ratios.begin(), ratios.end()));
  return 0;
}
