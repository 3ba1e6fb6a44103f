// Markup that is HTML and well-formed XML at once, with every text escaped on its way in.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace braid {

// Safe between tags and inside quoted attributes: & < > " ' become entities; bytes that are no
// UTF-8 and characters that XML does not know become U+FFFD.
std::string escape_html(std::string_view text);

std::string base64(std::string_view bytes);

class Html {
 public:
  using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  Html& open(std::string_view tag, Attributes attributes = {});
  Html& close();  // the innermost open tag
  Html& text(std::string_view text);
  Html& leaf(std::string_view tag, std::string_view text, Attributes attributes = {});
  Html& empty(std::string_view tag, Attributes attributes = {});  // <img ... />
  Html& raw(std::string_view markup);                             // markup made elsewhere, as it is

  // Closes what is open and hands the markup out.
  std::string finish();

 private:
  void start(std::string_view tag, Attributes attributes);

  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace braid
