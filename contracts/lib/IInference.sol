// SPDX-License-Identifier: Apache-2.0
// The inference precompile as contracts see it. Most contracts want Inference.sol, which calls it by these names
// without an address. Numbers are WAD: int256 with 18 decimals; tensors are row-major.
pragma solidity ^0.8.24;

// Where the precompile is; its code is a single INVALID, so that calls compiled by Solidity find code there.
address constant INFERENCE = 0x00000000000000000000000000000000000000F4;

/// How an answer is made believable. A set of modes is a uint16 with bit m set for mode m.
enum Mode {
    AUTO,
    REPLAY,
    ZK,
    TEE,
    OPTIMISTIC,
    QUORUM,
    SIGNED
}

struct Tensor {
    string name;
    uint32[] shape;
    int256[] data;
}

struct Call {
    bytes32 model;
    Mode mode;
    int256[] input;
}

/// An input or output of a model; the shape as the model has it, a batch dimension of 1 included.
struct Port {
    string name;
    string unit;
    uint32[] shape;
}

struct ModelInfo {
    uint64 multiplyAccumulates;
    uint64 parameters;
    uint64 weightBytes;
    bytes32 weightRoot;
    Port[] inputs;
    Port[] outputs;
}

interface IInference {
    /// No model has this id.
    error UnknownModel(bytes32 model);
    /// Registered, but not usable before this block; 0: nobody has opened it yet (ModelRegistry.open).
    error ModelNotOpen(bytes32 model, uint64 opensAt);
    /// The model's owner does not allow this mode.
    error ModeNotAllowed(bytes32 model, uint8 mode);
    /// No such mode.
    error UnknownMode(uint8 mode);
    /// The mode exists, but this network has no evidence for it yet; ZK: the model has no commitment.
    error ModeUnsupported(uint8 mode);
    /// SIGNED names whose signature is trusted: inferSigned.
    error OperatorRequired();
    error WrongInputLength(uint256 expected, uint256 given);
    error UnknownInput(string name);
    error MissingInput(string name);
    error WrongShape(string name, uint32[] expected, uint32[] given);
    /// None of the modes in the mask can carry this value for this model.
    error NoModeFits(uint16 mask);
    /// More inferences in one transaction than the limit.
    error TooManyInferences(uint256 limit);
    /// No node brought an outcome; never with REPLAY.
    error InferenceUnavailable(bytes32 job, uint8 reason);
    /// The call data is not the encoding of any function's arguments.
    error MalformedCall();
    error NotPayable();
    error DelegateCallRefused();
    error StaticCallRefused();
    error OnlyRegistry();
    error OnlyScheduler();
    error InvalidModel(string reason);

    /// Runs a model. The input is all inputs of the model, one after another in its order; so is the answer.
    function infer(bytes32 model, Mode mode, int256[] calldata input) external view returns (int256[] memory);

    /// The same with inputs by name, in any order.
    function infer(bytes32 model, Mode mode, Tensor[] calldata inputs) external view returns (Tensor[] memory);

    /// Independent inferences, computed at the same time.
    function inferMany(Call[] calldata calls) external view returns (int256[][] memory);

    /// In the mode of `mask` that the model allows, that can carry `valueAtRisk` wei and that costs full nodes least.
    function inferAuto(bytes32 model, uint16 mask, uint256 valueAtRisk, int256[] calldata input)
        external
        view
        returns (int256[] memory);

    function inferAuto(bytes32 model, uint16 mask, uint256 valueAtRisk, Tensor[] calldata inputs)
        external
        view
        returns (Tensor[] memory);

    /// In mode SIGNED: on the word of this operator alone.
    function inferSigned(bytes32 model, address operatedBy, int256[] calldata input)
        external
        view
        returns (int256[] memory);

    /// Gas of one inference, and the part of it that pays for computing.
    function quote(bytes32 model, Mode mode) external view returns (uint64 gas, uint64 computeGas);

    /// The last inference of this transaction, who computed it and the gas that pays for it; zeros without one.
    function lastJob() external view returns (bytes32 job, address payee, uint64 computeGas);

    function modelInfo(bytes32 model) external view returns (ModelInfo memory);

    /// Only for the scheduler, at the end of a delivery: when that succeeds, whoever computed for it, the callback's
    /// inferences too, is paid from the scheduler's balance as in other transactions: what was available, by the first
    /// of the block to use it, at `gasPrice`. Returns the gas that is paid for, and the part of what was taken for
    /// computing, paid for or not, that gasleft() has seen.
    function settle(uint64 gasPrice) external returns (uint64 paidGas, uint64 gasTaken);

    /// Only for the model registry: checks the graph, keeps the verifying key, returns the model's id.
    function registerModel(bytes calldata verifyingKey) external returns (bytes32 id);

    /// Only for the model registry: recomputes the commitment to the weights from this node's copy; reverts where it
    /// differs.
    function checkWeights(bytes32 id) external;
}
