# Headers compiled once for all targets: those that nearly every file includes and nobody changes from day to day. Each is
# compiled twice, for sources and for tests, since tests have GoogleTest and options of their own.
set(VALENCE_PCH <algorithm> <array> <bit> <chrono> <cmath> <cstdint> <cstring> <filesystem> <functional> <limits> <map>
    <memory> <optional> <set> <span> <stdexcept> <string> <string_view> <unordered_map> <utility> <variant> <vector>
    <fmt/format.h> <boost/outcome/basic_result.hpp> <boost/outcome/try.hpp>)

# valence_precompiled(TARGET HEADERS… LINK LIBRARIES…): an object library whose precompiled header others reuse.
function(valence_precompiled target)
    cmake_parse_arguments(arg "" "" "HEADERS;LINK" ${ARGN})
    set(source ${PROJECT_BINARY_DIR}/generated/${target}.cpp)
    file(CONFIGURE OUTPUT ${source} CONTENT "// Only gives the precompiled header a target.\n")
    add_library(${target} OBJECT ${source})
    target_link_libraries(${target} PRIVATE ${arg_LINK})
    target_precompile_headers(${target} PRIVATE ${arg_HEADERS})
endfunction()

valence_precompiled(valence_pch HEADERS ${VALENCE_PCH} LINK valence_warnings Boost::headers fmt::fmt)
valence_precompiled(valence_test_pch HEADERS ${VALENCE_PCH} <gtest/gtest.h>
                    LINK valence_warnings valence_test_options Boost::headers fmt::fmt GTest::gmock)
