// BasicTests: mainnet's genesis, keys and addresses, signed transactions, hex-prefix encoding.
#include "suites.hpp"
#include <fmt/core.h>

#include "valence/chain/transaction.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/state/trie/nibbles.hpp"

namespace valence::conformance {
namespace {

std::string differ(std::string_view what, BytesView want, BytesView have) {
    return base::equal(want, have) ? ""
                                   : fmt::format("{}: expected {}, actual {}", what, hex(want), hex(have));
}

std::string check_key(const json::value& test) {
    const auto key = hash_of(member(test, "key"));
    const auto derived = crypto::keccak256(base::as_bytes(text_of(member(test, "seed"))));
    if (auto wrong = differ("key", key, derived); !wrong.empty()) return wrong;
    const auto want = address_of(member(test, "addr"));
    const auto address = crypto::address_of(key);
    if (!address) return "not a valid key";
    return differ("address", want, *address);
}

std::string check_signed(const json::value& test) {
    const auto want = bytes_of(member(test, "signed"));
    const auto decoded = chain::decode_transaction(want);
    if (!decoded) return decoded.error().message();
    auto transaction = decoded.value();
    if (auto wrong = differ("signed", want, chain::encode_transaction(transaction)); !wrong.empty())
        return wrong;
    const auto signer = chain::recover_sender(transaction);
    if (!signer) return signer.error().message();
    const auto address = crypto::address_of(hash_of(member(test, "key")));
    if (!address) return "not a valid key";
    if (auto wrong = differ("signer", *address, signer.value()); !wrong.empty()) return wrong;
    transaction.signature = {};
    return differ("unsigned", bytes_of(member(test, "unsigned")), chain::encode_transaction(transaction));
}

std::string check_hex_prefix(const json::value& test) {
    Bytes nibbles;
    for (const auto& nibble : array_of(member(test, "seq")))
        nibbles.push_back(static_cast<std::uint8_t>(u64_of(nibble)));
    Bytes key((nibbles.size() + 1) / 2);
    for (std::size_t i = 0; i < nibbles.size(); ++i) {
        key[i / 2] = static_cast<std::uint8_t>(key[i / 2] | nibbles[i] << (i % 2 == 0 ? 4 : 0));
    }
    Bytes out;
    state::append_hex_prefix(out, key, 0, nibbles.size(),
                             member(test, "term").as_bool() ? state::kLeafFlag : state::kExtensionFlag);
    return differ("encoding", bytes_of(member(test, "out")), out);
}

}  // namespace

void run_genesis_hash_test(const Fixture& f, FileReport& report) {
    const auto bytes = bytes_of(member(f.root, "genesis_rlp_hex"));
    const auto block = chain::decode_block(bytes);
    if (!block) {
        report.fail("block", block.error().message());
        return;
    }
    report.add("encoding", differ("encoding", bytes, chain::encode_block(block.value())));
    const auto root = hash_of(member(f.root, "genesis_state_root"));
    report.add("state root", differ("state root", root, block.value().header.state_root));
    if (const auto* accounts = find(f.root, "initial_alloc")) {
        report.add("state", differ("state root", root, state_of(*accounts).root()));
    }
    if (const auto* hash = find(f.root, "genesis_hash")) {
        report.add("hash", differ("hash", hash_of(*hash), chain::header_hash(block.value().header)));
    }
}

void run_key_address_tests(const Fixture& f, FileReport& report) {
    for (const auto& test : array_of(f.root)) {
        const std::string name{text_of(member(test, "seed"))};
        report.add(name, check_key(test));
        if (find(test, "sig_of_emptystring") != nullptr) {
            report.skip(name + " signature",
                        "the file does not say what was signed, and no usual digest recovers the key");
        }
    }
}

void run_transaction_signing_tests(const Fixture& f, FileReport& report) {
    std::size_t index = 0;
    for (const auto& test : array_of(f.root))
        report.add(std::to_string(index++), check_signed(test));
}

void run_hex_prefix_tests(const Fixture& f, FileReport& report) {
    for (const auto& [name, test] : object_of(f.root)) {
        report.add(std::string{std::string_view{name}}, check_hex_prefix(test));
    }
}

}  // namespace valence::conformance
