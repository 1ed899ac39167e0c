#include "valence/da/extended/line.hpp"

#include "valence/da/coding/reed_solomon.hpp"
#include "valence/da/tree/namespaced_root.hpp"

namespace valence::da {

std::vector<NamespacedHash> line_leaves(AxisIndex line, std::span<const Share> shares) {
    const auto name = [&](std::size_t i) {
        return leaf_namespace(shares[i], cell_at(line, i), shares.size());
    };
    std::vector<Hash> digests(shares.size());
    hash_leaves(shares, name, digests);
    std::vector<NamespacedHash> leaves;
    leaves.reserve(shares.size());
    for (std::size_t i = 0; i < shares.size(); ++i)
        leaves.push_back(make_namespaced_hash(name(i), name(i), digests[i]));
    return leaves;
}

std::optional<NamespacedHash> repaired_root(AxisIndex line, std::span<Share> shares,
                                            const std::vector<bool>& known) {
    const auto width = shares.size();
    const auto k = width / 2;
    VALENCE_CHECK(known.size() == width);
    if (!repair(k, {shares[0].data(), kShareSize, kShareSize}, known)) return std::nullopt;
    std::vector<Share> parity(k);
    encode(k, {shares[0].data(), kShareSize, kShareSize}, {parity[0].data(), kShareSize, kShareSize});
    if (!std::equal(parity.begin(), parity.end(), shares.begin() + static_cast<std::ptrdiff_t>(k)))
        return std::nullopt;
    return namespaced_root(line_leaves(line, shares));
}

}  // namespace valence::da
