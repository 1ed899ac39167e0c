// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Mode} from "../lib/IInference.sol";
import {Inference} from "../lib/Inference.sol";
import {WadMath} from "../lib/WadMath.sol";

interface IToken {
    function balanceOf(address owner) external view returns (uint256);
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

/// A constant-product market whose fee is a model's forecast: what liquidity providers lose to a moving price grows with
/// its volatility, so the fee follows the volatility that the model expects (models/volatility-mlp or -gru: from the last
/// 32 log returns to the standard deviation of the next).
///
/// Returns are taken between averages of the price over time, not between spot prices, so that one swap can't move the
/// fee of the next; and each swap asks the model in its own transaction.
contract InferenceAmm {
    /// Returns that the model reads.
    uint256 public constant WINDOW = 32;
    /// The input range that the model was trained on: ±0.25, in WAD.
    int256 private constant MAX_RETURN = 0.25e18;
    /// Fees count in hundredths of a basis point.
    uint256 private constant FEE_UNIT = 1e6;
    uint256 private constant LOCKED_SHARES = 1000;

    IToken public immutable token0;
    IToken public immutable token1;
    bytes32 public immutable model;
    Mode public immutable mode;
    /// Bounds of the fee, in hundredths of a basis point: 3000 is 0.30 %.
    uint256 public immutable minFee;
    uint256 public immutable maxFee;
    /// Fee for each unit of volatility, WAD: at 0.3, a forecast of 1 % makes a fee of 0.30 %.
    uint256 public immutable feePerVolatility;
    /// Seconds of one return.
    uint256 public immutable interval;

    uint128 public reserve0;
    uint128 public reserve1;
    uint256 public totalShares;
    mapping(address => uint256) public sharesOf;

    /// Log returns in WAD, oldest at `_oldest`; four to a slot.
    int64[WINDOW] private _returns;
    uint8 private _oldest;
    uint64 private _accumulatedAt;
    uint64 private _averageFrom;
    /// Sum of price × seconds since the average's start.
    uint256 private _accumulated;
    uint256 private _lastAverage;
    bool private transient _isLocked;

    event Swap(address indexed trader, bool zeroForOne, uint256 amountIn, uint256 amountOut, uint256 fee, int256 volatility);
    event Minted(address indexed owner, uint256 amount0, uint256 amount1, uint256 shares);
    event Burned(address indexed owner, uint256 amount0, uint256 amount1, uint256 shares);
    event Observed(uint256 averagePrice, int256 logReturn);

    error SlippageExceeded(uint256 amountOut, uint256 minimum);
    error NoLiquidity();
    error NothingToMint();
    error BadParameters();
    error Locked();
    error TransferFailed(address token);

    modifier lock() {
        if (_isLocked) revert Locked();
        _isLocked = true;
        _;
        _isLocked = false;
    }

    /// `history`: the market's last returns elsewhere, oldest first; zeros where there are none.
    constructor(
        IToken token0_,
        IToken token1_,
        bytes32 model_,
        Mode mode_,
        uint256 minFee_,
        uint256 maxFee_,
        uint256 feePerVolatility_,
        uint256 interval_,
        int64[WINDOW] memory history
    ) {
        if (minFee_ > maxFee_ || maxFee_ >= FEE_UNIT || interval_ == 0 || address(token0_) == address(token1_)) {
            revert BadParameters();
        }
        if (feePerVolatility_ > 1e36) revert BadParameters();
        (token0, token1, model, mode) = (token0_, token1_, model_, mode_);
        (minFee, maxFee, feePerVolatility, interval) = (minFee_, maxFee_, feePerVolatility_, interval_);
        _returns = history;
    }

    // ---- swapping

    /// Sells `amountIn` of token0 (or token1) for at least `minimum` of the other.
    function swap(bool zeroForOne, uint256 amountIn, uint256 minimum) external returns (uint256 amountOut) {
        return swap(zeroForOne, amountIn, minimum, mode);
    }

    /// The same with the forecast secured in a mode of the caller's choice.
    function swap(bool zeroForOne, uint256 amountIn, uint256 minimum, Mode mode_)
        public
        lock
        returns (uint256 amountOut)
    {
        _observe();
        (uint256 fee, int256 volatility) = _fee(mode_);
        (IToken tokenIn, IToken tokenOut) = zeroForOne ? (token0, token1) : (token1, token0);
        amountIn = _take(tokenIn, amountIn);
        amountOut = _amountOut(zeroForOne, amountIn, fee);
        if (amountOut < minimum) revert SlippageExceeded(amountOut, minimum);
        if (zeroForOne) _setReserves(reserve0 + amountIn, reserve1 - amountOut);
        else _setReserves(reserve0 - amountOut, reserve1 + amountIn);
        _give(tokenOut, amountOut);
        emit Swap(msg.sender, zeroForOne, amountIn, amountOut, fee, volatility);
    }

    /// What a swap would bring now, and at which fee: asks the model too.
    function quote(bool zeroForOne, uint256 amountIn) external view returns (uint256 amountOut, uint256 fee) {
        (fee,) = _fee(mode);
        amountOut = _amountOut(zeroForOne, amountIn, fee);
    }

    /// The fee from the returns recorded so far, and the forecast behind it (WAD).
    function currentFee() external view returns (uint256 fee, int256 volatility) {
        return _fee(mode);
    }

    // ---- liquidity

    /// Adds liquidity in the ratio of the reserves: at most `amount0` and `amount1`, at least `minimum` shares.
    function mint(uint256 amount0, uint256 amount1, uint256 minimum) external lock returns (uint256 shares) {
        _observe();
        uint256 supply = totalShares;
        if (supply != 0) {
            uint256 matching = amount0 * reserve1 / reserve0;
            if (matching <= amount1) amount1 = matching;
            else amount0 = amount1 * reserve0 / reserve1;
        }
        (amount0, amount1) = (_take(token0, amount0), _take(token1, amount1));
        if (supply == 0) {
            // Some shares stay with nobody, so that a share can't be made arbitrarily dear.
            shares = _sqrt(amount0 * amount1);
            if (shares <= LOCKED_SHARES) revert NothingToMint();
            shares -= LOCKED_SHARES;
            (totalShares, sharesOf[address(0)]) = (LOCKED_SHARES, LOCKED_SHARES);
        } else {
            uint256 by0 = amount0 * supply / reserve0;
            uint256 by1 = amount1 * supply / reserve1;
            shares = by0 < by1 ? by0 : by1;
        }
        if (shares == 0) revert NothingToMint();
        if (shares < minimum) revert SlippageExceeded(shares, minimum);
        totalShares += shares;
        sharesOf[msg.sender] += shares;
        _setReserves(reserve0 + amount0, reserve1 + amount1);
        emit Minted(msg.sender, amount0, amount1, shares);
    }

    /// Takes the sender's part of the reserves out.
    function burn(uint256 shares, uint256 minimum0, uint256 minimum1)
        external
        lock
        returns (uint256 amount0, uint256 amount1)
    {
        _observe();
        (amount0, amount1) = (shares * reserve0 / totalShares, shares * reserve1 / totalShares);
        if (amount0 < minimum0) revert SlippageExceeded(amount0, minimum0);
        if (amount1 < minimum1) revert SlippageExceeded(amount1, minimum1);
        sharesOf[msg.sender] -= shares;
        totalShares -= shares;
        _setReserves(reserve0 - amount0, reserve1 - amount1);
        _give(token0, amount0);
        _give(token1, amount1);
        emit Burned(msg.sender, amount0, amount1, shares);
    }

    // ---- the window

    /// The model's input: log returns in WAD, oldest first.
    function window() public view returns (int256[] memory returns_) {
        returns_ = new int256[](WINDOW);
        for (uint256 i = 0; i < WINDOW; ++i) {
            returns_[i] = _returns[(_oldest + i) % WINDOW];
        }
    }

    /// Adds the time since the last change at the price that held, and a return once an interval is over.
    function _observe() private {
        if (reserve0 == 0) return;
        uint64 time = uint64(block.timestamp);
        _accumulated += _price() * (time - _accumulatedAt);
        _accumulatedAt = time;
        uint256 elapsed = time - _averageFrom;
        if (elapsed < interval) return;
        uint256 average = _accumulated / elapsed;
        (_accumulated, _averageFrom) = (0, time);
        if (average == 0) return;
        if (_lastAverage != 0) {
            int256 change = WadMath.clamp(WadMath.logReturn(average, _lastAverage), -MAX_RETURN, MAX_RETURN);
            _returns[_oldest] = int64(change);
            _oldest = uint8((_oldest + 1) % WINDOW);
            emit Observed(average, change);
        }
        _lastAverage = average;
    }

    /// Asks the model. What it answers, the fee stays within its bounds.
    function _fee(Mode mode_) private view returns (uint256 fee, int256 volatility) {
        volatility = Inference.inferValue(model, mode_, window());
        uint256 bounded = uint256(WadMath.clamp(volatility, 0, WadMath.ONE));
        fee = bounded * feePerVolatility / 1e30;
        if (fee < minFee) fee = minFee;
        if (fee > maxFee) fee = maxFee;
    }

    // ---- inside

    function _amountOut(bool zeroForOne, uint256 amountIn, uint256 fee) private view returns (uint256) {
        (uint256 reserveIn, uint256 reserveOut) = zeroForOne ? (reserve0, reserve1) : (reserve1, reserve0);
        if (reserveIn == 0) revert NoLiquidity();
        uint256 afterFee = amountIn * (FEE_UNIT - fee);
        return afterFee * reserveOut / (reserveIn * FEE_UNIT + afterFee);
    }

    /// Token1 for one token0, WAD.
    function _price() private view returns (uint256) {
        return uint256(reserve1) * 1e18 / reserve0;
    }

    function _setReserves(uint256 amount0, uint256 amount1) private {
        if (amount0 > type(uint128).max || amount1 > type(uint128).max) revert BadParameters();
        if (reserve0 == 0) (_accumulatedAt, _averageFrom) = (uint64(block.timestamp), uint64(block.timestamp));
        (reserve0, reserve1) = (uint128(amount0), uint128(amount1));
    }

    /// Returns what really came: some tokens take a part.
    function _take(IToken token, uint256 amount) private returns (uint256) {
        uint256 before = token.balanceOf(address(this));
        _callToken(token, abi.encodeCall(IToken.transferFrom, (msg.sender, address(this), amount)));
        return token.balanceOf(address(this)) - before;
    }

    function _give(IToken token, uint256 amount) private {
        _callToken(token, abi.encodeCall(IToken.transfer, (msg.sender, amount)));
    }

    /// Tokens that return nothing are taken at their word, those that return false are not. A token's own error goes on.
    function _callToken(IToken token, bytes memory data) private {
        (bool done, bytes memory answer) = address(token).call(data);
        if (!done && answer.length != 0) {
            assembly ("memory-safe") {
                revert(add(answer, 32), mload(answer))
            }
        }
        bool isYes = answer.length == 0 ? address(token).code.length != 0 : abi.decode(answer, (bool));
        if (!done || !isYes) revert TransferFailed(address(token));
    }

    function _sqrt(uint256 x) private pure returns (uint256 root) {
        if (x == 0) return 0;
        root = x;
        for (uint256 next = (x >> 1) + 1; next < root;) {
            root = next;
            next = (x / next + next) / 2;
        }
    }
}
