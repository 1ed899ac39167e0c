#include "valence/rpc/parse_message.hpp"

#include <boost/json/basic_parser_impl.hpp>

namespace valence::rpc {

namespace json = boost::json;

namespace {

using ErrorCode = boost::system::error_code;

/// Objects of so many members are compared quickly whatever their keys are.
constexpr std::size_t kFewMembers = 32;

/// Makes values of what the parser finds, as json::parser does, and counts them. The interface is
/// json::basic_parser's.
class CountedValues {
public:
    static constexpr std::size_t max_object_size = kMostMembers;
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = kMostKeyBytes;
    static constexpr std::size_t max_string_size = json::string::max_size();

    CountedValues(std::size_t most, unsigned char* buffer, std::size_t size)
        : stack_({}, buffer, size), left_(most) {}

    void begin(json::storage_ptr memory) { stack_.reset(std::move(memory)); }
    json::value release() { return stack_.release(); }

    bool on_document_begin(ErrorCode&) { return true; }
    bool on_document_end(ErrorCode&) { return true; }
    bool on_object_begin(ErrorCode&) { return true; }
    bool on_object_end(std::size_t size, ErrorCode& error) {
        const auto comparisons = size > kFewMembers ? size * size : 0;
        if (comparisons > comparisons_left_) {
            error = json::error::object_too_large;
            return false;
        }
        comparisons_left_ -= comparisons;
        stack_.push_object(size);
        return count(error);
    }
    bool on_array_begin(ErrorCode&) { return true; }
    bool on_array_end(std::size_t size, ErrorCode& error) {
        stack_.push_array(size);
        return count(error);
    }
    bool on_key_part(json::string_view part, std::size_t, ErrorCode&) {
        stack_.push_chars(part);
        return true;
    }
    bool on_key(json::string_view rest, std::size_t, ErrorCode& error) {
        stack_.push_key(rest);
        return count(error);
    }
    bool on_string_part(json::string_view part, std::size_t, ErrorCode&) {
        stack_.push_chars(part);
        return true;
    }
    bool on_string(json::string_view rest, std::size_t, ErrorCode& error) {
        stack_.push_string(rest);
        return count(error);
    }
    bool on_number_part(json::string_view, ErrorCode&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, ErrorCode& error) {
        stack_.push_int64(number);
        return count(error);
    }
    bool on_uint64(std::uint64_t number, json::string_view, ErrorCode& error) {
        stack_.push_uint64(number);
        return count(error);
    }
    bool on_double(double number, json::string_view, ErrorCode& error) {
        stack_.push_double(number);
        return count(error);
    }
    bool on_bool(bool is_true, ErrorCode& error) {
        stack_.push_bool(is_true);
        return count(error);
    }
    bool on_null(ErrorCode& error) {
        stack_.push_null();
        return count(error);
    }
    bool on_comment_part(json::string_view, ErrorCode&) { return true; }
    bool on_comment(json::string_view, ErrorCode&) { return true; }

private:
    bool count(ErrorCode& error) {
        if (left_ == 0) {
            error = json::error::array_too_large;
            return false;
        }
        --left_;
        return true;
    }

    json::value_stack stack_;
    std::size_t left_;
    /// Twice the pairs of one object's keys that may still be compared: of all objects no more than of the
    /// largest one.
    std::size_t comparisons_left_ = kMostMembers * kMostMembers;
};

}  // namespace

std::variant<json::value, MessageFault> parse_message(std::string_view message, const Limits& limits,
                                                      json::storage_ptr memory) {
    json::parse_options options;
    options.max_depth = limits.json_depth;
    unsigned char buffer[BOOST_JSON_STACK_BUFFER_SIZE];
    json::basic_parser<CountedValues> parser(options, limits.json_values, buffer, sizeof buffer);
    parser.handler().begin(std::move(memory));
    ErrorCode error;
    const auto read = parser.write_some(false, message.data(), message.size(), error);
    if (error == json::error::array_too_large || error == json::error::object_too_large ||
        error == json::error::key_too_large)
        return MessageFault::too_many_values;
    if (error || read < message.size()) return MessageFault::malformed;
    return parser.handler().release();
}

}  // namespace valence::rpc
