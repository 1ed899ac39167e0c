// SPDX-License-Identifier: Apache-2.0
// Addresses of the contracts that every Valence chain has from its first block. Each is an ERC-1967 proxy whose
// implementation number N lies at 0x56…10NN; 3 to 5 are kept for stake, claims and the price oracle.
pragma solidity ^0.8.24;

address constant MODEL_REGISTRY = 0x5600000000000000000000000000000000000001;
address constant NODE_REGISTRY = 0x5600000000000000000000000000000000000002;
address constant SCHEDULER = 0x5600000000000000000000000000000000000006;
address constant DA_INFO = 0x5600000000000000000000000000000000000007;

// Who calls them in system transactions; nobody has its key.
address constant SYSTEM_SENDER = 0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE;
