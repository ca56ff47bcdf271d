"""C written by hand for one net, `step.c`, compiled by gcc and called through ctypes."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from peer.protocol import Action, Array, Rows, Unsupported, matrices_of

__all__ = ["PEERS", "CPeer"]

SOURCE = Path(__file__).with_name("step.c")

FLAGS = {
    "exact": ("-O3", "-march=native", "-ffp-contract=off"),
    "fast": ("-Ofast", "-march=native"),
}
"""exact: the node engine's numbers, bit for bit. fast: sums in any order, exp, tanh by vector."""


@dataclass(frozen=True)
class CPeer:
    """One way to compile `step.c`.

    Args:
        flags: A key of `FLAGS`.
        form: How the loops are written: "plain", "blocked" or "fused".
    """

    flags: str
    form: str = "plain"

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"C {self.flags}" if self.form == "plain" else f"C {self.flags}, {self.form}"

    def tolerance(self, activation: str) -> float:
        """Return how far its weights may be from the node engine's."""
        return 0.0 if self.flags == "exact" else 1e-9

    def available(self) -> str | None:
        """Return None, or why it cannot run here."""
        return None if shutil.which("gcc") else "gcc is not installed"

    def per_sample(
        self,
        widths: Sequence[int],
        activation: str,
        theta: Array,
        X: Array,
        y: Array,
        rows: Rows,
        eta: float,
    ) -> Action:
        """Prepare one step for each entry of `rows`."""
        if len(widths) != 3:
            raise Unsupported("step.c is for three layers of neurons")
        train = compiled(tuple(widths), activation, FLAGS[self.flags], self.form)
        weights = matrices_of(theta, widths)
        data = (np.ascontiguousarray(X), np.ascontiguousarray(y), np.array(rows, np.int64))
        pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (*weights, *data)]

        def action() -> list[Array]:
            train(*pointers, len(data[-1]), eta)
            return weights

        return action


@cache
def compiled(
    widths: tuple[int, ...], activation: str, flags: tuple[str, ...], form: str
) -> Callable[..., Any]:
    """Return `train` of `step.c`, compiled for a net."""
    inputs, hidden, outputs = widths
    sizes = (f"-DINPUTS={inputs}", f"-DHIDDEN={hidden}", f"-DOUTPUTS={outputs}")
    words = (f"-D{activation.upper()}", f"-D{form.upper()}")
    with tempfile.TemporaryDirectory() as folder:
        unit, library = f"{folder}/step.o", f"{folder}/step.so"
        gcc(*flags, *sizes, *words, "-fPIC", "-c", str(SOURCE), "-o", unit)
        # Without -Ofast: linked with it, a library makes the whole process flush denormals to 0.
        gcc("-shared", unit, "-o", library, "-lm")
        train = ctypes.CDLL(library).train
    train.argtypes = [ctypes.c_void_p] * 5 + [ctypes.c_int64, ctypes.c_double]
    train.restype = None
    return train


def gcc(*arguments: str) -> None:
    """Run gcc.

    Raises:
        RuntimeError: If it fails, with what it says.
    """
    run = subprocess.run(["gcc", *arguments], capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"gcc {' '.join(arguments)}:\n{run.stderr}")


PEERS = (
    CPeer("exact"),
    CPeer("fast"),
    CPeer("exact", "blocked"),
    CPeer("fast", "blocked"),
    CPeer("exact", "fused"),
    CPeer("fast", "fused"),
)
