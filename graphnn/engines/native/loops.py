"""The loops over epochs and samples around what a form writes for one sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

from graphnn.engines.native.text import Kind, block, join

__all__ = ["Form", "Task", "source"]

Task: TypeAlias = Literal["steps", "batches", "propagate"]
"""Training sample by sample, training in batches, or one pass whose every number is kept."""


class Form(Protocol):
    """What a form writes: lines that read and set the variables of the loops around them."""

    def buffers(self, *, gradients: bool) -> dict[str, Kind]:
        """Return the arrays that the lines work on."""
        ...

    def first(self) -> str:
        """Begin the forward pass of row x of X, unless it is `ready`."""
        ...

    def upper(self) -> str:
        """Go on with the forward pass to the output layer."""
        ...

    def sample_loss(self) -> str:
        """Set `loss`, the loss of row x."""
        ...

    def backward(self) -> str:
        """Set delta of every layer for row x."""
        ...

    def descend(self) -> str:
        """Move the weights above layer 1 after a sample."""
        ...

    def sweep(self) -> str:
        """Move the weights of layer 1 for row x and begin the forward pass of row z."""
        ...

    def collect(self) -> str:
        """Add the gradient of row x to the batch's."""
        ...

    def descend_batch(self) -> str:
        """Move all weights after a batch of `count` samples, and forget its gradients."""
        ...

    def keep(self) -> str:
        """Copy the weights after `epoch`."""
        ...

    def record(self) -> str:
        """Copy the numbers of sample x."""
        ...

    def records(self) -> dict[str, Kind]:
        """Return the arrays that `record` fills."""
        ...


TRAINING: dict[str, Kind] = {
    "epochs": "int",
    "ends": "int64*",
    "bounds": "int64*",
    "picked": "int64*",
    "samples": "int",
    "X": "real*",
    "Y": "real*",
    "numbers": "float64*",
    "losses": "float64*",
    "keeps": "int",
    "kept": "real*",
}
"""How many epochs; where each one's picked rows end; where each batch's do; the picked rows of X;
how many samples' losses are added up after an epoch, or 0; inputs and targets; the numbers of the
update rule; the sums of the losses, which begin with what is there; whether the weights after each
epoch are kept; where."""

PROPAGATION: dict[str, Kind] = {
    "samples": "int",
    "backwards": "int",
    "X": "real*",
    "Y": "real*",
    "losses": "float64*",
}
"""How many samples; whether there are targets; inputs and targets; each sample's loss."""


def source(form: Form, task: Task, setup: Sequence[str]) -> tuple[str, str, dict[str, Kind]]:
    """Return the name and source of the function that Python calls, and its arguments' kinds."""
    if task == "propagate":
        kinds = PROPAGATION | form.buffers(gradients=True) | form.records()
        name, doc = "propagate", "Run all samples forward, and backward too if there are targets."
        body = _propagate(form)
    else:
        kinds = TRAINING | form.buffers(gradients=task == "batches")
        name, doc = "train", "Train for some epochs; after each add up the losses of samples."
        body = _train(form, setup, _step(form) if task == "steps" else _batch_step(form))
    head = f"def {name}({', '.join(kinds)}):"
    return name, block(head, f'"""{doc}"""', body, "return 0") + "\n", kinds


def _propagate(form: Form) -> str:
    backward = block(
        "if backwards:", form.backward(), form.collect(), form.sample_loss(), "losses[x] = loss"
    )
    parts = ("ready = 0", form.first(), form.upper(), backward, form.record())
    return block("for x in range(samples):", *parts)


def _train(form: Form, setup: Sequence[str], update: str) -> str:
    """Write the loop whose first samples of an epoch train and whose others count for the loss."""
    sample = join(
        "x = picked[step] if step < end else step - end",
        form.first(),
        form.upper(),
        "ready = 0",
        block("if step < end:", update),
        block("else:", form.sample_loss(), "total = total + loss"),
    )
    epoch = join(
        "end = ends[epoch]",
        "total = losses[epoch]",
        block("for step in range(begin, end + samples):", sample),
        "losses[epoch] = total",
        block("if keeps:", form.keep()),
        "begin = end",
    )
    start = ("begin = 0", "batch = 0", "batch_begin = 0", "ready = 0")
    return join(*setup, *start, block("for epoch in range(epochs):", epoch))


def _step(form: Form) -> str:
    following = "z = picked[step + 1] if step + 1 < end else 0"
    return join(form.backward(), form.descend(), following, form.sweep(), "ready = 1")


def _batch_step(form: Form) -> str:
    move = block(
        "if step + 1 == bounds[batch]:",
        "count = bounds[batch] - batch_begin",
        form.descend_batch(),
        "batch_begin = bounds[batch]",
        "batch = batch + 1",
    )
    return join(form.backward(), form.collect(), move)
