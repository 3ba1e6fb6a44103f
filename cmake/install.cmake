# cmake --install: program, library, public headers, CMake package, pkg-config file, recipes, docs.
include(CMakePackageConfigHelpers)

install(TARGETS braid RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY recipes DESTINATION ${CMAKE_INSTALL_DATADIR}/braid OPTIONAL)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(FILES LICENSE README.md README.zh-CN.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR}
        OPTIONAL)

if(BRAID_TORCH)
  # The names that programs use: braid::braid in CMake, braid in pkg-config. libtorch stays inside:
  # braid.h has none of its types.
  set_target_properties(braid_shared PROPERTIES EXPORT_NAME braid INSTALL_RPATH_USE_LINK_PATH ON)
  target_compile_features(braid_shared INTERFACE cxx_std_20)
  install(TARGETS braid_shared EXPORT braid LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
  foreach(header braid.h core/error.h)
    get_filename_component(folder ${header} DIRECTORY)
    install(FILES braid/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/braid/${folder})
  endforeach()

  set(package ${CMAKE_INSTALL_LIBDIR}/cmake/braid)
  install(EXPORT braid NAMESPACE braid:: FILE braidTargets.cmake DESTINATION ${package})
  configure_package_config_file(cmake/braidConfig.cmake.in braidConfig.cmake
                                INSTALL_DESTINATION ${package})
  write_basic_package_version_file(braidConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/braidConfig.cmake ${PROJECT_BINARY_DIR}/braidConfigVersion.cmake
          DESTINATION ${package})
  file(RELATIVE_PATH BRAID_PC_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
  configure_file(cmake/braid.pc.in braid.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/braid.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
