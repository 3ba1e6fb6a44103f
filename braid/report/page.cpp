#include "braid/report/page.h"

namespace braid {

Html start_page(std::string_view title) {
  Html page;
  page.raw("<!DOCTYPE html>\n");
  page.open("html", {{"xmlns", "http://www.w3.org/1999/xhtml"}, {"lang", "en"}}).open("head");
  page.empty("meta", {{"charset", "utf-8"}});
  page.empty("meta", {{"http-equiv", "Content-Security-Policy"},
                      {"content", "default-src 'none'; img-src data:; style-src 'unsafe-inline'"}});
  page.empty("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}});
  page.empty("meta", {{"name", "color-scheme"}, {"content", "light dark"}});
  page.leaf("title", title);
  page.open("style").raw(kPageStyle).close();
  page.close().open("body").open("main");
  return page;
}

}  // namespace braid
