"""What the two volatility forecasters share: their samples, their loss, and the forecasts they are held against."""

import numpy as np
import torch

from data import prices

WINDOW = 32  # log returns a forecast is made from
FLOOR = 1e-4  # no forecast is below one basis point a day
SEED = 1


def datasets():
    """(train, validation, test): each name → (windows [n, WINDOW], next returns [n]), in time order per series."""
    parts = ({}, {}, {})
    for name, returns in prices.log_returns().items():
        train, validation = prices.split(len(returns))
        for part, first, last in zip(parts, (0, train, validation), (train, validation, len(returns))):
            part[name] = prices.windows(returns, WINDOW, first, last)
    return parts


def tensors(part):
    """All series of a part as two float32 tensors."""
    return tuple(torch.tensor(np.concatenate([part[name][i] for name in part]), dtype=torch.float32) for i in (0, 1))


def loss(volatility, returns):
    """Negative log likelihood of normal returns with this volatility, less its constant: log s + r²/2s²."""
    return (torch.log(volatility) + 0.5 * (returns / volatility) ** 2).mean()


def scores(volatility, returns):
    """The same for each day, in numpy."""
    return np.log(volatility) + 0.5 * (returns / volatility) ** 2


def score(volatility, returns):
    return float(np.mean(scores(volatility, returns)))


def train(model, epochs, batch, rate, augment):
    """Adam with a cosine schedule; keeps the weights of the epoch that does best on the validation part.

    `augment` is the range of factors that windows and their next returns are multiplied by, log-uniformly: a price that
    moves three times as much has three times the volatility, and the forecaster should serve assets of any liveliness."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    parts = datasets()
    x, y = tensors(parts[0])
    x_validation, y_validation = tensors(parts[1])
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    best, best_weights = float("inf"), None
    for epoch in range(epochs):
        model.train()
        for rows in torch.randperm(len(x)).split(batch):
            factor = torch.exp(torch.empty(len(rows), 1).uniform_(*np.log(augment)))
            optimiser.zero_grad()
            loss(model(x[rows] * factor)[:, 0], y[rows] * factor[:, 0]).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        schedule.step()
        model.eval()
        with torch.no_grad():
            value = loss(model(x_validation)[:, 0], y_validation).item()
        if value < best:
            best, best_weights = value, {k: v.clone() for k, v in model.state_dict().items()}
        print(f"epoch {epoch}: validation {value:.4f}")
    model.load_state_dict(best_weights)
    return parts


def ewma(returns, first, decay):
    """Volatility forecasts for the days from `first` on: exponentially weighted squares (RiskMetrics has decay 0.94)."""
    variance = np.empty(len(returns))
    now = np.mean(returns[:WINDOW] ** 2)
    for day, value in enumerate(returns):
        variance[day] = now
        now = decay * now + (1 - decay) * value * value
    return np.sqrt(variance[first:])


def garch(returns, first, parameters):
    """Forecasts of a GARCH(1,1) with the given (omega, alpha, beta)."""
    omega, alpha, beta = parameters
    variance = np.empty(len(returns))
    now = np.mean(returns[:WINDOW] ** 2)
    for day, value in enumerate(returns):
        variance[day] = now
        now = omega + alpha * value * value + beta * now
    return np.sqrt(variance[first:])


def fit_garch(returns):
    """Maximum-likelihood (omega, alpha, beta) for these returns, with omega, alpha > 0 and alpha + beta < 1."""
    from scipy.optimize import minimize

    mean_square = np.mean(returns ** 2)

    def parameters(free):
        alpha = 1 / (1 + np.exp(-free[0]))
        beta = (1 - alpha) / (1 + np.exp(-free[1]))
        return mean_square * np.exp(free[2]), alpha, beta

    found = minimize(lambda free: score(garch(returns, WINDOW, parameters(free)), returns[WINDOW:]), [-2.5, 3.0, -4.0],
                     method="Nelder-Mead", options={"maxiter": 400})
    return parameters(found.x)


def report(forecast):
    """Prints, per series and over all of them, the held-back score of `forecast` (windows → volatilities) and of the
    usual forecasts. The baselines see the whole past of their series and GARCH is fitted to each; ours sees 32 days."""
    print(f"{'series':8} {'days':>5} {'model':>8} {'EWMA .94':>8} {'GARCH':>8} {'32 days':>8} {'constant':>8}")
    days = []
    for name, returns in prices.log_returns().items():
        train, test = prices.split(len(returns))
        x, y = prices.windows(returns, WINDOW, test, len(returns))
        days.append(np.array([
            scores(forecast(x), y),
            scores(ewma(returns, test, 0.94), y),
            scores(garch(returns, test, fit_garch(returns[:test])), y),
            scores(np.maximum(x.std(axis=1), FLOOR), y),
            scores(np.std(returns[:test]), y),
        ]))
        print(f"{name:8} {len(y):5} " + " ".join(f"{value:8.4f}" for value in days[-1].mean(axis=1)))
    days = np.concatenate(days, axis=1)
    print(f"{'all':8} {days.shape[1]:5} " + " ".join(f"{value:8.4f}" for value in days.mean(axis=1)))
    for title, other in (("EWMA", days[1]), ("GARCH", days[2])):
        gain = other - days[0]
        print(f"gain over {title}: {gain.mean():.4f} a day, standard error {gain.std() / np.sqrt(len(gain)):.4f}")


def samples(parts, count):
    """`count` windows spread evenly over the held-back part of all series."""
    x = np.concatenate([part[0] for part in parts[2].values()]).astype(np.float32)
    return x[np.linspace(0, len(x) - 1, count).astype(int)]


DOCS = {
    "returns": "the last 32 log returns, oldest first: ln(price / price one day before); from -0.25 to 0.25",
    "volatility": "forecast standard deviation of the next day's log return",
}
