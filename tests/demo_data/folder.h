// A temporary folder that goes with the test.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "braid/core/file.h"

namespace braid::test {

class Folder {
 public:
  Folder() {
    std::string name = testing::TempDir() + "braid_demo_XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void put(const std::string& name, const std::string& text) const {
    make_folder((path_ / name).parent_path());
    write_atomic(path_ / name, text);
  }
  // A CLDR annotation file with these <annotation> elements.
  void put_annotations(const std::string& name, const std::string& elements) const {
    put(name,
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<!DOCTYPE ldml SYSTEM \"x.dtd\">\n<ldml>"
        "<annotations>" +
            elements + "</annotations></ldml>\n");
  }

 private:
  std::filesystem::path path_;
};

}  // namespace braid::test
