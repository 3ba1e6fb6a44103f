#include "braid/data/load_value.h"

#include <utility>

#include "braid/data/value_identity.h"

namespace braid {

LoadedValue load_value(const Value& value, const Modality& modality, SampleStore* store) {
  if (!store || !is_in_file(value)) {
    const auto bytes = fetch(value, modality.max_bytes());
    return {{modality.prepare(bytes), value_key(bytes)}, true};
  }
  const auto identity = identity_of(value);  // before the bytes: they may change in between
  if (identity) {
    if (auto known = store->find_by_identity(*identity)) return {std::move(*known), false};
  }
  const auto bytes = fetch(value, modality.max_bytes());
  const auto content = content_name(bytes);
  if (auto known = store->find(content)) {
    if (identity) store->add_identity(*identity, content);
    return {std::move(*known), false};
  }
  PreparedValue made{modality.prepare(bytes), value_key(bytes)};
  auto kept = store->insert(content, made);
  if (kept && identity) store->add_identity(*identity, content);
  return {kept ? std::move(*kept) : std::move(made), true};
}

}  // namespace braid
