#include "valence/state/account_proof.hpp"

#include <fmt/format.h>

#include "valence/codec/rlp.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/state/trie/full_root.hpp"
#include "valence/state/trie/nibbles.hpp"

namespace valence::state {
namespace {

Error bad(std::string why) { return {StateError::bad_proof, std::move(why)}; }

/// Hex-prefixed nibbles, and whether a leaf's.
struct Path {
    BytesView packed;
    bool is_leaf;

    bool is_odd() const { return (packed[0] & 0x10) != 0; }
    std::size_t size() const { return 2 * (packed.size() - 1) + (is_odd() ? 1 : 0); }
    std::uint8_t nibble(std::size_t i) const { return nibble_at(packed, i + (is_odd() ? 1 : 2)); }
};

Result<Path> decode_path(BytesView packed) {
    if (packed.empty() || packed.size() > 33 || packed[0] >= 0x40) return bad("a node's path cannot be read");
    const Path path{packed, (packed[0] & 0x20) != 0};
    if (!path.is_odd() && (packed[0] & 0x0f) != 0) return bad("a node's path cannot be read");
    return path;
}

/// Follows a key from node to node.
class Walk {
public:
    Walk(const Hash& key, std::span<const Bytes> nodes) : key_(key), nodes_(nodes) {}

    Result<std::optional<Bytes>> from(const Hash& root) {
        if (nodes_.empty() && root == kEmptyTrieRoot) return std::nullopt;
        BOOST_OUTCOME_TRY(auto fields, next_node(root));
        // Each step uses up a node given or goes into one embedded, which takes up a nibble.
        while (true) {
            BOOST_OUTCOME_TRY(const auto count, codec::rlp_count(fields.rest()));
            if (count != 2 && count != 17) return bad("a node has neither 2 nor 17 fields");
            std::optional<codec::RlpItem> child;
            BOOST_OUTCOME_TRY(auto value,
                              count == 17 ? step_branch(fields, child) : step_short(fields, child));
            if (!child) return finish(std::move(value));
            BOOST_OUTCOME_TRY(fields, follow(*child));
        }
    }

private:
    Result<codec::RlpReader> next_node(const Hash& hash) {
        if (used_ == nodes_.size()) return bad("it ends too early");
        const auto& node = nodes_[used_++];
        if (crypto::keccak256(node) != hash) return bad(fmt::format("node {} has another hash", used_ - 1));
        return codec::RlpReader::of_list(node);
    }

    /// The child to go on with, if there is one.
    Result<std::optional<Bytes>> step_branch(codec::RlpReader& fields, std::optional<codec::RlpItem>& child) {
        if (depth_ >= 64) return bad("it goes on below the key");
        const auto nibble = nibble_at(key_, depth_++);
        for (std::uint8_t i = 0; i < 17; ++i) {
            BOOST_OUTCOME_TRY(const auto item, fields.item());
            if (i == nibble) child = item;
        }
        if (!child->is_list() && child->payload.empty()) child.reset();
        return std::nullopt;
    }

    /// An extension, or a leaf, whose value it answers.
    Result<std::optional<Bytes>> step_short(codec::RlpReader& fields, std::optional<codec::RlpItem>& child) {
        BOOST_OUTCOME_TRY(const auto packed, fields.bytes());
        BOOST_OUTCOME_TRY(const auto path, decode_path(packed));
        BOOST_OUTCOME_TRY(const auto item, fields.item());
        if (!path.is_leaf && path.size() == 0) return bad("an extension has no path");
        const bool follows = path.size() <= 64 - depth_ && matches(path);
        if (path.is_leaf) {
            if (item.is_list()) return bad("a leaf's value is a list");
            if (!follows || depth_ + path.size() != 64) return std::nullopt;
            return base::to_bytes(item.payload);
        }
        if (!follows) return std::nullopt;
        depth_ += path.size();
        child = item;
        return std::nullopt;
    }

    bool matches(const Path& path) const {
        for (std::size_t i = 0; i < path.size(); ++i) {
            if (nibble_at(key_, depth_ + i) != path.nibble(i)) return false;
        }
        return true;
    }

    Result<codec::RlpReader> follow(const codec::RlpItem& child) {
        if (child.is_list()) return codec::RlpReader(child.payload);
        if (child.payload.size() != 32) return bad("a node refers to another by something else than a hash");
        return next_node(base::from_exact<Hash>(child.payload));
    }

    Result<std::optional<Bytes>> finish(std::optional<Bytes> value) const {
        if (used_ != nodes_.size()) return bad("it goes on after its end");
        return value;
    }

    const Hash& key_;
    std::span<const Bytes> nodes_;
    std::size_t used_ = 0;
    std::size_t depth_ = 0;
};

}  // namespace

Result<std::optional<Bytes>> verify_proof(const Hash& root, const Hash& key, std::span<const Bytes> nodes) {
    auto value = Walk(key, nodes).from(root);
    // What RLP has to say against a node is what is wrong with the proof.
    if (!value && value.error().code != make_error_code(StateError::bad_proof))
        return bad(value.error().message());
    return value;
}

Result<void> verify_account_proof(const Hash& state_root, const AccountProof& proof) {
    BOOST_OUTCOME_TRY(const auto leaf,
                      verify_proof(state_root, crypto::keccak256(proof.address), proof.proof));
    if (leaf.has_value() != proof.account.has_value()) return bad("the account's presence");
    if (leaf && *leaf != encode_account_leaf(*proof.account, proof.storage_root)) return bad("the account");
    if (!leaf && proof.storage_root != kEmptyTrieRoot) return bad("an absent account has storage");
    for (const auto& slot : proof.slots) {
        BOOST_OUTCOME_TRY(const auto value, verify_proof(proof.storage_root,
                                                         crypto::keccak256(slot.key.to_hash()), slot.proof));
        const auto claimed = slot.value.is_zero() ? std::optional<Bytes>{}
                                                  : codec::rlp_encode_bytes(slot.value.to_minimal_be());
        if (value != claimed) return bad("slot " + slot.key.to_hex());
    }
    return success();
}

}  // namespace valence::state
