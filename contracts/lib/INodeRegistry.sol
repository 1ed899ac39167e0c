// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// What a compute node runs on.
enum NodeClass {
    CPU,
    GPU,
    ENCLAVE,
    PROVER
}

struct Node {
    /// Who registered it, is paid for its work, and alone may change the entry.
    address operator;
    /// Set of modes it serves.
    uint16 modes;
    NodeClass class;
    bool active;
    /// Timestamp of the last change.
    uint64 updatedAt;
    string endpoint;
}

/// Compute nodes, each known by the address of the key that signs its outcomes; at NODE_REGISTRY.
interface INodeRegistry {
    event NodeRegistered(address indexed signer, address indexed operator, uint16 modes, NodeClass class, string endpoint);
    event NodeUpdated(address indexed signer, uint16 modes, NodeClass class, string endpoint);
    event NodeActivated(address indexed signer);
    event NodeDeactivated(address indexed signer);

    error UnknownNode(address signer);
    error NodeExists(address signer, address operator);
    error OnlyOperator(address operator, address sender);
    error InvalidModes(uint16 modes);
    error EndpointTooLong(uint256 limit);
    error BadPossessionProof(address signer);

    /// `proof`: 65 bytes r, s, v of the signer's key over possessionDigest(sender), so that nobody registers another's
    /// key; empty where the signer itself is the sender.
    function register(address signer, string calldata endpoint, uint16 modes, NodeClass class, bytes calldata proof)
        external;
    function update(address signer, string calldata endpoint, uint16 modes, NodeClass class) external;
    function deactivate(address signer) external;
    function activate(address signer) external;

    function possessionDigest(address operator) external view returns (bytes32);
    /// The operator, if the node is active and serves the mode; else zero.
    function operatorFor(address signer, uint8 mode) external view returns (address);
    function node(address signer) external view returns (Node memory);
    function nodeCount() external view returns (uint256);
    /// Up to `count` nodes in order of registration, from index `from`.
    function list(uint256 from, uint256 count) external view returns (address[] memory signers, Node[] memory nodes);
}
