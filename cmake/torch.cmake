# The half that needs tensors: braid_tensor (static, for the tests) and libbraid.so (what programs load).
# libtorch comes from Debian, from CMAKE_PREFIX_PATH, or, as it lies there, from BRAID_LIBTORCH.
set(BRAID_LIBTORCH "" CACHE PATH
    "Folder with include/ and lib/ of a libtorch, to be linked without its CMake files: those of one with CUDA ask for the CUDA toolkit, which braid does not need")
if(BRAID_LIBTORCH)
  find_path(BRAID_LIBTORCH_INCLUDE torch/csrc/api/include/torch/types.h
            PATHS ${BRAID_LIBTORCH}/include NO_DEFAULT_PATH REQUIRED)
  foreach(name torch torch_cpu c10)
    find_library(BRAID_LIBTORCH_${name} ${name} PATHS ${BRAID_LIBTORCH}/lib NO_DEFAULT_PATH REQUIRED)
  endforeach()
  set(TORCH_INCLUDE_DIRS ${BRAID_LIBTORCH_INCLUDE} ${BRAID_LIBTORCH_INCLUDE}/torch/csrc/api/include)
  # libtorch.so brings the devices' libraries in. PyTorch's packages also export the std::filesystem of
  # an older C++ library, with which a program ends in a jump to nowhere: ours must be found first.
  set(TORCH_LIBRARIES "-Wl,--no-as-needed,-lstdc++,${BRAID_LIBTORCH_torch},--as-needed"
      ${BRAID_LIBTORCH_torch_cpu} ${BRAID_LIBTORCH_c10})
else()
  find_package(Torch REQUIRED)
endif()
string(REPLACE " " ";" BRAID_TORCH_FLAGS "${TORCH_CXX_FLAGS}")

add_library(braid_tensor STATIC ${BRAID_TORCH_SOURCES})
target_link_libraries(braid_tensor PUBLIC braid_base ${TORCH_LIBRARIES})
target_include_directories(braid_tensor SYSTEM PUBLIC ${TORCH_INCLUDE_DIRS})
target_compile_options(braid_tensor PUBLIC ${BRAID_TORCH_FLAGS})
if(BRAID_UNITY)
  set_target_properties(braid_tensor PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
else()
  # One precompiled header for the tree; tests reuse it.
  target_precompile_headers(braid_tensor PRIVATE ${PROJECT_SOURCE_DIR}/braid/torch_pch.h)
endif()

file(WRITE ${PROJECT_BINARY_DIR}/generated/empty.cpp "")
add_library(braid_shared SHARED ${PROJECT_BINARY_DIR}/generated/empty.cpp)
set_target_properties(braid_shared PROPERTIES OUTPUT_NAME braid VERSION ${PROJECT_VERSION}
                      SOVERSION ${PROJECT_VERSION_MAJOR})
target_link_libraries(braid_shared PRIVATE
  -Wl,--whole-archive braid_tensor braid_base -Wl,--no-whole-archive)
target_link_options(braid_shared PRIVATE -Wl,-z,now)  # see open_library
target_include_directories(braid_shared INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
add_dependencies(braid braid_shared)
