# The three rules that every CMakeLists.txt of the tree is written in.
#
#   dnnd_library(engine_ops DEPS engine_ir engine_onednn)     one room = one static library of all its .cc files
#   dnnd_executable(dnnctl SOURCES main.cc DEPS client_commands)
#   dnnd_test(engine_ops_test DEPS engine_ops)                all *_test.cc files of the folder, one binary
#
# Sources are globbed with CONFIGURE_DEPENDS: a new file in a room needs no edit here, and a test that nobody
# listed cannot be forgotten.

# maybe-uninitialized: GCC 12 reports every copy of an empty absl::InlinedVector.
set(DNND_WARNINGS -Wall -Wextra -Werror -Wno-maybe-uninitialized -Wno-unused-parameter -Wno-missing-field-initializers -Wno-sign-compare -Wvla)
set(DNND_HARDENING -fstack-protector-strong -fstack-clash-protection -fno-omit-frame-pointer)

add_library(dnnd_options INTERFACE)
target_include_directories(dnnd_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
target_compile_options(dnnd_options INTERFACE ${DNND_WARNINGS} ${DNND_HARDENING})
target_link_options(dnnd_options INTERFACE -Wl,-z,relro,-z,now)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_definitions(dnnd_options INTERFACE _FORTIFY_SOURCE=2)
endif()
if(DNND_SANITIZE)
  target_compile_options(dnnd_options INTERFACE -fsanitize=${DNND_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(dnnd_options INTERFACE -fsanitize=${DNND_SANITIZE})
  # Abseil was built without the sanitizer; its own annotations would expect it.
  target_compile_definitions(dnnd_options INTERFACE DNND_SANITIZE)
endif()

function(dnnd_library name)
  cmake_parse_arguments(ARG "" "" "DEPS;EXCLUDE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  foreach(excluded ${ARG_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${excluded})
  endforeach()
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC dnnd_options ${ARG_DEPS})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE dnnd_options ${ARG_DEPS})
  endif()
endfunction()

function(dnnd_executable name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE dnnd_options ${ARG_DEPS})
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()

function(dnnd_test name)
  cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "DEPS;EXCLUDE;ENVIRONMENT" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  foreach(excluded ${ARG_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${excluded})
  endforeach()
  if(NOT sources)
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  # ThreadSanitizer does not see libgomp's barriers: a team of several looks like races.
  set(team 2)
  if(DNND_SANITIZE MATCHES "thread")
    set(team 1)
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE dnnd_options ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT
                       "OMP_NUM_THREADS=${team};${ARG_ENVIRONMENT}")
  if(ARG_SERIAL)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()

# Adds each named folder that holds a CMakeLists.txt, in the order given.
macro(dnnd_add_rooms)
  foreach(room ${ARGN})
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${room}/CMakeLists.txt)
      add_subdirectory(${room})
    endif()
  endforeach()
endmacro()

# oneDNN as the target DNNL::dnnl. Debian's own CMake package asks for the OpenCL development files, which a
# program that runs on the CPU has no use for.
function(dnnd_find_onednn)
  find_path(DNNL_INCLUDE_DIR dnnl.hpp REQUIRED)
  find_library(DNNL_LIBRARY dnnl REQUIRED)
  add_library(DNNL::dnnl SHARED IMPORTED GLOBAL)
  set_target_properties(DNNL::dnnl PROPERTIES
    IMPORTED_LOCATION ${DNNL_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${DNNL_INCLUDE_DIR})
endfunction()
