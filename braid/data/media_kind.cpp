#include "braid/data/media_kind.h"

#include <cctype>
#include <unordered_map>

namespace braid {

std::string media_kind(std::string_view name) {
  static const std::unordered_map<std::string, std::string> kKinds = {
      {"jpg", "picture"}, {"jpeg", "picture"}, {"png", "picture"},  {"webp", "picture"},
      {"gif", "picture"}, {"ppm", "picture"},  {"pgm", "picture"},  {"pbm", "picture"},
      {"pnm", "picture"},
      {"bmp", "picture"}, {"tif", "picture"},  {"tiff", "picture"}, {"wav", "sound"},
      {"flac", "sound"},  {"ogg", "sound"},    {"mp3", "sound"},    {"opus", "sound"},
      {"mp4", "video"},   {"mpg", "video"},    {"mkv", "video"},    {"webm", "video"},
      {"avi", "video"},   {"mov", "video"},    {"bin", "file"},     {"npy", "file"},
      {"npz", "file"},    {"idx", "file"},     {"zst", "file"},     {"tgz", "file"},
      {"obj", "file"},    {"off", "file"},     {"ply", "file"},     {"stl", "file"},
      {"glb", "file"},    {"dcm", "file"},     {"gz", "file"},      {"tar", "file"}};
  const size_t dot = name.rfind('.');
  if (dot == name.npos) return "";
  std::string extension(name.substr(dot + 1));
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto known = kKinds.find(extension);
  return known == kKinds.end() ? "" : known->second;
}

}  // namespace braid
