#include "braid/data/layout/vqa_names.h"

#include <array>
#include <cctype>

namespace braid {
namespace {

constexpr std::string_view kQuestions = "questions", kAnnotations = "annotations",
                           kWithChoices = "MultipleChoice_";
constexpr std::array<std::string_view, 2> kManners = {"OpenEnded_", kWithChoices};

// Behind "v2_", where a manner of asking stands.
size_t after_version(std::string_view file) {
  size_t at = 1;
  while (at < file.size() && std::isdigit(static_cast<unsigned char>(file[at]))) ++at;
  return file.starts_with('v') && at > 1 && at < file.size() && file[at] == '_' ? at + 1 : 0;
}

std::string with_word(std::string file, size_t at, std::string_view word, std::string_view other) {
  return file.replace(at, word.size(), other);
}

}  // namespace

bool is_open_questions_name(std::string_view file) {
  return file.ends_with("questions.json") && file.find(kWithChoices) == file.npos;
}

std::vector<std::string> vqa_partner_names(const std::string& file) {
  std::vector<std::string> names;
  if (const size_t at = file.rfind(kQuestions); at != file.npos) {
    const auto same = with_word(file, at, kQuestions, kAnnotations);
    for (const auto manner : kManners) {
      const size_t place = same.find(manner);
      if (place != same.npos) names.push_back(with_word(same, place, manner, ""));
    }
    names.push_back(same);
  } else if (const size_t other = file.rfind(kAnnotations); other != file.npos) {
    const auto same = with_word(file, other, kAnnotations, kQuestions);
    for (const auto manner : kManners)
      names.push_back(with_word(same, after_version(same), "", manner));
    names.push_back(same);
  }
  return names;
}

}  // namespace braid
