// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IInference, INFERENCE, Mode} from "../lib/IInference.sol";
import {IInferenceConsumer, IScheduler, Request, Schedule} from "../lib/IScheduler.sol";
import {DueHeap} from "./DueHeap.sol";
import {Governed} from "./Governed.sol";

/// Inferences answered in later blocks, and recurring calls, both prepaid and delivered by system transactions.
///
/// Storage, for native readers (`next()` says the same): slot 0, lowest bits first: uint64 head, the id of the request
/// that is first in line (0: none), uint64 tail, the last one, uint64 lastId, the newest id of either kind, uint64 number
/// of requests in line. Slot 1: mapping(uint256 id => Request), whose words are, lowest bits first: (address requester,
/// uint64 deadline, uint8 mode), (bytes32 model), (uint64 next, uint64 previous, uint64 madeAt, uint64 gasLimit), (uint64
/// callbackGas, uint64 inferenceGas, uint64 computeGas, uint64 gasPrice), (address operatedBy, uint96 prepaid), (int256[]
/// input). Slot 2: mapping(uint256 id => Schedule). Slot 3: the heap of schedules, `due block << 64 | id`, least first. Slot 4: credits.
/// Genesis storage: none.
///
/// Order: requests in the order they were made; schedules by the block they fall due; of the two whichever has waited
/// longer. A delivery must not fail: what it calls gets a fixed share of the gas and returns no data here. One that does
/// is dropped.
///
/// Gas: a delivery runs with `countedGas`; what its limit has above that pays for the computing of the request's own
/// inference and is not seen by gasleft(). Who computed is paid by the precompile, out of what was prepaid (settle).
contract Scheduler is IScheduler, Governed {
    using DueHeap for uint256[];

    /// Gas of a delivery beside inference, callback and input: bookkeeping and an answer of up to some 1,000 numbers.
    uint64 private constant REQUEST_OVERHEAD = 350_000;
    /// Reading a stored number, clearing it and handing it to the model.
    uint64 private constant GAS_PER_INPUT = 6_000;
    /// Beside the call: bookkeeping and a heap of a million schedules.
    uint64 private constant SCHEDULE_OVERHEAD = 500_000;
    /// Reading a stored word of the data and, in the last run, clearing it.
    uint64 private constant GAS_PER_DATA_BYTE = 170;
    /// Kept back while a callback runs, for what follows it.
    uint64 private constant RESERVE = 100_000;
    /// What the measuring itself does not see: the transaction, the dispatch, the last writes.
    uint64 private constant UNMEASURED = 40_000;
    /// A delivery's gas without computing; what one block has for system calls is at least this.
    uint64 private constant MAX_COUNTED_GAS = 10_000_000;
    uint64 private constant MAX_DELAY = 10_000_000;
    uint256 private constant MAX_INPUT = 1024;
    uint256 private constant MAX_DATA = 4096;
    uint256 private constant MAX_REASON = 1024;
    /// The price is the base fee when the request is made and a quarter, since it may rise until the delivery.
    uint256 private constant MARGIN_PERCENT = 125;

    bytes4 private constant INFER = bytes4(keccak256("infer(bytes32,uint8,int256[])"));

    uint64 private _head;
    uint64 private _tail;
    uint64 private _lastId;
    uint64 private _queued;
    mapping(uint256 => Request) private _requests;
    mapping(uint256 => Schedule) private _schedules;
    uint256[] private _heap;
    mapping(address => uint256) public credits;
    address public transient runningFor;

    // ---- requests

    function request(bytes32 model, Mode mode, int256[] calldata input, uint64 callbackGas, uint64 deadline)
        external
        payable
        returns (uint256 id)
    {
        if (mode == Mode.SIGNED) revert IInference.OperatorRequired();
        return _request(model, mode, address(0), input, callbackGas, deadline);
    }

    function requestSigned(
        bytes32 model,
        address operatedBy,
        int256[] calldata input,
        uint64 callbackGas,
        uint64 deadline
    ) external payable returns (uint256 id) {
        if (operatedBy == address(0)) revert IInference.OperatorRequired();
        return _request(model, Mode.SIGNED, operatedBy, input, callbackGas, deadline);
    }

    function _request(
        bytes32 model,
        Mode mode,
        address operatedBy,
        int256[] calldata input,
        uint64 callbackGas,
        uint64 deadline
    ) private returns (uint256 id) {
        if (input.length > MAX_INPUT) revert InputTooLong(MAX_INPUT);
        if (msg.value > type(uint96).max) revert Overpaid(type(uint96).max);
        if (deadline <= block.number) revert DeadlinePassed(deadline);
        if (deadline > block.number + MAX_DELAY) revert DeadlineTooFar(uint64(block.number) + MAX_DELAY);
        id = ++_lastId;
        Request storage entry = _requests[id];
        (entry.inferenceGas, entry.computeGas, entry.gasLimit) = _requestGas(model, mode, input.length, callbackGas);
        (entry.callbackGas, entry.gasPrice) = (callbackGas, _gasPrice());
        _requirePaid(uint256(entry.gasLimit) * entry.gasPrice);
        (entry.requester, entry.deadline, entry.mode, entry.model) = (msg.sender, deadline, mode, model);
        (entry.previous, entry.madeAt) = (_tail, uint64(block.number));
        (entry.operatedBy, entry.prepaid, entry.input) = (operatedBy, uint96(msg.value), input);
        if (_tail == 0) _head = uint64(id);
        else _requests[_tail].next = uint64(id);
        _tail = uint64(id);
        ++_queued;
        emit Requested(id, msg.sender, model, mode, deadline, msg.value);
    }

    function requestPrice(bytes32 model, Mode mode, uint256 inputLength, uint64 callbackGas)
        external
        view
        returns (uint256)
    {
        if (inputLength > MAX_INPUT) revert InputTooLong(MAX_INPUT);
        (,, uint64 gasLimit) = _requestGas(model, mode, inputLength, callbackGas);
        return uint256(gasLimit) * _gasPrice();
    }

    // ---- schedules

    function schedule(address target, bytes calldata data, uint64 every, uint64 until, uint64 callGas)
        external
        payable
        returns (uint256 id)
    {
        if (data.length > MAX_DATA) revert DataTooLong(MAX_DATA);
        if (target == address(this) || _imitatesDelivery(data)) revert ForbiddenCall();
        (uint64 runs, uint64 due) = _runs(every, until);
        uint64 gasLimit = _scheduleGas(data.length, callGas);
        uint64 gasPrice = _gasPrice();
        _requirePaid(uint256(runs) * gasLimit * gasPrice);

        id = ++_lastId;
        Schedule storage entry = _schedules[id];
        (entry.owner, entry.every, entry.target, entry.until) = (msg.sender, every, target, until);
        (entry.callGas, entry.gasLimit, entry.gasPrice) = (callGas, gasLimit, gasPrice);
        (entry.balance, entry.data) = (msg.value, data);
        _heap.insert(_schedules, DueHeap.entryOf(due, id));
        emit Scheduled(id, msg.sender, target, every, until);
    }

    /// Of a schedule whose data are of the greatest length.
    function schedulePrice(uint64 every, uint64 until, uint64 callGas) external view returns (uint256) {
        (uint64 runs,) = _runs(every, until);
        return uint256(runs) * _scheduleGas(MAX_DATA, callGas) * _gasPrice();
    }

    // ---- ending early

    function cancel(uint256 id) external {
        Request storage entry = _requests[id];
        if (entry.requester == address(0)) {
            _cancelSchedule(id);
            return;
        }
        if (entry.requester != msg.sender) revert OnlyRequester(entry.requester, msg.sender);
        uint256 refund = entry.prepaid;
        bool isBeingComputed = block.number > entry.madeAt && block.number <= entry.deadline;
        if (isBeingComputed) {
            refund -= _keep(refund, entry.inferenceGas, entry.gasPrice);
        }
        _unlink(entry);
        delete _requests[id];
        credits[msg.sender] += refund;
        emit Cancelled(id, refund);
    }

    function withdraw(address payable to) external returns (uint256 amount) {
        amount = credits[msg.sender];
        if (amount == 0) revert NothingToWithdraw();
        credits[msg.sender] = 0;
        emit Withdrawn(msg.sender, to, amount);
        bool sent;
        assembly {
            sent := call(gas(), to, amount, 0, 0, 0, 0)
        }
        if (!sent) revert TransferFailed(to);
    }

    // ---- delivery

    function deliver(uint256 id) external onlySystem {
        uint256 gasAtStart = gasleft();
        if (_requests[id].requester != address(0)) _answer(id, gasAtStart);
        else if (_schedules[id].owner != address(0)) _run(id, gasAtStart);
        else revert UnknownId(id);
    }

    function drop(uint256 id) external onlySystem {
        Request storage request_ = _requests[id];
        address owner = request_.requester;
        uint256 refund;
        if (owner != address(0)) {
            refund = request_.prepaid;
            refund -= _keep(refund, request_.gasLimit - request_.computeGas, request_.gasPrice);
            _unlink(request_);
            // The rest stays where it is: clearing a long input takes more gas than there may be.
            request_.requester = address(0);
        } else {
            Schedule storage entry = _schedules[id];
            owner = entry.owner;
            if (owner == address(0)) revert UnknownId(id);
            refund = entry.balance;
            refund -= _keep(refund, entry.gasLimit, entry.gasPrice);
            _heap.remove(_schedules, entry.place);
            delete _schedules[id];
        }
        credits[owner] += refund;
        emit Dropped(id, refund);
    }

    function next() external view returns (uint256 id, uint64 gasLimit, uint64 countedGas, uint64 dueSince) {
        uint256 first = _heap.length == 0 ? 0 : _heap[0];
        uint64 due = DueHeap.dueOf(first);
        bool isScheduleDue = due != 0 && due <= block.number;
        Request storage entry = _requests[_head];
        bool isRequestDue = _head != 0 && entry.madeAt < block.number;
        if (isRequestDue && (!isScheduleDue || entry.madeAt < due)) {
            return (_head, entry.gasLimit, entry.gasLimit - entry.computeGas, entry.madeAt + 1);
        }
        if (!isScheduleDue) return (0, 0, 0, 0);
        (id, dueSince) = (DueHeap.idOf(first), due);
        gasLimit = _schedules[id].gasLimit;
        countedGas = gasLimit;
    }

    // ---- views

    function getRequest(uint256 id) external view returns (Request memory) {
        return _requests[id];
    }

    function getSchedule(uint256 id) external view returns (Schedule memory entry, uint64 due) {
        entry = _schedules[id];
        if (entry.place != 0) due = DueHeap.dueOf(_heap[entry.place - 1]);
    }

    function queued() external view returns (uint256 requests, uint256 schedules) {
        return (_queued, _heap.length);
    }

    // ---- answering a request

    /// The request is gone before anything is called, so that nothing can be done to it meanwhile.
    function _answer(uint256 id, uint256 gasAtStart) private {
        if (block.number <= _requests[id].madeAt) revert NotYetDue(_requests[id].madeAt + 1);
        Request memory entry = _requests[id];
        _unlink(_requests[id]);
        delete _requests[id];

        (bytes memory callback, bool isAnswered) = _infer(id, entry);
        bytes32 job;
        if (isAnswered) (job,,) = IInference(INFERENCE).lastJob();
        bool succeeded = _call(entry.requester, entry.callbackGas, callback);

        uint256 charged = _settle(gasAtStart, entry.gasLimit, entry.gasPrice);
        credits[entry.requester] += entry.prepaid - charged;
        if (isAnswered) emit Delivered(id, job, succeeded, charged);
        else emit RequestFailed(id, _reasonIn(callback), succeeded, charged);
    }

    /// Asks the precompile, and returns the call to make to the requester: onInference or onInferenceFailed.
    function _infer(uint256 id, Request memory entry) private view returns (bytes memory callback, bool isAnswered) {
        if (block.number > entry.deadline) {
            bytes memory late = abi.encodeWithSelector(DeadlinePassed.selector, entry.deadline);
            return (abi.encodeCall(IInferenceConsumer.onInferenceFailed, (id, late)), false);
        }
        bytes memory question = entry.mode == Mode.SIGNED
            ? abi.encodeCall(IInference.inferSigned, (entry.model, entry.operatedBy, entry.input))
            : abi.encodeWithSelector(INFER, entry.model, entry.mode, entry.input);
        uint256 kept = _withCall(entry.callbackGas) + RESERVE;
        uint256 left = gasleft();
        if (left <= kept + (entry.inferenceGas - entry.computeGas)) revert TooLittleGas();
        uint256 size;
        assembly {
            isAnswered := staticcall(sub(left, kept), INFERENCE, add(question, 32), mload(question), 0, 0)
            size := returndatasize()
        }
        if (isAnswered && size >= 64 && _canCarry(size, kept)) return (_answerCall(id), true);
        bytes memory reason = isAnswered ? abi.encodeWithSelector(AnswerTooLong.selector, size) : _returned(MAX_REASON);
        return (abi.encodeCall(IInferenceConsumer.onInferenceFailed, (id, reason)), false);
    }

    /// onInference(id, output) from what the precompile returned, abi.encode(output): an offset, then length and numbers.
    function _answerCall(uint256 id) private pure returns (bytes memory callback) {
        bytes4 selector = IInferenceConsumer.onInference.selector;
        assembly {
            let tail := sub(returndatasize(), 32)
            callback := mload(0x40)
            mstore(callback, add(68, tail))
            mstore(add(callback, 32), selector)
            mstore(add(callback, 36), id)
            mstore(add(callback, 68), 64)
            returndatacopy(add(callback, 100), 32, tail)
            mstore(0x40, and(add(add(callback, add(100, tail)), 31), not(31)))
        }
    }

    /// Whether there is gas to copy an answer of `size` bytes and make the callback still.
    function _canCarry(uint256 size, uint256 kept) private view returns (bool) {
        uint256 numbers = size / 32 + 1;
        return gasleft() > kept + 16 * numbers + numbers * numbers / 128;
    }

    /// Has those paid who computed for this delivery, credits the block's builder with the rest of the gas it took, and
    /// answers what both come to. Computing that nobody is paid for, an outcome that was used before or is not there,
    /// costs nothing.
    function _settle(uint256 gasAtStart, uint256 gasLimit, uint64 gasPrice) private returns (uint256 charged) {
        (uint64 paidGas, uint64 gasTaken) = IInference(INFERENCE).settle(gasPrice);
        uint256 gasUsed = _least(gasAtStart - gasleft() - gasTaken + UNMEASURED, gasLimit - paidGas);
        credits[block.coinbase] += gasUsed * gasPrice;
        return (gasUsed + paidGas) * gasPrice;
    }

    // ---- running a schedule

    /// The next run is set and this one paid before the call, which may cancel the schedule.
    function _run(uint256 id, uint256 gasAtStart) private {
        Schedule memory entry = _schedules[id];
        uint64 due = DueHeap.dueOf(_heap[entry.place - 1]);
        if (block.number < due) revert NotYetDue(due);
        uint256 price = uint256(entry.gasLimit) * entry.gasPrice;
        uint64 following = uint64(block.number) + entry.every - (uint64(block.number) - due) % entry.every;
        bool isLast = following > entry.until || entry.balance < 2 * price;
        if (isLast) {
            _heap.remove(_schedules, entry.place);
            delete _schedules[id];
            credits[entry.owner] += entry.balance - price;
        } else {
            _heap.replace(_schedules, entry.place, DueHeap.entryOf(following, id));
            _schedules[id].balance = entry.balance - price;
        }

        runningFor = entry.owner;
        bool succeeded = _call(entry.target, entry.callGas, entry.data);
        runningFor = address(0);

        uint256 charged = _settle(gasAtStart, entry.gasLimit, entry.gasPrice);
        if (_schedules[id].owner == address(0)) credits[entry.owner] += price - charged;
        else _schedules[id].balance += price - charged;
        emit Ran(id, succeeded, charged);
        if (isLast) emit ScheduleEnded(id);
    }

    function _cancelSchedule(uint256 id) private {
        Schedule storage entry = _schedules[id];
        if (entry.owner == address(0)) revert UnknownId(id);
        if (entry.owner != msg.sender) revert OnlyRequester(entry.owner, msg.sender);
        uint256 refund = entry.balance;
        // What a run that is due asks is perhaps being computed.
        if (DueHeap.dueOf(_heap[entry.place - 1]) <= block.number) {
            refund -= _keep(refund, entry.gasLimit, entry.gasPrice);
        }
        _heap.remove(_schedules, entry.place);
        delete _schedules[id];
        credits[msg.sender] += refund;
        emit Cancelled(id, refund);
    }

    /// A schedule may be made by anyone, for any target, in the scheduler's name: consumers must not take it for an answer.
    function _imitatesDelivery(bytes calldata data) private pure returns (bool) {
        if (data.length < 4) return false;
        bytes4 selector = bytes4(data[:4]);
        return selector == IInferenceConsumer.onInference.selector
            || selector == IInferenceConsumer.onInferenceFailed.selector;
    }

    // ---- gas and prices

    function _requestGas(bytes32 model, Mode mode, uint256 inputLength, uint64 callbackGas)
        private
        view
        returns (uint64 inferenceGas, uint64 computeGas, uint64 gasLimit)
    {
        if (callbackGas > MAX_COUNTED_GAS) revert GasTooHigh(MAX_COUNTED_GAS);
        (inferenceGas, computeGas) = IInference(INFERENCE).quote(model, mode);
        uint256 needed = _withCall(inferenceGas - computeGas) + _withCall(callbackGas);
        uint256 counted = _withCall(needed + REQUEST_OVERHEAD + inputLength * GAS_PER_INPUT);
        if (counted > MAX_COUNTED_GAS || counted + computeGas > type(uint64).max) revert GasTooHigh(MAX_COUNTED_GAS);
        gasLimit = uint64(counted + computeGas);
    }

    function _scheduleGas(uint256 dataLength, uint64 callGas) private pure returns (uint64) {
        if (callGas > MAX_COUNTED_GAS) revert GasTooHigh(MAX_COUNTED_GAS);
        uint256 whole = _withCall(_withCall(callGas) + SCHEDULE_OVERHEAD + dataLength * GAS_PER_DATA_BYTE);
        if (whole > MAX_COUNTED_GAS) revert GasTooHigh(MAX_COUNTED_GAS);
        return uint64(whole);
    }

    /// What must be there for a call to get `callGas`: a 64th stays with the caller (EIP-150). The proxy's call of this
    /// contract is one too.
    function _withCall(uint256 callGas) private pure returns (uint256) {
        return callGas + callGas / 63 + 10_000;
    }

    /// Credits the builder of the block with this much gas out of `funds`; answers the wei.
    function _keep(uint256 funds, uint256 gas_, uint256 gasPrice) private returns (uint256 spent) {
        spent = _least(gas_ * gasPrice, funds);
        credits[block.coinbase] += spent;
    }

    function _gasPrice() private view returns (uint64) {
        uint256 price = block.basefee * MARGIN_PERCENT / 100 + 1;
        if (price > type(uint64).max) revert GasTooHigh(0);
        return uint64(price);
    }

    function _requirePaid(uint256 price) private view {
        if (msg.value < price) revert Underpaid(price, msg.value);
    }

    function _runs(uint64 every, uint64 until) private view returns (uint64 runs, uint64 due) {
        if (every == 0 || every > MAX_DELAY) revert InvalidInterval();
        due = uint64(block.number) + every;
        if (until < due || until > block.number + MAX_DELAY) revert InvalidInterval();
        runs = (until - due) / every + 1;
    }

    // ---- calls and queue

    /// Calls with a bound on gas and without looking at what comes back.
    function _call(address target, uint64 callGas, bytes memory data) private returns (bool succeeded) {
        if (gasleft() < _withCall(callGas)) revert TooLittleGas();
        assembly {
            succeeded := call(callGas, target, 0, add(data, 32), mload(data), 0, 0)
        }
    }

    function _returned(uint256 limit) private pure returns (bytes memory data) {
        assembly {
            let size := returndatasize()
            if gt(size, limit) { size := limit }
            data := mload(0x40)
            mstore(data, size)
            returndatacopy(add(data, 32), 0, size)
            mstore(0x40, and(add(add(data, size), 63), not(31)))
        }
    }

    /// The reason in an encoded call of onInferenceFailed, for the log.
    function _reasonIn(bytes memory callback) private pure returns (bytes memory reason) {
        assembly {
            reason := add(callback, 100)
        }
    }

    function _unlink(Request storage entry) private {
        (uint64 before, uint64 after_) = (entry.previous, entry.next);
        if (before == 0) _head = after_;
        else _requests[before].next = after_;
        if (after_ == 0) _tail = before;
        else _requests[after_].previous = before;
        --_queued;
    }

    function _least(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
