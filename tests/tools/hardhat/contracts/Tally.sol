// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.26;

/// Counts votes until a time: state, time, events and errors for the project's tests.
contract Tally {
    error Closed(uint256 at);

    event Voted(address indexed voter, uint256 total);

    uint256 public immutable closesAt;
    uint256 public votes;

    constructor(uint256 seconds_) {
        closesAt = block.timestamp + seconds_;
    }

    function vote() external {
        if (block.timestamp >= closesAt) revert Closed(closesAt);
        votes += 1;
        emit Voted(msg.sender, votes);
    }

    function onlyEven() external view {
        require(votes % 2 == 0, "odd number of votes");
    }
}
