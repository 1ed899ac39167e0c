// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.26;

/// The cheat codes that the script and the tests here use.
interface Vm {
    function startBroadcast() external;
    function stopBroadcast() external;
    function createSelectFork(string calldata url) external returns (uint256);
    function createSelectFork(string calldata url, uint256 blockNumber) external returns (uint256);
    function rollFork(uint256 blockNumber) external;
    function envString(string calldata name) external view returns (string memory);
    function envAddress(string calldata name) external view returns (address);
    function envUint(string calldata name) external view returns (uint256);
    function prank(address sender) external;
    function deal(address account, uint256 balance) external;
    function expectRevert(bytes calldata data) external;
    function load(address account, bytes32 slot) external view returns (bytes32);
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
