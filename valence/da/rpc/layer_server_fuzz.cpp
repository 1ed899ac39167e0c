// Any bytes from whoever reaches the layer's server: as a message over HTTP or WebSocket, as a request about
// channels, and as the header of an HTTP request.
#include <thread>

#include "valence/da/rpc/admission.hpp"
#include "valence/da/rpc/channels.hpp"

namespace {

using namespace valence;

std::unique_ptr<da::EmbeddedLayer> small_layer() {
    da::EmbeddedOptions options;
    options.empty_every.reset();
    options.now = [] { return da::LayerTime{std::chrono::seconds{1'700'000'000}}; };
    auto layer = da::EmbeddedLayer::open(options).value();
    const da::Blob blob{da::user_namespace(Bytes{7, 7}).value(), 0, Bytes(1'500, 5), {}};
    VALENCE_CHECK(layer->submit(std::span{&blob, 1}).has_value());
    return layer;
}

/// A layer where nobody waits for blocks that do not come.
struct Served {
    std::unique_ptr<da::EmbeddedLayer> layer = small_layer();
    std::jthread impatient{[this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            layer->release_waiting();
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
    }};
};

/// What is submitted stays: after so many blocks a new layer begins.
constexpr std::uint64_t kMostBlocks = 1'000;

void check_json(const std::string& answer) {
    if (answer.empty()) return;
    boost::system::error_code malformed;
    da::json::parse(answer, malformed, {}, {.max_depth = 256});
    VALENCE_CHECK(!malformed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static std::optional<Served> served;
    if (!served || served->layer->height() > kMostBlocks) served.emplace();
    auto& layer = *served->layer;
    const auto text = base::as_text({data, size});
    check_json(da::answer_message(layer, text, da::Caller::unknown));
    check_json(da::answer_message(layer, text, da::Caller::trusted));

    da::Channels channels;
    for (const auto caller : {da::Caller::unknown, da::Caller::trusted, da::Caller::trusted}) {
        const auto answer = channels.take(text, caller, layer.height());
        if (answer) check_json(*answer);
        VALENCE_CHECK(caller == da::Caller::trusted || channels.list.empty());
    }

    boost::beast::http::request_parser<boost::beast::http::string_body> parser;
    boost::system::error_code error;
    parser.put(boost::asio::buffer(data, size), error);
    if (!error && parser.is_header_done()) {
        // Who shows nothing does nothing, and nobody shows what the fuzzer does not know.
        const auto admitted = da::admit(parser.get(), "a secret of some length");
        VALENCE_CHECK(admitted != da::Admission{da::Caller::trusted} ||
                      text.find("a secret of some length") != std::string_view::npos);
        static_cast<void>(da::admit(parser.get(), {}));
    }
    return 0;
}
