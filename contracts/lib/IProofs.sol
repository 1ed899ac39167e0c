// SPDX-License-Identifier: Apache-2.0
// The precompile that verifies proofs of inferences which a contract was handed: answers computed elsewhere, or for
// another chain. What a contract asks in mode ZK needs none of it: nodes verify those proofs themselves.
pragma solidity ^0.8.24;

import {Tensor} from "./IInference.sol";

address constant PROOFS = 0x00000000000000000000000000000000000000F8;

interface IProofs {
    /// Whether the proof shows that the model gives these outputs for these inputs: all of both, by name, in WAD.
    /// `context` is what the proof was bound to when it was made: abi.encode(chain id, job, payee) if it is a job's
    /// evidence. Check that it is what you expect, or a proof can be shown twice.
    ///
    /// Reverts with IInference's UnknownModel; ModelNotOpen; ModeUnsupported(ZK) for a model without a commitment; UnknownInput,
    /// MissingInput, WrongShape and WrongInputLength, of outputs too; MalformedCall, NotPayable, DelegateCallRefused.
    function verify(
        bytes32 model,
        Tensor[] calldata inputs,
        Tensor[] calldata outputs,
        bytes calldata context,
        bytes calldata proof
    ) external view returns (bool);
}
