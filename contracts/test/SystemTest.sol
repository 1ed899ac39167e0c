// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {IDaInfo} from "../lib/IDaInfo.sol";
import {IInference, INFERENCE} from "../lib/IInference.sol";
import {IModelRegistry} from "../lib/IModelRegistry.sol";
import {INodeRegistry} from "../lib/INodeRegistry.sol";
import {IScheduler} from "../lib/IScheduler.sol";
import {DA_INFO, MODEL_REGISTRY, NODE_REGISTRY, SCHEDULER, SYSTEM_SENDER} from "../lib/SystemContracts.sol";
import {DaInfo} from "../system/DaInfo.sol";
import {ModelRegistry} from "../system/ModelRegistry.sol";
import {NodeRegistry} from "../system/NodeRegistry.sol";
import {Scheduler} from "../system/Scheduler.sol";
import {SystemProxy} from "../system/SystemProxy.sol";
import {MockInference} from "./MockInference.sol";

/// The state that genesis makes: the system contracts behind their proxies, no constructor having run; and a stand-in for
/// the inference precompile.
abstract contract SystemTest is Test {
    bytes32 internal constant IMPLEMENTATION_SLOT = bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);
    bytes32 internal constant ADMIN_SLOT = bytes32(uint256(keccak256("eip1967.proxy.admin")) - 1);

    address internal governance = makeAddr("governance");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal eve = makeAddr("eve");

    MockInference internal constant inference = MockInference(INFERENCE);
    IModelRegistry internal constant registry = IModelRegistry(MODEL_REGISTRY);
    INodeRegistry internal constant nodes = INodeRegistry(NODE_REGISTRY);
    IScheduler internal constant scheduler = IScheduler(SCHEDULER);
    IDaInfo internal constant daInfo = IDaInfo(DA_INFO);

    function setUp() public virtual {
        vm.etch(INFERENCE, type(MockInference).runtimeCode);
        vm.allowCheatcodes(INFERENCE);
        _install(MODEL_REGISTRY, type(ModelRegistry).runtimeCode);
        _install(NODE_REGISTRY, type(NodeRegistry).runtimeCode);
        _install(SCHEDULER, type(Scheduler).runtimeCode);
        _install(DA_INFO, type(DaInfo).runtimeCode);
        vm.roll(1000);
        vm.warp(1_800_000_000);
        vm.fee(1 gwei);
        vm.coinbase(makeAddr("builder"));
        for (uint256 i = 0; i < 3; ++i) {
            vm.deal([alice, bob, eve][i], 1000 ether);
        }
    }

    function implementationOf(address proxy) internal pure returns (address) {
        return address(uint160(proxy) + 0x1000);
    }

    function _install(address proxy, bytes memory code) private {
        address implementation = implementationOf(proxy);
        vm.etch(implementation, code);
        vm.etch(proxy, type(SystemProxy).runtimeCode);
        vm.store(proxy, IMPLEMENTATION_SLOT, bytes32(uint256(uint160(implementation))));
        vm.store(proxy, ADMIN_SLOT, bytes32(uint256(uint160(governance))));
    }

    /// Registers and opens a model of alice's that answers with the sum of its inputs.
    function newModel(bytes memory verifyingKey) internal returns (bytes32 id) {
        vm.prank(alice);
        id = registry.register(verifyingKey, "", "ipfs://card", 0x42, 1000);
        registry.open(id);
        inference.price(id, 200_000, 150_000);
    }
}
