#include "byte_rule.hpp"

#include <cctype>

namespace valence::conformance {
namespace {

using Names = std::map<std::string, std::uint64_t, std::less<>>;

/// sum = product { "+" product }; product = value { ("*" | "mod") value }; value = number | name | "(" sum
/// ")". All numbers are modulo 2⁶⁴.
class Evaluation {
public:
    Evaluation(std::string_view text, const Names& names) : text_(text), names_(names) {}

    std::uint64_t all() {
        const auto value = sum();
        if (!token().empty()) throw BadFixture("rule: unexpected " + std::string{token()});
        return value;
    }

private:
    std::string_view token() {
        while (!text_.empty() && text_.front() == ' ')
            text_.remove_prefix(1);
        std::size_t length = 0;
        while (length < text_.size() && std::isalnum(static_cast<unsigned char>(text_[length])) != 0)
            ++length;
        return text_.substr(0, std::max<std::size_t>(length, text_.empty() ? 0 : 1));
    }
    bool take(std::string_view wanted) {
        if (token() != wanted) return false;
        text_.remove_prefix(wanted.size());
        return true;
    }
    std::uint64_t sum() {
        auto value = product();
        while (take("+"))
            value += product();
        return value;
    }
    std::uint64_t product() {
        auto value = factor();
        for (;;) {
            if (take("*")) {
                value *= factor();
            } else if (take("mod")) {
                const auto modulus = factor();
                if (modulus == 0) throw BadFixture("rule: modulo 0");
                value %= modulus;
            } else {
                return value;
            }
        }
    }
    std::uint64_t factor() {
        if (take("(")) {
            const auto value = sum();
            if (!take(")")) throw BadFixture("rule: a bracket is not closed");
            return value;
        }
        const auto word = token();
        if (word.empty()) throw BadFixture("rule: ends too early");
        text_.remove_prefix(word.size());
        if (std::isdigit(static_cast<unsigned char>(word.front())) != 0)
            return std::stoull(std::string{word});
        const auto name = names_.find(word);
        if (name == names_.end()) throw BadFixture("rule: what is " + std::string{word});
        return name->second;
    }

    std::string_view text_;
    const Names& names_;
};

}  // namespace

ByteRule::ByteRule(std::string_view text) {
    const auto equals = text.rfind('=');
    if (equals == std::string_view::npos) throw BadFixture("no rule: " + std::string{text});
    expression_ = text.substr(equals + 1);
}

std::uint8_t ByteRule::operator()(const Names& names) const {
    return static_cast<std::uint8_t>(Evaluation{expression_, names}.all());
}

}  // namespace valence::conformance
