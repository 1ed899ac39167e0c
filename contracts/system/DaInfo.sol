// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IDaInfo} from "../lib/IDaInfo.sol";
import {Governed} from "./Governed.sol";

/// The newest header of the data-availability layer that this chain has seen. The first system transaction of each
/// block writes it.
///
/// Storage: slot 0: uint64 height, then uint64 time, lowest bits first; slot 1: the header's hash. Genesis storage: none.
contract DaInfo is IDaInfo, Governed {
    uint64 public height;
    uint64 public time;
    bytes32 public hash;

    /// Heights never fall; equal ones, usual with blocks faster than the layer's, must say the same again.
    function set(uint64 newHeight, bytes32 newHash, uint64 newTime) external onlySystem {
        if (newHeight < height) revert HeightFell(height, newHeight);
        if (newHeight == height && height != 0) {
            if (newHash != hash || newTime != time) revert HeaderChanged(newHeight);
            return;
        }
        if (newTime < time) revert TimeFell(time, newTime);
        (height, hash, time) = (newHeight, newHash, newTime);
        emit HeaderSeen(newHeight, newHash, newTime);
    }
}
