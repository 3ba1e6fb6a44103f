// A page of groups of pictures: what `braid index duplicates --html` writes.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "braid/report/report.h"

namespace braid {

struct GroupsPage {
  std::string title;
  std::string summary;                   // one sentence under it
  std::vector<RetrievalExample> groups;  // `query` is the group's heading
};

void write_groups_page(const GroupsPage& page, const std::filesystem::path& path);  // atomically

}  // namespace braid
