#include "valence/node/dev_accounts.hpp"

#include <array>
#include <memory>

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <secp256k1.h>

#include "valence/crypto/secp256k1.hpp"

namespace valence::node {
namespace {

using Seed = std::array<std::uint8_t, 64>;

/// BIP-32: a private key and the entropy its children are derived with.
struct ExtendedKey {
    Hash key;
    Hash chain_code;
};

struct ContextDeleter {
    void operator()(secp256k1_context* context) const { secp256k1_context_destroy(context); }
};
using Context = std::unique_ptr<secp256k1_context, ContextDeleter>;

/// Child numbers from here on are derived from the private key (hardened, written 44').
constexpr std::uint32_t kHardened = 0x80000000;

class DevAccountCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "dev accounts"; }
    std::string message(int) const override { return "no accounts can be derived from this mnemonic"; }
};

std::optional<Seed> hmac_sha512(BytesView key, BytesView data) {
    Seed out{};
    unsigned length = out.size();
    if (HMAC(EVP_sha512(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), out.data(),
             &length) == nullptr) {
        return std::nullopt;
    }
    return out;
}

/// BIP-39 with an empty passphrase.
std::optional<Seed> seed_of(std::string_view mnemonic) {
    constexpr std::string_view kSalt = "mnemonic";
    Seed seed{};
    const auto salt = base::as_bytes(kSalt);
    if (PKCS5_PBKDF2_HMAC(mnemonic.data(), static_cast<int>(mnemonic.size()), salt.data(),
                          static_cast<int>(salt.size()), 2048, EVP_sha512(), static_cast<int>(seed.size()),
                          seed.data()) != 1) {
        return std::nullopt;
    }
    return seed;
}

ExtendedKey split(const Seed& bytes) {
    const BytesView view(bytes);
    return {base::from_exact<Hash>(view.first(32)), base::from_exact<Hash>(view.last(32))};
}

std::optional<secp256k1_pubkey> public_key(const secp256k1_context& context, const Hash& key) {
    secp256k1_pubkey out;
    if (secp256k1_ec_pubkey_create(&context, &out, key.data()) != 1) return std::nullopt;
    return out;
}

/// BIP-32's CKDpriv.
std::optional<ExtendedKey> child(const secp256k1_context& context, const ExtendedKey& parent,
                                 std::uint32_t number) {
    Bytes data;
    if (number >= kHardened) {
        data.push_back(0);
        base::append(data, parent.key);
    } else {
        const auto point = public_key(context, parent.key);
        if (!point) return std::nullopt;
        std::array<std::uint8_t, 33> compressed{};
        std::size_t length = compressed.size();
        secp256k1_ec_pubkey_serialize(&context, compressed.data(), &length, &*point, SECP256K1_EC_COMPRESSED);
        base::append(data, compressed);
    }
    for (const int shift : {24, 16, 8, 0})
        data.push_back(static_cast<std::uint8_t>(number >> shift));

    const auto derived = hmac_sha512(parent.chain_code, data);
    if (!derived) return std::nullopt;
    const auto parts = split(*derived);
    ExtendedKey out{parent.key, parts.chain_code};
    if (secp256k1_ec_seckey_tweak_add(&context, out.key.data(), parts.key.data()) != 1) return std::nullopt;
    return out;
}

std::optional<std::vector<DevAccount>> derive(std::string_view mnemonic, std::size_t count) {
    const Context context(secp256k1_context_create(SECP256K1_CONTEXT_SIGN));
    const auto seed = seed_of(mnemonic);
    if (!seed) return std::nullopt;
    const auto master = hmac_sha512(base::as_bytes("Bitcoin seed"), *seed);
    if (!master) return std::nullopt;

    auto node = split(*master);
    for (const std::uint32_t number : {kHardened + 44, kHardened + 60, kHardened, std::uint32_t{0}}) {
        const auto next = child(*context, node, number);
        if (!next) return std::nullopt;
        node = *next;
    }
    std::vector<DevAccount> accounts;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto leaf = child(*context, node, i);
        if (!leaf) return std::nullopt;
        const auto address = crypto::address_of(leaf->key);
        if (!address) return std::nullopt;
        accounts.push_back({*address, leaf->key});
    }
    return accounts;
}

/// Words parted by single spaces, as BIP-39 hashes them.
std::string normalised(std::string_view mnemonic) {
    std::string out;
    for (const char c : mnemonic) {
        const bool space = c == ' ' || c == '\t' || c == '\n';
        if (!space) out.push_back(c);
        if (space && !out.empty() && out.back() != ' ') out.push_back(' ');
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

}  // namespace

std::error_code make_error_code(DevAccountError error) {
    static const DevAccountCategory category;
    return {static_cast<int>(error), category};
}

Result<std::vector<DevAccount>> derive_dev_accounts(std::string_view mnemonic, std::size_t count) {
    const auto words = normalised(mnemonic);
    if (words.empty()) return Error{DevAccountError::bad_mnemonic, "it is empty"};
    auto accounts = derive(words, count);
    if (!accounts) return Error{DevAccountError::bad_mnemonic};
    return *std::move(accounts);
}

}  // namespace valence::node
