// NAME=VALUE on the command line.
#pragma once

#include <string>
#include <utility>

namespace braid {

// "speed=log/speed.csv" -> {"speed", "log/speed.csv"}. Throws Error(kUsage) with the example.
std::pair<std::string, std::string> named_value(const std::string& text, const char* example);

// "train=0.8" -> {"train", 0.8}.
std::pair<std::string, double> named_number(const std::string& text, const char* example);

}  // namespace braid
