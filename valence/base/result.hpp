// Result<T>: a value or an Error. How every function that can fail on its input answers; exceptions stay
// inside the borders of third-party libraries, and a broken invariant ends the program through VALENCE_CHECK.
//
//     Result<Header> decode_header(BytesView rlp);
//     BOOST_OUTCOME_TRY(const auto header, decode_header(bytes));       // passes an error on
//
// A module names its errors in an enum class and makes it an std::error_code:
//
//     enum class RlpError { truncated = 1, … };
//     std::error_code make_error_code(RlpError);                         // plus std::is_error_code_enum
//     return Error{RlpError::truncated, "list of 9 bytes, 4 present"};
#pragma once

#include <concepts>
#include <string>
#include <system_error>
#include <utility>

#include <boost/outcome/basic_result.hpp>
#include <boost/outcome/policy/terminate.hpp>
#include <boost/outcome/try.hpp>

namespace valence::base {

/// What went wrong: a stable code, and for people where and with which values.
struct Error {
    std::error_code code;
    std::string context;

    Error() = default;
    template <typename Enum>
        requires std::is_error_code_enum<Enum>::value
    Error(Enum e, std::string c = {}) : code(make_error_code(e)), context(std::move(c)) {}
    Error(std::error_code e, std::string c = {}) : code(e), context(std::move(c)) {}

    /// "message: context"
    std::string message() const { return context.empty() ? code.message() : code.message() + ": " + context; }
    bool operator==(const Error& other) const { return code == other.code; }
};

/// Reading the value of a failed Result, or the error of a good one, ends the program.
template <typename T>
using Result = boost::outcome_v2::basic_result<T, Error, boost::outcome_v2::policy::terminate>;

/// Ok for Result<void>.
inline auto success() { return boost::outcome_v2::success(); }

[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace valence::base

/// Ends the program with a message when an invariant of ours does not hold. Never for bad input.
#define VALENCE_CHECK(expression) \
    (static_cast<bool>(expression) ? void(0) : ::valence::base::check_failed(#expression, __FILE__, __LINE__))

namespace valence {
using base::Error;
using base::Result;
using base::success;
}  // namespace valence
