"""Libraries that speak the Python array API compute on Vulkan: scikit-learn's PCA and Ridge, a root finder of SciPy.

    pip install scikit-learn scipy array-api-compat

Nothing is adapted: both see arrays with `__array_namespace__` and call `vulkan_forge.numpy`.
"""

from __future__ import annotations

import os

os.environ["SCIPY_ARRAY_API"] = "1"  # SciPy looks when it is imported

import numpy as np
import sklearn
from scipy.optimize.elementwise import find_root
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge

import vulkan_forge.numpy as vnp


def main() -> None:
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(2000, 4))
    host = (hidden @ rng.normal(size=(4, 32)) + 0.1 * rng.normal(size=(2000, 32))).astype(np.float32)
    x, y = vnp.asarray(host), vnp.asarray((hidden[:, 0] - 2 * hidden[:, 1]).astype(np.float32))

    with sklearn.config_context(array_api_dispatch=True):
        pca = PCA(n_components=4, svd_solver="full").fit(x)
        ridge = Ridge(alpha=1.0, solver="svd").fit(x, y)
        explained, score = float(pca.explained_variance_ratio_.sum()), ridge.score(x, y)
    print(f"PCA: 4 of 32 components hold {explained:.1%} of the variance; {type(pca.components_).__name__}s all along")
    print(f"Ridge: R^2 = {score:.4f}")

    # Kepler's equation for 10,000 orbits at once: E - e sin E = M
    mean = vnp.linspace(0.01, 3.1, 10_000)
    eccentricity = vnp.linspace(0, 0.9, 10_000)
    solved = find_root(lambda e, m, k: e - k * vnp.sin(e) - m, (mean, mean + 1), args=(mean, eccentricity))
    print(f"find_root: {int(solved.success.sum())} orbits solved, largest residual {float(abs(solved.f_x).max()):.1e}")


if __name__ == "__main__":
    main()
