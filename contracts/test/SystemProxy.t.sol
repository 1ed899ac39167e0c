// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {DA_INFO, MODEL_REGISTRY} from "../lib/SystemContracts.sol";
import {ISystemProxy, SystemProxy} from "../system/SystemProxy.sol";
import {SystemTest} from "./SystemTest.sol";

contract Next {
    uint256 private _kept;

    error Refused(uint256 why);

    function answer() external pure returns (uint256) {
        return 42;
    }

    function start(uint256 value) external payable {
        if (value == 0) revert Refused(7);
        _kept = value;
    }

    function kept() external view returns (uint256) {
        return _kept;
    }

    /// Has the selector of the proxy's own function.
    function admin() external pure returns (address) {
        return address(0xbeef);
    }
}

contract SystemProxyTest is SystemTest {
    ISystemProxy private constant proxy = ISystemProxy(DA_INFO);
    address private next;

    event Upgraded(address indexed implementation);

    function setUp() public override {
        super.setUp();
        next = address(new Next());
    }

    function test_GovernanceUpgradesAndTheStorageStays() public {
        vm.startPrank(governance);
        vm.expectEmit(DA_INFO);
        emit Upgraded(next);
        proxy.upgradeToAndCall(next, abi.encodeCall(Next.start, (9)));
        assertEq(proxy.implementation(), next);
        vm.stopPrank();
        assertEq(Next(DA_INFO).answer(), 42);
        assertEq(Next(DA_INFO).kept(), 9);
        assertEq(vm.load(DA_INFO, ADMIN_SLOT), bytes32(uint256(uint160(governance))));
    }

    function testFuzz_NobodyElseUpgrades(address sender, bytes calldata data) public {
        vm.assume(sender != governance);
        vm.startPrank(sender);
        (bool upgraded,) = DA_INFO.call(abi.encodeCall(ISystemProxy.upgradeToAndCall, (next, data)));
        assertFalse(upgraded);
        (bool changed,) = DA_INFO.call(abi.encodeCall(ISystemProxy.changeAdmin, (sender)));
        assertFalse(changed);
        assertEq(vm.load(DA_INFO, IMPLEMENTATION_SLOT), bytes32(uint256(uint160(implementationOf(DA_INFO)))));
        assertEq(vm.load(DA_INFO, ADMIN_SLOT), bytes32(uint256(uint160(governance))));
    }

    function test_OthersReachAnImplementationsFunctionOfTheSameSelector() public {
        vm.prank(governance);
        proxy.upgradeToAndCall(next, "");
        vm.prank(eve);
        assertEq(proxy.admin(), address(0xbeef));
        vm.prank(governance);
        assertEq(proxy.admin(), governance);
    }

    function test_TheAdminMayUseTheImplementation() public {
        vm.prank(governance);
        registry.setFetchDelay(4);
        assertEq(registry.fetchDelay(), 4);
    }

    function test_NoImplementationTakesTheAdminsSelectors() public {
        bytes4[4] memory taken = [
            ISystemProxy.upgradeToAndCall.selector,
            ISystemProxy.changeAdmin.selector,
            ISystemProxy.admin.selector,
            ISystemProxy.implementation.selector
        ];
        string[4] memory names = ["ModelRegistry", "NodeRegistry", "Scheduler", "DaInfo"];
        for (uint256 i = 0; i < names.length; ++i) {
            address implementation = implementationOf(
                [MODEL_REGISTRY, address(uint160(MODEL_REGISTRY) + 1), address(uint160(MODEL_REGISTRY) + 5), DA_INFO][i]
            );
            assertGt(implementation.code.length, 0, names[i]);
            for (uint256 k = 0; k < taken.length; ++k) {
                // An unknown selector reverts without a word: no function, no fallback.
                (bool done, bytes memory answer) = implementation.call(abi.encodePacked(taken[k], new bytes(128)));
                assertFalse(done, names[i]);
                assertEq(answer.length, 0, names[i]);
            }
        }
    }

    function test_UpgradesToNothingAreRefused() public {
        vm.startPrank(governance);
        vm.expectRevert(abi.encodeWithSelector(SystemProxy.NotAContract.selector, address(0x1234)));
        proxy.upgradeToAndCall(address(0x1234), "");
        vm.expectRevert(SystemProxy.ZeroAdmin.selector);
        proxy.changeAdmin(address(0));
    }

    function test_AFailingUpgradeCallUndoesTheUpgrade() public {
        vm.startPrank(governance);
        vm.expectRevert(abi.encodeWithSelector(Next.Refused.selector, 7));
        proxy.upgradeToAndCall(next, abi.encodeCall(Next.start, (0)));
        assertEq(proxy.implementation(), implementationOf(DA_INFO));
    }

    function test_ValueIsNotLost() public {
        vm.deal(governance, 1 ether);
        vm.startPrank(governance);
        vm.expectRevert(SystemProxy.NotPayable.selector);
        proxy.upgradeToAndCall{value: 1}(next, "");
        (bool sent,) = DA_INFO.call{value: 1}("");
        assertFalse(sent);
    }

    function test_TheAdminHandsOver() public {
        vm.prank(governance);
        proxy.changeAdmin(alice);
        vm.prank(alice);
        proxy.upgradeToAndCall(next, "");
        vm.prank(governance);
        (bool done,) = DA_INFO.call(abi.encodeCall(ISystemProxy.upgradeToAndCall, (implementationOf(DA_INFO), "")));
        assertFalse(done);
    }
}
