// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Vm} from "forge-std/Vm.sol";
import {Call, IInference, Mode, ModelInfo, Tensor} from "../lib/IInference.sol";
import {MODEL_REGISTRY, SCHEDULER} from "../lib/SystemContracts.sol";

/// Stands in for the precompile in unit tests: answers what a test has set for a model. Put at its address by vm.etch,
/// so nothing here depends on a constructor.
contract MockInference is IInference {
    struct Behaviour {
        bool known;
        bool badWeights;
        uint64 gas;
        uint64 computeGas;
        address payee;
        int256[] output;
        bytes failure;
        uint256 burn;
        uint256 answerLength;
        uint256 takes;
    }

    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    mapping(bytes32 => Behaviour) private _models;
    bytes32 private _last;
    uint64 private _gasTaken;

    // ---- set by tests

    function answer(bytes32 model, int256[] memory output) external {
        _models[model].known = true;
        _models[model].output = output;
        delete _models[model].failure;
    }

    function fail(bytes32 model, bytes memory failure) external {
        _models[model].known = true;
        _models[model].failure = failure;
    }

    function price(bytes32 model, uint64 gas_, uint64 computeGas) external {
        (_models[model].gas, _models[model].computeGas) = (gas_, computeGas);
    }

    function pay(bytes32 model, address payee) external {
        _models[model].payee = payee;
        _last = model;
    }

    function burn(bytes32 model, uint256 rounds) external {
        _models[model].burn = rounds;
    }

    /// Uses this much gas, or all there is.
    function take(bytes32 model, uint256 gas_) external {
        _models[model].takes = gas_;
    }

    function forgetLastJob() external {
        _last = 0;
    }

    /// What computing is said to have taken of the gas of execution.
    function takeForComputing(uint64 gas_) external {
        _gasTaken = gas_;
    }

    /// Answers with so many zeros.
    function answerZeros(bytes32 model, uint256 count) external {
        _models[model].answerLength = count;
    }

    function breakWeights(bytes32 model, bool broken) external {
        _models[model].badWeights = broken;
    }

    // ---- IInference

    function infer(bytes32 model, Mode, int256[] calldata input) public view returns (int256[] memory output) {
        uint256 gasAtStart = gasleft();
        Behaviour storage m = _models[model];
        if (!m.known) revert UnknownModel(model);
        for (uint256 takes = m.takes; gasAtStart - gasleft() < takes;) {}
        if (m.failure.length != 0) {
            bytes memory reason = m.failure;
            assembly {
                revert(add(reason, 32), mload(reason))
            }
        }
        bytes32 hash;
        for (uint256 i = 0; i < m.burn; ++i) {
            hash = keccak256(abi.encode(hash));
        }
        if (m.answerLength != 0) return new int256[](m.answerLength);
        if (m.output.length != 0) return m.output;
        // With nothing set: the sum.
        output = new int256[](1);
        for (uint256 i = 0; i < input.length; ++i) {
            output[0] += input[i];
        }
    }

    function infer(bytes32 model, Mode mode, Tensor[] calldata inputs) public view returns (Tensor[] memory outputs) {
        outputs = new Tensor[](1);
        uint32[] memory shape = new uint32[](1);
        shape[0] = 1;
        outputs[0] = Tensor("sum", shape, this.infer(model, mode, inputs[0].data));
    }

    function inferSigned(bytes32 model, address operatedBy, int256[] calldata input)
        external
        view
        returns (int256[] memory)
    {
        if (operatedBy == address(0)) revert OperatorRequired();
        return infer(model, Mode.SIGNED, input);
    }

    function inferMany(Call[] calldata calls) external view returns (int256[][] memory outputs) {
        outputs = new int256[][](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            outputs[i] = infer(calls[i].model, calls[i].mode, calls[i].input);
        }
    }

    function inferAuto(bytes32 model, uint16 mask, uint256, int256[] calldata input)
        external
        view
        returns (int256[] memory)
    {
        if (mask & 2 == 0) revert NoModeFits(mask);
        return infer(model, Mode.REPLAY, input);
    }

    function inferAuto(bytes32 model, uint16 mask, uint256, Tensor[] calldata inputs)
        external
        view
        returns (Tensor[] memory)
    {
        if (mask & 2 == 0) revert NoModeFits(mask);
        return infer(model, Mode.REPLAY, inputs);
    }

    function quote(bytes32 model, Mode) external view returns (uint64, uint64) {
        if (!_models[model].known) revert UnknownModel(model);
        return (_models[model].gas, _models[model].computeGas);
    }

    function lastJob() external view returns (bytes32, address, uint64) {
        if (_last == 0) return (0, address(0), 0);
        Behaviour storage m = _models[_last];
        return (keccak256(abi.encode("job", _last)), m.payee, m.computeGas);
    }

    /// Pays the last job's compute part whole to who computed it, from the scheduler's balance. The real one does so
    /// when the delivery has ended well.
    function settle(uint64 gasPrice) external returns (uint64 paidGas, uint64 gasTaken) {
        if (msg.sender != SCHEDULER) revert OnlyScheduler();
        Behaviour storage m = _models[_last];
        if (_last == 0 || m.failure.length != 0) return (0, _gasTaken);
        uint256 amount = uint256(m.computeGas) * gasPrice;
        if (amount == 0) return (0, _gasTaken);
        VM.deal(SCHEDULER, SCHEDULER.balance - amount);
        VM.deal(m.payee, m.payee.balance + amount);
        return (m.computeGas, _gasTaken);
    }

    function modelInfo(bytes32 model) external view returns (ModelInfo memory info) {
        if (!_models[model].known) revert UnknownModel(model);
        info.parameters = 1;
    }

    function registerModel(bytes calldata verifyingKey) external returns (bytes32 id) {
        if (msg.sender != MODEL_REGISTRY) revert OnlyRegistry();
        if (verifyingKey.length == 0) revert InvalidModel("empty");
        id = keccak256(verifyingKey);
        _models[id].known = true;
    }

    function checkWeights(bytes32 id) external {
        if (msg.sender != MODEL_REGISTRY) revert OnlyRegistry();
        if (_models[id].badWeights) revert InvalidModel("weights differ");
        _last = id;
    }
}
