// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {INFERENCE} from "../lib/IInference.sol";
import {Schedule} from "../lib/IScheduler.sol";
import {MODEL_REGISTRY, SCHEDULER, SYSTEM_SENDER} from "../lib/SystemContracts.sol";
import {Consumer} from "./Consumers.sol";
import {SystemTest} from "./SystemTest.sol";

/// A cheat code that forge-std does not name yet: an account's storage is to be paid for as untouched.
interface Cooling {
    function cool(address target) external;
}

/// A scheduler, a consumer with money, and the system that delivers.
abstract contract SchedulerFixture is SystemTest {
    bytes32 internal model;
    Consumer internal consumer;
    address internal builder;
    address internal worker = makeAddr("worker");

    function setUp() public override {
        super.setUp();
        model = newModel("model");
        inference.pay(model, worker);
        consumer = new Consumer();
        vm.deal(address(consumer), 100 ether);
        builder = block.coinbase;
    }

    function _input(uint256 length) internal pure returns (int256[] memory input) {
        input = new int256[](length);
        for (uint256 i = 0; i < length; ++i) {
            input[i] = int256(i + 1);
        }
    }

    function _ask(Consumer from) internal returns (uint256) {
        vm.deal(address(from), 100 ether);
        return from.ask(model, _input(3), 200_000, uint64(block.number + 10));
    }

    /// A system transaction as the node makes it: nothing is warm, the gas is what next() says and no more, less what a
    /// transaction costs by itself.
    function _deliverNext() internal returns (uint256 id) {
        uint64 counted;
        (id,, counted,) = scheduler.next();
        require(id != 0, "nothing is due");
        for (uint256 i = 0; i < 4; ++i) {
            address account = [SCHEDULER, MODEL_REGISTRY, INFERENCE, address(consumer)][i];
            Cooling(address(vm)).cool(account);
            Cooling(address(vm)).cool(implementationOf(account));
        }
        vm.prank(SYSTEM_SENDER);
        scheduler.deliver{gas: counted - 25_000}(id);
    }

    function _every(address target, bytes memory data, uint64 blocks, uint64 runs) internal returns (uint256) {
        vm.deal(address(consumer), 1000 ether);
        return consumer.every(target, data, blocks, uint64(block.number) + blocks * runs, 100_000);
    }

    function _gasOf(uint256 id) internal view returns (uint64 gasLimit) {
        (Schedule memory entry,) = scheduler.getSchedule(id);
        return entry.gasLimit;
    }
}
