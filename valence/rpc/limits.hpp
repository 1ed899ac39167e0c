// Limits: every bound the server puts on what a caller may ask of it, with the defaults of geth where it has
// one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace valence::rpc {

struct Limits {
    // ---- Transport

    /// Bytes of one HTTP request body (HTTP 413 beyond; geth: 5 MiB).
    std::size_t request_bytes = 5 * 1024 * 1024;
    /// Bytes of one WebSocket message (close code 1009 beyond).
    std::size_t websocket_message_bytes = 32 * 1024 * 1024;
    /// Open connections; further ones are closed at once.
    std::size_t connections = 1024;
    /// A kept-alive connection without a request, and a peer that stops reading or sending within one.
    std::chrono::seconds idle{120};
    std::chrono::seconds transfer{30};
    /// Requests of one WebSocket connection that run at the same time; reading pauses beyond.
    std::size_t websocket_in_flight = 16;
    /// Bytes waiting to be sent to one WebSocket peer; a slower one is disconnected.
    std::size_t websocket_queue_bytes = 32 * 1024 * 1024;
    /// Requests a second of one connection, with bursts of twice as many; 0 for no limit.
    std::uint32_t requests_per_second = 0;

    /// Bytes of all requests that are being received, wait or run, without the first `request_bytes_free` of
    /// each connection. Who sends more then is answered 503, or over WebSocket closed with 1013.
    std::size_t all_request_bytes = std::size_t{512} << 20;
    std::size_t request_bytes_free = 64 * 1024;

    // ---- JSON-RPC

    /// Requests in a batch (-32600 "batch too large" beyond; geth: 1000).
    std::size_t batch_items = 1000;
    /// Bytes of all responses of a batch (-32003 "response too large" for what is left; geth: 25 MB).
    std::size_t batch_response_bytes = 25'000'000;
    /// Bytes of one response.
    std::size_t response_bytes = 256 * 1024 * 1024;
    /// A message, single or batch, with all it asks for, from when it came: what has not had its turn then is
    /// answered with -32002 "request timed out", what is left of a batch too, and scans of many blocks end
    /// so; 0 for no limit (geth: 30 s).
    std::chrono::milliseconds message_time{30'000};
    /// Bytes of all answers and notifications that wait to be sent. Beyond, requests over HTTP are answered
    /// 503 and those over WebSocket -32005, and WebSocket peers for whom more than 1 MiB waits are
    /// disconnected.
    std::size_t waiting_answer_bytes = std::size_t{1} << 30;
    /// Nesting of arrays and objects in a request.
    std::size_t json_depth = 64;
    /// Values and keys in a request (-32600 beyond): each takes up to a hundred bytes of memory.
    std::size_t json_values = 500'000;

    // ---- Methods

    /// Filters installed at once, and how long one lives without being polled.
    std::size_t filters = 10'000;
    std::chrono::seconds filter_life{300};
    /// Addresses and topics of all filters, and of all subscriptions.
    std::size_t filter_criteria = 1'000'000;
    /// Changes a filter keeps between two polls, and the encoded bytes of the pending transactions that are
    /// kept for all of them.
    std::size_t filter_backlog = 100'000;
    std::size_t filter_backlog_bytes = std::size_t{64} << 20;
    std::size_t subscriptions_per_connection = 1000;
    /// Of all connections: each new head is written for every one of them.
    std::size_t subscriptions = 20'000;
    /// Of one event to one connection, which is closed beyond: a block may have 100,000 logs, and whoever
    /// subscribes to all of them a thousand times keeps everybody else waiting.
    std::size_t notifications_of_event = 100'000;
    /// eth_getLogs: blocks in a range, logs in an answer, addresses and alternatives a topic.
    std::uint64_t log_range_blocks = 1'000'000;
    std::size_t log_results = 100'000;
    std::size_t log_addresses = 1000;
    std::size_t log_topics = 1000;
    /// eth_feeHistory: blocks, and percentiles.
    std::uint64_t fee_history_blocks = 1024;
    std::size_t fee_history_percentiles = 100;
    /// eth_getStorageValues and eth_getProof: slots in a request; debug_storageRangeAt: slots in an answer.
    std::size_t storage_slots = 1024;
    /// eth_sendRawTransactionSync: wait without and with a caller's wish (EIP-7966).
    std::chrono::milliseconds sync_send_default{20'000};
    std::chrono::milliseconds sync_send_longest{60'000};
    /// How many may wait at once: each holds one of the server's patient workers.
    std::size_t sync_sends = 8;
    /// The longest that one eth_call, eth_estimateGas, eth_createAccessList or eth_simulateV1 may run; 0 for
    /// no limit (geth's --rpc.evmtimeout).
    std::chrono::milliseconds evm_time{5'000};
    /// The longest that a caller of debug_trace* may wish for, and what it gets without a wish.
    std::chrono::milliseconds trace_time_longest{300'000};
    /// Gas of a simulated call (geth's --rpc.gascap).
    std::uint64_t call_gas = 50'000'000;
    /// eth_sendRawTransaction: bytes of one transaction (geth: 128 KiB).
    std::size_t transaction_bytes = 128 * 1024;
};

}  // namespace valence::rpc
