#include "braid/data/split.h"

#include <algorithm>
#include <cmath>

#include "braid/core/error.h"
#include "braid/core/rng.h"
#include "braid/core/text.h"
#include "braid/data/layout/layout.h"

namespace braid {
namespace {

[[noreturn]] void refuse_config(const std::string& message) {
  throw Error(ErrorCode::kConfig, "data: " + message);
}

}  // namespace

void check_data_config(const DataConfig& config) {
  if (config.manifest.empty() && config.files.empty())
    refuse_config("no manifest: set data.manifest or data.files");
  if (!config.manifest.empty() && !config.files.empty()) {
    refuse_config("both manifest and files are set; files names the manifest of each split");
  }
  const int ways = !config.split_column.empty() + !config.files.empty() + !config.hash.empty();
  if (ways > 1) refuse_config("set only one of split_column, files and hash");
  const auto layouts = layout_names();
  if (config.layout != "auto" &&
      std::find(layouts.begin(), layouts.end(), config.layout) == layouts.end()) {
    refuse_config("no layout '" + config.layout + "'" + did_you_mean(config.layout, layouts) +
                  "; known: auto, " + join(layouts, ", "));
  }
  if (config.shuffle_buffer && *config.shuffle_buffer < 1) {
    refuse_config("shuffle_buffer: expected 1 or more, got " +
                  std::to_string(*config.shuffle_buffer));
  }
  if (config.hash.empty()) return;
  double sum = 0;
  for (const auto& [split, share] : config.hash) {
    if (!(share >= 0))
      refuse_config("hash." + split + ": a share must be 0 or more, got " + number_text(share));
    sum += share;
  }
  if (std::abs(sum - 1) > 1e-6)
    refuse_config("hash: shares must sum to 1, got " + number_text(sum));
}

const std::string& hash_split(const std::map<std::string, double>& shares, std::string_view key) {
  const double at = Rng(mix(0, key)).uniform();
  double upper = 0;
  const std::string* last = nullptr;
  for (const auto& [split, share] : shares) {
    if (share == 0) continue;
    upper += share;
    last = &split;
    if (at < upper) break;
  }
  return *last;  // rounding may leave the sum a hair below 1
}

}  // namespace braid
