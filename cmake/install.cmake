# cmake --install: program, library, public header, CMake package, pkg-config file.
