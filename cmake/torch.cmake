# The half that needs tensors: braid_tensor (static, for the tests) and libbraid.so (what programs load).
# libtorch comes from Debian or from CMAKE_PREFIX_PATH.
find_package(Torch REQUIRED)
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
target_include_directories(braid_shared INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
add_dependencies(braid braid_shared)
