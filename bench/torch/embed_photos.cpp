// Photos to vectors, from JPEG files: decode, resize, encode, through the library's own embedding.
//
//   bench_embed_photos RECIPE WEIGHTS_OUT FOLDER [BATCH]
//
// Writes the random weights it embeds with, so that a peer can embed with the same. One measure:
// all
// *.jpg of FOLDER. Compared: every vector.
#include <algorithm>
#include <filesystem>
#include <string>

#include "bench/serve.h"
#include "bench/torch/random_model.h"
#include "braid/core/machine.h"
#include "braid/task/embed.h"

namespace {

using namespace braid;
using bench::make_random_model;

void run(const std::string& recipe_file, const std::string& weights_out,
         const std::filesystem::path& folder, int64_t batch) {
  const auto random = make_random_model(recipe_file, {});
  write_safetensors(weights_out, state_of(*random.model));
  std::vector<Value> photos;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".jpg") photos.push_back({"", entry.path(), ""});
  }
  std::ranges::sort(photos, {}, &Value::file);
  EmbedOptions options;
  options.threads = this_machine().threads;
  options.batch = batch;
  Embedded last;
  bench::serve(
      [&] {
        last = embed_values(*random.model, 0, *random.pointers[0], photos, options);
        return static_cast<int64_t>(last.kept.size());
      },
      [&] {
        const auto values = last.vectors.values<float>();
        return nlohmann::json{{"vectors", std::vector<float>(values.begin(), values.end())}};
      },
      {{"threads", options.threads}});
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::fprintf(stderr, "usage: bench_embed_photos RECIPE WEIGHTS_OUT FOLDER [BATCH]\n");
    return 2;
  }
  return braid::bench::guarded("bench_embed_photos", [&] {
    run(arguments[1], arguments[2], arguments[3], count > 4 ? std::stoll(arguments[4]) : 32);
  });
}
