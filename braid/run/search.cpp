#include "braid/run/search.h"

#include <cmath>
#include <span>

#include <nlohmann/json.hpp>

#include "braid/core/config.h"
#include "braid/core/error.h"
#include "braid/core/machine.h"
#include "braid/index/item_file.h"
#include "braid/index/query.h"
#include "braid/report/value_thumbnail.h"

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

std::unique_ptr<Index> open_searched_index(const SearchRequest& request) {
  if (request.parts.empty()) throw Error(ErrorCode::kUsage, "search: nothing is asked for");
  return open_index(request.index, {this_machine().threads, 5000});
}

std::vector<SearchHit> ask_index(const SearchRequest& request, const Index& index,
                                 const Recipe& recipe, const PartEncoder& encode) {
  std::vector<QueryPart> vectors;
  for (const auto& part : request.parts)
    vectors.push_back({part_name(part), encode(part, index.width()), part.weight});
  const auto raw = index.search(compose_query(vectors), request.options);
  std::vector<SearchHit> hits;
  for (const auto& hit : raw) {
    hits.push_back({hit.key, hit.score, caption_of(recipe, hit),
                    located_file(hit.file, request.index).text(), hit.metadata});
  }
  if (!request.html.empty()) write_page(request, hits, raw);
  return hits;
}

}  // namespace braid
