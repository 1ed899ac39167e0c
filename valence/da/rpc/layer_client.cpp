#include "valence/da/rpc/layer_client.hpp"

#include <thread>

#include <fmt/format.h>

#include "valence/base/base64.hpp"
#include "valence/da/inclusion/commitment.hpp"
#include "valence/da/rpc/answered.hpp"
#include "valence/da/rpc/json_fields.hpp"

namespace valence::da {
namespace {

/// All blobs of a namespace in the largest block.
constexpr std::size_t kMostAnswer = std::size_t{256} << 20;

client::ClientLimits limits() {
    client::ClientLimits limits;
    limits.answer_bytes = kMostAnswer;
    return limits;
}

constexpr const char* kWantsToken = " (--da-token gives the bearer token that the layer wants)";

/// What a failed call means for whoever uses the layer.
Error layer_error(const Error& error) {
    using client::ClientError;
    if (error == Error{ClientError::error_answer}) {
        const auto& text = error.context;
        const auto says = [&](std::string_view part) { return text.find(part) != std::string::npos; };
        if (says("blob: not found")) return {LayerError::not_found, text};
        // The embedded layer's words, and celestia-node's.
        if (says("no block of that height") || says("given height is from the future") ||
            says("header: not found"))
            return {LayerError::no_such_height, text};
        if (says("takes no more")) return {LayerError::busy, text};
        if (says("missing permission")) return {LayerError::refused, text + kWantsToken};
        return {LayerError::refused, text};
    }
    // Nothing was done.
    if (error == Error{ClientError::refused_by_http}) {
        const bool is_token = error.context.find(": 401") != std::string::npos;
        return {LayerError::refused, error.message() + (is_token ? kWantsToken : "")};
    }
    if (error == Error{ClientError::bad_answer}) return {LayerError::malformed, error.message()};
    return {LayerError::unreachable, error.message()};
}

std::string quoted(BytesView bytes) { return '"' + base::to_base64(bytes) + '"'; }

}  // namespace

struct LayerClient::Line {
    explicit Line(const LayerClientOptions& options) : client(options.url, limits(), options.token) {}

    Result<json::value> call(std::string_view method, const std::string& parameters) {
        const std::lock_guard guard(mutex);
        auto answer = client.call(method, parameters);
        if (!answer) return layer_error(answer.error());
        return answer;
    }

    std::mutex mutex;  // the client is for one thread at a time
    client::JsonRpcClient client;
};

LayerClient::LayerClient(LayerClientOptions options)
    : options_(std::move(options)),
      posting_(std::make_unique<Line>(options_)),
      reading_(std::make_unique<Line>(options_)) {}
LayerClient::~LayerClient() = default;

Result<std::uint64_t> LayerClient::submit(std::span<const Blob> blobs) {
    json::array list;
    for (const auto& blob : blobs) {
        BOOST_OUTCOME_TRYV(check_blob(blob));
        list.push_back(to_json(blob, blob_commitment(blob)));
    }
    BOOST_OUTCOME_TRY(const auto answer, posting_->call("blob.Submit", "[" + json::serialize(list) + ",{}]"));
    return number_of(answer);
}

Result<std::vector<LayerBlob>> LayerClient::blobs(std::uint64_t height, const Namespace& name) {
    BOOST_OUTCOME_TRY(const auto answer,
                      reading_->call("blob.GetAll", fmt::format("[{},[{}]]", height, quoted(name))));
    return answered_blobs(answer, name);
}

Result<ExtendedHeader> LayerClient::header(std::uint64_t height) {
    BOOST_OUTCOME_TRY(const auto answer, reading_->call("header.GetByHeight", fmt::format("[{}]", height)));
    BOOST_OUTCOME_TRY(auto header, answered_header(answer));
    if (header.height != height) return malformed("the header of another height");
    return header;
}

Result<ExtendedHeader> LayerClient::head() {
    BOOST_OUTCOME_TRY(const auto answer, reading_->call("header.LocalHead", "[]"));
    return answered_header(answer);
}

Result<ExtendedHeader> LayerClient::wait_for(std::uint64_t height, std::chrono::milliseconds patience) {
    // Not header.WaitForHeight, which would keep the connection from others.
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (;;) {
        auto answer = header(height);
        const bool is_to_come = !answer && answer.error() == Error{LayerError::no_such_height};
        if (!is_to_come || std::chrono::steady_clock::now() >= deadline) return answer;
        std::this_thread::sleep_for(std::min(options_.every, patience));
    }
}

Result<CommitmentProof> LayerClient::prove(std::uint64_t height, const Namespace& name,
                                           const Hash& commitment) {
    BOOST_OUTCOME_TRY(const auto answer,
                      reading_->call("blob.GetCommitmentProof",
                                     fmt::format("[{},{},{}]", height, quoted(name), quoted(commitment))));
    return commitment_proof_of(answer);
}

Result<std::vector<Sample>> LayerClient::samples(std::uint64_t height, std::span<const Cell> cells) {
    json::array coordinates;
    for (const auto& cell : cells)
        coordinates.push_back(json::object{{"row", cell.row}, {"col", cell.column}});
    BOOST_OUTCOME_TRY(
        const auto answer,
        reading_->call("share.GetSamples", fmt::format("[{},{}]", height, json::serialize(coordinates))));
    return answered_samples(answer, cells);
}

Result<std::vector<NamespaceRow>> LayerClient::namespace_rows(std::uint64_t height, const Namespace& name) {
    BOOST_OUTCOME_TRY(const auto answer,
                      reading_->call("share.GetNamespaceData", fmt::format("[{},{}]", height, quoted(name))));
    return answered_rows(answer);
}

}  // namespace valence::da
