// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDaInfo} from "../lib/IDaInfo.sol";
import {SYSTEM_SENDER} from "../lib/SystemContracts.sol";
import {Governed} from "../system/Governed.sol";
import {SystemTest} from "./SystemTest.sol";

contract DaInfoTest is SystemTest {
    function test_TheSystemWrites() public {
        vm.startPrank(SYSTEM_SENDER);
        daInfo.set(7, "seven", 70);
        daInfo.set(9, "nine", 70);
        assertEq(daInfo.height(), 9);
        assertEq(daInfo.hash(), "nine");
        assertEq(daInfo.time(), 70);
    }

    function testFuzz_NobodyElseWrites(address sender) public {
        vm.assume(sender != SYSTEM_SENDER);
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(Governed.OnlySystem.selector, sender));
        daInfo.set(7, "seven", 70);
    }

    function test_HeightsNeverFall() public {
        vm.startPrank(SYSTEM_SENDER);
        daInfo.set(7, "seven", 70);
        vm.expectRevert(abi.encodeWithSelector(IDaInfo.HeightFell.selector, 7, 6));
        daInfo.set(6, "six", 80);
        vm.expectRevert(abi.encodeWithSelector(IDaInfo.TimeFell.selector, 70, 69));
        daInfo.set(8, "eight", 69);
    }

    function test_AHeightSaysOneThing() public {
        vm.startPrank(SYSTEM_SENDER);
        daInfo.set(7, "seven", 70);
        daInfo.set(7, "seven", 70);
        vm.expectRevert(abi.encodeWithSelector(IDaInfo.HeaderChanged.selector, 7));
        daInfo.set(7, "other", 70);
    }

    /// Slots that native code may read.
    function test_Layout() public {
        vm.prank(SYSTEM_SENDER);
        daInfo.set(7, "seven", 70);
        assertEq(uint256(vm.load(address(daInfo), 0)), 70 << 64 | 7);
        assertEq(vm.load(address(daInfo), bytes32(uint256(1))), "seven");
    }
}
