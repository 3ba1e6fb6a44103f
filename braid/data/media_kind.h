// What kind of file a name stands for, by its extension.
#pragma once

#include <string>
#include <string_view>

namespace braid {

// "picture", "sound", "video", "file" (another known kind), or "" for a name that tells nothing.
std::string media_kind(std::string_view name);

}  // namespace braid
