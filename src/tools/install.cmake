# `cmake --install` for C++ users: find_package(vulkan_forge), link vulkan_forge::forge.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/vulkan_forge)

install(TARGETS forge ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT cpp)
install(DIRECTORY src/forge DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT cpp
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*.def" PATTERN "*.inc")
install(DIRECTORY ${FORGE_SHADER_INCLUDE}/forge_shaders DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT cpp
        FILES_MATCHING PATTERN "*.hpp")
install(FILES ${forge_glslang_runtime} DESTINATION ${CMAKE_INSTALL_LIBDIR}/vulkan_forge COMPONENT cpp)
set(forge_glslang_names "")
foreach(library IN LISTS forge_glslang_runtime)
  get_filename_component(name ${library} NAME)
  list(APPEND forge_glslang_names ${name})
endforeach()
configure_package_config_file(src/tools/vulkan_forge-config.cmake.in
                              ${CMAKE_BINARY_DIR}/vulkan_forge-config.cmake INSTALL_DESTINATION ${package_dir}
                              PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/vulkan_forge-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/vulkan_forge-config.cmake ${CMAKE_BINARY_DIR}/vulkan_forge-config-version.cmake
        DESTINATION ${package_dir} COMPONENT cpp)
