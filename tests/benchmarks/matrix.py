"""The matrix engine's training steps beside PyTorch's eager ones: same batches, same weights."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from timing import measure, medians, ratio, verdict

import graphnn as gn
from graphnn.checks import check_targets
from graphnn.engines import matrix
from graphnn.engines.batches import Batches
from graphnn.engines.rules import Rules
from graphnn.engines.state import State
from graphnn.functions.losses import resolve_loss
from graphnn.tables import text_table
from graphnn.types import IntArray

LAYERS = (784, 256, 10)
BATCH = 64
STEPS = 50
ETA = 0.1
LIMIT = 1.0
AGREE = {"float64": 1e-10, "float32": 1e-4}
"""How far apart the weights may be after all steps, or the mathematics is not the same."""


def graphnn_run(
    program: gn.Program, X: Any, y: Any, batches: list[IntArray]
) -> Callable[[], State]:
    """Return the act of one run, as training makes it."""
    loss, rules = resolve_loss("softmax_cross_entropy"), Rules(gn.SGD())
    return partial(matrix.run, State(program), X, y, Batches.of(batches, ETA), loss, rules)


def torch_model(program: gn.Program, activation: str) -> Any:
    """Return a PyTorch model with a program's weights."""
    import torch

    hidden = {"sigmoid": torch.nn.Sigmoid, "relu": torch.nn.ReLU}[activation]()
    linear = []
    for w in program.matrices():
        layer = torch.nn.Linear(len(w) - 1, w.shape[1], dtype=getattr(torch, str(w.dtype)))
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(w[1:].T))
            layer.bias.copy_(torch.from_numpy(w[0]))
        linear.append(layer)
    return torch.nn.Sequential(linear[0], hidden, linear[1])


def torch_run(model: Any, X: Any, classes: Any, batches: list[Any]) -> None:
    """Take one step for each batch, as PyTorch's tutorials do."""
    import torch

    optimizer = torch.optim.SGD(model.parameters(), lr=ETA)
    for batch in batches:
        x, y = X[batch], classes[batch]
        optimizer.zero_grad()
        loss: Any = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()


def apart(program: gn.Program, model: Any) -> float:
    """Return the largest difference between the weights of a program and a model."""
    largest = 0.0
    for w, layer in zip(program.matrices(), (model[0], model[2]), strict=True):
        theirs = np.vstack([layer.bias.detach().numpy(), layer.weight.detach().numpy().T])
        largest = max(largest, float(np.abs(w - theirs).max()))
    return largest


def case(activation: str, dtype: str, threads: int, rounds: int = 9) -> list[str]:
    """Return the table's row of one activation, precision and number of threads."""
    import torch
    from threadpoolctl import threadpool_limits

    rng = np.random.default_rng(0)
    samples = BATCH * STEPS
    X = rng.uniform(size=(samples, LAYERS[0])).astype(dtype)
    classes = rng.integers(0, LAYERS[-1], size=samples)
    y = check_targets(classes, "classes", samples, LAYERS[-1]).astype(dtype)
    batches = np.split(rng.permutation(samples), STEPS)
    net = gn.Network.dense(LAYERS, [activation, "identity"], init=gn.Glorot(), seed=0)
    program = gn.compile(net, dtype)
    tensors = (
        torch.from_numpy(X),
        torch.from_numpy(classes),
        [torch.from_numpy(batch) for batch in batches],
    )
    torch.set_num_threads(threads)
    with threadpool_limits(threads, user_api="blas"):
        model = torch_model(program, activation)
        torch_run(model, *tensors)
        difference = apart(graphnn_run(program, X, y, batches)().program, model)
        if difference > AGREE[dtype]:
            raise SystemExit(f"not the same mathematics: the weights differ by {difference:.3g}")
        seconds = measure(
            {
                "graphnn": lambda: graphnn_run(program, X, y, batches),
                "torch": lambda: partial(torch_run, torch_model(program, activation), *tensors),
            },
            rounds,
            rest=0.05,
        )
    middle, found = medians(seconds), ratio(seconds, "graphnn", "torch")
    steps = [f"{middle[name] / STEPS * 1e3:.3f} ms" for name in ("graphnn", "torch")]
    held = [f"{found:.2f}", f"{LIMIT}", verdict(found, LIMIT), f"{difference:.0e}"]
    return [activation, dtype, str(threads), *steps, *held]


def main() -> None:
    """Print the table."""
    try:
        import threadpoolctl
        import torch
    except ImportError as error:
        print(f"{error.name} is not installed: skipped")
        return
    blas = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    kernels = ", ".join(f"{p['internal_api']} {p.get('architecture', '?')}" for p in blas)
    print(f"NumPy {np.__version__} ({kernels}), PyTorch {torch.__version__}")
    cores = os.cpu_count() or 1
    rows = [
        case(activation, dtype, threads)
        for threads in sorted({1, cores})
        for dtype in ("float64", "float32")
        for activation in ("sigmoid", "relu")
    ]
    header = ["step, 784-256-10, 64 rows", "dtype", "threads", "graphnn", "torch"]
    print(text_table([*header, "ratio", "limit", "", "weights apart"], rows))


if __name__ == "__main__":
    main()
