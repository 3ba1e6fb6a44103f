#include "braid/engine/search_verb.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "braid/core/config.h"
#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/machine.h"
#include "braid/engine/index_target.h"
#include "braid/index/item_file.h"
#include "braid/index/query.h"
#include "braid/report/value_thumbnail.h"
#include "braid/task/embed.h"

namespace braid {
namespace {

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

// What a part is called in errors and pages: "beach", "- beach", "0.5 x.jpg".
std::string part_name(const SearchPart& part) {
  const double size = std::abs(part.weight);
  return std::string(part.weight < 0 ? "\u2212 " : "") +
         (size == 1 ? "" : number_text(size) + " ") + part.value;
}

std::string question_name(const std::vector<SearchPart>& parts) {
  std::string name;
  for (const auto& part : parts) {
    if (!name.empty()) name += part.weight < 0 ? " " : " + ";
    name += part_name(part);
  }
  return name;
}

QueryPart embed_part(const LoadedRun& run, const SearchPart& part, int64_t width) {
  const size_t field = run.field_of_modality(part.modality);
  const auto& modality = *run.modalities[field];
  const bool inline_text = is_inline(part.modality);
  const auto file = inline_text ? Bytes() : read_file(part.value, modality.max_bytes());
  const auto bytes = inline_text ? as_bytes(part.value) : std::span(file);
  return {part_name(part), embed_one(*run.model, field, modality, bytes, width), part.weight};
}

std::vector<float> embed_question(const LoadedRun& run, const std::vector<SearchPart>& parts,
                                  int64_t width) {
  std::vector<QueryPart> vectors;
  for (const auto& part : parts) vectors.push_back(embed_part(run, part, width));
  return compose_query(vectors);
}

Value value_of(const ItemFile& item) { return {item.text(), item.file, item.member}; }

void write_page(const SearchRequest& request, const std::vector<SearchHit>& hits,
                const std::vector<IndexHit>& raw) {
  RetrievalExample page;
  page.query = question_name(request.parts);
  if (request.parts[0].modality == "image") {
    page.query_picture = fetch_thumbnail({"", request.parts[0].value, ""});
  }
  for (size_t i = 0; i < hits.size(); ++i) {
    const auto value = value_of(located_file(raw[i].file, request.index));
    page.hits.push_back({fetch_thumbnail(value), hits[i].caption, hits[i].score, false});
  }
  write_hits_page(page, request.html);
}

}  // namespace

std::vector<SearchHit> search_index(const SearchRequest& request, const Watch& watch) {
  if (request.parts.empty()) throw Error(ErrorCode::kUsage, "search: nothing is asked for");
  const auto index = open_index(request.index, {this_machine().threads, 5000});
  const auto run = open_matching_run(request.index, *index, request.run, watch.device);
  const auto raw =
      index->search(embed_question(run, request.parts, index->width()), request.options);
  std::vector<SearchHit> hits;
  for (const auto& hit : raw) {
    hits.push_back({hit.key, hit.score, caption_of(run.recipe, hit),
                    located_file(hit.file, request.index).text(), hit.metadata});
  }
  if (!request.html.empty()) write_page(request, hits, raw);
  return hits;
}

}  // namespace braid
