// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Call, IInference, INFERENCE, Mode, ModelInfo, Tensor} from "./IInference.sol";
import {IModelRegistry} from "./IModelRegistry.sol";
import {IScheduler} from "./IScheduler.sol";
import {MODEL_REGISTRY, SCHEDULER} from "./SystemContracts.sol";

/// Models, called like functions. Numbers are WAD (int256 with 18 decimals), tensors row-major.
///
///     int256 volatility = Inference.inferValue(model, Mode.REPLAY, returns_);
///
/// The answer comes in the same transaction. Errors are IInference's and revert the caller unless it catches them.
library Inference {
    /// The model has more than one output number, or none.
    error NotOneValue(uint256 length);
    /// The model has no output of this name.
    error NoSuchOutput(string name);

    /// Sets of modes, for inferAuto.
    uint16 internal constant TRUSTLESS = uint16(1 << uint8(Mode.REPLAY) | 1 << uint8(Mode.ZK));
    uint16 internal constant ANY_VERIFIED = TRUSTLESS
        | uint16(1 << uint8(Mode.TEE) | 1 << uint8(Mode.OPTIMISTIC) | 1 << uint8(Mode.QUORUM));

    // ---- one inference

    /// All inputs of the model one after another, in its order; the outputs likewise.
    function infer(bytes32 model, Mode mode, int256[] memory input) internal view returns (int256[] memory) {
        return IInference(INFERENCE).infer(model, mode, input);
    }

    /// Inputs and outputs by name.
    function infer(bytes32 model, Mode mode, Tensor[] memory inputs) internal view returns (Tensor[] memory) {
        return IInference(INFERENCE).infer(model, mode, inputs);
    }

    /// For models that answer with one number.
    function inferValue(bytes32 model, Mode mode, int256[] memory input) internal view returns (int256) {
        return only(infer(model, mode, input));
    }

    /// From one number to one number.
    function inferValue(bytes32 model, Mode mode, int256 input) internal view returns (int256) {
        return only(infer(model, mode, list(input)));
    }

    /// On the word of one operator, which nothing verifies (mode SIGNED).
    function inferSigned(bytes32 model, address operatedBy, int256[] memory input)
        internal
        view
        returns (int256[] memory)
    {
        return IInference(INFERENCE).inferSigned(model, operatedBy, input);
    }

    // ---- several, or in whichever mode is cheapest

    /// Independent inferences, computed at the same time.
    function inferMany(Call[] memory calls) internal view returns (int256[][] memory) {
        return IInference(INFERENCE).inferMany(calls);
    }

    /// One model on several inputs, computed at the same time.
    function inferMany(bytes32 model, Mode mode, int256[][] memory inputs) internal view returns (int256[][] memory) {
        Call[] memory calls = new Call[](inputs.length);
        for (uint256 i = 0; i < inputs.length; ++i) {
            calls[i] = Call(model, mode, inputs[i]);
        }
        return inferMany(calls);
    }

    /// In the mode of `mask` that the model allows, that can carry `valueAtRisk` wei and that costs full nodes least.
    function inferAuto(bytes32 model, uint16 mask, uint256 valueAtRisk, int256[] memory input)
        internal
        view
        returns (int256[] memory)
    {
        return IInference(INFERENCE).inferAuto(model, mask, valueAtRisk, input);
    }

    function inferAuto(bytes32 model, uint16 mask, uint256 valueAtRisk, Tensor[] memory inputs)
        internal
        view
        returns (Tensor[] memory)
    {
        return IInference(INFERENCE).inferAuto(model, mask, valueAtRisk, inputs);
    }

    // ---- about models

    /// Gas of one inference, and the part of it that pays for computing.
    function quote(bytes32 model, Mode mode) internal view returns (uint64 gas, uint64 computeGas) {
        return IInference(INFERENCE).quote(model, mode);
    }

    function info(bytes32 model) internal view returns (ModelInfo memory) {
        return IInference(INFERENCE).modelInfo(model);
    }

    /// The last inference of this transaction; zeros without one.
    function lastJob() internal view returns (bytes32 job, address payee, uint64 computeGas) {
        return IInference(INFERENCE).lastJob();
    }

    /// The newest version of a name. Its owner may publish another at any time: keep the id where that matters.
    function named(string memory name) internal view returns (bytes32 model) {
        return IModelRegistry(MODEL_REGISTRY).resolve(name);
    }

    /// Versions count from 1 and never change.
    function named(string memory name, uint256 version) internal view returns (bytes32 model) {
        return IModelRegistry(MODEL_REGISTRY).resolve(name, version);
    }

    // ---- later

    /// Asks for an answer in a later block, up to block `deadline`; it comes to this contract's onInference (see
    /// InferenceConsumer). Paid from this contract's balance.
    function request(bytes32 model, Mode mode, int256[] memory input, uint64 callbackGas, uint64 deadline)
        internal
        returns (uint256 id)
    {
        uint256 price = IScheduler(SCHEDULER).requestPrice(model, mode, input.length, callbackGas);
        return IScheduler(SCHEDULER).request{value: price}(model, mode, input, callbackGas, deadline);
    }

    /// The same on the word of one operator (mode SIGNED).
    function requestSigned(
        bytes32 model,
        address operatedBy,
        int256[] memory input,
        uint64 callbackGas,
        uint64 deadline
    ) internal returns (uint256 id) {
        uint256 price = IScheduler(SCHEDULER).requestPrice(model, Mode.SIGNED, input.length, callbackGas);
        return IScheduler(SCHEDULER).requestSigned{value: price}(model, operatedBy, input, callbackGas, deadline);
    }

    /// Has `target` called every `every` blocks up to block `until`. Paid from this contract's balance.
    function schedule(address target, bytes memory data, uint64 every, uint64 until, uint64 callGas)
        internal
        returns (uint256 id)
    {
        uint256 price = IScheduler(SCHEDULER).schedulePrice(every, until, callGas);
        return IScheduler(SCHEDULER).schedule{value: price}(target, data, every, until, callGas);
    }

    function cancel(uint256 id) internal {
        IScheduler(SCHEDULER).cancel(id);
    }

    /// Takes back what was prepaid and not used; nothing where there is nothing.
    function withdrawRefunds(address payable to) internal returns (uint256 amount) {
        if (IScheduler(SCHEDULER).credits(address(this)) == 0) return 0;
        return IScheduler(SCHEDULER).withdraw(to);
    }

    // ---- arrays and tensors

    function list(int256 a) internal pure returns (int256[] memory values) {
        values = new int256[](1);
        values[0] = a;
    }

    /// The only number of an answer.
    function only(int256[] memory values) internal pure returns (int256) {
        if (values.length != 1) revert NotOneValue(values.length);
        return values[0];
    }

    /// A tensor of shape [1, n]: one sample of n features, as most models have it.
    function row(string memory name, int256[] memory data) internal pure returns (Tensor memory) {
        uint32[] memory shape = new uint32[](2);
        (shape[0], shape[1]) = (1, uint32(data.length));
        return Tensor(name, shape, data);
    }

    /// The data of the output called `name`.
    function output(Tensor[] memory outputs, string memory name) internal pure returns (int256[] memory) {
        bytes32 wanted = keccak256(bytes(name));
        for (uint256 i = 0; i < outputs.length; ++i) {
            if (keccak256(bytes(outputs[i].name)) == wanted) return outputs[i].data;
        }
        revert NoSuchOutput(name);
    }
}
