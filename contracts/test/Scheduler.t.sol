// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IInference, Mode} from "../lib/IInference.sol";
import {IScheduler, Request} from "../lib/IScheduler.sol";
import {SCHEDULER, SYSTEM_SENDER} from "../lib/SystemContracts.sol";
import {Governed} from "../system/Governed.sol";
import {GasEater, GreedyWithdrawer, Miser, Reentrant, ReturnBomb} from "./Consumers.sol";

import {SchedulerFixture} from "./SchedulerFixture.sol";

contract SchedulerTest is SchedulerFixture {
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
        assertEq(worker.balance, 150_000 * price);
        uint256 refund = scheduler.credits(address(consumer));
        assertGt(refund, 0);
        assertEq(scheduler.credits(builder) + 150_000 * price + refund, prepaid);
        consumer.withdraw(payable(address(consumer)));
        assertEq(address(consumer).balance, before - prepaid + refund);
        assertEq(address(scheduler).balance, scheduler.credits(builder));
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
        inference.forgetLastJob();
        vm.roll(block.number + 11);
        _deliverNext();
        assertEq(consumer.answered(), id);
        assertEq(consumer.reason(), abi.encodeWithSelector(IScheduler.DeadlinePassed.selector, block.number - 1));
        // Nothing was computed, so nothing is paid for it.
        assertLt(scheduler.credits(builder), 200_000 * (1.25 gwei + 1));
    }

    function test_TheModelsErrorReachesTheConsumer() public {
        _ask(consumer);
        bytes memory failure = abi.encodeWithSelector(IInference.InferenceUnavailable.selector, bytes32("job"), 3);
        inference.fail(model, failure);
        vm.roll(block.number + 1);
        _deliverNext();
        assertEq(consumer.reason(), failure);
        assertEq(worker.balance, 0);
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
        assertEq(worker.balance, 1_000_000_000 * uint256(1.25 gwei + 1));
        assertLt(scheduler.credits(builder), 1_000_000 * uint256(1.25 gwei));
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
        assertEq(scheduler.credits(builder) + worker.balance + scheduler.credits(address(eater)), prepaid);
        assertEq(worker.balance != 0, !failing);
        // What it burnt it paid for.
        assertGe(scheduler.credits(builder), uint256(callbackGas) * (1.25 gwei));
    }

    function test_AnswersAreCarriedUpToTheirLimitAndThenRefused() public {
        uint256 id = _ask(consumer);
        inference.answerZeros(model, 1000);
        vm.roll(block.number + 1);
        _deliverNext();
        // The callback has too little gas to store them, but it was made.
        assertEq(consumer.answered(), 0);
        assertEq(worker.balance, 150_000 * (1.25 gwei + 1));
        // One that there is no gas to copy, though there was to make it.
        inference.price(model, 400_000, 150_000);
        id = _ask(consumer);
        inference.take(model, 100_000);
        inference.answerZeros(model, 2_800);
        vm.roll(block.number + 1);
        _deliverNext();
        assertEq(consumer.answered(), id);
        assertEq(bytes4(consumer.reason()), IScheduler.AnswerTooLong.selector);
        // It was computed all the same.
        assertEq(worker.balance, 2 * 150_000 * (1.25 gwei + 1));
    }

    /// Whether there is still gas for an answer is near for some lengths: those too must not make the delivery fail.
    function test_AnswersOfAnyLengthAreDelivered() public {
        for (uint256 length = 0; length < 4_000; length += 20) {
            uint256 before = vm.snapshotState();
            uint64 executionGas = uint64(50_000 + 96 * length);
            inference.price(model, executionGas + 150_000, 150_000);
            inference.take(model, executionGas);
            inference.answerZeros(model, length);
            consumer.ask(model, _input(3), 0, uint64(block.number + 10));
            vm.roll(block.number + 1);
            _deliverNext();
            vm.revertToState(before);
        }
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
