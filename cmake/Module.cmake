# valence_module(NAME DEPENDS …): the library valence::NAME from this folder's sources (subfolders too), its unit
# tests (*_test.cpp → program NAME_test, registered with CTest), and its fuzz targets (*_fuzz.cpp → one program each).
#   DEPENDS   modules and libraries that users of the headers need too
#   PRIVATE   libraries only the sources need
#   PCH       more headers for the sources' precompiled header
#   APART, TESTS_APART   patterns of sources and of tests that are not compiled together with others (cmake/Unity.cmake)
#   OWN_PCH   when the module's options differ from those that the shared precompiled header was compiled with
include(GoogleTest)

function(valence_module name)
    cmake_parse_arguments(arg "OWN_PCH" "" "DEPENDS;PRIVATE;PCH;APART;TESTS_APART" ${ARGN})
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
        if(arg_PCH OR arg_OWN_PCH)
            target_precompile_headers(valence_${name} PRIVATE ${VALENCE_PCH} ${arg_PCH})
        else()
            target_precompile_headers(valence_${name} REUSE_FROM valence_pch)
        endif()
        valence_unity(valence_${name} APART ${arg_APART})
    else()
        add_library(valence_${name} INTERFACE)
        set(scope INTERFACE)
    endif()
    add_library(valence::${name} ALIAS valence_${name})
    target_include_directories(valence_${name} ${scope} ${PROJECT_SOURCE_DIR})
    target_link_libraries(valence_${name} ${scope} ${arg_DEPENDS})

    if(tests)
        add_executable(${name}_test ${tests})
        target_link_libraries(${name}_test PRIVATE valence_${name} ${arg_PRIVATE})
        valence_test(${name}_test ${name} APART ${arg_TESTS_APART})
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

# valence_test(TARGET PREFIX): what makes an executable a GoogleTest program whose tests CTest knows as PREFIX.*.
function(valence_test target prefix)
    cmake_parse_arguments(arg "" "" "APART" ${ARGN})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${target} PRIVATE valence_warnings valence_test_options GTest::gmock_main)
    target_precompile_headers(${target} REUSE_FROM valence_test_pch)
    valence_unity(${target} APART ${arg_APART})
    gtest_discover_tests(${target} TEST_PREFIX ${prefix}. DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES)
endfunction()

# valence_program(TARGET LIBRARY… PCH HEADERS…): a program of ours that links the libraries. With headers of its own it has
# a precompiled header of its own, and may have options of its own.
function(valence_program target)
    cmake_parse_arguments(arg "" "" "PCH" ${ARGN})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
    target_link_libraries(${target} PRIVATE valence::base valence_warnings ${arg_UNPARSED_ARGUMENTS})
    if(arg_PCH)
        target_precompile_headers(${target} PRIVATE ${VALENCE_PCH} ${arg_PCH})
    else()
        target_precompile_headers(${target} REUSE_FROM valence_pch)
    endif()
    valence_unity(${target})
endfunction()
