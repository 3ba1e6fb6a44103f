#include "braid/cli/terminal.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>

#include "braid/core/text.h"

namespace braid {
namespace {

using Clock = std::chrono::steady_clock;

std::string rate_text(const Progress& p) {
  char text[64];
  if (p.rate >= 1 || p.rate == 0) {
    std::snprintf(text, sizeof text, "%.*f %s/s", p.rate < 100 ? 1 : 0, p.rate, p.unit.c_str());
  } else {
    std::snprintf(text, sizeof text, "%.1f s/%s", 1 / p.rate, p.unit.c_str());
  }
  return text;
}

std::string line_text(const Progress& p) {
  std::string text = p.stage + " " + std::to_string(p.done);
  if (p.total > 0) text += "/" + std::to_string(p.total);
  text += " " + rate_text(p);
  if (!p.finished && p.eta_s > 0) text += ", " + duration_text(p.eta_s) + " left";
  if (!p.note.empty()) text += ", " + p.note;
  return text;
}

size_t terminal_width() {
  winsize size{};
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void draw_bar(const Progress& p) {
  const size_t width = terminal_width() - 1;
  std::string line = line_text(p);
  constexpr size_t kBar = 20;
  if (p.total > 0 && line.size() + kBar + 3 <= width) {
    const double share =
        std::clamp(static_cast<double>(p.done) / static_cast<double>(p.total), 0.0, 1.0);
    const auto filled = static_cast<size_t>(share * kBar);
    line = "[" + std::string(filled, '#') + std::string(kBar - filled, '.') + "] " + line;
  }
  if (line.size() > width) line.resize(width);
  std::fprintf(stderr, "\r\033[K%s%s", line.c_str(), p.finished ? "\n" : "");
  std::fflush(stderr);
}

void print_notice(const Progress& p) {
  const char* clear = isatty(STDERR_FILENO) ? "\r\033[K" : "";
  std::fprintf(stderr, "%s%s: %s\n", clear, p.stage.c_str(), printable(p.note).c_str());
}

StopFlag g_stop;

void on_signal(int number) {
  if (g_stop.requested()) {
    signal(number, SIG_DFL);
    raise(number);
  }
  g_stop.request();
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  char text[32];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", static_cast<long long>(whole / 3600),
                  static_cast<long long>(whole / 60 % 60), static_cast<long long>(whole % 60));
  } else {
    std::snprintf(text, sizeof text, "%lld:%02lld", static_cast<long long>(whole / 60),
                  static_cast<long long>(whole % 60));
  }
  return text;
}

ProgressSink progress_display(bool quiet) {
  if (quiet) return {};
  if (isatty(STDERR_FILENO)) {
    return [](const Progress& p) { p.notice ? print_notice(p) : draw_bar(p); };
  }
  const auto last = std::make_shared<Clock::time_point>(Clock::now());
  const auto said = std::make_shared<int64_t>(-1);  // units done when the last line was written
  return [last, said](const Progress& p) {
    if (p.notice) return print_notice(p);
    constexpr auto kEvery = std::chrono::seconds(5);
    const bool due = Clock::now() - *last >= kEvery;
    const bool closing = p.finished && *said >= 0 && *said != p.done;
    if (closing || (due && !p.finished)) {
      *last = Clock::now();
      *said = p.finished ? -1 : p.done;
    } else {
      return;  // what ends within seconds needs no line
    }
    std::fprintf(stderr, "%s\n", line_text(p).c_str());
  };
}

void print_bad(const std::vector<BadSample>& bad) {
  if (bad.empty()) return;
  std::fprintf(stderr, "%zu unreadable, skipped:\n", bad.size());
  for (size_t i = 0; i < bad.size() && i < 5; ++i) {
    std::fprintf(stderr, "  %s\n", printable(bad[i].where + ": " + bad[i].message).c_str());
  }
  if (bad.size() > 5) std::fprintf(stderr, "  and %zu more\n", bad.size() - 5);
}

void print_notes(const std::vector<std::string>& notes) {
  for (const auto& note : notes) std::fprintf(stderr, "%s\n", printable(note).c_str());
}

StopFlag& stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return g_stop;
}

}  // namespace braid
