#include "braid/study/compare.h"

#include <algorithm>

#include "braid/block/device.h"
#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/machine.h"
#include "braid/core/text.h"
#include "braid/engine/evaluation.h"
#include "braid/recipe/moved_recipe.h"
#include "braid/study/cell_runner.h"
#include "braid/study/contenders.h"
#include "braid/study/study_lock.h"
#include "braid/study/study_table.h"

namespace braid {
namespace {

// What a variant may not change, and a study needs.
void check_comparable(const Variants& variants, const CompareRequest& request) {
  const auto& first = variants.all[0].recipe;
  if (request.split == first.eval.validation) {
    throw Error(ErrorCode::kUsage, "--split " + request.split +
                                       ": the winner is chosen on this split (eval.validation), so " +
                                       "its figures there say too much; report another");
  }
  for (const auto& variant : variants.all) {
    if (variant.recipe.eval.metric == first.eval.metric) continue;
    throw Error(ErrorCode::kUsage, "variants are chosen by different metrics: " +
                                       variants.all[0].name + " by " + first.eval.metric + ", " +
                                       variant.name + " by " + variant.recipe.eval.metric +
                                       "; set eval.metric for all of them");
  }
}

// Splits and targets, of which every cell would otherwise complain by itself.
void check_data(const Variants& variants, const std::string& split) {
  const auto& first = variants.all[0].recipe;
  const auto data = open_data(first, first.sources());
  const auto known = data->splits();
  for (const auto& wanted : {first.train_split, first.eval.validation, split}) {
    if (std::find(known.begin(), known.end(), wanted) != known.end()) continue;
    throw Error(ErrorCode::kConfig,
                "the data has no split '" + wanted + "'" + did_you_mean(wanted, known) +
                    "; a comparison trains on one, chooses on " + first.eval.validation +
                    " (eval.validation) and reports " + split + " (--split); there are: " +
                    join(known, ", "));
  }
  for (const auto& variant : variants.all) {
    protocols_of(variant.recipe, first.eval.validation);
    protocols_of(variant.recipe, split);
  }
  learn_targets(first, *data, data->rows(first.train_split));
}

StudyPlan plan_of(const Variants& variants, const CompareRequest& request) {
  const auto& first = variants.all[0].recipe;
  StudyPlan plan{first.eval.metric, first.eval.validation, request.split, {}, 1, variants.all};
  for (int64_t i = 0; i < request.seeds; ++i) plan.seeds.push_back(first.seed + i);
  return plan;
}

// Processes that run at once: as many as asked; on the processor one a thread, if there are as many
// cells; on another device one, as its memory is not looked at.
int64_t jobs_at_once(const CompareRequest& request, int64_t cells, bool cpu) {
  if (request.jobs > 0) return request.jobs;
  return cpu ? std::min(this_machine().threads, cells) : 1;
}

std::string cell_text(const StudyPlan& plan, const Cell& cell) {
  return plan.variants[cell.variant].name + " seed " + std::to_string(cell.seed);
}

void write_study(const StudyFolder& folder, const StudyPlan& plan, const StudyTable& table) {
  write_atomic(folder.path() / "compare.md", table_markdown(table));
  write_atomic(folder.path() / "compare.csv", table_csv(table));
  write_atomic(folder.path() / "compare.json", table_json(table));
  write_atomic(folder.path() / "compare.html", table_page(table));
  const auto* best = best_row(table);
  if (!best) return;
  for (const auto& variant : plan.variants) {
    if (variant.name != best->contender.name) continue;
    write_atomic(folder.path() / "best.yaml",
                 moved_recipe(variant.recipe, folder.path()).to_yaml());
  }
}

}  // namespace

CompareSummary compare_variants(const CompareRequest& request, const Watch& watch) {
  if (request.seeds < 1) throw Error(ErrorCode::kUsage, "--seeds: expected 1 or more");
  std::vector<Vary> varied;
  for (const auto& text : request.vary) varied.push_back(parse_vary(text));
  const auto variants = make_variants(request.recipe, request.overrides, varied);
  check_comparable(variants, request);
  check_data(variants, request.split);
  const auto groups = read_groups(variants.all[0].recipe, request.split, request.group);

  const StudyLock lock(request.out, watch);
  const StudyFolder folder(request.out);
  auto plan = plan_of(variants, request);
  const auto cells = static_cast<int64_t>(cells_of(plan).size());
  const bool cpu = pick_device(watch.device).is_cpu();
  const int64_t jobs = jobs_at_once(request, cells, cpu);
  plan.threads = std::max<int64_t>(1, this_machine().threads / jobs);
  plan = folder.settle(std::move(plan));
  RunnerOptions options{request.program, jobs, cpu && request.jobs == 0, request.budget_s, watch};
  if (request.jobs == 0 && cpu)
    options.jobs = std::max<int64_t>(1, this_machine().threads / plan.threads);
  const auto sitting = run_cells(folder, plan, options);

  StudyTable table;
  table.name = variants.all[0].recipe.name;
  table.metric = plan.metric;
  table.validation = plan.validation;
  table.split = plan.split;
  table.group = request.group;
  table.seeds = plan.seeds;
  table.threads = plan.threads;
  table.notes = variants.notes;
  for (const auto& failed : sitting.failed) {
    table.failed.push_back(cell_text(plan, failed.cell) + ": " + failed.message + " (" +
                           failed.log.lexically_relative(folder.path()).string() + ")");
  }
  for (const auto& cell : sitting.missing) table.missing.push_back(cell_text(plan, cell));
  auto findings = read_findings(folder, plan);
  table.data_hash = findings.data_hash;
  table.cpu = findings.cpu;
  fill_table(table, std::move(findings.contenders), groups);
  write_study(folder, plan, table);

  CompareSummary summary;
  summary.folder = request.out;
  summary.text = table_terminal(table);
  summary.json = table_json(table);
  summary.notes = table.notes;
  summary.failed = table.failed;
  summary.missing = table.missing;
  if (const auto* best = best_row(table)) summary.best = best->contender.name;
  if (!sitting.failed.empty()) summary.status = sitting.failed[0].status;
  return summary;
}

}  // namespace braid
