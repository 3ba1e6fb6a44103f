// The program.
#include <cstdio>

#include "braid/version.h"

int main() {
  std::puts("braid " BRAID_VERSION);
  return 0;
}
