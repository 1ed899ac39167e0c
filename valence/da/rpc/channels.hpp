// Channels: what one WebSocket connection to the embedded layer subscribed to, and the requests about that
// (subscriber.hpp has them on the wire).
#pragma once

#include <optional>
#include <string>

#include "valence/da/rpc/answer.hpp"

namespace valence::da {

struct Channel {
    std::uint64_t id = 0;
    /// Of the request that opened it.
    json::value request;
    /// Blobs of this one; headers without.
    std::optional<Namespace> name;
    /// The last block that was sent, or was there before.
    std::uint64_t height = 0;
};

class Channels {
public:
    static constexpr std::size_t kMost = 64;
    /// Bytes of a request about a channel.
    static constexpr std::size_t kMostRequest = 4'096;

    /// The answer to a message that is about a channel, empty where none is due; nothing when it is about
    /// something else. `newest`: the layer's height, behind which a channel begins. Total on any text.
    std::optional<std::string> take(std::string_view message, Caller caller, std::uint64_t newest);

    /// Those that are open.
    std::vector<Channel> list;

private:
    std::string open(std::optional<Namespace> name, const json::value& request, std::uint64_t newest);
    std::string close(const json::value& request);

    std::uint64_t next_ = 1;
};

/// A message without an id.
std::string notification(std::string_view method, json::array parameters);

}  // namespace valence::da
