# How a module, a kernel and a test are declared. Flags live on targets, never in global variables.

add_library(hilum_flags INTERFACE)
target_compile_definitions(hilum_flags INTERFACE _GNU_SOURCE
  GLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_74 GLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_74)
target_compile_options(hilum_flags INTERFACE
  -Wall -Wextra -Wshadow -Wpointer-arith -Wundef -Wwrite-strings -Wcast-align -Wformat=2 -Wvla
  -Wno-missing-field-initializers -Wno-unused-parameter -fno-strict-aliasing -ffp-contract=off
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition>)
# clang 14 calls a variable unused that exists for its cleanup (g_autoptr); gcc knows better and still looks.
target_compile_options(hilum_flags INTERFACE $<$<C_COMPILER_ID:Clang>:-Wno-unused-variable>)
if(HILUM_WERROR)
  target_compile_options(hilum_flags INTERFACE -Werror)
endif()
if(HILUM_SANITIZE)
  target_compile_options(hilum_flags INTERFACE -fsanitize=${HILUM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(hilum_flags INTERFACE -fsanitize=${HILUM_SANITIZE})
endif()
if(HILUM_COVERAGE)
  target_compile_options(hilum_flags INTERFACE --coverage)
  target_link_options(hilum_flags INTERFACE --coverage)
endif()

# hilum_add_module(NAME SOURCES file... [USES module...] [PRIVATE third-party-target...])
# One static library hilum_NAME with the alias hilum::NAME. USES is what its headers and sources may include;
# tests/layering checks the same against the include table. Third-party packages stay private.
function(hilum_add_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_library(hilum_${name} STATIC ${ARG_SOURCES})
  add_library(hilum::${name} ALIAS hilum_${name})
  target_include_directories(hilum_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include)
  target_compile_definitions(hilum_${name} PRIVATE G_LOG_DOMAIN="hilum-${name}" HILUM_VERSION="${PROJECT_VERSION}")
  list(TRANSFORM ARG_USES PREPEND hilum::)
  target_link_libraries(hilum_${name} PUBLIC ${ARG_USES} PRIVATE hilum_flags ${ARG_PRIVATE})
endfunction()

# hilum_add_kernel(NAME [X86 variant...] [ARM variant...])
# Adds src/kernels/NAME.c and x86/NAME_<variant>.c or arm/NAME_<variant>.c for the architecture being built.
# Only the variant's own file gets the instruction-set flags.
set(HILUM_ISA_sse41 -msse4.1)
set(HILUM_ISA_avx2 -mavx2 -mbmi -mbmi2 -mlzcnt -mpopcnt)
set(HILUM_ISA_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mbmi -mbmi2 -mlzcnt -mpopcnt)
set(HILUM_ISA_neon "")
function(hilum_add_kernel name)
  cmake_parse_arguments(ARG "" "" "X86;ARM" ${ARGN})
  set(sources ${CMAKE_CURRENT_SOURCE_DIR}/${name}.c)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set(folder x86)
    set(variants ${ARG_X86})
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    set(folder arm)
    set(variants ${ARG_ARM})
  endif()
  foreach(variant IN LISTS variants)
    set(file ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/${name}_${variant}.c)
    set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS "${HILUM_ISA_${variant}}")
    list(APPEND sources ${file})
  endforeach()
  target_sources(hilum_kernels PRIVATE ${sources})
endfunction()

# hilum_add_test(NAME SOURCES file... USES module... [PRIVATE target...] [LABELS label...] [TIMEOUT seconds] [ARGS ...])
# A GLib test program registered with ctest. HILUM_TEST_DATA reaches it from the caller's environment.
function(hilum_add_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;USES;PRIVATE;LABELS;ARGS" ${ARGN})
  add_executable(test-${name} ${ARG_SOURCES})
  list(TRANSFORM ARG_USES PREPEND hilum::)
  target_link_libraries(test-${name} PRIVATE hilum_flags ${ARG_USES} ${ARG_PRIVATE} PkgConfig::GLIB m)
  target_compile_definitions(test-${name} PRIVATE G_LOG_DOMAIN="test-${name}" HILUM_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  set_target_properties(test-${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND test-${name} ${ARG_ARGS})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
    ENVIRONMENT "G_SLICE=always-malloc;G_TEST_SRCDIR=${CMAKE_CURRENT_SOURCE_DIR};G_TEST_BUILDDIR=${CMAKE_CURRENT_BINARY_DIR}")
endfunction()
