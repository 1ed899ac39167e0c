#include "valence/da/rpc/method_table.hpp"

#include "valence/da/rpc/methods.hpp"

namespace valence::da {
namespace {

using enum Permission;

constexpr std::array kMethods{
    LayerMethod{"blob.Get", 3, 3, read, blob_get},
    LayerMethod{"blob.GetAll", 2, 2, read, blob_get_all},
    LayerMethod{"blob.GetCommitmentProof", 3, 3, read, blob_get_commitment_proof},
    LayerMethod{"blob.GetProof", 3, 3, read, blob_get_proof},
    LayerMethod{"blob.Included", 4, 4, read, blob_included},
    LayerMethod{"blob.Submit", 1, 2, write, blob_submit},
    LayerMethod{"blob.Subscribe", 1, 1, read, nullptr},
    LayerMethod{"header.GetByHeight", 1, 1, read, header_get_by_height},
    LayerMethod{"header.LocalHead", 0, 0, read, header_local_head},
    LayerMethod{"header.NetworkHead", 0, 0, read, header_local_head},
    LayerMethod{"header.Subscribe", 0, 0, read, nullptr},
    LayerMethod{"header.WaitForHeight", 1, 1, read, header_wait_for_height, Waits::yes},
    LayerMethod{"share.GetEDS", 1, 1, read, share_get_eds},
    LayerMethod{"share.GetNamespaceData", 2, 2, read, share_get_namespace_data},
    LayerMethod{"share.GetRow", 2, 2, read, share_get_row},
    LayerMethod{"share.GetSamples", 2, 2, read, share_get_samples},
    LayerMethod{"share.GetShare", 3, 3, read, share_get_share},
    LayerMethod{"share.SharesAvailable", 1, 1, read, share_shares_available},
};
static_assert(std::ranges::is_sorted(kMethods, {}, &LayerMethod::name));

}  // namespace

std::span<const LayerMethod> layer_methods() { return kMethods; }

const LayerMethod* find_layer_method(std::string_view name) {
    const auto found = std::ranges::lower_bound(kMethods, name, {}, &LayerMethod::name);
    return found != kMethods.end() && found->name == name ? &*found : nullptr;
}

}  // namespace valence::da
