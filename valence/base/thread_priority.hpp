// The places of a node's threads among each other where processors are few.
#pragma once

namespace valence::base {

/// What a thread does for the chain, whose own thread builds blocks and comes before all of these. Values are
/// Linux' niceness above the process': the scheduler gives each step a factor of 1.25.
enum class Work : int {
    /// Taking in what comes from outside: requests, transactions, answers. Work for many threads, where
    /// blocks
    /// are built by one: as equals they would leave it a fraction of a processor, and the pool would grow
    /// instead of the chain. A third of its weight.
    intake = 5,
    /// Running and proving models: nobody waits for the last percent of it. A ninth.
    compute = 10,
};

/// Lets the calling thread take less of a busy processor than the chain's thread does, from now on (a thread
/// may have one kind of work; further calls do nothing). No more than a hint: where the system refuses,
/// everything works as well.
void give_way_to_the_chain(Work work);

}  // namespace valence::base
