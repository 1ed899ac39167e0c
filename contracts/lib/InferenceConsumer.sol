// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IInferenceConsumer} from "./IScheduler.sol";
import {SCHEDULER} from "./SystemContracts.sol";

/// For contracts that make requests (Inference.request): implement the two functions with an underscore.
abstract contract InferenceConsumer is IInferenceConsumer {
    error OnlyScheduler(address sender);

    modifier onlyScheduler() {
        if (msg.sender != SCHEDULER) revert OnlyScheduler(msg.sender);
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
