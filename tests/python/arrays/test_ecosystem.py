"""Libraries that dispatch by the array API run on our arrays, give what they give for NumPy's, and stay on the device.

SciPy reads SCIPY_ARRAY_API when it is imported, so a process of its own runs all cases at once: this file as a program.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vulkan_forge as vf
import vulkan_forge.numpy as vnp

pytestmark = pytest.mark.gpu

RNG = np.random.default_rng(0)
TALL = RNG.normal(size=(300, 12)).astype(np.float32) @ RNG.normal(size=(12, 12)).astype(np.float32)
TARGET = TALL @ RNG.normal(size=12).astype(np.float32) + RNG.normal(size=300).astype(np.float32)
SHARES = np.abs(TALL[:, :5]) + np.float32(0.1)
CLOSE = 1e-3  # float32 all along, since some devices have nothing wider; sums of 300


def pca(xp: Any, solver: str) -> list[Any]:
    from sklearn.decomposition import PCA

    options = {"power_iteration_normalizer": "QR", "random_state": 0} if solver == "randomized" else {}
    found = PCA(n_components=3, svd_solver=solver, **options).fit(xp.asarray(TALL))
    scores = found.transform(xp.asarray(TALL))
    return [found.explained_variance_, found.components_, scores, found.inverse_transform(scores)]


def ridge(xp: Any) -> list[Any]:
    from sklearn.linear_model import Ridge

    found = Ridge(alpha=0.5, solver="svd").fit(xp.asarray(TALL), xp.asarray(TARGET))
    return [found.coef_, found.intercept_, found.predict(xp.asarray(TALL))]


def moments(xp: Any) -> list[Any]:
    from scipy import stats

    x = xp.asarray(TALL)
    return [stats.skew(x, axis=0), stats.kurtosis(x, axis=1), stats.zscore(x, axis=0), stats.gmean(xp.asarray(SHARES))]


def ranks(xp: Any) -> list[Any]:
    from scipy import stats

    return [stats.rankdata(xp.asarray(TALL), axis=0), stats.iqr(xp.asarray(TALL), axis=0)]


def logarithms(xp: Any) -> list[Any]:
    from scipy import special

    x, p = xp.asarray(TALL), xp.asarray(SHARES)
    return [special.logsumexp(x, axis=1), special.softmax(x, axis=1), special.xlogy(p, p), special.rel_entr(p, 2 * p)]


def signals(xp: Any) -> list[Any]:
    from scipy import signal

    x, taps = xp.asarray(TALL), xp.asarray(SHARES[:7])
    return [signal.fftconvolve(x, taps), abs(signal.hilbert(x, axis=0)), signal.resample(x, 200, axis=0)]


def roots(xp: Any) -> list[Any]:
    from scipy.optimize.elementwise import find_root

    wanted = xp.asarray(SHARES[:, 0])
    found = find_root(lambda t, c: t * t * t - c, (0 * wanted, wanted + 1), args=(wanted,))
    return [found.x, found.success]


def slopes(xp: Any) -> list[Any]:
    from scipy.differentiate import derivative

    return [derivative(xp.sin, xp.asarray(TALL[:, 0]), tolerances={"rtol": 1e-3}).df]


CASES: dict[str, Callable[[Any], list[Any]]] = {
    "scikit-learn PCA, full": lambda xp: pca(xp, "full"),
    "scikit-learn PCA, covariance_eigh": lambda xp: pca(xp, "covariance_eigh"),
    "scikit-learn PCA, randomized": lambda xp: pca(xp, "randomized"),
    "scikit-learn Ridge": ridge,
    "scipy.stats, moments": moments,
    "scipy.stats, ranks": ranks,
    "scipy.special": logarithms,
    "scipy.signal": signals,
    "scipy.optimize.elementwise": roots,
    "scipy.differentiate": slopes,
}
OURS = Path(vf.__file__).parent


@contextmanager
def conversions_refused() -> Iterator[None]:
    """Nobody but us may make an ndarray of an Array meanwhile."""
    plain = {name: getattr(np, name) for name in ("asarray", "array", "asanyarray", "from_dlpack")}

    def refusing(name: str) -> Callable[..., Any]:
        def wrapped(values: Any, *args: Any, **kwargs: Any) -> Any:
            caller = Path(sys._getframe(1).f_code.co_filename)
            assert not isinstance(values, vf.Array) or OURS in caller.parents, f"np.{name}(Array) by {caller}"
            return plain[name](values, *args, **kwargs)

        return wrapped

    for name in plain:
        setattr(np, name, refusing(name))
    try:
        yield
    finally:
        for name, function in plain.items():
            setattr(np, name, function)


def check(case: Callable[[Any], list[Any]]) -> None:
    with conversions_refused():
        got = case(vnp)
    for ours, theirs in zip(got, case(np), strict=True):
        assert isinstance(ours, vf.Array), type(ours)
        narrow = not ours.device.has("shaderFloat64") and theirs.dtype == np.float64
        assert ours.dtype == (np.float32 if narrow else theirs.dtype), (ours.dtype, theirs.dtype)
        np.testing.assert_allclose(np.asarray(ours), theirs, rtol=CLOSE, atol=CLOSE * np.abs(theirs).max())


def main() -> None:
    """Runs all cases; prints what went wrong with each, as JSON."""
    import sklearn

    said = {}
    sklearn.set_config(array_api_dispatch=True)
    for name, case in CASES.items():
        try:
            check(case)
            said[name] = ""
        except Exception:  # whatever it is, the test of this case shows it
            said[name] = traceback.format_exc()
    print(json.dumps(said))


@pytest.fixture(scope="module")
def outcomes() -> dict[str, str]:
    env = {**os.environ, "SCIPY_ARRAY_API": "1"}
    run = subprocess.run([sys.executable, __file__], env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found: dict[str, str] = json.loads(run.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", CASES)
def test_library(name: str, outcomes: dict[str, str]) -> None:
    assert not outcomes[name], outcomes[name]


if __name__ == "__main__":
    main()
