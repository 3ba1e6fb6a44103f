// Training steps of a recipe on batches in memory: forward, loss, backward, AdamW.
//
//   bench_training_step RECIPE WEIGHTS_OUT [key=value ...]
//
// Writes the weights it starts from, so that a peer can start from the same. One measure = one
// step; the batches are made before, four of them, in turn. Compared: the losses.
#include <span>

#include "bench/serve.h"
#include "bench/torch/random_model.h"
#include "braid/task/joint_loss.h"
#include "braid/train/adamw.h"

namespace {

using namespace braid;
using bench::make_random_model;

constexpr size_t kBatches = 4;

void run(const std::string& recipe_file, const std::string& weights_out,
         const std::vector<std::string>& overrides) {
  const auto random = make_random_model(recipe_file, overrides);
  const auto& [recipe, modalities, pointers, made] = random;
  auto& model = *made;
  JointLoss loss(recipe, pointers);
  loss.begin(model);
  write_safetensors(weights_out, state_of(model));
  const auto data = open_data(recipe, recipe.sources());

  LoaderConfig loading;
  loading.batch = recipe.train.batch;
  loading.shuffle = false;
  loading.workers = 0;
  loading.cache_bytes = 0;
  const auto loader = make_loader(*data, data->rows(recipe.train_split), pointers, loading);
  loader->start(0, 0);
  std::vector<std::unique_ptr<Batch>> batches;
  while (batches.size() < kBatches) batches.push_back(loader->next());

  auto parameters = model.named_parameters();
  for (const auto& parameter : loss.named_parameters()) parameters.push_back(parameter);
  Adamw optimizer(parameters, recipe.train);
  model.train(true);
  size_t step = 0;
  std::vector<double> losses;
  const auto measure = [&]() -> int64_t {
    const auto& batch = *batches[step++ % batches.size()];
    const auto value = loss.forward(model, batch);
    value.total.backward();
    optimizer.step(recipe.train.lr, 1.0);
    optimizer.zero_gradients();
    loss.stepped(model);
    losses.push_back(value.terms.at(0).loss);
    return recipe.train.batch;
  };
  bench::serve(measure,
               [&] {
                 return nlohmann::json{{"losses", losses}};
               },
               {{"parameters", model.parameter_count()}});
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "usage: bench_training_step RECIPE WEIGHTS_OUT [key=value ...]\n");
    return 2;
  }
  return braid::bench::guarded("bench_training_step", [&] {
    run(arguments[1], arguments[2], {arguments + 3, arguments + count});
  });
}
