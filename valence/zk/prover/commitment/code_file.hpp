// A codeword in a file without a name, which is gone when nobody has it open any more. A code of gigabytes is
// written once and read at some hundred positions of each proof: the system need not keep it in memory.
#pragma once

#include <optional>
#include <span>

#include "valence/zk/protocol/field/goldilocks.hpp"

namespace valence::zk {

class CodeFile {
public:
    /// In the directory for temporary files (TMPDIR). Nothing where there is no room for it.
    static std::optional<CodeFile> of(std::span<const Goldilocks> code);
    ~CodeFile();
    CodeFile(CodeFile&& other) noexcept;
    CodeFile& operator=(CodeFile&&) = delete;

    /// Read from the file where it is looked at.
    std::span<const Goldilocks> code() const { return code_; }

private:
    explicit CodeFile(std::span<const Goldilocks> code) : code_(code) {}

    std::span<const Goldilocks> code_;  // a mapping, or empty
};

}  // namespace valence::zk
