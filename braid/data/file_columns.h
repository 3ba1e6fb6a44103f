// Columns of a data set that name files.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "braid/core/progress.h"
#include "braid/data/dataset.h"

namespace braid {

// Those that `inspect` takes for files, each as a field of modality "file" called like the column;
// with `named`, those instead. Throws as open_dataset.
std::vector<FieldSource> file_fields(const DataConfig& data, const std::filesystem::path& base,
                                     const std::vector<std::string>& named,
                                     const ProgressSink& progress);

}  // namespace braid
