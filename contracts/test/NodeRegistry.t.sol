// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {INodeRegistry, Node, NodeClass} from "../lib/INodeRegistry.sol";
import {SystemTest} from "./SystemTest.sol";

contract NodeRegistryTest is SystemTest {
    address private signer;
    uint256 private key;

    function setUp() public override {
        super.setUp();
        (signer, key) = makeAddrAndKey("node key");
    }

    function _proofFor(address operator) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, nodes.possessionDigest(operator));
        return abi.encodePacked(r, s, v);
    }

    function _register() private {
        bytes memory proof = _proofFor(alice);
        vm.prank(alice);
        nodes.register(signer, "https://node.example", 0x42, NodeClass.CPU, proof);
    }

    function test_OperatorRegistersAndChanges() public {
        _register();
        assertEq(nodes.operatorFor(signer, 1), alice);
        assertEq(nodes.operatorFor(signer, 2), address(0));
        assertEq(nodes.operatorFor(signer, 255), address(0));
        vm.startPrank(alice);
        nodes.update(signer, "https://other.example", 0x04, NodeClass.PROVER);
        assertEq(nodes.operatorFor(signer, 1), address(0));
        assertEq(nodes.operatorFor(signer, 2), alice);
        nodes.deactivate(signer);
        assertEq(nodes.operatorFor(signer, 2), address(0));
        nodes.activate(signer);
        Node memory node = nodes.node(signer);
        assertEq(node.endpoint, "https://other.example");
        assertTrue(node.active);
    }

    function test_AKeyMayRegisterItself() public {
        vm.prank(signer);
        nodes.register(signer, "", 0x42, NodeClass.GPU, "");
        assertEq(nodes.operatorFor(signer, 6), signer);
    }

    function test_NobodyRegistersAnothersKey() public {
        bytes memory stolen = _proofFor(alice);
        vm.startPrank(eve);
        for (uint256 i = 0; i < 3; ++i) {
            bytes memory proof = [stolen, bytes(""), new bytes(65)][i];
            vm.expectRevert(abi.encodeWithSelector(INodeRegistry.BadPossessionProof.selector, signer));
            nodes.register(signer, "", 0x42, NodeClass.CPU, proof);
        }
        // Address zero is what a broken signature recovers to.
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.BadPossessionProof.selector, address(0)));
        nodes.register(address(0), "", 0x42, NodeClass.CPU, new bytes(65));
    }

    function testFuzz_OnlyTheOperatorChanges(address sender) public {
        vm.assume(sender != alice);
        _register();
        vm.startPrank(sender);
        bytes memory refusal = abi.encodeWithSelector(INodeRegistry.OnlyOperator.selector, alice, sender);
        vm.expectRevert(refusal);
        nodes.update(signer, "", 0x42, NodeClass.CPU);
        vm.expectRevert(refusal);
        nodes.deactivate(signer);
        vm.expectRevert(refusal);
        nodes.activate(signer);
    }

    function test_AKeyIsRegisteredOnce() public {
        _register();
        vm.prank(signer);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NodeExists.selector, signer, alice));
        nodes.register(signer, "", 0x42, NodeClass.CPU, "");
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.UnknownNode.selector, bob));
        nodes.deactivate(bob);
    }

    function testFuzz_ModesAreChecked(uint16 modes) public {
        vm.prank(signer);
        if (modes == 0 || modes & ~uint16(0x7e) != 0) {
            vm.expectRevert(abi.encodeWithSelector(INodeRegistry.InvalidModes.selector, modes));
        }
        nodes.register(signer, "", modes, NodeClass.CPU, "");
    }

    function test_EndpointsAreBounded() public {
        vm.prank(signer);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.EndpointTooLong.selector, 256));
        nodes.register(signer, string(new bytes(257)), 0x42, NodeClass.CPU, "");
    }

    function testFuzz_ListsArePages(uint8 from, uint256 count) public {
        for (uint160 i = 1; i <= 5; ++i) {
            vm.prank(address(i));
            nodes.register(address(i), "", 0x42, NodeClass.CPU, "");
        }
        (address[] memory signers, Node[] memory list) = nodes.list(from, count);
        uint256 expected = from >= 5 ? 0 : (count < 5 - from ? count : 5 - from);
        assertEq(signers.length, expected);
        for (uint256 i = 0; i < expected; ++i) {
            assertEq(signers[i], address(uint160(from + i + 1)));
            assertEq(list[i].operator, signers[i]);
        }
        assertEq(nodes.nodeCount(), 5);
    }

    /// The first word of a node, as native code reads it.
    function test_Layout() public {
        _register();
        uint256 word = uint256(vm.load(address(nodes), keccak256(abi.encode(signer, 0))));
        assertEq(address(uint160(word)), alice);
        assertEq(uint16(word >> 160), 0x42);
        assertEq(uint8(word >> 176), uint8(NodeClass.CPU));
        assertEq(uint8(word >> 184), 1);
        assertEq(uint64(word >> 192), block.timestamp);
    }
}
