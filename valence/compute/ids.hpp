// How compute nodes and jobs are named.
#pragma once

#include "valence/base/base.hpp"
#include "valence/ml/model/verifying_key.hpp"
#include "valence/outcome/job.hpp"

namespace valence::compute {

using ml::ModelId;
using outcome::JobId;

/// A compute node: the address of the key that it signs with.
struct NodeId : base::FixedBytes<20> {
    using FixedBytes::FixedBytes;
    constexpr auto operator<=>(const NodeId&) const = default;
};

}  // namespace valence::compute

template <>
struct std::hash<valence::compute::NodeId> {
    using is_avalanching = void;
    std::size_t operator()(const valence::compute::NodeId& id) const noexcept { return hash_value(id); }
};
