// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.26;

import {Vault} from "../src/Vault.sol";
import {vm} from "../src/Vm.sol";

/// Runs on a fork of the node under test (`forge test --fork-url`): its state is read through the node's RPC.
contract ForkTest {
    Vault internal vault;
    address internal owner;

    function setUp() external {
        vault = Vault(payable(vm.envAddress("VAULT")));
        owner = vm.envAddress("OWNER");
    }

    function testSeesDeployedCodeAndStorage() external view {
        require(address(vault).code.length > 0, "no code");
        require(vault.owner() == owner, "other owner");
        require(keccak256(bytes(vault.label())) == keccak256("forked"), "other label");
        require(vm.load(address(vault), bytes32(0)) != bytes32(0), "no storage");
    }

    function testSeesChainAndBalances() external view {
        require(block.chainid == vm.envUint("CHAIN"), "other chain");
        require(address(vault).balance == 7, "other balance");
        require(owner.balance > 1 ether, "owner is poor");
    }

    function testChangesStayInTheFork() external {
        uint256 before = owner.balance;
        vm.prank(owner);
        vault.empty();
        require(owner.balance == before + 7, "not paid");
    }

    function testRevertsAsOnChain() external {
        vm.expectRevert(abi.encodeWithSelector(Vault.NotOwner.selector, address(this)));
        vault.empty();
    }

    function testOlderBlockHasOlderState() external {
        vm.createSelectFork(vm.envString("URL"), vm.envUint("BEFORE"));
        require(address(vault).code.length == 0, "too early for code");
        vm.rollFork(vm.envUint("BEFORE") + 1);
        require(address(vault).code.length > 0, "code by now");
    }
}
