// BeaconSigner: makes a sequencer's beacons ahead, on a thread of its own. They depend on the block's number
// only, so that building a block need not wait for one.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "valence/chain/beacon.hpp"

namespace valence::node {

class BeaconSigner {
public:
    BeaconSigner(std::uint64_t chain_id, const crypto::bls::SecretKey& key)
        : chain_id_(chain_id), key_(key) {}
    BeaconSigner(const BeaconSigner&) = delete;
    BeaconSigner& operator=(const BeaconSigner&) = delete;

    /// Of the block with this number; made here where it was not made ahead, as after a jump. Any thread.
    /// What it answers tells a block's randomness: it goes nowhere before the block does.
    chain::BeaconSignature signature(std::uint64_t number);

private:
    /// Blocks ahead: more than are built while one is signed.
    static constexpr std::uint64_t kAhead = 8;

    chain::BeaconSignature sign(std::uint64_t number) const;
    void loop(const std::stop_token& stop);

    const std::uint64_t chain_id_;
    const crypto::bls::SecretKey key_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable_any changed_;
    std::map<std::uint64_t, chain::BeaconSignature> ready_;
    /// The first number that nobody asked for yet.
    std::uint64_t next_ = 0;
    /// Begins with the first signature. Last, so that it ends before what it uses goes.
    std::jthread thread_;
};

}  // namespace valence::node
