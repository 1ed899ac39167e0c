// Frame: one running call or creation, and the per-thread pool of frames. The interpreter keeps program
// counter, stack top and gas in registers and puts them here when it leaves the loop.
#pragma once

#include <memory>
#include <vector>

#include "valence/evm/analysis.hpp"
#include "valence/evm/host.hpp"
#include "valence/evm/memory.hpp"
#include "valence/evm/message.hpp"
#include "valence/evm/opcodes.hpp"
#include "valence/evm/tracer.hpp"
#include "valence/evm/vm.hpp"

namespace valence::evm {

/// What all frames of a transaction share.
struct Environment {
    Revision revision;
    const BlockContext& block;
    const TransactionContext& transaction;
    Host& host;
    Tracer* tracer;
    Limits limits;
};

inline constexpr std::size_t kStackLimit = 1024;
inline constexpr std::int32_t kDepthLimit = 1024;

/// The stack begins at a multiple of this, so that the low bits of the stack pointer alone say how deep it
/// is.
inline constexpr std::size_t kFrameAlignment = std::size_t{1} << 16;

/// Why the interpreter returned.
enum class Exit : std::uint8_t {
    /// The frame ended; `status`, `gas` and `output` say how.
    done,
    /// It waits for the message in `pending`.
    call,
};

struct alignas(kFrameAlignment) Frame {
    /// Raw, so that making a frame does not write 32 KiB of zeros.
    std::array<std::byte, kStackLimit * sizeof(U256)> stack;
    U256* bottom() { return reinterpret_cast<U256*>(stack.data()); }

    // ---- The interpreter's registers while it is not running. `top` is one past the top word.
    const std::uint8_t* pc = nullptr;
    U256* top = nullptr;
    Gas gas = 0;

    const Environment* environment = nullptr;
    const Message* message = nullptr;
    const AnalysedCode* analysis = nullptr;
    /// Where the code that runs begins: plain or fused.
    const std::uint8_t* code_begin = nullptr;
    bool is_fused = false;
    /// As CODECOPY sees it.
    BytesView code;
    /// The message's input; nothing for a creation, whose input is the code.
    BytesView calldata;
    Memory memory;
    /// Of the last call.
    Bytes return_data;

    Exit exit = Exit::done;
    /// Set by whatever ends the frame.
    Status status = Status::success;
    /// In `memory`.
    BytesView output;

    /// The call or creation to run next; its input lies in `memory`.
    Message pending;
    /// Where in `memory` the callee's output goes.
    std::uint64_t pending_output_offset = 0;
    std::uint64_t pending_output_size = 0;

    // ---- How the frame began.
    std::unique_ptr<Frame> parent;
    /// Of a creation, with the new address as recipient; `message` points here then.
    Message creation;
    std::size_t checkpoint = 0;
    /// Keeps `analysis` alive; code of creations is analysed into `init_code` instead.
    SharedAnalysis shared_analysis;
    AnalysedCode init_code;
};

/// Frames of this thread that are not in use. Their stacks, memories and buffers stay allocated.
class FramePool {
public:
    using Owned = std::unique_ptr<Frame>;

    Owned take();
    /// The frame must have been detached from its parent.
    void give_back(Owned frame);

    static FramePool& of_this_thread();

private:
    static constexpr std::size_t kKept = 64;
    static constexpr std::size_t kKeptReturnData = std::size_t{1} << 20;
    std::vector<Owned> free_;
};

}  // namespace valence::evm
