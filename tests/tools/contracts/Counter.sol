// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.26;

/// Every way a call can end, and a little state to look at: what the tool tests deploy most.
contract Counter {
    error TooLarge(uint256 given, uint256 limit);

    event Changed(address indexed by, uint256 indexed number, string note);

    uint256 public number;
    mapping(address => uint256) public deposits;

    constructor(uint256 start) payable {
        number = start;
    }

    function setNumber(uint256 value) external {
        if (value > 1000) revert TooLarge(value, 1000);
        number = value;
        emit Changed(msg.sender, value, "set");
    }

    function increment() external returns (uint256) {
        number += 1;
        emit Changed(msg.sender, number, "increment");
        return number;
    }

    function deposit() external payable {
        require(msg.value > 0, "nothing to deposit");
        deposits[msg.sender] += msg.value;
    }

    function failWithReason() external pure {
        revert("no luck today");
    }

    function failSilently() external pure {
        revert();
    }

    function failWithPanic(uint256 divisor) external pure returns (uint256) {
        return 1 / divisor;
    }

    function failWithInvalidOpcode() external pure {
        assembly {
            invalid()
        }
    }

    function loopForever() external view {
        while (number < type(uint256).max) {}
    }

    function blockFacts() external view returns (uint256, uint256, uint256, uint256, address) {
        return (block.number, block.timestamp, block.basefee, block.chainid, msg.sender);
    }

    receive() external payable {}
}
