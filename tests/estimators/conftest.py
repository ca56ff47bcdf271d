"""What the tests of estimators share: small data, and one thread for BLAS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

Data = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Small products are faster so: threads of a busy machine wait for each other."""
    with threadpool_limits(limits=1, user_api="blas"):
        yield


@pytest.fixture(autouse=True)
def same_chance() -> None:
    """Models without a random_state draw from NumPy's global state: the same each time here."""
    np.random.seed(0)  # noqa: NPY002 - it is what scikit-learn means by None


def _inputs(seed: int) -> Any:
    return np.random.default_rng(seed).normal(size=(60, 4))


@pytest.fixture
def binary() -> Data:
    """Two classes, by name."""
    X = _inputs(0)
    return X, np.where(X[:, 0] + X[:, 1] ** 2 > 0.7, "yes", "no")


@pytest.fixture
def several() -> Data:
    """Three classes, numbered 10, 20 and 30."""
    X = _inputs(1)
    return X, 10 * (1 + (X[:, 0] > -0.3) + (X[:, 1] > 0.2))


@pytest.fixture
def labels() -> Data:
    """Three labels a sample."""
    X = _inputs(2)
    return X, (X[:, :3] + X[:, 1:] > 0).astype(int)


@pytest.fixture
def numbers() -> Data:
    """One number a sample."""
    X = _inputs(3)
    return X, X @ [1.0, -2.0, 0.5, 0.0] + np.sin(X[:, 3])


@pytest.fixture
def pairs() -> Data:
    """Two numbers a sample."""
    X = _inputs(4)
    return X, np.column_stack([X[:, 0] - X[:, 1], X[:, 2] * X[:, 3]])
