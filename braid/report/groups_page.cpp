#include "braid/report/groups_page.h"

#include "braid/core/file.h"
#include "braid/report/page.h"
#include "braid/report/sections.h"

namespace braid {

void write_groups_page(const GroupsPage& page, const std::filesystem::path& path) {
  auto html = start_page(page.title);
  html.leaf("h1", page.title);
  html.leaf("p", page.summary, {{"class", "soft"}});
  html.open("div", {{"class", "wide"}});
  for (const auto& group : page.groups) add_example(html, group);
  write_atomic(path, html.finish());
}

}  // namespace braid
