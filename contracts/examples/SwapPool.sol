// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// A constant-product market between ether and points that the pool itself issues, with a fee its owner sets.
/// The smallest contract in which a fee matters: later the fee is a model's answer.
contract SwapPool {
    /// Fee in hundredths of a basis point: 3000 is 0.30 %.
    uint256 public immutable fee;
    uint256 public etherReserve;
    uint256 public pointReserve;
    mapping(address => uint256) public pointsOf;

    event Swap(address indexed trader, uint256 etherIn, uint256 pointsOut, uint256 fee);

    error SlippageExceeded(uint256 pointsOut, uint256 minimum);

    constructor(uint256 points, uint256 fee_) payable {
        require(msg.value > 0 && points > 0 && fee_ < 1e6, "empty pool or absurd fee");
        (etherReserve, pointReserve, fee) = (msg.value, points, fee_);
    }

    /// Points that `etherIn` wei buy now.
    function quote(uint256 etherIn) public view returns (uint256) {
        uint256 afterFee = etherIn * (1e6 - fee);
        return pointReserve * afterFee / (etherReserve * 1e6 + afterFee);
    }

    /// Buys points with the ether sent, at least `minimum` of them.
    function swap(uint256 minimum) external payable returns (uint256 pointsOut) {
        pointsOut = quote(msg.value);
        if (pointsOut < minimum) revert SlippageExceeded(pointsOut, minimum);
        etherReserve += msg.value;
        pointReserve -= pointsOut;
        pointsOf[msg.sender] += pointsOut;
        emit Swap(msg.sender, msg.value, pointsOut, fee);
    }
}
