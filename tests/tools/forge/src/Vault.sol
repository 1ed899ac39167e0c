// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.26;

/// Keeps ether for its owner: something with a constructor, a library-free event and an error.
contract Vault {
    error NotOwner(address caller);

    event Kept(address indexed from, uint256 amount);

    address public immutable owner;
    string public label;

    constructor(address owner_, string memory label_) payable {
        owner = owner_;
        label = label_;
    }

    function empty() external {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        payable(owner).transfer(address(this).balance);
    }

    receive() external payable {
        emit Kept(msg.sender, msg.value);
    }
}
