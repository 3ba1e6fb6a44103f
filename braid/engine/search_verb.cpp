#include "braid/engine/search_verb.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/machine.h"
#include "braid/data/reference.h"
#include "braid/engine/loaded_run.h"
#include "braid/engine/run_record.h"
#include "braid/engine/thumbnail.h"
#include "braid/index/index.h"
#include "braid/task/embed.h"

namespace braid {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kRowsPerTransaction = 1024;

IndexOrigin origin_of(const LoadedRun& run, const fs::path& index) {
  const auto relative = fs::absolute(run.directory.path())
                            .lexically_normal()
                            .lexically_relative(fs::absolute(index).lexically_normal());
  return {run.stamp.id, run.stamp.weights_hash, relative.string()};
}

std::unique_ptr<Index> open_or_create(const IndexRequest& request, const LoadedRun& run) {
  const auto origin = origin_of(run, request.out);
  const int64_t width = run.recipe.width_or_whole(request.width);
  if (!request.add) return create_index(request.out, origin, width);
  auto index = open_index(request.out);
  if (index->origin().weights_hash != origin.weights_hash) {
    throw Error(ErrorCode::kState, request.out.string() + ": holds vectors of run " +
                                       index->origin().run_id + ", not of " + run.stamp.id +
                                       "; make a new index");
  }
  if (request.width > 0 && index->width() != width) {
    throw Error(ErrorCode::kUsage, request.out.string() + ": holds vectors of width " +
                                       std::to_string(index->width()) + ", not " +
                                       std::to_string(width) +
                                       "; leave --width out, or make a new "
                                       "index");
  }
  return index;
}

size_t indexed_field(const LoadedRun& run, const std::string& name) {
  if (!name.empty()) return run.recipe.field_index(name);
  for (size_t i = 0; i < run.modalities.size(); ++i) {
    if (run.modalities[i]->name() != "text") return i;
  }
  return 0;
}

// Where the bytes of a value lie, as the index keeps it: relative to the index, "file#member" in a
// tar.
std::string stored_file(const Value& value, const fs::path& index) {
  if (value.file.empty()) return "";
  const auto relative = fs::absolute(value.file)
                            .lexically_normal()
                            .lexically_relative(fs::absolute(index).lexically_normal());
  return relative.string() + (value.member.empty() ? "" : "#" + value.member);
}

Value located(const std::string& stored, const fs::path& index) {
  if (stored.empty()) return {};
  const auto reference = split_reference(stored);
  const auto file = (index / (reference ? reference->file : stored)).lexically_normal();
  return {file.string(), file, reference ? reference->member : ""};
}

// The values of some rows, each with its row and the key it gets in the index.
struct ListedValues {
  std::vector<Value> values;
  std::vector<int64_t> rows;
  std::vector<std::string> keys;
};

// A row with one value keeps its plain key; further sources and values are told apart.
ListedValues list_values(const Dataset& data, int64_t begin, int64_t end) {
  ListedValues listed;
  const auto& sources = data.fields()[0].columns;
  for (int64_t row = begin; row < end; ++row) {
    for (size_t source = 0; source < sources.size(); ++source) {
      const auto& label = sources[source].first;
      int64_t number = 0;
      for (auto& value : data.values(row, 0, source)) {
        listed.keys.push_back(data.key(row) + (label.empty() ? "" : "/" + label) +
                              (number ? "#" + std::to_string(number) : ""));
        listed.values.push_back(std::move(value));
        listed.rows.push_back(row);
        ++number;
      }
    }
  }
  return listed;
}

std::vector<IndexItem> make_items(const std::string& field, const Dataset& data,
                                  const ListedValues& listed, const Embedded& embedded,
                                  const IndexRequest& request) {
  std::vector<IndexItem> items;
  const auto width = static_cast<size_t>(embedded.vectors.size(1));
  for (size_t i = 0; i < embedded.kept.size(); ++i) {
    const auto at = static_cast<size_t>(embedded.kept[i]);
    const float* vector = embedded.vectors.values<float>().data() + i * width;
    items.push_back({listed.keys[at],
                     field,
                     data.row_json(listed.rows[at]),
                     stored_file(listed.values[at], request.out),
                     {vector, vector + width}});
  }
  return items;
}

Embedded embed_or_say_how_to_go_on(const LoadedRun& run, size_t field, const ListedValues& listed,
                                   const EmbedOptions& options, const fs::path& index) {
  try {
    return embed_values(*run.model, field, *run.modalities[field], listed.values, options);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kInterrupted) throw;
    throw Error(ErrorCode::kInterrupted,
                "stopped; what was indexed is kept, go on with --add -o " + index.string());
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

fs::path run_of(const SearchRequest& request, const Index& index) {
  if (!request.run.empty()) return request.run;
  const fs::path stored(index.origin().run_path);
  return stored.is_absolute() ? stored : (request.index / stored).lexically_normal();
}

LoadedRun open_matching_run(const SearchRequest& request, const Index& index) {
  auto run = open_run(run_of(request, index));
  if (run.stamp.weights_hash != index.origin().weights_hash) {
    throw Error(ErrorCode::kState,
                request.index.string() + ": was made with run " + index.origin().run_id +
                    ", whose weights differ from those of " + run.directory.path().string() +
                    "; index again, or name the right run with --run");
  }
  return run;
}

std::string caption_of(const Recipe& recipe, const IndexHit& hit) {
  const auto row = nlohmann::json::parse(hit.metadata, nullptr, /*allow_exceptions=*/false);
  std::string caption;
  for (const auto& column : recipe.display) {
    if (!row.is_object() || !row.contains(column)) continue;
    const auto& cell =
        row[column].is_array() && !row[column].empty() ? row[column][0] : row[column];
    if (cell.is_null()) continue;
    caption +=
        (caption.empty() ? "" : " · ") + (cell.is_string() ? cell.get<std::string>() : cell.dump());
  }
  return caption.empty() ? hit.key : caption;
}

void write_page(const SearchRequest& request, const std::vector<SearchHit>& hits,
                const std::vector<IndexHit>& raw, const Bytes& picture) {
  RetrievalExample page;
  page.query = request.text;
  if (!picture.empty()) page.query_picture = thumbnail_or_none(picture);
  for (size_t i = 0; i < hits.size(); ++i) {
    const auto value = located(raw[i].file, request.index);
    page.hits.push_back({fetch_thumbnail(value), hits[i].caption, hits[i].score, false});
  }
  write_hits_page(page, request.html);
}

}  // namespace

IndexSummary index_manifest(const IndexRequest& request, const Watch& watch) {
  const auto run = open_run(request.run);
  const size_t field = indexed_field(run, request.field);
  const auto data = open_data(run.recipe, {run.recipe.sources()[field]}, request.manifest);
  const auto index = open_or_create(request, run);
  IndexSummary summary;
  Meter meter(watch.sink, "index", "item", data->size());
  const EmbedOptions options{
      .threads = this_machine().threads, .width = index->width(), .stop = watch.stop};
  for (int64_t begin = 0; begin < data->size(); begin += kRowsPerTransaction) {
    const int64_t end = std::min(data->size(), begin + kRowsPerTransaction);
    const auto listed = list_values(*data, begin, end);
    const auto embedded = embed_or_say_how_to_go_on(run, field, listed, options, request.out);
    for (const auto& bad : embedded.bad) {
      const int64_t row = listed.rows[static_cast<size_t>(bad.row)];
      summary.bad.push_back({row, data->where(row), bad.message});
    }
    check_bad_rows(summary, data->size(), request.max_bad.value_or(run.recipe.data.max_bad));
    const auto items = make_items(run.recipe.fields[field].first, *data, listed, embedded, request);
    index->add(items);
    summary.added += static_cast<int64_t>(items.size());
    meter.advance(end - begin);
  }
  meter.finish();
  summary.size = index->size();
  return summary;
}

std::vector<SearchHit> search_index(const SearchRequest& request, const Watch&) {
  const auto index = open_index(request.index);
  auto run = open_matching_run(request, *index);
  const bool by_text = !request.text.empty();
  const size_t field = run.field_of_modality(by_text ? "text" : "image");
  const auto& modality = *run.modalities[field];
  const auto picture = by_text ? Bytes() : read_file(request.image, modality.max_bytes());
  const auto query =
      embed_one(*run.model, field, modality, by_text ? as_bytes(request.text) : std::span(picture),
                index->width());
  const auto raw = index->search(query, request.k);
  std::vector<SearchHit> hits;
  for (const auto& hit : raw) {
    const auto value = located(hit.file, request.index);
    hits.push_back({hit.key, hit.score, caption_of(run.recipe, hit),
                    value.file.string() + (value.member.empty() ? "" : "#" + value.member),
                    hit.metadata});
  }
  if (!request.html.empty()) write_page(request, hits, raw, picture);
  return hits;
}

}  // namespace braid
