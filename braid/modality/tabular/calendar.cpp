#include "braid/modality/tabular/calendar.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "braid/core/text.h"

namespace braid {
namespace {

constexpr size_t kLongestDate = 64;
constexpr int kFirstYear = 1000, kLastYear = 9999;

// A run of digits, of letters or of other characters; spaces part runs and are left out.
struct DatePiece {
  enum Kind { kDigits, kLetters, kOther } kind;
  std::string_view text;
};

DatePiece::Kind kind_of(char c) {
  if (c >= '0' && c <= '9') return DatePiece::kDigits;
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter ? DatePiece::kLetters : DatePiece::kOther;
}

std::vector<DatePiece> pieces_of(std::string_view text) {
  std::vector<DatePiece> pieces;
  for (size_t begin = 0, end; begin < text.size(); begin = end) {
    const auto kind = kind_of(text[begin]);
    end = begin + 1;
    while (end < text.size() && text[end] != ' ' && kind_of(text[end]) == kind) ++end;
    if (text[begin] != ' ') pieces.push_back({kind, text.substr(begin, end - begin)});
  }
  return pieces;
}

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits.substr(0, 8)) value = value * 10 + (c - '0');
  return value;
}

// 1 .. 12, or 0: "mar" and "march", at least three letters.
int month_named(std::string_view word) {
  constexpr std::array<std::string_view, 12> kMonths = {
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  std::string name(word);
  std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(c | 0x20); });
  if (name == "sept") return 9;
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (name.size() >= 3 && (name == kMonths[i] || name == kMonths[i].substr(0, 3))) {
      return static_cast<int>(i) + 1;
    }
  }
  return 0;
}

std::optional<CalendarDate> checked(int year, int month, int day) {
  using namespace std::chrono;
  if (year < kFirstYear || year > kLastYear) return std::nullopt;
  const auto asked = std::chrono::year(year) / std::chrono::month(month ? unsigned(month) : 1) /
                     std::chrono::day(day ? unsigned(day) : 1);
  if (!asked.ok()) return std::nullopt;
  return CalendarDate{year, month, day};
}

// "T10:20:30Z", " 10:20+01:00": what may follow a whole date.
bool is_time_of_day(std::span<const DatePiece> rest) {
  if (rest.empty()) return true;
  if (rest[0].text == "T" || rest[0].text == "t") rest = rest.subspan(1);
  if (rest.size() < 3 || rest[0].kind != DatePiece::kDigits || rest[1].text != ":") return false;
  return std::ranges::all_of(rest, [](const DatePiece& piece) {
    const std::string_view plain[] = {":", ".", "+", "-", "Z", "z", "AM", "PM", "am", "pm"};
    return piece.kind == DatePiece::kDigits ||
           std::ranges::find(plain, piece.text) != std::end(plain);
  });
}

// Digits and what stands between them: 2020-03-04, 4.3.2020, 2020年3月4日, 2020-03, 20200304, 2020.
std::optional<CalendarDate> numeric_date(std::span<const DatePiece> p, DateOrder order) {
  const auto digits = [&](size_t i) { return i < p.size() && p[i].kind == DatePiece::kDigits; };
  const auto is = [&](size_t i, std::string_view text) {
    return i < p.size() && p[i].text == text;
  };
  if (!digits(0)) return std::nullopt;
  const int first = number(p[0].text);
  if (p.size() == 1) {
    if (p[0].text.size() == 4) return checked(first, 0, 0);
    if (p[0].text.size() != 8) return std::nullopt;
    const int month = first / 100 % 100, day = first % 100;
    return month && day ? checked(first / 10000, month, day) : std::nullopt;
  }
  const bool year_first = p[0].text.size() == 4;
  if (!digits(2) || p[2].text.size() > 4 || number(p[2].text) == 0) return std::nullopt;
  const int second = number(p[2].text);
  if (year_first && is(1, "年")) {
    if (is(3, "月") && p.size() == 4) return checked(first, second, 0);
    const bool whole =
        is(3, "月") && digits(4) && number(p[4].text) && (is(5, "日") || is(5, "号"));
    return whole && is_time_of_day(p.subspan(6)) ? checked(first, second, number(p[4].text))
                                                 : std::nullopt;
  }
  const std::string_view mark = p[1].text;
  if (mark != "-" && mark != "/" && mark != ".") return std::nullopt;
  if (p.size() == 3) return year_first && mark != "." ? checked(first, second, 0) : std::nullopt;
  if (!is(3, mark) || !digits(4) || first == 0) return std::nullopt;
  const int third = number(p[4].text);
  if (!is_time_of_day(p.subspan(5)) || third == 0) return std::nullopt;
  if (year_first) return checked(first, second, third);
  if (p[4].text.size() != 4) return std::nullopt;
  return order == DateOrder::kDayFirst ? checked(third, second, first)
                                       : checked(third, first, second);
}

// "4 March 2020", "March 4, 2020", "4th Mar. 2020", "March 2020", "4-Mar-2020".
std::optional<CalendarDate> named_date(std::span<const DatePiece> pieces) {
  std::vector<int> numbers;
  int month = 0;
  for (const auto& piece : pieces) {
    const std::string_view plain[] = {",", ".", "-", "/", "st", "nd", "rd", "th", "of"};
    if (piece.kind == DatePiece::kDigits) {
      if (piece.text.size() > 4) return std::nullopt;
      numbers.push_back(number(piece.text));
    } else if (const int named = piece.kind == DatePiece::kLetters ? month_named(piece.text) : 0) {
      if (month) return std::nullopt;
      month = named;
    } else if (std::ranges::find(plain, piece.text) == std::end(plain)) {
      return std::nullopt;
    }
  }
  if (month == 0 || numbers.empty() || numbers.size() > 2) return std::nullopt;
  if (numbers.size() == 1) return checked(numbers[0], month, 0);
  return numbers[0] ? checked(numbers[1], month, numbers[0]) : std::nullopt;
}

std::chrono::sys_days day_of(const CalendarDate& date) {
  return std::chrono::year(date.year) / std::chrono::month(unsigned(date.month)) /
         std::chrono::day(unsigned(date.day));
}

// 0 .. 1 of the year; its middle, or that of the month, where no more is said.
double share_of_year(const CalendarDate& date) {
  if (date.month == 0) return 0.5;
  if (date.day == 0) return (date.month - 0.5) / 12;
  const auto start = day_of({date.year, 1, 1});
  return static_cast<double>((day_of(date) - start).count()) / 366;
}

}  // namespace

std::optional<CalendarDate> date_of(std::string_view text, DateOrder order) {
  text = trim(text);
  if (text.empty() || text.size() > kLongestDate) return std::nullopt;
  const auto pieces = pieces_of(text);
  if (const auto found = numeric_date(pieces, order)) return found;
  return named_date(pieces);
}

double year_of(const CalendarDate& date) { return date.year + share_of_year(date); }

std::array<double, 4> turns_of(const CalendarDate& date) {
  std::array<double, 4> turns{};
  if (date.month) {
    const double angle = 2 * std::numbers::pi * share_of_year(date);
    turns[0] = std::sin(angle), turns[1] = std::cos(angle);
  }
  if (date.day) {
    const unsigned weekday = std::chrono::weekday(day_of(date)).iso_encoding() - 1;  // Monday 0
    const double angle = 2 * std::numbers::pi * weekday / 7;
    turns[2] = std::sin(angle), turns[3] = std::cos(angle);
  }
  return turns;
}

}  // namespace braid
