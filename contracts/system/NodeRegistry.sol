// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {INodeRegistry, Node, NodeClass} from "../lib/INodeRegistry.sol";

/// Compute nodes, each known by the address of the key that signs its outcomes.
///
/// Storage, for native readers: slot 0: mapping(address signer => Node), whose first word is, lowest bits first: address
/// operator, uint16 modes, uint8 class, bool active, uint64 updatedAt; the second the endpoint. Slot 1: the signers in
/// order of registration. Genesis storage: none.
contract NodeRegistry is INodeRegistry {
    /// Every mode that a node can serve: all but AUTO, which is a choice among the others.
    uint16 private constant MODES = 0x7e;
    uint256 private constant MAX_ENDPOINT = 256;

    mapping(address => Node) private _nodes;
    address[] private _signers;

    modifier onlyOperator(address signer) {
        address operator = _nodes[signer].operator;
        if (operator == address(0)) revert UnknownNode(signer);
        if (operator != msg.sender) revert OnlyOperator(operator, msg.sender);
        _;
    }

    function register(address signer, string calldata endpoint, uint16 modes, NodeClass class, bytes calldata proof)
        external
    {
        address operator = _nodes[signer].operator;
        if (operator != address(0)) revert NodeExists(signer, operator);
        if (signer != msg.sender && !_proves(signer, proof)) revert BadPossessionProof(signer);
        _check(endpoint, modes);
        _nodes[signer] = Node(msg.sender, modes, class, true, uint64(block.timestamp), endpoint);
        _signers.push(signer);
        emit NodeRegistered(signer, msg.sender, modes, class, endpoint);
    }

    function update(address signer, string calldata endpoint, uint16 modes, NodeClass class)
        external
        onlyOperator(signer)
    {
        _check(endpoint, modes);
        Node storage entry = _nodes[signer];
        (entry.modes, entry.class, entry.updatedAt) = (modes, class, uint64(block.timestamp));
        entry.endpoint = endpoint;
        emit NodeUpdated(signer, modes, class, endpoint);
    }

    function deactivate(address signer) external onlyOperator(signer) {
        (_nodes[signer].active, _nodes[signer].updatedAt) = (false, uint64(block.timestamp));
        emit NodeDeactivated(signer);
    }

    function activate(address signer) external onlyOperator(signer) {
        (_nodes[signer].active, _nodes[signer].updatedAt) = (true, uint64(block.timestamp));
        emit NodeActivated(signer);
    }

    function possessionDigest(address operator) public view returns (bytes32) {
        return keccak256(abi.encode("Valence node key", block.chainid, address(this), operator));
    }

    function operatorFor(address signer, uint8 mode) external view returns (address) {
        Node storage entry = _nodes[signer];
        bool serves = mode < 16 && entry.active && (entry.modes >> mode) & 1 == 1;
        return serves ? entry.operator : address(0);
    }

    function node(address signer) external view returns (Node memory) {
        return _nodes[signer];
    }

    function nodeCount() external view returns (uint256) {
        return _signers.length;
    }

    function list(uint256 from, uint256 count) external view returns (address[] memory signers, Node[] memory nodes) {
        uint256 left = from < _signers.length ? _signers.length - from : 0;
        if (count > left) count = left;
        signers = new address[](count);
        nodes = new Node[](count);
        for (uint256 i = 0; i < count; ++i) {
            signers[i] = _signers[from + i];
            nodes[i] = _nodes[signers[i]];
        }
    }

    function _check(string calldata endpoint, uint16 modes) private pure {
        if (modes == 0 || modes & ~MODES != 0) revert InvalidModes(modes);
        if (bytes(endpoint).length > MAX_ENDPOINT) revert EndpointTooLong(MAX_ENDPOINT);
    }

    /// Which of a signature's two forms is given does not matter: a signer registers once.
    function _proves(address signer, bytes calldata proof) private view returns (bool) {
        if (proof.length != 65 || signer == address(0)) return false;
        uint8 v = uint8(proof[64]);
        return ecrecover(possessionDigest(msg.sender), v < 27 ? v + 27 : v, bytes32(proof[:32]), bytes32(proof[32:64]))
            == signer;
    }
}
