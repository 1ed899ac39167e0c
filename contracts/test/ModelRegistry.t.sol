// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IInference} from "../lib/IInference.sol";
import {IModelRegistry, ModelEntry, Policy} from "../lib/IModelRegistry.sol";
import {Governed} from "../system/Governed.sol";
import {SystemTest} from "./SystemTest.sol";

contract ModelRegistryTest is SystemTest {
    bytes private constant KEY = "verifying key";
    bytes32 private constant ID = keccak256(KEY);

    function _register(address owner, bytes memory key, string memory name) private returns (bytes32) {
        vm.prank(owner);
        return registry.register(key, name, "ipfs://card", 0x42, 250);
    }

    // ---- registering and opening

    function test_TheFirstRegistrantOwns() public {
        assertEq(_register(alice, KEY, ""), ID);
        Policy memory policy = registry.policy(ID);
        assertEq(policy.owner, alice);
        assertEq(policy.modes, 0x42);
        assertEq(policy.royaltyBps, 250);
        assertEq(policy.opensAt, 0);
        vm.prank(eve);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelExists.selector, ID, alice));
        registry.register(KEY, "", "", 0x42, 0);
    }

    /// The word the inference precompile reads.
    function test_Layout() public {
        _register(alice, KEY, "");
        vm.prank(governance);
        registry.setFetchDelay(3);
        registry.open(ID);
        uint256 word = uint256(vm.load(address(registry), keccak256(abi.encode(ID, 0))));
        assertEq(address(uint160(word)), alice);
        assertEq(uint16(word >> 160), 0x42);
        assertEq(uint16(word >> 176), 250);
        assertEq(uint64(word >> 192), block.number + 3);
        assertEq(uint256(vm.load(address(registry), bytes32(uint256(1)))), 3);
    }

    function test_OpeningChecksTheWeightsOnce() public {
        _register(alice, KEY, "");
        inference.breakWeights(ID, true);
        vm.expectRevert(abi.encodeWithSelector(IInference.InvalidModel.selector, "weights differ"));
        registry.open(ID);
        inference.breakWeights(ID, false);
        vm.prank(bob);
        registry.open(ID);
        assertEq(registry.policy(ID).opensAt, block.number);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.AlreadyOpen.selector, block.number));
        registry.open(ID);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownModelId.selector, bytes32("none")));
        registry.open("none");
    }

    function testFuzz_ArgumentsAreChecked(uint16 modes, uint16 royaltyBps) public {
        vm.prank(alice);
        if (modes == 0 || modes & ~uint16(0x7e) != 0) {
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidModes.selector, modes));
        } else if (royaltyBps > 5000) {
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.RoyaltyTooHigh.selector, 5000));
        }
        registry.register(KEY, "", "", modes, royaltyBps);
    }

    function test_TheModelItselfIsChecked() public {
        vm.expectRevert(abi.encodeWithSelector(IInference.InvalidModel.selector, "empty"));
        registry.register("", "", "", 0x42, 0);
        vm.expectRevert(IInference.OnlyRegistry.selector);
        inference.registerModel(KEY);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.MetadataTooLong.selector, 1024));
        registry.register(KEY, "", string(new bytes(1025)), 0x42, 0);
    }

    // ---- changes

    function test_ModesAreAddedAtOnceAndTakenAwayADayLater() public {
        _register(alice, KEY, "");
        vm.startPrank(alice);
        registry.setModes(ID, 0x46);
        assertEq(registry.policy(ID).modes, 0x46);
        registry.setModes(ID, 0x04);
        assertEq(registry.policy(ID).modes, 0x46);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotYet.selector, block.timestamp + 1 days));
        registry.applyChanges(ID);
        skip(1 days);
        vm.stopPrank();
        vm.prank(eve);
        registry.applyChanges(ID);
        assertEq(registry.policy(ID).modes, 0x04);
        vm.expectRevert(IModelRegistry.NothingToApply.selector);
        registry.applyChanges(ID);
    }

    /// Nodes may have lost the file while the model could not be asked for in REPLAY.
    function test_AddingReplayToAnOpenModelNeedsItsFile() public {
        vm.prank(alice);
        registry.register(KEY, "", "", 0x40, 0);
        // Not open yet: opening looks at the file.
        vm.startPrank(alice);
        inference.breakWeights(ID, true);
        registry.setModes(ID, 0x42);
        registry.setModes(ID, 0x40);
        skip(1 days);
        registry.applyChanges(ID);
        inference.breakWeights(ID, false);
        registry.open(ID);

        inference.breakWeights(ID, true);
        vm.expectRevert(abi.encodeWithSelector(IInference.InvalidModel.selector, "weights differ"));
        registry.setModes(ID, 0x42);
        assertEq(registry.policy(ID).modes, 0x40);
        // Nor by way of a change that takes another mode away.
        registry.setModes(ID, 0x02);
        skip(1 days);
        vm.expectRevert(abi.encodeWithSelector(IInference.InvalidModel.selector, "weights differ"));
        registry.applyChanges(ID);
        assertEq(registry.policy(ID).modes, 0x40);
        inference.breakWeights(ID, false);
        registry.applyChanges(ID);
        assertEq(registry.policy(ID).modes, 0x02);
    }

    function test_RoyaltiesWaitADay() public {
        _register(alice, KEY, "");
        vm.startPrank(alice);
        registry.setRoyalty(ID, 5000);
        skip(1 days - 1);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotYet.selector, block.timestamp + 1));
        registry.applyChanges(ID);
        assertEq(registry.policy(ID).royaltyBps, 250);
        skip(1);
        registry.applyChanges(ID);
        assertEq(registry.policy(ID).royaltyBps, 5000);
    }

    /// Announcing again starts the day anew: nobody can hide a late change behind an early announcement.
    function test_AnnouncingAgainWaitsAgain() public {
        _register(alice, KEY, "");
        vm.startPrank(alice);
        registry.setRoyalty(ID, 251);
        skip(1 days - 1);
        registry.setRoyalty(ID, 5000);
        skip(1);
        vm.expectRevert();
        registry.applyChanges(ID);
        assertEq(registry.policy(ID).royaltyBps, 250);
    }

    /// Changes keep the rest of the word, and the model open.
    function test_ChangesTouchOnlyTheirField() public {
        _register(alice, KEY, "");
        registry.open(ID);
        vm.startPrank(alice);
        registry.setRoyalty(ID, 9);
        registry.setModes(ID, 0x02);
        skip(1 days);
        registry.applyChanges(ID);
        Policy memory policy = registry.policy(ID);
        assertEq(policy.owner, alice);
        assertEq(policy.modes, 0x02);
        assertEq(policy.royaltyBps, 9);
        assertEq(policy.opensAt, block.number);
    }

    function testFuzz_OnlyTheOwnerChanges(address sender) public {
        vm.assume(sender != alice);
        _register(alice, KEY, "model");
        vm.startPrank(sender);
        bytes memory refusal = abi.encodeWithSelector(IModelRegistry.OnlyOwner.selector, alice, sender);
        vm.expectRevert(refusal);
        registry.setModes(ID, 0x7e);
        vm.expectRevert(refusal);
        registry.setRoyalty(ID, 0);
        vm.expectRevert(refusal);
        registry.setMetadata(ID, "");
        vm.expectRevert(refusal);
        registry.transferOwnership(ID, sender);
        vm.expectRevert(refusal);
        registry.addVersion("model", ID);
        vm.expectRevert(refusal);
        registry.transferName("model", sender);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotOffered.selector, address(0), sender));
        registry.acceptOwnership(ID);
    }

    function test_OwnershipTakesTwoSteps() public {
        _register(alice, KEY, "");
        vm.startPrank(alice);
        registry.setRoyalty(ID, 5000);
        registry.transferOwnership(ID, bob);
        assertEq(registry.policy(ID).owner, alice);
        vm.stopPrank();
        vm.prank(eve);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotOffered.selector, bob, eve));
        registry.acceptOwnership(ID);
        vm.prank(bob);
        registry.acceptOwnership(ID);
        assertEq(registry.policy(ID).owner, bob);
        assertEq(registry.pendingOwner(ID), address(0));
        // The old owner's announcement is not the new one's.
        skip(1 days);
        vm.expectRevert(IModelRegistry.NothingToApply.selector);
        registry.applyChanges(ID);
    }

    // ---- names

    function test_NamesHaveVersions() public {
        bytes32 first = _register(alice, "v1", "team/vol-1.0_x");
        bytes32 second = _register(alice, "v2", "team/vol-1.0_x");
        assertEq(registry.resolve("team/vol-1.0_x"), second);
        assertEq(registry.resolve("team/vol-1.0_x", 1), first);
        assertEq(registry.versions("team/vol-1.0_x").length, 2);
        assertEq(registry.nameOwner("team/vol-1.0_x"), alice);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownVersion.selector, "team/vol-1.0_x", 3));
        registry.resolve("team/vol-1.0_x", 3);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownVersion.selector, "team/vol-1.0_x", 0));
        registry.resolve("team/vol-1.0_x", 0);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.UnknownName.selector, "other"));
        registry.resolve("other");
    }

    function test_ANameBelongsToWhoTookIt() public {
        _register(alice, KEY, "model");
        vm.startPrank(eve);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.OnlyOwner.selector, alice, eve));
        registry.register("evil", "model", "", 0x42, 0);
        bytes32 evil = registry.register("evil", "", "", 0x42, 0);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.OnlyOwner.selector, alice, eve));
        registry.addVersion("model", evil);
        vm.stopPrank();
        assertEq(registry.resolve("model"), ID);
        vm.prank(alice);
        registry.transferName("model", bob);
        vm.prank(eve);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotOffered.selector, bob, eve));
        registry.acceptName("model");
        vm.prank(bob);
        registry.acceptName("model");
        assertEq(registry.nameOwner("model"), bob);
    }

    function test_NamesThatLookAlikeAreRefused() public {
        string[6] memory names = [
            "Model",
            "m odel",
            unicode"mоdel",
            "model\n",
            "model\x00",
            string(abi.encodePacked(new bytes(32), new bytes(33)))
        ];
        for (uint256 i = 0; i < names.length; ++i) {
            vm.prank(alice);
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidName.selector, names[i]));
            registry.register(KEY, names[i], "", 0x42, 0);
        }
    }

    // ---- front-running

    function test_AnEarlierCommitmentWinsACopiedRegistration() public {
        bytes32 modelCommitment = registry.commitmentOf(alice, ID, "salt");
        bytes32 nameCommitment = registry.commitmentOf(alice, keccak256("model"), "salt");
        vm.startPrank(alice);
        registry.commit(modelCommitment);
        registry.commit(nameCommitment);
        vm.stopPrank();
        vm.roll(block.number + 1);
        _register(eve, KEY, "model");
        vm.startPrank(eve);
        registry.setRoyalty(ID, 5000);
        registry.transferOwnership(ID, eve);
        vm.stopPrank();

        vm.startPrank(alice);
        registry.claimModel(ID, "salt");
        registry.claimName("model", "salt");
        assertEq(registry.policy(ID).owner, alice);
        assertEq(registry.nameOwner("model"), alice);
        assertEq(registry.versions("model").length, 0);
        vm.stopPrank();
        // What eve had prepared is void.
        vm.prank(eve);
        vm.expectRevert();
        registry.acceptOwnership(ID);
    }

    /// Else whoever took a name could fill it until nobody has the gas to claim it.
    function test_ANameThatCanStillBeClaimedHasFewVersions() public {
        bytes32 alicesCommitment = registry.commitmentOf(alice, keccak256("model"), "salt");
        vm.prank(alice);
        registry.commit(alicesCommitment);
        vm.roll(block.number + 1);
        _register(eve, KEY, "model");
        uint64 until = uint64(block.timestamp) + 1 hours;
        vm.startPrank(eve);
        for (uint256 version = 2; version <= 32; ++version) {
            assertEq(registry.addVersion("model", ID), version);
        }
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.TooManyVersions.selector, 32, until));
        registry.addVersion("model", ID);
        vm.stopPrank();

        uint256 before = vm.snapshotState();
        vm.warp(until + 1);
        vm.prank(eve);
        assertEq(registry.addVersion("model", ID), 33);
        vm.revertToState(before);

        vm.prank(alice);
        registry.claimName{gas: 300_000}("model", "salt");
        assertEq(registry.nameOwner("model"), alice);
        assertEq(registry.versions("model").length, 0);
    }

    function test_CommitmentsMadeTooLateOrByOthersWinNothing() public {
        bytes32 evesCommitment = registry.commitmentOf(eve, ID, "salt");
        bytes32 alicesCommitment = registry.commitmentOf(alice, ID, "salt");
        vm.prank(alice);
        registry.commit(alicesCommitment);
        vm.roll(block.number + 1);
        _register(alice, KEY, "");
        vm.startPrank(eve);
        registry.commit(evesCommitment);
        vm.expectRevert(IModelRegistry.NoEarlierCommitment.selector);
        registry.claimModel(ID, "salt");
        // Another's commitment, made anew in one's own transaction: refused while it lives.
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.CommitmentExists.selector, alicesCommitment));
        registry.commit(alicesCommitment);
    }

    function test_ClaimsEndAfterAnHourAndCommitmentsAfterADay() public {
        bytes32 early = registry.commitmentOf(bob, ID, "early");
        vm.startPrank(bob);
        registry.commit(early);
        skip(1 days + 1);
        vm.roll(block.number + 1);
        vm.stopPrank();
        _register(alice, KEY, "");
        vm.startPrank(bob);
        vm.expectRevert(IModelRegistry.NoEarlierCommitment.selector);
        registry.claimModel(ID, "early");
        skip(1 hours + 1);
        vm.expectRevert();
        registry.claimModel(ID, "early");
    }

    /// Of two who committed, the earlier keeps it, whoever claims last.
    function test_TheEarliestCommitmentWins() public {
        bytes32 alices = registry.commitmentOf(alice, ID, "a");
        bytes32 bobs = registry.commitmentOf(bob, ID, "b");
        vm.prank(alice);
        registry.commit(alices);
        vm.roll(block.number + 1);
        vm.prank(bob);
        registry.commit(bobs);
        vm.roll(block.number + 1);
        _register(eve, KEY, "");
        vm.prank(alice);
        registry.claimModel(ID, "a");
        vm.prank(bob);
        vm.expectRevert(IModelRegistry.NoEarlierCommitment.selector);
        registry.claimModel(ID, "b");
    }

    // ---- governance and listing

    function testFuzz_OnlyGovernanceSetsTheDelay(address sender) public {
        vm.assume(sender != governance);
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(Governed.OnlyGovernance.selector, sender));
        registry.setFetchDelay(1);
        vm.prank(governance);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.FetchDelayTooLong.selector, 1_000_000));
        registry.setFetchDelay(type(uint64).max);
    }

    function testFuzz_ListsArePages(uint8 from, uint256 count) public {
        for (uint8 i = 0; i < 5; ++i) {
            _register(alice, abi.encodePacked(i), "");
        }
        ModelEntry[] memory list = registry.list(from, count);
        uint256 expected = from >= 5 ? 0 : (count < 5 - from ? count : 5 - from);
        assertEq(list.length, expected);
        for (uint8 i = 0; i < expected; ++i) {
            assertEq(list[i].id, keccak256(abi.encodePacked(from + i)));
            assertEq(list[i].metadataUri, "ipfs://card");
            assertEq(list[i].policy.owner, alice);
        }
        assertEq(registry.modelCount(), 5);
    }
}
