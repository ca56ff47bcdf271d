"""scikit-learn is an extra: graphnn imports without it, and says what to install."""

from __future__ import annotations

import subprocess
import sys

import pytest

import graphnn as gn

WITHOUT = "import sys; sys.modules['sklearn'] = None; import graphnn as gn; "


def run(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_names_are_public() -> None:
    for name in ("GraphClassifier", "GraphRegressor"):
        assert name in gn.__all__
        assert name in dir(gn)
        assert getattr(gn, name).__name__ == name


def test_other_names_are_absent() -> None:
    with pytest.raises(AttributeError, match="module 'graphnn' has no attribute 'GraphClusterer'"):
        gn.GraphClusterer  # noqa: B018 - asking for it is the test


def test_importing_graphnn_imports_no_scikit_learn() -> None:
    program = "import sys, graphnn as gn; dir(gn); print('sklearn' in sys.modules); "
    program += "gn.GraphClassifier; print('sklearn' in sys.modules)"
    assert run(program).split() == ["False", "True"]


def test_without_scikit_learn_the_error_names_the_extra() -> None:
    program = WITHOUT + "from graphnn import *; print('GraphClassifier' in dir(gn))\n"
    program += "try:\n    gn.GraphRegressor\nexcept ImportError as error:\n    print(error)"
    expected = "gn.GraphRegressor needs scikit-learn 1.6: python -m pip install 'graphnn[sklearn]'"
    assert run(program).splitlines() == ["False", expected]


def test_other_errors_of_importing_are_not_hidden() -> None:
    program = "import sys; sys.modules['graphnn.estimators.classes'] = None; import graphnn as gn\n"
    program += "try:\n    gn.GraphClassifier\nexcept ModuleNotFoundError as error:\n"
    program += "    print(error.name)"
    assert run(program) == "graphnn.estimators.classes"
