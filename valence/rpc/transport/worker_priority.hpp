// The place of RPC workers among the process' threads.
#pragma once

namespace valence::rpc {

/// Lets the calling worker take less of a busy processor than the chain's thread does (once for each thread;
/// further calls do nothing). Taking in transactions is work for many threads, building blocks for one: as
/// equals they would leave it a fraction of a processor, and the pool would grow instead of the chain. No
/// more than a hint: where the system refuses, everything works as well.
void give_way_to_the_chain();

}  // namespace valence::rpc
