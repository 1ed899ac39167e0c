// Texts that come with a model from anyone and are shown by explorers, consoles and JSON.
#pragma once

#include <string_view>

namespace valence::ml {

/// Whether a text is valid UTF-8 (no overlong forms, no surrogates) without control characters (U+0000 …
/// U+001F, U+007F … U+009F).
bool is_plain_text(std::string_view text);

}  // namespace valence::ml
