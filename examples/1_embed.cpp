// A run directory and two texts -> their vectors, and how near they are.
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

#include <braid/braid.h>

namespace {

void print_vector(const char* text, const std::vector<float>& vector) {
  std::printf("%s: width %zu:", text, vector.size());
  for (size_t i = 0; i < std::min<size_t>(vector.size(), 6); ++i) std::printf(" %.3f", vector[i]);
  std::puts(" ...");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s RUN TEXT TEXT\n", argv[0]);
    return 2;
  }
  try {
    const braid::Engine engine(argv[1]);
    const auto a = engine.embed_text(argv[2]), b = engine.embed_text(argv[3]);
    print_vector(argv[2], a);
    print_vector(argv[3], b);
    // Vectors have length 1: their product is the cosine.
    std::printf("cosine %.3f\n", std::inner_product(a.begin(), a.end(), b.begin(), 0.0));
    return 0;
  } catch (const braid::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return braid::exit_status(error.code());
  }
}
