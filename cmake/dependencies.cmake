# Libraries of the torch-free half, all from Debian packages (see scripts/setup).
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(CLI11 REQUIRED)  # header-only, for the program
foreach(need
    yaml-cpp:yaml-cpp nlohmann_json:nlohmann_json jpeg:libjpeg png:libpng webp:libwebp
    webpdemux:libwebpdemux tiff:libtiff-4 icu:icu-i18n sqlite:sqlite3 archive:libarchive
    freetype:freetype2 harfbuzz:harfbuzz pugixml:pugixml xxhash:libxxhash hwy:libhwy
    sndfile:sndfile soxr:soxr kissfft:kissfft-float)
  string(REPLACE ":" ";" pair ${need})
  list(GET pair 0 name)
  list(GET pair 1 module)
  string(REPLACE "-" "_" name ${name})
  pkg_check_modules(BRAID_${name} REQUIRED IMPORTED_TARGET ${module})
  list(APPEND BRAID_LIBRARIES PkgConfig::BRAID_${name})
endforeach()

# libav is loaded when a file needs it (braid/modality/sound/av_library.h): its headers alone.
pkg_check_modules(BRAID_AV REQUIRED libavformat libavcodec libavutil)

# oneDNN carries the fp32 GEMMs; Debian 12 has version 2, Debian 13 version 3.
find_library(BRAID_DNNL dnnl REQUIRED)
find_path(BRAID_DNNL_INCLUDE oneapi/dnnl/dnnl.hpp REQUIRED)

# Snowball's stems of words; it has no pkg-config file.
find_library(BRAID_STEMMER stemmer REQUIRED)
find_path(BRAID_STEMMER_INCLUDE libstemmer.h REQUIRED)

# giflib has no pkg-config file of its own; only some distributions add one.
find_library(BRAID_GIF gif REQUIRED)
find_path(BRAID_GIF_INCLUDE gif_lib.h REQUIRED)

# FAISS, a static library: its users link OpenMP, LAPACK and BLAS after it, in this order.
find_library(BRAID_FAISS faiss REQUIRED)
find_library(BRAID_LAPACK lapack REQUIRED)
find_library(BRAID_BLAS blas REQUIRED)

add_library(braid_dependencies INTERFACE)
target_link_libraries(braid_dependencies INTERFACE ${BRAID_LIBRARIES} ${BRAID_DNNL} ${BRAID_GIF}
                      ${BRAID_STEMMER} ${BRAID_FAISS} ${BRAID_LAPACK} ${BRAID_BLAS} Threads::Threads
                      ${CMAKE_DL_LIBS})
target_include_directories(braid_dependencies SYSTEM INTERFACE ${BRAID_DNNL_INCLUDE} ${BRAID_AV_INCLUDE_DIRS}
                           ${BRAID_GIF_INCLUDE} ${BRAID_STEMMER_INCLUDE})
