// Telling that a value's bytes are those of before without reading them.
#pragma once

#include <optional>

#include "braid/data/dataset.h"
#include "braid/data/sample_file.h"

namespace braid {

// Of the files that hold the value: device, number, size, times of change of content and of status;
// and of what of them the value is. Nothing where that is not to be relied upon, because a file
// changed a moment ago and may do so again without its times telling, or cannot be looked at; and
// for inline values, which are themselves.
std::optional<SampleName> identity_of(const Value& value);

// Does a file hold the value, or a part of it?
bool is_in_file(const Value& value);

SampleName content_name(std::span<const std::byte> bytes);

}  // namespace braid
