// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {InferenceConsumer} from "../lib/InferenceConsumer.sol";
import {IInferenceConsumer, IScheduler} from "../lib/IScheduler.sol";
import {SCHEDULER, SYSTEM_SENDER} from "../lib/SystemContracts.sol";
import {BatchingConsumer, Consumer, Counter, GasEater, Reentrant} from "./Consumers.sol";

import {Cooling, SchedulerFixture} from "./SchedulerFixture.sol";

contract SchedulesTest is SchedulerFixture {
    function test_SchedulesRunAsOftenAsPaidFor() public {
        Counter counter = new Counter();
        uint256 id = _every(address(counter), abi.encodeCall(Counter.count, ()), 5, 3);
        inference.forgetLastJob();
        uint256 start = block.number;
        uint256 prepaid = address(scheduler).balance;
        for (uint256 i = 1; i <= 20; ++i) {
            vm.roll(start + i);
            (uint256 next,,,) = scheduler.next();
            assertEq(next, i % 5 == 0 && i <= 15 ? id : 0);
            if (next != 0) _deliverNext();
        }
        assertEq(counter.calls(), 3);
        assertEq(counter.calledFor(), address(consumer));
        assertEq(scheduler.runningFor(), address(0));
        assertEq(scheduler.credits(builder) + scheduler.credits(address(consumer)), prepaid);
        (, uint256 schedules) = scheduler.queued();
        assertEq(schedules, 0);
    }

    /// What a target had computed is paid to who did, and what computing took of the run's gas to nobody else.
    function test_AScheduledInferenceIsPaid() public {
        address target = makeAddr("target");
        vm.etch(target, hex"5b600056");
        inference.price(model, 80_000, 30_000);
        uint256 price = 1.25 gwei + 1;
        uint256[2] memory builders;
        uint64[2] memory taken = [uint64(30_000), 70_000];
        for (uint256 i = 0; i < 2; ++i) {
            // The second asked for an outcome besides that was used before: that costs nothing.
            inference.takeForComputing(taken[i]);
            uint256 id = _every(target, "", 1, 1);
            uint256 prepaid = address(scheduler).balance;
            vm.roll(block.number + 1);
            assertEq(_deliverNext(), id);
            assertEq(worker.balance, 30_000 * price);
            builders[i] = scheduler.credits(builder);
            assertEq(worker.balance + builders[i] + scheduler.credits(address(consumer)), prepaid);
            vm.deal(worker, 0);
            vm.prank(builder);
            scheduler.withdraw(payable(builder));
            consumer.withdraw(payable(address(consumer)));
        }
        assertApproxEqAbs(builders[0] - builders[1], 40_000 * price, 25_000 * price);
    }

    function test_AFailingTargetDoesNotStopItsSchedule() public {
        Counter counter = new Counter();
        uint256 id = _every(address(counter), abi.encodeCall(Counter.refuse, ()), 1, 2);
        vm.roll(block.number + 1);
        assertEq(_deliverNext(), id);
        vm.roll(block.number + 1);
        assertEq(_deliverNext(), id);
    }

    function test_MissedRunsAreSkippedInStep() public {
        Counter counter = new Counter();
        uint256 id = _every(address(counter), abi.encodeCall(Counter.count, ()), 10, 5);
        uint256 start = block.number;
        vm.roll(start + 33);
        _deliverNext();
        (uint256 next,,,) = scheduler.next();
        assertEq(next, 0);
        (, uint64 due) = scheduler.getSchedule(id);
        assertEq(due, start + 40);
        assertEq(counter.calls(), 1);
    }

    function test_AScheduleCannotImitateAnAnswer() public {
        Consumer victim = new Consumer();
        bytes memory lie = abi.encodeCall(IInferenceConsumer.onInference, (1, _input(1)));
        bytes memory failure = abi.encodeCall(IInferenceConsumer.onInferenceFailed, (1, ""));
        uint64 until = uint64(block.number + 10);
        vm.startPrank(eve);
        vm.expectRevert(IScheduler.ForbiddenCall.selector);
        scheduler.schedule{value: 1 ether}(address(victim), lie, 1, until, 100_000);
        vm.expectRevert(IScheduler.ForbiddenCall.selector);
        scheduler.schedule{value: 1 ether}(address(victim), failure, 1, until, 100_000);
        vm.expectRevert(IScheduler.ForbiddenCall.selector);
        scheduler.schedule{value: 1 ether}(SCHEDULER, abi.encodeCall(IScheduler.cancel, (1)), 1, until, 100_000);
        vm.expectRevert(abi.encodeWithSelector(InferenceConsumer.OnlyScheduler.selector, eve));
        victim.onInference(1, _input(1));
        vm.expectRevert(abi.encodeWithSelector(InferenceConsumer.OnlyScheduler.selector, eve));
        victim.onInferenceFailed(1, "");
    }

    /// Nor by way of a consumer that calls itself: it would take the scheduler's word for the answer.
    function test_AScheduleCannotHaveAConsumerImitateAnAnswer() public {
        BatchingConsumer victim = new BatchingConsumer();
        bytes[2] memory lies = [
            abi.encodeCall(IInferenceConsumer.onInference, (1, _input(1))),
            abi.encodeCall(IInferenceConsumer.onInferenceFailed, (1, ""))
        ];
        for (uint256 i = 0; i < lies.length; ++i) {
            bytes[] memory calls = new bytes[](1);
            calls[0] = lies[i];
            bytes memory data = abi.encodeCall(BatchingConsumer.multicall, (calls));
            vm.prank(eve);
            scheduler.schedule{value: 1 ether}(address(victim), data, 1, uint64(block.number + 1), 1_000_000);
            vm.roll(block.number + 1);
            vm.expectCall(address(victim), lies[i]);
            _deliverNext();
            assertEq(victim.answered(), 0);
        }
        // Its own requests are answered.
        uint256 id = _ask(victim);
        vm.roll(block.number + 1);
        assertEq(_deliverNext(), id);
        assertEq(victim.answered(), id);
    }

    /// Cancelling in the middle of one's own run is paid back to the wei.
    function test_ASchedulesTargetMayCancelIt() public {
        Reentrant reentrant = new Reentrant();
        vm.deal(address(reentrant), 1000 ether);
        uint256 id = 1;
        reentrant.every(
            address(reentrant), abi.encodeCall(Reentrant.stop, (id)), 2, uint64(block.number + 20), 1_000_000
        );
        inference.forgetLastJob();
        uint256 prepaid = address(scheduler).balance;
        vm.roll(block.number + 2);
        assertEq(_deliverNext(), id);
        assertEq(reentrant.done(), id);
        assertEq(scheduler.credits(builder) + scheduler.credits(address(reentrant)), prepaid);
        (, uint256 schedules) = scheduler.queued();
        assertEq(schedules, 0);
    }

    function test_AGreedyTargetBurnsOnlyItsOwnGas() public {
        GasEater eater = new GasEater();
        bytes memory data = new bytes(4096);
        vm.deal(address(consumer), 1000 ether);
        uint256 id = consumer.every(address(eater), data, 1, uint64(block.number + 2), 5_000_000);
        vm.roll(block.number + 1);
        assertEq(_deliverNext(), id);
        vm.roll(block.number + 1);
        assertEq(_deliverNext(), id);
    }

    /// A last run clears its data: the longest, beside many schedules whose order is to be kept.
    function test_TheLastRunOfTheLongestCallFits() public {
        address eater = makeAddr("eater");
        vm.etch(eater, hex"5b600056");
        vm.startPrank(bob);
        for (uint64 i = 0; i < 512; ++i) {
            scheduler.schedule{value: 0.01 ether}(bob, "", 2 + i, uint64(block.number + 2 + i), 0);
        }
        vm.stopPrank();
        bytes memory data = new bytes(4096);
        for (uint256 i = 0; i < data.length; ++i) {
            data[i] = 0xff;
        }
        uint256 first = _every(eater, data, 1, 1);
        uint256 second = _every(eater, data, 1, 1);
        vm.roll(block.number + 1);
        assertEq(_deliverNext(), first);
        // And if it failed all the same, taking it out of the way would not.
        Cooling(address(vm)).cool(SCHEDULER);
        vm.prank(SYSTEM_SENDER);
        scheduler.drop{gas: 1_500_000 - 25_000}(second);
        (, uint256 schedules) = scheduler.queued();
        assertEq(schedules, 512);
    }

    function test_IntervalsAreChecked() public {
        vm.startPrank(alice);
        uint64 now_ = uint64(block.number);
        uint64[2][4] memory wrong =
            [[uint64(0), now_ + 5], [uint64(6), now_ + 5], [uint64(1), type(uint64).max], [type(uint64).max, now_]];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(IScheduler.InvalidInterval.selector);
            scheduler.schedule{value: 1 ether}(bob, "", wrong[i][0], wrong[i][1], 100_000);
        }
        vm.expectRevert(abi.encodeWithSelector(IScheduler.DataTooLong.selector, 4096));
        scheduler.schedule{value: 1 ether}(bob, new bytes(4097), 1, now_ + 1, 100_000);
        vm.expectRevert(abi.encodeWithSelector(IScheduler.GasTooHigh.selector, 10_000_000));
        scheduler.schedule{value: 1 ether}(bob, "", 1, now_ + 1, 9_900_000);
    }

    /// Between a request and a schedule whichever has waited longer goes first.
    function test_TheOneThatWaitedLongerGoesFirst() public {
        Counter counter = new Counter();
        uint256 early = _every(address(counter), abi.encodeCall(Counter.count, ()), 2, 1);
        uint256 late = _every(address(counter), abi.encodeCall(Counter.count, ()), 4, 1);
        vm.roll(block.number + 2);
        uint256 asked = _ask(consumer);
        vm.roll(block.number + 5);
        assertEq(_deliverNext(), early);
        assertEq(_deliverNext(), asked);
        assertEq(_deliverNext(), late);
    }

    /// Schedules of any intervals fall due in order of block, then of id, whichever are cancelled meanwhile.
    function testFuzz_SchedulesFallDueInOrder(uint256 seed) public {
        uint256[] memory ids = new uint256[](24);
        for (uint256 i = 0; i < ids.length; ++i) {
            ids[i] = _every(bob, "", uint64(1 + (seed >> (i * 4)) % 16), 1);
        }
        for (uint256 i = 0; i < ids.length; ++i) {
            if ((seed >> (100 + i)) & 3 == 0) consumer.cancel(ids[i]);
        }
        vm.roll(block.number + 20);
        (, uint256 left) = scheduler.queued();
        uint256 last;
        for (uint256 i = 0; i < left; ++i) {
            (uint256 id,,,) = scheduler.next();
            (, uint64 due) = scheduler.getSchedule(id);
            uint256 key = uint256(due) << 64 | id;
            assertGt(key, last);
            last = key;
            _deliverNext();
        }
    }

    function test_DroppingAScheduleEndsIt() public {
        vm.prank(alice);
        uint256 id = scheduler.schedule{value: 100 ether}(bob, "", 5, uint64(block.number + 50), 100_000);
        vm.roll(block.number + 5);
        (uint256 next, uint64 gasLimit,, uint64 dueSince) = scheduler.next();
        assertEq(next, id);
        assertEq(dueSince, block.number);
        vm.prank(SYSTEM_SENDER);
        scheduler.drop(id);
        uint256 run = uint256(gasLimit) * (1.25 gwei + 1);
        assertEq(scheduler.credits(builder), run);
        assertEq(scheduler.credits(alice), 100 ether - run);
        (, uint256 schedules) = scheduler.queued();
        assertEq(schedules, 0);
    }

    /// What the run asks may be under way: its owner cannot have it for nothing.
    function test_CancellingADueSchedulePaysForTheRun() public {
        vm.startPrank(alice);
        uint256 early = scheduler.schedule{value: 10 ether}(bob, "", 5, uint64(block.number + 50), 100_000);
        uint256 late = scheduler.schedule{value: 10 ether}(bob, "", 5, uint64(block.number + 50), 100_000);
        scheduler.cancel(early);
        assertEq(scheduler.credits(alice), 10 ether);
        vm.roll(block.number + 5);
        uint256 run = uint256(_gasOf(late)) * (1.25 gwei + 1);
        scheduler.cancel(late);
        assertEq(scheduler.credits(alice), 20 ether - run);
        assertEq(scheduler.credits(builder), run);
    }
}
