#include "cmd/valence/help_format.hpp"

#include <algorithm>

#include "cmd/valence/terminal.hpp"
#include <CLI/CLI.hpp>

namespace valence::cmd {
namespace {

/// Where descriptions begin.
constexpr std::size_t kColumn = 30;
/// Defaults up to this many characters stand with the option, others with the description.
constexpr std::size_t kLongestDefault = 24;

/// Characters that UTF-8 text takes on a line.
std::size_t length_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// The text in lines of at most `width` characters, those after the first indented by `indent`.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
    std::string out;
    std::size_t used = 0;
    while (!text.empty()) {
        const auto word = text.substr(0, std::min(text.find(' '), text.size()));
        const auto length = length_of(word);
        if (used > 0 && used + 1 + length > width) {
            out += '\n' + std::string(indent, ' ');
            used = 0;
        }
        if (used > 0) out += ' ';
        out += word;
        used += length + (used > 0 ? 1 : 0);
        text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
    return out;
}

std::string entry(const std::string& name, const std::string& description) {
    std::string out = "  " + name;
    if (description.empty()) return out + '\n';
    const auto length = length_of(out);
    // Two spaces at least between the columns.
    out += length + 2 > kColumn ? '\n' + std::string(kColumn, ' ') : std::string(kColumn - length, ' ');
    return out + wrapped(description, kColumn, terminal_width() - kColumn) + '\n';
}

/// "{a,b}" or "[a,b]" as "a, b".
std::string listed(std::string names) {
    if (names.starts_with('{') || names.starts_with('[')) names = names.substr(1, names.size() - 2);
    for (std::size_t i = 0; (i = names.find(',', i)) != std::string::npos; i += 2)
        names.insert(i + 1, " ");
    return names;
}

/// What the parser calls a type and its check: "UINT:INT in [0 - 64]", "TEXT:{a,b}", "TEXT:FILE".
struct TypeText {
    /// Behind the option's name.
    std::string shown;
    /// "0 to 64"; empty without a range.
    std::string range;
};

TypeText type_of(const CLI::Option& option) {
    const std::string name = option.get_type_name();
    const auto colon = name.find(':');
    const auto base = name.substr(0, colon);
    const auto check = colon == std::string::npos ? std::string{} : name.substr(colon + 1);
    TypeText type;
    type.shown = base == "UINT" || base == "INT" ? "N" : base == "FLOAT" ? "X" : base;
    const auto open = check.find(" in [");
    if (open != std::string::npos) {
        type.range = check.substr(open + 5, check.find(']') - open - 5);
        if (const auto dash = type.range.find(" - "); dash != std::string::npos)
            type.range.replace(dash, 3, " to ");
    } else if (!check.empty()) {
        type.shown = check;
    }
    return type;
}

class HelpFormat final : public CLI::Formatter {
public:
    std::string make_option_opts(const CLI::Option* option) const override {
        std::string out;
        if (option->get_type_size() != 0) {
            const auto type = type_of(*option);
            // Sets of values stand with the description: they are long.
            out = type.shown.starts_with('{') ? " NAME" : " " + type.shown;
            const auto usual = option->get_default_str();
            if (!usual.empty() && usual.size() <= kLongestDefault) out += "=" + usual;
            if (option->get_expected_max() == CLI::detail::expected_max_vector_size) out += " …";
        }
        return out;
    }

    std::string make_option_desc(const CLI::Option* option) const override {
        auto out = option->get_description();
        const auto note = [&out](const std::string& text) { out += " (" + text + ")"; };
        const auto type = type_of(*option);
        if (option->get_type_size() != 0 && type.shown.starts_with('{')) note(listed(type.shown));
        if (option->get_default_str().size() > kLongestDefault)
            note("without it " + listed(option->get_default_str()));
        if (!type.range.empty()) note(type.range);
        if (option->get_required() && option->nonpositional()) note("required");
        if (!option->get_envname().empty()) note("or in " + option->get_envname());
        for (const auto* other : option->get_needs())
            note("with " + other->get_name());
        for (const auto* other : option->get_excludes())
            note("not with " + other->get_name());
        return out;
    }

    std::string make_option(const CLI::Option* option, bool is_positional) const override {
        return entry(make_option_name(option, is_positional) + make_option_opts(option),
                     make_option_desc(option));
    }

    std::string make_subcommand(const CLI::App* command) const override {
        return entry(command->get_display_name(true), command->get_description());
    }

    std::string make_description(const CLI::App* app) const override {
        return wrapped(app->get_description(), 0, terminal_width()) + '\n';
    }

    std::string make_footer(const CLI::App* app) const override {
        return wrapped(app->get_footer(), 0, terminal_width()) + '\n';
    }

    std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override {
        return CLI::detail::find_and_replace(CLI::Formatter::make_help(app, std::move(name), mode), "\n\n\n",
                                             "\n\n");
    }
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> make_help_format() { return std::make_shared<HelpFormat>(); }

}  // namespace valence::cmd
