// What the files of a VQA set are called: v2_OpenEnded_mscoco_val2014_questions.json holds the
// questions to v2_mscoco_val2014_annotations.json.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace braid {

// Of open questions: VQA v1 has each of them a second time, with choices (MultipleChoice_...).
bool is_open_questions_name(std::string_view file);

// What the other of the two files may be called, likeliest first; none where `file` is named as
// neither of them.
std::vector<std::string> vqa_partner_names(const std::string& file);

}  // namespace braid
