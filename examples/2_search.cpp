// A run directory, an index made with it, and a text -> the nearest items.
#include <cstdio>

#include <braid/braid.h>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s RUN INDEX TEXT\n", argv[0]);
    return 2;
  }
  try {
    const braid::Engine engine(argv[1]);
    for (const auto& hit : engine.search(argv[2], engine.embed_text(argv[3]), 5)) {
      std::printf("%.3f  %s  %s\n", hit.score, hit.key.c_str(), hit.file.c_str());
    }
    return 0;
  } catch (const braid::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return braid::exit_status(error.code());
  }
}
