#include "braid/report/svg_plot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <pugixml.hpp>

#include "braid/core/error.h"

namespace braid {
namespace {

class Svg {
 public:
  explicit Svg(const Curve& curve) : text_(svg_plot(curve)) {
    const auto result = document_.load_string(text_.c_str());
    EXPECT_TRUE(result) << result.description() << "\n" << text_;
  }
  size_t count(const char* query) const { return document_.select_nodes(query).size(); }
  std::string value(const char* query) const {
    return document_.select_node(query).attribute().value();
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  pugi::xml_document document_;
};

Curve curve(std::vector<double> x, std::vector<double> y) {
  return {"loss", "step", "nats", {{"train", std::move(x), std::move(y)}}};
}

TEST(SvgPlot, MapsTheEndsOfTheRangesToTheFrame) {
  // Frame: x 50 .. 446, y 218 .. 20; ticks of the values 0 .. 10.
  const Svg svg(curve({0, 50, 100}, {0, 10, 5}));
  EXPECT_EQ(svg.value("//path/@d"), "M50.0 218.0L248.0 20.0L446.0 119.0");
}

TEST(SvgPlot, BreaksTheLineAtANan) {
  const Svg svg(curve({0, 1, 2, 3, 4}, {0, 1, NAN, 1, 0}));
  const auto path = svg.value("//path/@d");
  EXPECT_EQ(std::count(path.begin(), path.end(), 'M'), 2);
  EXPECT_EQ(std::count(path.begin(), path.end(), 'L'), 2);
}

TEST(SvgPlot, ShowsALonePointOfALongLine) {
  std::vector<double> x, y;
  for (int i = 0; i < 100; ++i) {
    x.push_back(i);
    y.push_back(i == 50 ? 1 : NAN);
  }
  EXPECT_EQ(Svg(curve(x, y)).count("//circle"), 1u);
}

TEST(SvgPlot, SaysThatThereIsNothingToDraw) {
  for (const auto& c : {curve({}, {}), curve({1, 2}, {NAN, INFINITY}), curve({NAN}, {1}),
                        Curve{"empty", "", "", {}}}) {
    EXPECT_NE(Svg(c).text().find("no finite values"), std::string::npos);
  }
}

TEST(SvgPlot, NeverWritesANumberThatIsNone) {
  for (const auto& c : {curve({0, 1, 2}, {1e99, -1e99, 0}), curve({3}, {7}), curve({1, 1}, {0, 0}),
                        curve({0, 1}, {5e-324, 0}), curve({0, 1e99}, {1, 1 + 1e-15})}) {
    const auto text = Svg(c).text();
    EXPECT_EQ(text.find("nan"), std::string::npos) << text;
    EXPECT_EQ(text.find("inf"), std::string::npos) << text;
  }
}

TEST(SvgPlot, TellsManyLinesApart) {
  Curve many{"many", "x", "y", {}};
  for (int i = 0; i < 9; ++i) many.lines.push_back({"line", {0, 1}, {0.0, 1.0 * i}});
  const Svg svg(many);
  EXPECT_EQ(svg.count("//path"), 9u);
  EXPECT_EQ(svg.count("//path[@class='s0']"), 1u);
  EXPECT_EQ(svg.count("//path[@class='s0 dashed']"), 1u);
}

TEST(SvgPlot, EscapesItsTexts) {
  auto c = curve({0, 1}, {0, 1});
  c.title = "\"><script>";
  c.x_name = "<b>";
  const Svg svg(c);
  EXPECT_EQ(svg.count("//script"), 0u);
  EXPECT_EQ(svg.value("/svg/@aria-label"), c.title);
}

TEST(SvgPlot, RefusesALineWithMoreXThanY) { EXPECT_THROW(svg_plot(curve({1, 2}, {1})), Error); }

}  // namespace
}  // namespace braid
