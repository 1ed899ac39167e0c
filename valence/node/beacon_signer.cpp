#include "valence/node/beacon_signer.hpp"

namespace valence::node {

chain::BeaconSignature BeaconSigner::sign(std::uint64_t number) const {
    return key_.sign(chain::beacon_message(chain_id_, number), chain::kBeaconDomain);
}

chain::BeaconSignature BeaconSigner::signature(std::uint64_t number) {
    {
        const std::lock_guard guard(mutex_);
        const auto found = ready_.find(number);
        const auto made = found == ready_.end() ? std::nullopt : std::optional{found->second};
        next_ = number + 1;
        std::erase_if(
            ready_, [&](const auto& entry) { return entry.first < next_ || entry.first - next_ >= kAhead; });
        if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { loop(stop); });
        changed_.notify_one();
        if (made) return *made;
    }
    return sign(number);
}

void BeaconSigner::loop(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    for (;;) {
        const auto wanted = [this] {
            for (auto number = next_; number < next_ + kAhead; ++number)
                if (!ready_.contains(number)) return std::optional{number};
            return std::optional<std::uint64_t>{};
        };
        if (!changed_.wait(lock, stop, [&] { return wanted().has_value(); })) return;
        const auto number = *wanted();
        lock.unlock();
        const auto signature = sign(number);
        lock.lock();
        if (number >= next_) ready_.emplace(number, signature);
    }
}

}  // namespace valence::node
