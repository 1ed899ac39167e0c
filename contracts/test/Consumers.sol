// SPDX-License-Identifier: Apache-2.0
// Contracts that make requests: a plain one, and those that try to harm the scheduler from their callback.
pragma solidity ^0.8.28;

import {Mode} from "../lib/IInference.sol";
import {Inference} from "../lib/Inference.sol";
import {InferenceConsumer} from "../lib/InferenceConsumer.sol";
import {IScheduler} from "../lib/IScheduler.sol";
import {SCHEDULER} from "../lib/SystemContracts.sol";

contract Consumer is InferenceConsumer {
    uint256 public answered;
    int256[] private _output;
    bytes public reason;

    function ask(bytes32 model, int256[] calldata input, uint64 callbackGas, uint64 deadline)
        external
        payable
        returns (uint256)
    {
        return Inference.request(model, Mode.REPLAY, input, callbackGas, deadline);
    }

    function every(address target, bytes calldata data, uint64 blocks, uint64 until, uint64 callGas)
        external
        payable
        returns (uint256)
    {
        return Inference.schedule(target, data, blocks, until, callGas);
    }

    function cancel(uint256 id) external {
        Inference.cancel(id);
    }

    function withdraw(address payable to) external returns (uint256) {
        return Inference.withdrawRefunds(to);
    }

    function output() external view returns (int256[] memory) {
        return _output;
    }

    function _onInference(uint256 id, int256[] calldata values) internal virtual override {
        (answered, _output) = (id, values);
    }

    function _onInferenceFailed(uint256 id, bytes calldata why) internal virtual override {
        (answered, reason) = (id, why);
    }
}

/// Calls itself as often as its caller wants, who stays the caller.
contract BatchingConsumer is Consumer {
    function multicall(bytes[] calldata calls) external {
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool succeeded, bytes memory returned) = address(this).delegatecall(calls[i]);
            if (succeeded) continue;
            assembly {
                revert(add(returned, 32), mload(returned))
            }
        }
    }
}

/// Burns all the gas it gets.
contract GasEater is Consumer {
    function _onInference(uint256, int256[] calldata) internal pure override {
        assembly {
            for {} 1 {} {}
        }
    }

    function _onInferenceFailed(uint256, bytes calldata) internal pure override {
        assembly {
            for {} 1 {} {}
        }
    }
}

/// Answers with as much data as its gas can make, to be paid for by whoever copies it.
contract ReturnBomb is Consumer {
    function _onInference(uint256, int256[] calldata) internal pure override {
        assembly {
            return(0, 1000000)
        }
    }

    function _onInferenceFailed(uint256, bytes calldata) internal pure override {
        assembly {
            revert(0, 1000000)
        }
    }
}

/// Calls back into the scheduler in every way it can.
contract Reentrant is Consumer {
    uint256 public done;
    bytes32 public model;

    function setModel(bytes32 value) external {
        model = value;
    }

    function _onInference(uint256 id, int256[] calldata) internal override {
        (bool cancelled,) = SCHEDULER.call(abi.encodeCall(IScheduler.cancel, (id)));
        (bool delivered,) = SCHEDULER.call(abi.encodeCall(IScheduler.deliver, (id)));
        (bool withdrew,) = SCHEDULER.call(abi.encodeCall(IScheduler.withdraw, (payable(address(this)))));
        require(!cancelled && !delivered && !withdrew, "a second payment");
        Inference.request(model, Mode.REPLAY, new int256[](1), 100_000, uint64(block.number + 5));
        done = id;
    }

    /// Target of a schedule.
    function stop(uint256 id) external {
        Inference.cancel(id);
        done = id;
    }
}

/// Takes no ether.
contract Miser {
    function withdraw() external {
        IScheduler(SCHEDULER).withdraw(payable(address(this)));
    }

    function ask(bytes32 model) external payable {
        IScheduler(SCHEDULER).request{value: msg.value}(
            model, Mode.REPLAY, new int256[](1), 100_000, uint64(block.number + 5)
        );
    }
}

/// Withdraws again while it is being paid.
contract GreedyWithdrawer is Consumer {
    uint256 public times;

    receive() external payable override {
        if (msg.sender != SCHEDULER) return;
        ++times;
        (bool again,) = SCHEDULER.call(abi.encodeCall(IScheduler.withdraw, (payable(address(this)))));
        require(!again, "paid twice");
    }
}

/// Counts how often it is called, and for whom.
contract Counter {
    uint256 public calls;
    address public calledFor;

    function count() external {
        ++calls;
        calledFor = IScheduler(SCHEDULER).runningFor();
    }

    function refuse() external pure {
        revert("no");
    }
}
