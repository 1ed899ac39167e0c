#include "valence/crypto/merkle_root.hpp"

#include "valence/crypto/keccak.hpp"

namespace valence::crypto {

Hash merkle_root(std::span<const Hash> leaves) {
    if (leaves.empty()) return {};
    std::vector<Hash> level(leaves.begin(), leaves.end());
    while (level.size() > 1) {
        std::size_t made = 0;
        for (std::size_t k = 0; k < level.size(); k += 2, ++made) {
            if (k + 1 == level.size()) {
                level[made] = level[k];
            } else {
                const std::uint8_t tag = 1;
                level[made] = Keccak256{}.update({&tag, 1}).update(level[k]).update(level[k + 1]).finish();
            }
        }
        level.resize(made);
    }
    return level.front();
}

}  // namespace valence::crypto
