// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.26;

/// Code for an ordinary account to borrow under EIP-7702: several calls in one transaction.
contract Delegate {
    struct Call {
        address to;
        uint256 value;
        bytes data;
    }

    event Executed(address indexed account, address indexed sender, uint256 calls);

    function execute(Call[] calldata calls) external payable {
        for (uint256 i = 0; i < calls.length; i++) {
            (bool ok,) = calls[i].to.call{value: calls[i].value}(calls[i].data);
            require(ok, "inner call failed");
        }
        emit Executed(address(this), msg.sender, calls.length);
    }

    receive() external payable {}
}
