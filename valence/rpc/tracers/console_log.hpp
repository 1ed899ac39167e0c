// console.log of Hardhat's console.sol: contracts call a precompile-like address with an ABI-encoded message,
// and a tracer reads it. For `valence dev` and tests; the calls themselves do nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "valence/evm/tracer.hpp"

namespace valence::rpc::tracers {

/// "console.log" in ASCII, right-aligned.
inline constexpr auto kConsoleAddress = "0x000000000000000000636f6e736f6c652e6c6f67"_address;

/// The line a call with this data prints: every overload of console.sol, those of old versions with `uint`
/// and `int` selectors too. A first string may hold %s, %d, %i, %o, %x, %% as in Node's console. Nothing when
/// the data is no console.log call.
std::optional<std::string> console_line(BytesView calldata);

/// Collects the lines a transaction prints, reverted frames' too: they are what one debugs.
class ConsoleTracer : public evm::Tracer {
public:
    void on_enter(const evm::Message& message, evm::Host&) override;
    const std::vector<std::string>& lines() const { return lines_; }
    std::vector<std::string> take_lines() {
        bytes_ = 0;
        return std::exchange(lines_, {});
    }

private:
    /// What goes beyond is dropped: one transaction must fill neither the log nor the memory.
    static constexpr std::size_t kMaxLines = 10'000;
    static constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
    std::vector<std::string> lines_;
    std::size_t bytes_ = 0;
};

}  // namespace valence::rpc::tracers
