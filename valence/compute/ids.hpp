// How compute nodes and jobs are named.
#pragma once

#include "valence/base/base.hpp"
#include "valence/ml/model/verifying_key.hpp"

namespace valence::compute {

using ml::ModelId;

/// A compute node: the address of the key that it signs with.
struct NodeId : base::FixedBytes<20> {
    using FixedBytes::FixedBytes;
    constexpr auto operator<=>(const NodeId&) const = default;
};

/// keccak256 of a job's canonical encoding.
struct JobId : base::FixedBytes<32> {
    using FixedBytes::FixedBytes;
    constexpr auto operator<=>(const JobId&) const = default;
};

}  // namespace valence::compute

template <>
struct std::hash<valence::compute::NodeId> {
    using is_avalanching = void;
    std::size_t operator()(const valence::compute::NodeId& id) const noexcept { return hash_value(id); }
};

template <>
struct std::hash<valence::compute::JobId> {
    using is_avalanching = void;
    std::size_t operator()(const valence::compute::JobId& id) const noexcept { return hash_value(id); }
};
