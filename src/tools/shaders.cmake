# The library's own shaders, compiled at build time by the code that compiles users' kernels.
#
# Needs before it: target forge_glslang (INTERFACE: glslang's headers as SYSTEM, its libraries), and Threads::Threads.
# Gives:
#   forge_shader_compiler    OBJECT library: glslang and reflection without Vulkan. Link it into forge; take
#                            FORGE_SHADER_COMPILER_SOURCES out of any glob of src/forge.
#   shader_pack              the program
#   FORGE_SHADER_SOURCES     generated .cpp files: add them to forge, and add_dependencies(forge forge_shader_sources)
#   FORGE_SHADER_INCLUDE     folder of the generated headers: #include "forge_shaders/<family>/<name>.hpp"

set(_forge_src ${CMAKE_CURRENT_LIST_DIR}/..)
set(_forge_shaders ${CMAKE_CURRENT_LIST_DIR}/../../shaders)
get_filename_component(_forge_src ${_forge_src} ABSOLUTE)
get_filename_component(_forge_shaders ${_forge_shaders} ABSOLUTE)
set(FORGE_SHADER_INCLUDE ${CMAKE_CURRENT_BINARY_DIR}/shaders)

set(FORGE_SHADER_COMPILER_SOURCES ${_forge_src}/forge/core/error.cpp)
foreach(_name compile compile_log describe includer reflect runaway spirv_access spirv_module spirv_shared spirv_types)
  list(APPEND FORGE_SHADER_COMPILER_SOURCES ${_forge_src}/forge/shader/${_name}.cpp)
endforeach()
add_library(forge_shader_compiler OBJECT ${FORGE_SHADER_COMPILER_SOURCES})
target_compile_features(forge_shader_compiler PUBLIC cxx_std_20)
target_include_directories(forge_shader_compiler PUBLIC ${_forge_src})
target_link_libraries(forge_shader_compiler PUBLIC forge_glslang)
set_target_properties(forge_shader_compiler PROPERTIES POSITION_INDEPENDENT_CODE ON)

# glslang is built without type information, which UBSan's check of virtual calls would look for.
if(NOT MSVC)
  set_source_files_properties(${_forge_src}/forge/shader/compile.cpp ${_forge_src}/forge/shader/includer.cpp
    PROPERTIES COMPILE_OPTIONS -fno-sanitize=vptr)
endif()

file(GLOB _pack_sources CONFIGURE_DEPENDS ${_forge_src}/tools/pack/*.cpp)
add_executable(shader_pack ${_forge_src}/tools/shader_pack.cpp ${_pack_sources})
target_link_libraries(shader_pack PRIVATE forge_shader_compiler Threads::Threads)

file(GLOB_RECURSE _shader_files CONFIGURE_DEPENDS
  ${_forge_shaders}/*.comp ${_forge_shaders}/*.vert ${_forge_shaders}/*.frag ${_forge_shaders}/*.glsl)

# What shader_pack will write, told from the names: a .cpp a folder, a header a stem.
set(FORGE_SHADER_SOURCES ${FORGE_SHADER_INCLUDE}/registry.cpp ${FORGE_SHADER_INCLUDE}/library_includes.cpp)
set(_shader_headers "")
foreach(_file ${_shader_files})
  file(RELATIVE_PATH _below ${_forge_shaders} ${_file})
  get_filename_component(_family "${_below}" DIRECTORY)
  get_filename_component(_stem "${_below}" NAME_WLE)
  if(_family MATCHES "^include" OR _below MATCHES "\\.glsl$")
    continue()
  endif()
  if(_family STREQUAL "")
    list(APPEND FORGE_SHADER_SOURCES ${FORGE_SHADER_INCLUDE}/modules_top.cpp)
    list(APPEND _shader_headers ${FORGE_SHADER_INCLUDE}/forge_shaders/${_stem}.hpp)
  else()
    string(REPLACE "/" "_" _word "${_family}")
    list(APPEND FORGE_SHADER_SOURCES ${FORGE_SHADER_INCLUDE}/modules_${_word}.cpp)
    list(APPEND _shader_headers ${FORGE_SHADER_INCLUDE}/forge_shaders/${_family}/${_stem}.hpp)
  endif()
endforeach()
list(REMOVE_DUPLICATES FORGE_SHADER_SOURCES)
list(REMOVE_DUPLICATES _shader_headers)

# The report is committed; a build from a read-only or installed source tree goes without.
set(FORGE_SHADER_REPORT ${_forge_shaders}/report.txt CACHE FILEPATH "Where shader_pack writes its report; empty: nowhere")
set(_report_words "")
if(FORGE_SHADER_REPORT)
  set(_report_words --report ${FORGE_SHADER_REPORT})
endif()

# Ninja sees which of these files really changed (shader_pack keeps the rest as they are) and rebuilds only their users.
# A file that goes away changes no file: the stamp's name follows the list, so that this runs then too.
string(MD5 _list_hash "${_shader_files}")
set(_shader_stamp ${FORGE_SHADER_INCLUDE}/${_list_hash}.stamp)
add_custom_command(
  OUTPUT ${_shader_stamp}
  BYPRODUCTS ${FORGE_SHADER_SOURCES} ${_shader_headers}
  COMMAND shader_pack --out ${FORGE_SHADER_INCLUDE} ${_report_words} ${_forge_shaders}
  COMMAND ${CMAKE_COMMAND} -E touch ${_shader_stamp}
  DEPENDS shader_pack ${_shader_files}
  COMMENT "Compiling shaders"
  VERBATIM)
add_custom_target(forge_shader_sources DEPENDS ${_shader_stamp})
set_source_files_properties(${FORGE_SHADER_SOURCES} PROPERTIES GENERATED TRUE)
