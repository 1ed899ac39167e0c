// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IInference, INFERENCE, Mode} from "../lib/IInference.sol";
import {InferenceConsumer} from "../lib/InferenceConsumer.sol";
import {IInferenceConsumer, IScheduler, Request, Schedule} from "../lib/IScheduler.sol";
import {MODEL_REGISTRY, SCHEDULER, SYSTEM_SENDER} from "../lib/SystemContracts.sol";
import {Governed} from "../system/Governed.sol";
import {Consumer, Counter, GasEater, GreedyWithdrawer, Miser, Reentrant, ReturnBomb} from "./Consumers.sol";
import {SystemTest} from "./SystemTest.sol";

/// A cheat code that forge-std does not name yet: an account's storage is to be paid for as untouched.
interface Cooling {
    function cool(address target) external;
}

contract SchedulerTest is SystemTest {
    bytes32 private model;
    Consumer private consumer;
    address private builder;
    address private worker = makeAddr("worker");
    address private constant TREASURY = 0x5600000000000000000000000000000000000000;

    function setUp() public override {
        super.setUp();
        model = newModel("model");
        inference.pay(model, worker);
        consumer = new Consumer();
        vm.deal(address(consumer), 100 ether);
        builder = block.coinbase;
    }

    function _input(uint256 length) private pure returns (int256[] memory input) {
        input = new int256[](length);
        for (uint256 i = 0; i < length; ++i) {
            input[i] = int256(i + 1);
        }
    }

    function _ask(Consumer from) private returns (uint256) {
        vm.deal(address(from), 100 ether);
        return from.ask(model, _input(3), 200_000, uint64(block.number + 10));
    }

    /// A system transaction as the node makes it: nothing is warm, the gas is what next() says and no more, less what a
    /// transaction costs by itself.
    function _deliverNext() private returns (uint256 id) {
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

    // ---- requests

    function test_TheAnswerComesInALaterBlock() public {
        uint256 id = _ask(consumer);
        (uint256 next,,,) = scheduler.next();
        assertEq(next, 0);
        vm.prank(SYSTEM_SENDER);
        vm.expectRevert(abi.encodeWithSelector(IScheduler.NotYetDue.selector, block.number + 1));
        scheduler.deliver(id);
        vm.roll(block.number + 1);
        assertEq(_deliverNext(), id);
        assertEq(consumer.answered(), id);
        assertEq(consumer.output().length, 1);
        assertEq(consumer.output()[0], 6);
        assertEq(scheduler.getRequest(id).requester, address(0));
        (uint256 requests,) = scheduler.queued();
        assertEq(requests, 0);
    }

    function test_WhatIsNotUsedCanBeWithdrawn() public {
        uint256 before = address(consumer).balance;
        uint256 id = _ask(consumer);
        uint256 prepaid = scheduler.getRequest(id).prepaid;
        uint256 price = uint256(scheduler.getRequest(id).gasPrice);
        vm.roll(block.number + 1);
        _deliverNext();
        // Of the compute part 5 % are the protocol's, 10 % go to the model's owner, the rest to who computed it.
        assertEq(TREASURY.balance, 7_500 * price);
        assertEq(scheduler.credits(alice), 15_000 * price);
        assertEq(scheduler.credits(worker), 127_500 * price);
        uint256 refund = scheduler.credits(address(consumer));
        assertGt(refund, 0);
        assertEq(scheduler.credits(builder) + 150_000 * price + refund, prepaid);
        consumer.withdraw(payable(address(consumer)));
        assertEq(address(consumer).balance, before - prepaid + refund);
        assertEq(address(scheduler).balance, prepaid - refund - TREASURY.balance);
    }

    /// SIGNED needs to know whose word is taken.
    function test_SignedRequestsNameTheirOperator() public {
        vm.startPrank(alice);
        vm.expectRevert(IInference.OperatorRequired.selector);
        scheduler.request{value: 1 ether}(model, Mode.SIGNED, _input(3), 0, uint64(block.number + 1));
        vm.expectRevert(IInference.OperatorRequired.selector);
        scheduler.requestSigned{value: 1 ether}(model, address(0), _input(3), 0, uint64(block.number + 1));
        uint256 id = scheduler.requestSigned{value: 1 ether}(model, worker, _input(3), 0, uint64(block.number + 1));
        vm.stopPrank();
        assertEq(scheduler.getRequest(id).operatedBy, worker);
        vm.roll(block.number + 1);
        vm.expectCall(address(inference), abi.encodeCall(IInference.inferSigned, (model, worker, _input(3))));
        _deliverNext();
    }

    function test_PastTheDeadlineItFails() public {
        uint256 id = _ask(consumer);
        vm.roll(block.number + 11);
        _deliverNext();
        assertEq(consumer.answered(), id);
        assertEq(consumer.reason(), abi.encodeWithSelector(IScheduler.DeadlinePassed.selector, block.number - 1));
        // Nothing was computed, so nobody is paid for it.
        assertEq(scheduler.credits(worker), 0);
        assertEq(scheduler.credits(alice), 0);
    }

    function test_TheModelsErrorReachesTheConsumer() public {
        _ask(consumer);
        bytes memory failure = abi.encodeWithSelector(IInference.InferenceUnavailable.selector, bytes32("job"), 3);
        inference.fail(model, failure);
        vm.roll(block.number + 1);
        _deliverNext();
        assertEq(consumer.reason(), failure);
        assertEq(scheduler.credits(worker), 0);
    }

    function test_LongErrorsAreCut() public {
        inference.price(model, 1_000_000, 0);
        consumer.ask(model, _input(3), 2_000_000, uint64(block.number + 10));
        inference.fail(model, new bytes(5000));
        vm.roll(block.number + 1);
        _deliverNext();
        assertEq(consumer.reason().length, 1024);
    }

    function test_FirstInFirstOut() public {
        uint256[3] memory ids = [_ask(consumer), _ask(consumer), _ask(consumer)];
        vm.roll(block.number + 1);
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(_deliverNext(), ids[i]);
        }
    }

    /// Whichever is cancelled, the others keep their order.
    function testFuzz_CancellingKeepsTheOrder(uint8 cancelled) public {
        uint256[] memory ids = new uint256[](8);
        for (uint256 i = 0; i < 8; ++i) {
            ids[i] = _ask(consumer);
        }
        for (uint256 i = 0; i < 8; ++i) {
            if (cancelled >> i & 1 == 1) consumer.cancel(ids[i]);
        }
        vm.roll(block.number + 1);
        for (uint256 i = 0; i < 8; ++i) {
            if (cancelled >> i & 1 == 0) assertEq(_deliverNext(), ids[i]);
        }
        (uint256 next,,,) = scheduler.next();
        assertEq(next, 0);
    }

    function test_CancellingRefundsAllUntilItIsBeingComputed() public {
        uint256 id = _ask(consumer);
        uint256 prepaid = scheduler.getRequest(id).prepaid;
        consumer.cancel(id);
        assertEq(scheduler.credits(address(consumer)), prepaid);
        id = _ask(consumer);
        uint256 inferencePrice = 200_000 * uint256(scheduler.getRequest(id).gasPrice);
        vm.roll(block.number + 1);
        consumer.cancel(id);
        assertEq(scheduler.credits(address(consumer)), 2 * prepaid - inferencePrice);
        assertEq(scheduler.credits(builder), inferencePrice);
        vm.expectRevert(abi.encodeWithSelector(IScheduler.UnknownId.selector, id));
        consumer.cancel(id);
    }

    function test_OnlyTheRequesterCancels() public {
        uint256 id = _ask(consumer);
        vm.prank(eve);
        vm.expectRevert(abi.encodeWithSelector(IScheduler.OnlyRequester.selector, address(consumer), eve));
        scheduler.cancel(id);
    }

    function testFuzz_OnlyTheSystemDelivers(address sender) public {
        vm.assume(sender != SYSTEM_SENDER && sender != governance);
        uint256 id = _ask(consumer);
        vm.roll(block.number + 1);
        vm.prank(sender);
        vm.expectRevert(abi.encodeWithSelector(Governed.OnlySystem.selector, sender));
        scheduler.deliver(id);
    }

    function testFuzz_TooLittleMoneyIsRefused(uint64 callbackGas, uint256 paid) public {
        callbackGas = uint64(bound(callbackGas, 0, 5_000_000));
        uint256 price = scheduler.requestPrice(model, Mode.REPLAY, 3, callbackGas);
        paid = bound(paid, 0, price - 1);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IScheduler.Underpaid.selector, price, paid));
        scheduler.request{value: paid}(model, Mode.REPLAY, _input(3), callbackGas, uint64(block.number + 1));
        scheduler.request{value: price}(model, Mode.REPLAY, _input(3), callbackGas, uint64(block.number + 1));
    }

    function test_ArgumentsAreChecked() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IScheduler.DeadlinePassed.selector, block.number));
        scheduler.request{value: 1 ether}(model, Mode.REPLAY, _input(3), 0, uint64(block.number));
        vm.expectRevert(abi.encodeWithSelector(IScheduler.DeadlineTooFar.selector, block.number + 10_000_000));
        scheduler.request{value: 1 ether}(model, Mode.REPLAY, _input(3), 0, type(uint64).max);
        vm.expectRevert(abi.encodeWithSelector(IScheduler.GasTooHigh.selector, 10_000_000));
        scheduler.request{value: 1 ether}(model, Mode.REPLAY, _input(3), type(uint64).max, uint64(block.number + 1));
        vm.expectRevert(abi.encodeWithSelector(IScheduler.GasTooHigh.selector, 10_000_000));
        scheduler.request{value: 1 ether}(model, Mode.REPLAY, _input(3), 9_900_000, uint64(block.number + 1));
        vm.expectRevert(abi.encodeWithSelector(IScheduler.InputTooLong.selector, 1024));
        scheduler.request{value: 1 ether}(model, Mode.REPLAY, new int256[](1025), 0, uint64(block.number + 1));
        vm.expectRevert(abi.encodeWithSelector(IInference.UnknownModel.selector, bytes32("none")));
        scheduler.request{value: 1 ether}("none", Mode.REPLAY, _input(3), 0, uint64(block.number + 1));
    }

    /// Compute gas does not count against the block, so a large model can be asked for.
    function test_ComputingDoesNotCountAgainstTheCap() public {
        inference.price(model, 1_000_050_000, 1_000_000_000);
        uint256 id = _ask(consumer);
        vm.roll(block.number + 1);
        (uint256 next, uint64 gasLimit, uint64 counted, uint64 dueSince) = scheduler.next();
        assertEq(next, id);
        assertGt(gasLimit, 1_000_000_000);
        assertEq(counted, gasLimit - 1_000_000_000);
        assertEq(dueSince, block.number);
        // It is paid apart, and execution has no more than what counts.
        inference.take(model, 50_000);
        _deliverNext();
        assertEq(consumer.answered(), id);
        assertGe(scheduler.credits(builder) + scheduler.credits(worker), 800_000_000 * uint256(1.25 gwei));
    }

    // ---- a delivery never fails, whatever it calls

    /// Inputs of any size, any callback gas, all of it burnt.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_TheGasOfNextIsEnough(uint16 length, uint64 callbackGas, bool failing, uint32 inferenceGas)
        public
    {
        // The precompile takes what it quoted, computing apart, and the price of reading a large key besides.
        inferenceGas = uint32(bound(inferenceGas, 150_000, 1_000_000));
        inference.price(model, inferenceGas, 150_000);
        inference.take(model, inferenceGas - 150_000 + 30_000);
        length = uint16(bound(length, 0, 1024));
        callbackGas = uint64(bound(callbackGas, 0, 2_000_000));
        GasEater eater = new GasEater();
        vm.deal(address(eater), 100 ether);
        uint256 id = eater.ask(model, _input(length), callbackGas, uint64(block.number + 10));
        if (failing) inference.fail(model, new bytes(4096));
        vm.roll(block.number + 1);
        uint256 prepaid = scheduler.getRequest(id).prepaid;
        _deliverNext();
        uint256 shared =
            scheduler.credits(builder) + scheduler.credits(worker) + scheduler.credits(alice) + TREASURY.balance;
        assertEq(shared + scheduler.credits(address(eater)), prepaid);
        assertEq(scheduler.credits(worker) != 0, !failing);
        // What it burnt it paid for.
        assertGe(scheduler.credits(builder), uint256(callbackGas) * (1.25 gwei));
    }

    function test_AnswersAreCarriedUpToTheirLimitAndThenRefused() public {
        uint256 id = _ask(consumer);
        inference.answerZeros(model, 1000);
        inference.price(model, 200_000, 150_000);
        vm.roll(block.number + 1);
        _deliverNext();
        // The callback has too little gas to store them, but it was made.
        assertEq(consumer.answered(), 0);
        assertEq(scheduler.credits(worker), 127_500 * (1.25 gwei + 1));
        id = _ask(consumer);
        inference.answerZeros(model, 20_000);
        vm.roll(block.number + 1);
        _deliverNext();
        assertEq(consumer.answered(), id);
        assertGe(consumer.reason().length, 0);
        assertEq(scheduler.credits(worker), 127_500 * (1.25 gwei + 1));
    }

    /// An inference that takes more gas than was quoted fails alone.
    function test_AnInferenceOutOfGasIsAFailure() public {
        uint256 id = _ask(consumer);
        inference.burn(model, 1_000_000);
        vm.roll(block.number + 1);
        _deliverNext();
        assertEq(consumer.answered(), id);
        assertEq(consumer.reason().length, 0);
    }

    function test_AReturnBombCostsTheSchedulerNothing() public {
        ReturnBomb bomb = new ReturnBomb();
        vm.deal(address(bomb), 100 ether);
        uint256 plain = _ask(consumer);
        uint256 id = bomb.ask(model, _input(3), 5_000_000, uint64(block.number + 10));
        vm.roll(block.number + 1);
        assertEq(_deliverNext(), plain);
        uint256 before = scheduler.credits(builder);
        assertEq(_deliverNext(), id);
        // A megabyte costs its maker two million gas; copying it here would cost another two.
        assertLt(scheduler.credits(builder) - before, (2_400_000 + 350_000) * (1.25 gwei));
    }

    function test_ReenteringChangesNothing() public {
        Reentrant reentrant = new Reentrant();
        reentrant.setModel(model);
        vm.deal(address(reentrant), 100 ether);
        uint256 id = reentrant.ask(model, _input(3), 3_000_000, uint64(block.number + 10));
        vm.roll(block.number + 1);
        _deliverNext();
        assertEq(reentrant.done(), id);
        // What it asked for meanwhile waits for the next block.
        (uint256 next,,,) = scheduler.next();
        assertEq(next, 0);
        vm.roll(block.number + 1);
        (next,,,) = scheduler.next();
        assertEq(next, id + 1);
    }

    function test_AnAddressWithoutCodeMayAsk() public {
        vm.prank(bob);
        scheduler.request{value: 1 ether}(model, Mode.REPLAY, _input(3), 0, uint64(block.number + 1));
        vm.roll(block.number + 1);
        _deliverNext();
        assertGt(scheduler.credits(bob), 0);
    }

    /// The most that can be asked for, with every account that is credited new.
    function test_TheLargestCallbackFits() public {
        inference.price(model, 1_000_050_000, 1_000_000_000);
        inference.take(model, 80_000);
        GasEater eater = new GasEater();
        vm.deal(address(eater), 100 ether);
        uint256 id = eater.ask(model, _input(3), 9_100_000, uint64(block.number + 10));
        vm.roll(block.number + 1);
        (,, uint64 counted,) = scheduler.next();
        assertGt(counted, 9_500_000);
        assertEq(_deliverNext(), id);
        assertGt(scheduler.credits(address(eater)), 0);
    }

    /// What cannot be delivered is taken out of the way, and pays for the gas that it may have used.
    function test_DroppingUnblocksTheLine() public {
        inference.price(model, 250_000, 200_000);
        uint256 first = _ask(consumer);
        uint256 second = _ask(consumer);
        vm.expectRevert();
        scheduler.drop(first);
        vm.roll(block.number + 1);
        uint256 prepaid = scheduler.getRequest(first).prepaid;
        (,, uint64 counted,) = scheduler.next();
        uint256 used = uint256(counted) * scheduler.getRequest(first).gasPrice;
        vm.prank(SYSTEM_SENDER);
        scheduler.drop(first);
        assertEq(scheduler.credits(builder), used);
        assertEq(scheduler.credits(address(consumer)), prepaid - used);
        assertEq(_deliverNext(), second);
        vm.prank(SYSTEM_SENDER);
        vm.expectRevert(abi.encodeWithSelector(IScheduler.UnknownId.selector, first));
        scheduler.drop(first);
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

    function _gasOf(uint256 id) private view returns (uint64 gasLimit) {
        (Schedule memory entry,) = scheduler.getSchedule(id);
        return entry.gasLimit;
    }

    function test_WithTooLittleGasNothingHappensYet() public {
        uint256 id = _ask(consumer);
        vm.roll(block.number + 1);
        (, uint64 gasLimit,,) = scheduler.next();
        vm.prank(SYSTEM_SENDER);
        vm.expectRevert();
        scheduler.deliver{gas: gasLimit / 4}(id);
        assertEq(scheduler.getRequest(id).requester, address(consumer));
    }

    // ---- withdrawing

    function test_WithdrawalsArePaidOnce() public {
        GreedyWithdrawer greedy = new GreedyWithdrawer();
        _ask(greedy);
        _ask(consumer);
        vm.roll(block.number + 1);
        _deliverNext();
        uint256 credit = scheduler.credits(address(greedy));
        uint256 before = address(greedy).balance;
        greedy.withdraw(payable(address(greedy)));
        assertEq(greedy.times(), 1);
        assertEq(address(greedy).balance, before + credit);
        assertEq(greedy.withdraw(payable(address(greedy))), 0);
        vm.expectRevert(IScheduler.NothingToWithdraw.selector);
        vm.prank(eve);
        scheduler.withdraw(payable(eve));
    }

    /// Whoever refuses its refund keeps nobody else from theirs.
    function test_ARefusedRefundStays() public {
        Miser miser = new Miser();
        miser.ask{value: 1 ether}(model);
        vm.roll(block.number + 1);
        _deliverNext();
        uint256 credit = scheduler.credits(address(miser));
        vm.expectRevert(abi.encodeWithSelector(IScheduler.TransferFailed.selector, address(miser)));
        miser.withdraw();
        assertEq(scheduler.credits(address(miser)), credit);
    }

    // ---- schedules

    function _every(address target, bytes memory data, uint64 blocks, uint64 runs) private returns (uint256) {
        vm.deal(address(consumer), 1000 ether);
        return consumer.every(target, data, blocks, uint64(block.number) + blocks * runs, 100_000);
    }

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

    /// What a target had computed is paid to who did.
    function test_AScheduledInferenceIsPaid() public {
        inference.pay(model, worker);
        uint256 id = _every(address(new Counter()), abi.encodeCall(Counter.count, ()), 1, 1);
        uint256 prepaid = address(scheduler).balance;
        vm.roll(block.number + 1);
        assertEq(_deliverNext(), id);
        uint256 shared = scheduler.credits(worker) + TREASURY.balance;
        // Of at most what the run used.
        assertGt(shared, 50_000 * uint256(1.25 gwei));
        assertEq(shared + scheduler.credits(builder) + scheduler.credits(address(consumer)), prepaid);
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

    // ---- storage that native code reads

    function test_Layout() public {
        uint256 first = _ask(consumer);
        uint256 second = _ask(consumer);
        uint256 line = uint256(vm.load(SCHEDULER, 0));
        assertEq(uint64(line), first);
        assertEq(uint64(line >> 64), second);
        assertEq(uint64(line >> 128), second);
        assertEq(uint64(line >> 192), 2);
        uint256 slot = uint256(keccak256(abi.encode(first, 1)));
        Request memory request = scheduler.getRequest(first);
        uint256 word = uint256(vm.load(SCHEDULER, bytes32(slot)));
        assertEq(address(uint160(word)), address(consumer));
        assertEq(uint64(word >> 160), request.deadline);
        assertEq(uint8(word >> 224), uint8(Mode.REPLAY));
        assertEq(vm.load(SCHEDULER, bytes32(slot + 1)), model);
        word = uint256(vm.load(SCHEDULER, bytes32(slot + 2)));
        assertEq(uint64(word), second);
        assertEq(uint64(word >> 64), 0);
        assertEq(uint64(word >> 128), block.number);
        assertEq(uint64(word >> 192), request.gasLimit);
        word = uint256(vm.load(SCHEDULER, bytes32(slot + 3)));
        assertEq(uint64(word), 200_000);
        assertEq(uint64(word >> 64), request.inferenceGas);
        assertEq(uint64(word >> 128), request.computeGas);
        assertEq(uint64(word >> 192), request.gasPrice);
        assertEq(uint256(vm.load(SCHEDULER, bytes32(slot + 4))), uint256(request.prepaid) << 160);
        assertEq(uint256(vm.load(SCHEDULER, bytes32(slot + 5))), 3);

        uint256 third = _every(bob, "", 7, 1);
        assertEq(uint256(vm.load(SCHEDULER, bytes32(uint256(3)))), 1);
        uint256 root = uint256(vm.load(SCHEDULER, keccak256(abi.encode(3))));
        assertEq(root, (block.number + 7) << 64 | third);
    }
}
