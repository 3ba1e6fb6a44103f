// What the files of a folder stand for in a row.
#pragma once

#include <string>
#include <string_view>

namespace braid {

// The column of a file by its kind: image, audio, video; "" for what is none of them.
std::string media_column(std::string_view name);

// Readme, licence and the like, which come with data sets: LICENSE.txt, readme.txt.
bool is_note(std::string_view name);

// "train" | "val" | "test" where the first folder of a name is named as splits are (valid,
// validation, dev, ...), else "".
std::string split_of_file(std::string_view name);

}  // namespace braid
