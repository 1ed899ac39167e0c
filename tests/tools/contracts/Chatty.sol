// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.26;

import {console} from "hardhat/console.sol";

/// Prints through the console library that development nodes show.
contract Chatty {
    uint256 public calls;

    function talk(uint256 value) external {
        calls += 1;
        console.log("plain words");
        console.log("value", value);
        console.log("formatted %s and %s", value, msg.sender);
        console.logBytes32(bytes32(value));
        console.logInt(-int256(value));
        console.log(true, address(this));
    }
}
