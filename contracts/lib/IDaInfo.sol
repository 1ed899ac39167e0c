// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// The newest header of the data-availability layer that this chain has seen; at DA_INFO.
interface IDaInfo {
    event HeaderSeen(uint64 indexed height, bytes32 hash, uint64 time);

    error HeightFell(uint64 from, uint64 to);
    error TimeFell(uint64 from, uint64 to);
    /// Two different headers for one height.
    error HeaderChanged(uint64 height);

    function height() external view returns (uint64);
    function hash() external view returns (bytes32);
    /// Seconds since 1970, by the layer's own clock.
    function time() external view returns (uint64);

    /// Only for the system.
    function set(uint64 height, bytes32 hash, uint64 time) external;
}
