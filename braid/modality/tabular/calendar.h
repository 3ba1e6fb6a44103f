// Dates as people write them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace braid {

// What 3/4/2020 means; other forms tell by themselves.
enum class DateOrder { kDayFirst, kMonthFirst };

struct CalendarDate {
  int year = 0;
  int month = 0;  // 0 = not said
  int day = 0;    // 0 = not said
};

// ISO 8601 (2020-03-04, 2020-03, with or without a time of day, which is left out), 2020/3/4,
// 2020.3.4, 20200304, 4.3.2020, 4/3/2020, 4-3-2020, 4 March 2020, Mar 4, 2020, March 2020,
// 2020年3月4日, 2020年3月, 2020. Nothing for other text and for days that no calendar has.
std::optional<CalendarDate> date_of(std::string_view text, DateOrder order);

// The year with its fraction; of what is not said, the middle.
double year_of(const CalendarDate& date);

// sin and cos of the place in the year, then of the day of the week; 0 where not said.
std::array<double, 4> turns_of(const CalendarDate& date);

}  // namespace braid
