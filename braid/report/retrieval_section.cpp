#include <algorithm>
#include <utility>

#include "braid/report/sections.h"

namespace braid {
namespace {

void add_picture(Html& page, const Thumbnail& picture, std::string_view words) {
  if (picture.bytes.empty()) {
    page.open("div", {{"class", "blank"}}).close();
    return;
  }
  page.empty("img", {{"src", "data:" + picture.mime + ";base64," + base64(as_text(picture.bytes))},
                     {"alt", words}});
}

void add_hit(Html& page, const RetrievalExample::Hit& hit, int64_t place) {
  page.open("li", {{"class", hit.truth ? "true" : "other"}});
  add_picture(page, hit.picture, hit.caption);
  page.open("div", {{"class", "place"}});
  page.leaf("b", "#" + std::to_string(place) + (hit.truth ? " \u2713" : ""));
  page.leaf("span", decimal(hit.score, 3)).close();
  page.leaf("div", hit.caption, {{"class", "caption"}, {"title", hit.caption}}).close();
}

void add_query(Html& page, const RetrievalExample& example) {
  page.open("header");
  if (!example.query_picture.bytes.empty()) add_picture(page, example.query_picture, "query");
  page.open("div", {{"class", "query"}});
  page.leaf("span", example.query.empty() ? "(picture)" : example.query,
            {{"lang", example.language}});
  if (!example.language.empty()) page.leaf("span", example.language, {{"class", "tag"}});
  if (!example.protocol.empty()) {
    page.leaf("span", "protocol " + example.protocol, {{"class", "tag"}});
  }
  page.close();
  if (example.rank > 0) {
    page.open("div", {{"class", "rank"}}).text("true item at ");
    page.leaf("b", "#" + std::to_string(example.rank)).close();
  }
  page.close();
}

}  // namespace

void add_example(Html& page, const RetrievalExample& example) {
  page.open("article", {{"class", "example card"}});
  add_query(page, example);
  page.open("ol", {{"class", "hits"}});
  bool first_truth = true;
  for (size_t i = 0; i < example.hits.size(); ++i) {
    const auto& hit = example.hits[i];
    auto place = static_cast<int64_t>(i) + 1;
    // A caller may append the true item that came too late to be among the first.
    if (hit.truth && std::exchange(first_truth, false)) place = std::max(place, example.rank);
    add_hit(page, hit, place);
  }
  page.close().close();
}

}  // namespace braid
