// The handlers behind the table of methods. The parameters are as many as the table allows.
#pragma once

#include "valence/da/rpc/method_table.hpp"

namespace valence::da {

Result<json::value> blob_submit(EmbeddedLayer& layer, const json::array& parameters);
Result<json::value> blob_get(EmbeddedLayer& layer, const json::array& parameters);
Result<json::value> blob_get_all(EmbeddedLayer& layer, const json::array& parameters);
Result<json::value> blob_get_proof(EmbeddedLayer& layer, const json::array& parameters);
Result<json::value> blob_included(EmbeddedLayer& layer, const json::array& parameters);
Result<json::value> blob_get_commitment_proof(EmbeddedLayer& layer, const json::array& parameters);

Result<json::value> header_get_by_height(EmbeddedLayer& layer, const json::array& parameters);
Result<json::value> header_local_head(EmbeddedLayer& layer, const json::array& parameters);
Result<json::value> header_wait_for_height(EmbeddedLayer& layer, const json::array& parameters);

Result<json::value> share_shares_available(EmbeddedLayer& layer, const json::array& parameters);
Result<json::value> share_get_share(EmbeddedLayer& layer, const json::array& parameters);
Result<json::value> share_get_samples(EmbeddedLayer& layer, const json::array& parameters);
Result<json::value> share_get_eds(EmbeddedLayer& layer, const json::array& parameters);
Result<json::value> share_get_row(EmbeddedLayer& layer, const json::array& parameters);
Result<json::value> share_get_namespace_data(EmbeddedLayer& layer, const json::array& parameters);

}  // namespace valence::da
