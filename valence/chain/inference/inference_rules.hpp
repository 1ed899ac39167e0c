// InferenceRules: what a chain fixes about inferences, in genesis.
#pragma once

#include <cstdint>

#include "valence/base/base.hpp"

namespace valence::chain {

/// Where contracts call models.
inline constexpr auto kInferenceAddress = base::address_from_number(0xF4);
/// Where contracts have proofs verified that they were handed.
inline constexpr auto kProofAddress = base::address_from_number(0xF8);
/// The system contract whose storage says which models there are and who may do what with them.
inline constexpr auto kModelRegistry = "0x5600000000000000000000000000000000000001"_address;

/// Gas, calibrated once on a named machine so that a unit costs a full node what a unit of ordinary execution
/// does (docs/inference.md).
struct InferenceFees {
    /// Any call of the precompile.
    std::uint64_t call = 1'000;
    /// A word of its input.
    std::uint64_t input_word = 8;
    /// An integer of a job's input or output: conversion, and its 4 bytes in the block at 16 each.
    std::uint64_t integer = 96;
    /// Evidence, a byte.
    std::uint64_t evidence_byte = 16;
    /// Checking an operator's signature.
    std::uint64_t signature = 3'000;

    // ---- Checking a proof
    /// Of zk::ProofCost::work, nanoseconds of the machine of docs/inference.md.
    std::uint64_t proof_gas_per_microsecond = 1'000;

    // ---- Running a model once, as every full node does under REPLAY
    std::uint64_t run = 4'000;
    /// Units of ml::Cost::work: multiply-accumulates of a large product, about 70 a nanosecond, and whatever
    /// takes as long (docs/ml-cost.md).
    std::uint64_t work_per_gas = 32;

    // ---- The compute part, for the node that answers: as much as running costs, and this share more
    std::uint64_t compute_percent = 150;
    /// Proving is this much, and so many runs.
    std::uint64_t proof = 1'000'000;
    std::uint64_t runs_of_proof = 100;

    // ---- Registration
    /// A byte of a model's verifying key, kept in the state (that of a contract's code).
    std::uint64_t key_byte = 200;
    /// A byte of a key, where a transaction uses the model first: a node that has forgotten the key reads it
    /// again.
    std::uint64_t key_byte_read = 64;
    /// A millisecond of building the tables of functions that a key names, to compare them.
    std::uint64_t table_millisecond = 100'000;
    /// Numbers that a unit of gas pays the touching of, to find out what checking a model's proofs takes.
    std::uint64_t measured_per_gas = 2;
    /// Bytes of weights that a unit of gas pays the hashing of.
    std::uint64_t weight_bytes_per_gas = 8;
    /// A cell of the tables that proofs open in place of the weights: filled, encoded and hashed anew, on all
    /// cores.
    std::uint64_t committed_cell = 3;

    bool operator==(const InferenceFees&) const = default;
};

struct InferenceRules {
    InferenceFees fees;
    /// Work (ml::Cost::work) of the largest model that may be used under REPLAY.
    std::uint64_t replay_limit = std::uint64_t{1} << 29;
    /// Inferences in a transaction.
    std::uint32_t inferences_per_transaction = 64;
    /// Bytes of proofs in a block: what is above waits for the next one.
    std::uint64_t proof_bytes = std::uint64_t{16} << 20;
    /// Bytes of a verifying key.
    std::uint64_t key_bytes = 96 * 1'024;
    /// Cells of the tables of a model's weights: 40 bytes of memory each while they are checked.
    std::uint64_t committed_cells = std::uint64_t{1} << 22;
    /// Parts in 10,000 of the compute part that go to the treasury, before the model owner's share.
    std::uint32_t protocol_share = 500;
    Address treasury = "0x5600000000000000000000000000000000000000"_address;

    bool operator==(const InferenceRules&) const = default;
};

}  // namespace valence::chain
