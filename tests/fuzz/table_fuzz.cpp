// Tables: lines of cells are learned from and read back, views and stored columns too; and the
// bytes as one value, as a stored file of columns, and as a lone cell of every kind.
#include "braid/core/text.h"
#include "braid/modality/table.h"
#include "braid/modality/tabular/cell_object.h"
#include "braid/modality/tabular/column_file.h"
#include "fuzz.h"

#include <cmath>
#include <cstdlib>

namespace {

using namespace braid;

void expect_finite(const Array& values) {
  for (const float value : values.values<float>()) {
    if (!std::isfinite(value)) std::abort();
  }
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty() && lines.size() < 64) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void learn_and_read(const std::vector<std::string>& rows, const char* recipe) {
  const auto table = make_table(ConfigNode::parse(recipe));
  table->fit([&](const ValueVisitor& visit) {
    for (const auto& row : rows) visit(as_bytes(row));
  });
  table->notes();
  for (const auto& row : rows) {
    fuzz::attempt([&] {
      const auto sample = table->prepare(as_bytes(row));
      Rng rng(1);
      const auto view = table->augment(sample, rng);
      const Sample* views[] = {&sample, nullptr, &view};
      expect_finite(table->collate(views).values);
    });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto text = fuzz::text_of(data, size);
  const auto rows = lines_of(text);
  for (const char* recipe : {"{}", "{min_count: 1, max_categories: 3, views: {drop: 0.5}}"}) {
    fuzz::attempt([&] { learn_and_read(rows, recipe); });
  }
  for (const char* kind : {"numeric", "categorical", "boolean", "ordinal", "date"}) {
    const auto recipe = std::string("{columns: {x: ") + kind + "}}";
    const std::vector<NamedCell> cell = {{"x", std::string(text)}};
    fuzz::attempt([&] {
      if (!valid_utf8(text)) return;
      learn_and_read({cells_json(cell)}, recipe.c_str());
    });
  }
  fuzz::attempt([&] { parse_cells(fuzz::bytes_of(data, size)); });
  fuzz::attempt([&] { columns_json(parse_columns(std::string(text), "fuzz")); });
  return 0;
}
