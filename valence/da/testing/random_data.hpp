// Random blobs, transactions and squares for tests: the same ones in every run.
#pragma once

#include <random>

#include "valence/da/extended/extended_square.hpp"
#include "valence/da/square/square.hpp"

namespace valence::da::testing {

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    /// Below `bound`.
    std::size_t below(std::size_t bound) { return engine_() % bound; }

    Bytes bytes(std::size_t size) {
        Bytes out(size);
        for (auto& byte : out)
            byte = static_cast<std::uint8_t>(engine_());
        return out;
    }

    /// One of `kinds` user namespaces.
    Namespace name(std::size_t kinds = 1000) {
        const auto number = below(kinds);
        return user_namespace(
                   Bytes{7, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)})
            .value();
    }

    Blob blob(std::size_t size) {
        Blob blob{name(20), kShareVersionPlain, bytes(size), {}};
        if (below(2) == 0) {
            blob.version = kShareVersionSigned;
            blob.signer = base::from_exact<Address>(bytes(Address::kSize));
        }
        return blob;
    }

    Bytes blob_transaction(std::size_t blobs, std::size_t most_bytes) {
        BlobTransaction transaction{bytes(1 + below(400)), {}};
        for (std::size_t i = 0; i < blobs; ++i)
            transaction.blobs.push_back(blob(1 + below(most_bytes)));
        return encode_blob_transaction(transaction);
    }

    /// width² shares in the order of their namespaces.
    std::vector<Share> square(std::size_t width) {
        std::vector<Namespace> names;
        for (std::size_t i = 0; i < width * width; ++i)
            names.push_back(name());
        std::sort(names.begin(), names.end());
        std::vector<Share> shares;
        for (const auto& n : names) {
            auto share = base::from_exact<Share>(bytes(kShareSize));
            std::copy(n.begin(), n.end(), share.begin());
            shares.push_back(share);
        }
        return shares;
    }

private:
    std::mt19937_64 engine_;
};

}  // namespace valence::da::testing
