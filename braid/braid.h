// braid for programs: a trained run turned into vectors, an index asked in words or pictures.
//
//   braid::Engine engine("runs/emoji");
//   std::vector<float> v = engine.embed_text("red apple");
//   for (const braid::Hit& hit : engine.search("emoji.index", v, 5)) std::cout << hit.key << '\n';
//
// Link libbraid (CMake: braid::braid; pkg-config: braid). Free of torch types. Failures throw
// braid::Error (braid/core/error.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "braid/core/error.h"

namespace braid {

// One answer of a search.
struct Hit {
  std::string key;       // of the manifest's row
  double score = 0;      // cosine, -1 .. 1
  std::string metadata;  // the manifest's row, one JSON object
  std::string file;      // where its bytes lie, relative to the index; may be empty
};

// A run directory, loaded: about half a second. Calls are safe from many threads.
class __attribute__((visibility("default"))) Engine {
 public:
  // `device`: "cpu", "cuda", "cuda:N", or "auto" for CUDA where there is some. Throws
  // Error(kNotFound) where no finished run is, Error(kState) where its weights were changed,
  // Error(kUsage) for a device that is not there.
  explicit Engine(const std::string& run, const std::string& device = "cpu");
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  int64_t width() const;                    // D, length of a whole vector
  std::vector<std::string> fields() const;  // of the recipe

  // One value as a unit vector [D]. `field` is a field of the recipe; bytes are a file's content (a
  // picture) or text. `width`: one of the widths that the run trained, 0 = whole. Throws
  // Error(kUsage) for an unknown field or width, Error(kInput, kLimit) for bytes it cannot read.
  std::vector<float> embed(std::string_view field, std::span<const std::byte> bytes,
                           int64_t width = 0) const;
  // With the first text field, the first image field.
  std::vector<float> embed_text(std::string_view text, int64_t width = 0) const;
  std::vector<float> embed_image(const std::string& file, int64_t width = 0) const;

  // The k best of an index made with this run. Throws Error(kState) when it was made with another.
  std::vector<Hit> search(const std::string& index, std::span<const float> query, int64_t k) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace braid
