# valence_module(NAME DEPENDS …): the library valence::NAME from this folder's sources (subfolders too), its unit
# tests (*_test.cpp → program NAME_test, registered with CTest), and its fuzz targets (*_fuzz.cpp → one program each).
#   DEPENDS   modules and libraries that users of the headers need too
#   PRIVATE   libraries only the sources need
include(GoogleTest)

# Standard headers that nearly every file includes, compiled once.
set(VALENCE_PCH <algorithm> <array> <bit> <chrono> <cstdint> <cstring> <functional> <map> <memory> <optional> <span>
    <string> <string_view> <unordered_map> <utility> <variant> <vector>)

function(valence_module name)
    cmake_parse_arguments(arg "" "" "DEPENDS;PRIVATE;PCH" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    set(tests ${sources})
    set(fuzzers ${sources})
    list(FILTER sources EXCLUDE REGEX "_(test|fuzz|bench)\\.cpp$")
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
    list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")

    if(sources)
        add_library(valence_${name} STATIC ${sources})
        set(scope PUBLIC)
        target_link_libraries(valence_${name} PRIVATE valence_warnings ${arg_PRIVATE})
        target_precompile_headers(valence_${name} PRIVATE ${VALENCE_PCH} ${arg_PCH})
    else()
        add_library(valence_${name} INTERFACE)
        set(scope INTERFACE)
    endif()
    add_library(valence::${name} ALIAS valence_${name})
    target_include_directories(valence_${name} ${scope} ${PROJECT_SOURCE_DIR})
    target_link_libraries(valence_${name} ${scope} ${arg_DEPENDS})

    if(tests)
        add_executable(${name}_test ${tests})
        target_link_libraries(${name}_test PRIVATE valence_${name} valence_warnings ${arg_PRIVATE} GTest::gmock_main)
        target_precompile_headers(${name}_test PRIVATE ${VALENCE_PCH} <gtest/gtest.h>)
        gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                             NO_PRETTY_VALUES)
    endif()
    if(VALENCE_FUZZ)
        foreach(source ${fuzzers})
            get_filename_component(target ${source} NAME_WE)
            add_executable(${target} ${source})
            target_link_libraries(${target} PRIVATE valence_${name} valence_warnings ${arg_PRIVATE})
            target_link_options(${target} PRIVATE -fsanitize=fuzzer)
        endforeach()
    endif()
endfunction()
