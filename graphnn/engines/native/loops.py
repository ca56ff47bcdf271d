"""The loops over epochs and samples around what a form writes for one sample."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol, TypeAlias

from graphnn.engines.native.parts import Parts
from graphnn.engines.native.text import Kind, block, join, section

__all__ = ["BatchForm", "Form", "Source", "Task", "batches", "propagation", "steps"]

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

    def keep(self) -> str:
        """Copy the weights after `epoch`."""
        ...

    def record(self) -> str:
        """Copy the numbers of sample x."""
        ...

    def records(self) -> dict[str, Kind]:
        """Return the arrays that `record` fills."""
        ...


class BatchForm(Protocol):
    """What a form writes for chunks of samples: `taken` has their rows, `count` of them count."""

    @property
    def group(self) -> int:
        """A chunk is filled up to a multiple of that many samples, to `filled`."""
        ...

    def buffers(self, *, gradients: bool) -> dict[str, Kind]:
        """Return the arrays that the lines work on."""
        ...

    def forward(self) -> str:
        """Set a and v of every layer for a chunk."""
        ...

    def backward(self) -> str:
        """Set delta of every layer for a chunk."""
        ...

    def collect(self) -> str:
        """Add a chunk's gradients to the batch's."""
        ...

    def descend_batch(self) -> str:
        """Move all weights after a batch of `size` samples; its gradients are used up."""
        ...

    def sample_loss(self) -> str:
        """Set `loss`, the loss of sample s of a chunk, whose row is x."""
        ...

    def keep(self) -> str:
        """Copy the weights after `epoch`."""
        ...


TRAINING: dict[str, Kind] = {
    "epochs": "int",
    "ends": "int64*",
    "bounds": "int64*",
    "picked": "int64*",
    "samples": "int",
    "X": "real*",
    "Y": "real*",
    "rates": "float64*",
    "numbers": "float64*",
    "losses": "float64*",
    "keeps": "int",
    "kept": "real*",
}
"""How many epochs; where each one's picked rows end; where each batch's do; the picked rows of X;
how many samples' losses are added up after an epoch, or 0; inputs and targets; each batch's
learning rate; the numbers of the update rule and the regularisers; the sums of the losses, which
begin with what is there; whether the weights after each epoch are kept; where."""

PROPAGATION: dict[str, Kind] = {
    "samples": "int",
    "backwards": "int",
    "X": "real*",
    "Y": "real*",
    "losses": "float64*",
}
"""How many samples; whether there are targets; inputs and targets; each sample's loss."""


CHUNKS: dict[str, Kind] = {"chunk": "int", "taken": "int64*", "places": "int64*"}
"""The most samples that are taken at once; the rows of X of those that are; their places among all
that are picked."""


class Source(NamedTuple):
    """A function that Python calls.

    Attributes:
        name: Its name.
        text: Its source.
        kinds: The names and kinds of its arguments, in order.
    """

    name: str
    text: str
    kinds: dict[str, Kind]


def steps(form: Form, parts: Parts) -> Source:
    """Write training sample by sample."""
    kinds = TRAINING | form.buffers(gradients=False) | _more(parts)
    return _source("train", "Train sample by sample.", kinds, _training(parts, _steps(form, parts)))


def batches(form: BatchForm, parts: Parts) -> Source:
    """Write training in batches."""
    kinds = TRAINING | CHUNKS | form.buffers(gradients=True) | _more(parts)
    return _source("train", "Train in batches.", kinds, _training(parts, _batches(form, parts)))


def propagation(form: Form, parts: Parts) -> Source:
    """Write one pass whose every number is kept."""
    kinds = PROPAGATION | form.buffers(gradients=True) | form.records() | _more(parts)
    words = "Run all samples forward, and backward too if there are targets."
    return _source("propagate", words, kinds, _propagate(form))


def _more(parts: Parts) -> dict[str, Kind]:
    """Return the arrays that only some need: samples' weights, masks, the optimiser's counters."""
    found: dict[str, Kind] = {}
    if parts.weighted:
        found["weights"] = "real*"
    if parts.masked:
        found["masks"] = "real*"
    if parts.update.counters:
        found["counting"] = "float64*"
    return found


def _training(parts: Parts, body: str) -> str:
    return join(parts.scalars.setup(), parts.update.begin(), body, parts.update.end())


def _source(name: str, words: str, kinds: dict[str, Kind], body: str) -> Source:
    head = f"def {name}({', '.join(kinds)}):"
    return Source(name, block(head, f'"""{words}"""', body, "return 0") + "\n", kinds)


def _propagate(form: Form) -> str:
    backward = block(
        "if backwards:", form.backward(), form.collect(), form.sample_loss(), "losses[x] = loss"
    )
    parts = ("ready = 0", form.first(), form.upper(), backward, form.record())
    return block("for x in range(samples):", *parts)


def _steps(form: Form, parts: Parts) -> str:
    """Write the loop whose first samples of an epoch train and whose others count for the loss."""
    following = "z = picked[step + 1] if step + 1 < end else 0"
    tick = join(parts.update.tick("rates[step]"))
    update = (form.backward(), tick, form.descend(), following, form.sweep(), "ready = 1")
    sample = join(
        "x = picked[step] if step < end else step - end",
        form.first(),
        form.upper(),
        "ready = 0",
        block("if step < end:", *update),
        block("else:", form.sample_loss(), "total = total + loss"),
    )
    samples = block("for step in range(begin, end + samples):", sample)
    return join("ready = 0", _epochs(samples, form.keep()))


def _batches(form: BatchForm, parts: Parts) -> str:
    """Write the loop over chunks of samples that train, then of those that count for the loss."""
    taking = join(
        "limit = bounds[batch] if step < end else end + samples",
        "count = min(limit - step, chunk)",
        f"filled = (count + {form.group - 1}) // {form.group} * {form.group}",
        block(
            "for s in range(filled):",
            "place = step + min(s, count - 1)",
            "taken[s] = picked[place] if step < end else place - end",
            *(["places[s] = place"] if parts.masked else []),
        ),
    )
    move = block(
        "if step + count == bounds[batch]:",
        "size = bounds[batch] - batch_begin",
        *parts.update.tick("rates[batch]"),
        form.descend_batch(),
        "batch_begin = bounds[batch]",
        "batch = batch + 1",
    )
    losses = block(
        "for s in range(count):", "x = taken[s]", form.sample_loss(), "total = total + loss"
    )
    chunk = block(
        "while step < end + samples:",
        section("Take some samples; the last one again and again to fill up a group.", taking),
        form.forward(),
        block("if step < end:", form.backward(), form.collect(), move),
        block("else:", losses),
        "step = step + count",
    )
    start = ("batch = 0", "batch_begin = 0")
    return join(*start, _epochs(join("step = begin", chunk), form.keep()))


def _epochs(samples: str, keep: str) -> str:
    """Write the loop over epochs around that over samples."""
    epoch = join(
        "end = ends[epoch]",
        "total = losses[epoch]",
        samples,
        "losses[epoch] = total",
        block("if keeps:", keep),
        "begin = end",
    )
    return join("begin = 0", block("for epoch in range(epochs):", epoch))
