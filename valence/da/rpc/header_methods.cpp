// header.*
#include "valence/da/rpc/methods.hpp"

namespace valence::da {
namespace {

/// How long a caller waits for a block that is still to come, before it must ask again.
constexpr std::chrono::seconds kPatience{30};

}  // namespace

Result<json::value> header_get_by_height(EmbeddedLayer& layer, const json::array& parameters) {
    BOOST_OUTCOME_TRY(const auto height, number_of(parameters[0]));
    BOOST_OUTCOME_TRY(const auto header, layer.header(height));
    return to_json(header);
}

Result<json::value> header_local_head(EmbeddedLayer& layer, const json::array&) {
    BOOST_OUTCOME_TRY(const auto header, layer.head());
    return to_json(header);
}

Result<json::value> header_wait_for_height(EmbeddedLayer& layer, const json::array& parameters) {
    BOOST_OUTCOME_TRY(const auto height, number_of(parameters[0]));
    BOOST_OUTCOME_TRY(const auto header, layer.wait_from_elsewhere(height, kPatience));
    return to_json(header);
}

}  // namespace valence::da
