// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Mode} from "./IInference.sol";

/// An inference that a contract asked for, to be answered in a later block.
struct Request {
    /// Who asked, is called back and refunded.
    address requester;
    /// Last block in which it may be delivered.
    uint64 deadline;
    Mode mode;
    bytes32 model;
    /// Neighbours in the queue; 0: none.
    uint64 next;
    uint64 previous;
    /// Block in which it was made.
    uint64 madeAt;
    /// Gas limit of the delivery.
    uint64 gasLimit;
    uint64 callbackGas;
    /// The inference's share of gasLimit, and of that the part that pays for computing.
    uint64 inferenceGas;
    uint64 computeGas;
    /// Wei for each unit of gas, fixed when it was made.
    uint64 gasPrice;
    /// Whose signature is asked for in mode SIGNED; else zero.
    address operatedBy;
    uint96 prepaid;
    int256[] input;
}

/// A call repeated every so many blocks.
struct Schedule {
    address owner;
    uint64 every;
    /// Place in the heap of what falls due, from 1.
    uint32 place;
    address target;
    /// Last block in which a run may fall due. One that has to wait comes later still.
    uint64 until;
    uint64 callGas;
    uint64 gasLimit;
    uint64 gasPrice;
    uint256 balance;
    bytes data;
}

/// Inferences answered in later blocks, and recurring calls, both prepaid; at SCHEDULER.
interface IScheduler {
    event Requested(
        uint256 indexed id, address indexed requester, bytes32 indexed model, Mode mode, uint64 deadline, uint256 prepaid
    );
    /// The answer is the outcome of `job`; whether the callback succeeded does not undo it.
    event Delivered(uint256 indexed id, bytes32 job, bool callbackSucceeded, uint256 charged);
    event RequestFailed(uint256 indexed id, bytes reason, bool callbackSucceeded, uint256 charged);
    event Scheduled(uint256 indexed id, address indexed owner, address indexed target, uint64 every, uint64 until);
    event Ran(uint256 indexed id, bool succeeded, uint256 charged);
    event ScheduleEnded(uint256 indexed id);
    event Cancelled(uint256 indexed id, uint256 refund);
    /// Its delivery failed, which it should not: nobody was called.
    event Dropped(uint256 indexed id, uint256 refund);
    event Withdrawn(address indexed from, address indexed to, uint256 amount);

    error UnknownId(uint256 id);
    error OnlyRequester(address requester, address sender);
    error Underpaid(uint256 price, uint256 paid);
    error DeadlinePassed(uint64 deadline);
    error DeadlineTooFar(uint64 limit);
    error GasTooHigh(uint64 limit);
    error Overpaid(uint256 limit);
    error InputTooLong(uint256 limit);
    error DataTooLong(uint256 limit);
    error InvalidInterval();
    /// A schedule may not call the scheduler, nor imitate its deliveries.
    error ForbiddenCall();
    error NotYetDue(uint64 from);
    error TooLittleGas();
    error AnswerTooLong(uint256 bytesReturned);
    error NothingToWithdraw();
    error TransferFailed(address to);

    /// Asks for an inference whose answer comes to the sender's onInference in a later block; past `deadline` (a block
    /// number) onInferenceFailed is called instead. At least requestPrice must come along. Whatever is not used can be
    /// withdrawn afterwards.
    function request(bytes32 model, Mode mode, int256[] calldata input, uint64 callbackGas, uint64 deadline)
        external
        payable
        returns (uint256 id);

    /// The same in mode SIGNED, on the word of one operator.
    function requestSigned(
        bytes32 model,
        address operatedBy,
        int256[] calldata input,
        uint64 callbackGas,
        uint64 deadline
    ) external payable returns (uint256 id);

    /// Has `target` called with `data` every `every` blocks, first `every` blocks from now and up to block `until`. At
    /// least schedulePrice must come along. Runs missed because blocks were full are skipped, and refunded at the end.
    function schedule(address target, bytes calldata data, uint64 every, uint64 until, uint64 callGas)
        external
        payable
        returns (uint256 id);

    /// Ends a request or schedule of the sender's. All is refunded, but for a request the price of the inference, once a
    /// later block has begun, and for a schedule the run that is due: it is being computed by then.
    function cancel(uint256 id) external;

    /// Only for the system: answers request `id`, or runs schedule `id`.
    function deliver(uint256 id) external;

    /// Only for the system: takes out of the way what could not be delivered. What its delivery may have used is paid,
    /// the rest refunded.
    function drop(uint256 id) external;

    /// What is to be delivered first now: its id (0: nothing), the gas limit of its delivery, the part of that gas that
    /// counts against the block's share for system calls (all but computing), and the first block in which it could have
    /// been delivered.
    function next() external view returns (uint256 id, uint64 gasLimit, uint64 countedGas, uint64 dueSince);

    function requestPrice(bytes32 model, Mode mode, uint256 inputLength, uint64 callbackGas)
        external
        view
        returns (uint256 price);
    function schedulePrice(uint64 every, uint64 until, uint64 callGas) external view returns (uint256 price);

    /// Zeros once it was delivered or cancelled.
    function getRequest(uint256 id) external view returns (Request memory);
    function getSchedule(uint256 id) external view returns (Schedule memory, uint64 due);
    function queued() external view returns (uint256 requests, uint256 schedules);

    /// While a schedule runs: who made it, so that its target can tell; otherwise zero.
    function runningFor() external view returns (address);

    /// Refunds and pay that await withdrawal.
    function credits(address account) external view returns (uint256);
    /// Sends all of the sender's credit to `to`.
    function withdraw(address payable to) external returns (uint256 amount);
}

/// What a contract that makes requests implements; see InferenceConsumer. The caller must be the scheduler, and its
/// runningFor() zero: schedules, which anyone can make, are called by it as well.
interface IInferenceConsumer {
    function onInference(uint256 id, int256[] calldata output) external;
    /// `reason` is the error that the inference ended with, DeadlinePassed included.
    function onInferenceFailed(uint256 id, bytes calldata reason) external;
}
