#include "braid/engine/index_verb.h"

#include <algorithm>

#include "braid/core/config.h"
#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/engine/index_target.h"
#include "braid/index/item_file.h"
#include "braid/task/embed.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

// What gets a vector, each with its row and the key it gets in the index: a value, or all of a row
// where the field pools them.
struct Listed {
  std::vector<std::vector<Value>> samples;
  std::vector<int64_t> rows;
  std::vector<std::string> keys;
};

// A row with one value keeps its plain key; further sources and values are told apart.
Listed list_samples(const Dataset& data, int64_t begin, int64_t end, bool pools) {
  Listed listed;
  const auto add = [&](int64_t row, const std::string& key, std::vector<Value> values) {
    listed.keys.push_back(key);
    listed.samples.push_back(std::move(values));
    listed.rows.push_back(row);
  };
  const auto& sources = data.fields()[0].columns;
  for (int64_t row = begin; row < end; ++row) {
    for (size_t source = 0; source < sources.size(); ++source) {
      const auto& label = sources[source].first;
      const auto key = data.key(row) + (label.empty() ? "" : "/" + label);
      auto values = data.values(row, 0, source);
      if (pools) {
        if (!values.empty()) add(row, key, std::move(values));
        continue;
      }
      for (size_t i = 0; i < values.size(); ++i)
        add(row, key + (i ? "#" + std::to_string(i) : ""), {std::move(values[i])});
    }
  }
  return listed;
}

std::vector<IndexItem> make_items(const std::string& field, const Dataset& data,
                                  const Listed& listed, const Embedded& embedded,
                                  const IndexRequest& request) {
  std::vector<IndexItem> items;
  const auto width = static_cast<size_t>(embedded.vectors.size(1));
  for (size_t i = 0; i < embedded.kept.size(); ++i) {
    const auto at = static_cast<size_t>(embedded.kept[i]);
    const float* vector = embedded.vectors.values<float>().data() + i * width;
    const auto& shown = listed.samples[at].front();  // the row's metadata name the others
    items.push_back({listed.keys[at],
                     field,
                     data.row_json(listed.rows[at]),
                     stored_file({shown.file, shown.member}, request.out),
                     {vector, vector + width}});
  }
  return items;
}

Embedded embed_or_say_how_to_go_on(const LoadedRun& run, size_t field, const Listed& listed,
                                   const EmbedOptions& options, const fs::path& index) {
  try {
    return embed_samples(*run.model, field, *run.modalities[field], listed.samples, options);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInterrupted) throw;
    throw Error(ErrorCode::kInterrupted,
                "stopped; what was indexed is kept, go on with --add -o " + index.string());
  }
}

// A row of which several values cannot be read is one bad row.
void note_bad(IndexSummary& summary, BadSample bad) {
  if (!summary.bad.empty() && summary.bad.back().row == bad.row) {
    summary.bad.back().message += "; " + bad.message;
  } else {
    summary.bad.push_back(std::move(bad));
  }
}

void check_bad_rows(const IndexSummary& summary, int64_t rows, double max_bad) {
  const auto bad = static_cast<double>(summary.bad.size());
  if (bad <= max_bad * static_cast<double>(rows)) return;
  throw Error(ErrorCode::kInput,
              std::to_string(summary.bad.size()) + " of " + std::to_string(rows) +
                  " rows could not be read, more than the share of " + number_text(max_bad) +
                  " that is allowed (data.max_bad of the recipe, or --max-bad); first: " +
                  summary.bad[0].where + ": " + summary.bad[0].message +
                  "; what was indexed before is kept");
}

}  // namespace

IndexSummary index_manifest(const IndexRequest& request, const Watch& watch) {
  const auto run = open_run(request.run, watch.device);
  const size_t field = indexed_field(run, request.field);
  const auto data = open_data(run.recipe, {run.recipe.sources()[field]}, request.manifest);
  const auto index = open_target(request.out, run, request.add, request.width);
  IndexSummary summary;
  int64_t cut = 0;
  Meter meter(watch.sink, "index", "item", data->size());
  const EmbedOptions options{
      .threads = this_machine().threads, .width = index->width(), .stop = watch.stop};
  for (int64_t begin = 0; begin < data->size(); begin += kRowsPerTransaction) {
    const int64_t end = std::min(data->size(), begin + kRowsPerTransaction);
    const auto listed = list_samples(*data, begin, end, run.model->pooling(field) != nullptr);
    const auto embedded = embed_or_say_how_to_go_on(run, field, listed, options, request.out);
    for (const auto& bad : embedded.bad) {
      const int64_t row = listed.rows[static_cast<size_t>(bad.row)];
      note_bad(summary, {row, data->where(row), bad.message});
    }
    check_bad_rows(summary, data->size(), request.max_bad.value_or(run.recipe.data.max_bad));
    cut += embedded.cut;
    const auto items = make_items(run.recipe.fields[field].first, *data, listed, embedded, request);
    index->add(items);
    summary.added += static_cast<int64_t>(items.size());
    meter.advance(end - begin);
  }
  meter.finish();
  tell_cut(*run.model, field, run.recipe.fields[field].first, cut, watch.sink);
  summary.info = settle(*index, request.kind);
  summary.size = summary.info.size;
  return summary;
}

}  // namespace braid
