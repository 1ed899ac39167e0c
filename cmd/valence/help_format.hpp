// How `--help` looks: descriptions wrapped to the width of the terminal, ranges in words.
#pragma once

#include <memory>

namespace CLI {
class FormatterBase;
}

namespace valence::cmd {

std::shared_ptr<CLI::FormatterBase> make_help_format();

}  // namespace valence::cmd
