// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IInferenceConsumer, IScheduler} from "./IScheduler.sol";
import {SCHEDULER} from "./SystemContracts.sol";

/// For contracts that make requests (Inference.request): implement the two functions with an underscore.
abstract contract InferenceConsumer is IInferenceConsumer {
    error OnlyScheduler(address sender);
    /// The call comes from a schedule, which anyone can make.
    error NotAnAnswer();

    /// Scheduled calls come from the scheduler too. It refuses those that name onInference, but not what leads there in
    /// a contract that calls itself, as a multicall by delegatecall does, which keeps the sender.
    modifier onlyScheduler() {
        if (msg.sender != SCHEDULER) revert OnlyScheduler(msg.sender);
        if (IScheduler(SCHEDULER).runningFor() != address(0)) revert NotAnAnswer();
        _;
    }

    function onInference(uint256 id, int256[] calldata output) external onlyScheduler {
        _onInference(id, output);
    }

    function onInferenceFailed(uint256 id, bytes calldata reason) external onlyScheduler {
        _onInferenceFailed(id, reason);
    }

    /// The answer to request `id`. A revert here is recorded, and the answer is not delivered again.
    function _onInference(uint256 id, int256[] calldata output) internal virtual;

    /// Request `id` ended without an answer, with the error `reason`.
    function _onInferenceFailed(uint256 id, bytes calldata reason) internal virtual;

    /// Refunds come as withdrawals.
    receive() external payable virtual {}
}
