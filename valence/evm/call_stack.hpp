// CallStack: runs a message and the messages it causes, frame by frame. Frames are chained on the heap rather
// than on the native stack, so that depth 1024 needs no more of it than depth 1.
#pragma once

#include "valence/evm/frame.hpp"
#include "valence/evm/interpreter.hpp"

namespace valence::evm {

class CallStack {
public:
    explicit CallStack(const Environment& environment);
    ~CallStack();
    CallStack(const CallStack&) = delete;
    CallStack& operator=(const CallStack&) = delete;

    CallResult run(const Message& root);

private:
    /// How a message ended; the output is borrowed from the frame, or from `owned_output_`.
    struct Ended {
        Status status = Status::success;
        Gas gas = 0;
        BytesView output;
        Address created;
    };

    /// Each begins a message. True: its frame is on top now. False: it ended at once and `ended_` says how.
    bool begin(const Message&);
    bool begin_call(const Message&);
    bool begin_creation(const Message&);
    void push_frame(const Message&);
    bool end_at_once(const Message&, Status, Gas, BytesView output = {});

    /// Makes `ended_` of the top frame, which has ended: rolls back, deploys the code of a creation.
    void finish_top();
    Status deploy_code(Frame&);
    void pop_frame();
    /// Gives `ended_` to the frame that called.
    void deliver(Frame& caller);
    void report_exit(const Message&);
    /// Every frame ends at once, without a trace (Status::abandoned).
    void abandon(std::size_t checkpoint);

    CallResult result(bool creation) const;

    const Environment& environment_;
    Host& host_;
    Revision revision_;
    Loop loop_;
    FramePool& pool_;
    FramePool::Owned top_;
    Ended ended_;
    Bytes owned_output_;
};

/// The address of a CREATE: from RLP [sender, nonce].
Address create_address(const Address& sender, std::uint64_t nonce);
/// The address of a CREATE2 (EIP-1014).
Address create2_address(const Address& sender, const U256& salt, BytesView init_code);

}  // namespace valence::evm
