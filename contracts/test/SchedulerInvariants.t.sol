// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {INFERENCE} from "../lib/IInference.sol";
import {IScheduler, Request, Schedule} from "../lib/IScheduler.sol";
import {SCHEDULER, SYSTEM_SENDER} from "../lib/SystemContracts.sol";
import {Consumer, Counter, GasEater, Reentrant, ReturnBomb} from "./Consumers.sol";
import {MockInference} from "./MockInference.sol";
import {SystemTest} from "./SystemTest.sol";

/// Does anything that anybody can do to the scheduler, in any order.
contract Crowd is Test {
    IScheduler private constant scheduler = IScheduler(SCHEDULER);
    MockInference private constant inference = MockInference(INFERENCE);

    bytes32 private immutable model;
    Consumer[4] public members;
    Counter private counter = new Counter();
    uint256[] private _ids;
    uint256 public delivered;
    uint256 public failedDeliveries;

    constructor(bytes32 model_) {
        model = model_;
        Reentrant reentrant = new Reentrant();
        reentrant.setModel(model_);
        members = [new Consumer(), Consumer(new GasEater()), Consumer(new ReturnBomb()), Consumer(reentrant)];
        for (uint256 i = 0; i < members.length; ++i) {
            vm.deal(address(members[i]), 1e6 ether);
        }
    }

    function ask(uint256 who, uint8 length, uint32 callbackGas, uint8 deadline) external {
        callbackGas %= 2_000_000;
        members[who % 4].ask(model, new int256[](length % 33), callbackGas, uint64(block.number + 1 + deadline % 8));
    }

    function scheduleCalls(uint256 who, uint8 every, uint8 runs, bool toItself) external {
        uint64 blocks = 1 + every % 8;
        Consumer member = members[who % 4];
        (address target, bytes memory data) = (address(counter), abi.encodeCall(Counter.count, ()));
        // Reentrant cancels the schedule that calls it.
        if (toItself && who % 4 == 3) {
            (target, data) = (address(member), abi.encodeCall(Reentrant.stop, (lastId() + 1)));
        }
        member.every(target, data, blocks, uint64(block.number) + blocks * (1 + runs % 5), 300_000);
    }

    function cancel(uint256 who, uint256 id) external {
        members[who % 4].cancel(1 + id % (lastId() + 1));
    }

    function withdraw(uint256 who) external {
        Consumer member = members[who % 4];
        member.withdraw(payable(address(member)));
    }

    function spoil(uint8 how) external {
        if (how % 4 == 0) inference.fail(model, new bytes(how));
        else if (how % 4 == 1) inference.answerZeros(model, how);
        else inference.answer(model, new int256[](2));
        if (how % 5 == 0) inference.forgetLastJob();
        else inference.pay(model, makeAddr("worker"));
        inference.price(model, 100_000 + uint64(how) * 1000, uint64(how) * 500);
    }

    function passBlocks(uint8 count, uint64 baseFee) external {
        vm.roll(block.number + 1 + count % 4);
        vm.fee(baseFee % 100 gwei);
    }

    /// What the node does at the start of each block.
    function deliverAll(uint8 most) external {
        for (uint256 i = 0; i < 1 + most % 6; ++i) {
            (uint256 id,, uint64 counted,) = scheduler.next();
            if (id == 0) return;
            vm.prank(SYSTEM_SENDER);
            try scheduler.deliver{gas: counted - 25_000}(id) {
                ++delivered;
            } catch {
                ++failedDeliveries;
            }
        }
    }

    function lastId() public view returns (uint256) {
        return uint64(uint256(vm.load(SCHEDULER, 0)) >> 128);
    }
}

contract SchedulerInvariants is SystemTest {
    Crowd private crowd;

    function setUp() public override {
        super.setUp();
        bytes32 model = newModel("model");
        inference.pay(model, makeAddr("worker"));
        crowd = new Crowd(model);
        targetContract(address(crowd));
    }

    /// Every wei that came in is in an open request, in a schedule, or somebody's to withdraw.
    function invariant_ValueIsConserved() public view {
        uint256 owed = scheduler.credits(makeAddr2("builder"));
        for (uint256 i = 0; i < 4; ++i) {
            owed += scheduler.credits(address(crowd.members(i)));
        }
        uint256 last = crowd.lastId();
        for (uint256 id = 1; id <= last; ++id) {
            owed += scheduler.getRequest(id).prepaid;
            (Schedule memory schedule,) = scheduler.getSchedule(id);
            owed += schedule.balance;
        }
        assertEq(address(scheduler).balance, owed);
    }

    /// The line from head to tail holds each open request once, oldest first; the heap each schedule.
    function invariant_TheQueueHoldsEachOnce() public view {
        (uint256 requests, uint256 schedules) = scheduler.queued();
        uint256 id = uint64(uint256(vm.load(SCHEDULER, 0)));
        uint256 previous;
        uint256 seen;
        while (id != 0) {
            Request memory request = scheduler.getRequest(id);
            assertGt(id, previous);
            assertEq(request.previous, previous);
            assertTrue(request.requester != address(0));
            (previous, id) = (id, request.next);
            ++seen;
        }
        assertEq(seen, requests);
        assertEq(uint64(uint256(vm.load(SCHEDULER, 0)) >> 64), previous);

        uint256 open;
        uint256 scheduled;
        for (id = 1; id <= crowd.lastId(); ++id) {
            if (scheduler.getRequest(id).requester != address(0)) ++open;
            (Schedule memory schedule, uint64 due) = scheduler.getSchedule(id);
            if (schedule.owner == address(0)) continue;
            ++scheduled;
            assertGt(due, 0);
            assertLe(due, schedule.until);
        }
        assertEq(open, requests);
        assertEq(scheduled, schedules);
    }

    /// Or everything behind it would wait for ever.
    function invariant_NoDeliveryFails() public view {
        assertEq(crowd.failedDeliveries(), 0);
    }

    /// makeAddr without its label, for views.
    function makeAddr2(string memory name) private pure returns (address) {
        return vm.addr(uint256(keccak256(abi.encodePacked(name))));
    }
}
