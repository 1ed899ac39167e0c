// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.26;

import {Vault} from "../src/Vault.sol";
import {vm} from "../src/Vm.sol";

/// Deploys two vaults, pays into one and empties it: five transactions in order.
contract Deploy {
    bool public constant IS_SCRIPT = true;

    function run() external {
        address owner = msg.sender;
        vm.startBroadcast();
        Vault first = new Vault(owner, "first");
        new Vault{value: 3}(owner, "second");
        (bool paid,) = address(first).call{value: 1 ether}("");
        require(paid, "payment failed");
        first.empty();
        new Vault{salt: bytes32(uint256(1))}(owner, "third");
        vm.stopBroadcast();
    }
}
