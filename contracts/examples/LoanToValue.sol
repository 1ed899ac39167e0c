// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Mode} from "../lib/IInference.sol";
import {Inference} from "../lib/Inference.sol";

/// Lends ether against a deposit when a model finds it likely to stay covered: models/loan-to-value gives the probability
/// that the collateral's price falls below the loan before it ends. Deliberately small: a desk whose owner keeps the
/// market's figures and the books; no interest, no liquidation.
contract LoanToValue {
    /// What the model wants to know of the market, all WAD; models/loan-to-value/README.md says how each is measured.
    struct Market {
        int256 volatility;
        int256 longVolatility;
        int256 drawdown;
        int256 momentum;
        int256 worstDay;
    }

    bytes32 public immutable model;
    Mode public immutable mode;
    address public immutable owner;
    /// Loans are refused above this probability, WAD.
    int256 public immutable maxProbability;
    Market public market;
    mapping(address => uint256) public loanOf;

    event Lent(address indexed borrower, uint256 amount, uint256 value, uint256 tradingDays, int256 probability);

    error OnlyOwner(address owner);
    error TooRisky(int256 probability, int256 limit);
    error NoValue();
    error LoanOpen(uint256 amount);

    constructor(bytes32 model_, Mode mode_, int256 maxProbability_) payable {
        (model, mode, maxProbability, owner) = (model_, mode_, maxProbability_, msg.sender);
    }

    function setMarket(Market calldata market_) external {
        if (msg.sender != owner) revert OnlyOwner(owner);
        market = market_;
    }

    /// The probability, WAD, that collateral worth `value` will be worth less than `amount` at some close within
    /// `tradingDays`.
    function risk(uint256 amount, uint256 value, uint256 tradingDays) public view returns (int256) {
        if (value == 0) revert NoValue();
        int256[] memory loan = new int256[](7);
        loan[0] = int256(amount * 1e18 / value);
        loan[1] = int256(tradingDays * 1e18);
        loan[2] = market.volatility;
        loan[3] = market.longVolatility;
        loan[4] = market.drawdown;
        loan[5] = market.momentum;
        loan[6] = market.worstDay;
        return Inference.inferValue(model, mode, loan);
    }

    /// Lends `amount` wei on collateral that the owner values at `value` wei.
    function lend(address payable borrower, uint256 amount, uint256 value, uint256 tradingDays) external {
        if (msg.sender != owner) revert OnlyOwner(owner);
        if (loanOf[borrower] != 0) revert LoanOpen(loanOf[borrower]);
        int256 probability = risk(amount, value, tradingDays);
        if (probability > maxProbability) revert TooRisky(probability, maxProbability);
        loanOf[borrower] = amount;
        emit Lent(borrower, amount, value, tradingDays, probability);
        (bool sent,) = borrower.call{value: amount}("");
        require(sent, "the borrower refuses the loan");
    }

    function repay() external payable {
        loanOf[msg.sender] -= msg.value;
    }
}
