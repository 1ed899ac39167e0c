"""Daily returns of real price series that R packages carry, and windows over them."""

import subprocess

import numpy as np

# R expressions giving log returns, oldest first. fGarch has one series in per cent; EuStockMarkets holds closing prices.
SERIES = {
    "sp500": "fgarch$sp500dge[[1]]",  # S&P 500, 1928-1991 (Ding, Granger and Engle, 1993)
    "demgbp": "fgarch$dem2gbp[[1]] / 100",  # Deutsche Mark to British pound, 1984-1992 (Bollerslev and Ghysels, 1996)
    "dax": 'diff(log(datasets::EuStockMarkets[, "DAX"]))',  # 1991-1998, as the next three
    "smi": 'diff(log(datasets::EuStockMarkets[, "SMI"]))',
    "cac": 'diff(log(datasets::EuStockMarkets[, "CAC"]))',
    "ftse": 'diff(log(datasets::EuStockMarkets[, "FTSE"]))',
}

FGARCH = "/data/r/usr/lib/R/site-library/fGarch/data/Rdata"  # unpacked there by models/environment


def log_returns():
    """Name → log returns per trading day, oldest first (float64)."""
    prints = [f'cat("{name}", sprintf("%.9g", as.numeric({r})), "\\n")' for name, r in SERIES.items()]
    program = f'fgarch <- new.env(); lazyLoad("{FGARCH}", envir = fgarch); ' + "; ".join(prints)
    output = subprocess.run(["Rscript", "--vanilla", "-e", program], check=True, capture_output=True, text=True).stdout
    series = {}
    for line in output.splitlines():
        words = line.split()
        if words and words[0] in SERIES:
            series[words[0]] = np.array([float(word) for word in words[1:]])
    if series.keys() != SERIES.keys():
        raise ValueError(f"R printed the series {sorted(series)}")
    return series


def split(count):
    """(end of training, end of validation): the first 70 % trains, the next 10 % chooses, the last 20 % is held back."""
    return count * 7 // 10, count * 8 // 10


def windows(returns, length, first, last):
    """Rows of `length` returns, each with the return of the day after, for that day in [first, last)."""
    days = np.arange(max(first, length), last)
    return returns[days[:, None] + np.arange(-length, 0)], returns[days]
