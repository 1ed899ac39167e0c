// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SYSTEM_SENDER} from "../lib/SystemContracts.sol";

/// What implementations of system contracts share: who governs, who is the system.
abstract contract Governed {
    /// Where the proxy keeps its admin (ERC-1967); implementations run in the proxy's storage.
    bytes32 private constant ADMIN_SLOT = 0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103;

    error OnlyGovernance(address sender);
    error OnlySystem(address sender);

    modifier onlyGovernance() {
        if (msg.sender != governance()) revert OnlyGovernance(msg.sender);
        _;
    }

    /// Only in system transactions, which no key can sign.
    modifier onlySystem() {
        if (msg.sender != SYSTEM_SENDER) revert OnlySystem(msg.sender);
        _;
    }

    /// The key that upgrades this contract, from genesis.
    function governance() public view returns (address key) {
        assembly {
            key := sload(ADMIN_SLOT)
        }
    }
}
