"""The structure of a network as arrays, which `EdgesForm` loops along."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphnn.functions.activations import ACTIVATIONS, Activation
from graphnn.program.program import Program
from graphnn.types import IntArray

__all__ = ["ALONE", "FOLLOWS", "FROZEN", "LEADS", "Edges", "activations_of"]

FEW = 2
"""With more different activations than that, all built-in ones are compiled: fewer variants."""

FROZEN, ALONE, FOLLOWS, LEADS = range(4)
"""What an edge is: not trained; the only one of its weight; one of several that share a weight, the
first of which leads. Odd ones have their weight moved, the others of a group copy it."""


class Edges:
    """The edges of a program, in the order of compiled code: copies left out, then the copies.

    Attributes:
        program: The program.
        base: Where each layer's neurons begin.
        parameters: For each edge, copies left out, its parameter.
        copied: For each copy its parameter.
        arrays: What compiled code is given, by the name of the argument.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        widths = [program.layers[0].rows - 1, *(layer.columns for layer in program.layers)]
        self.base = np.concatenate([[0], np.cumsum(widths)]).astype(np.int64)
        rows, start, target, source, parameters, copied = [0], [], [], [], [], []
        places = list[Any]()
        edges = count = 0
        for t, layer in enumerate(program.layers, start=1):
            copies = layer.targets >= layer.columns - layer.copies
            sources, targets = layer.sources[~copies], layer.targets[~copies]
            rows.append(count)
            start.append(np.searchsorted(sources, np.arange(layer.rows)) + edges)
            target.append(targets + self.base[t])
            # Which neuron, counted over all layers; -1 for a constant one.
            source.append(np.where(sources == 0, -1, sources - 1 + self.base[t - 1]))
            parameters.append(layer.parameters[~copies])
            copied.append(layer.parameters[copies])
            pairs = layer.sources[copies] - 1 + self.base[t - 1], layer.targets[copies]
            places.append(np.stack([pairs[0], pairs[1] + self.base[t]])[:, np.argsort(pairs[1])])
            count += layer.rows
            edges += len(sources)
        self.parameters: IntArray = np.concatenate(parameters)
        self.copied: IntArray = np.concatenate(copied)
        self._source: IntArray = np.concatenate(source)
        copy_source, copy_target = np.concatenate(places, axis=1).astype(np.int64)
        ends = np.cumsum([0, 0, *(one.shape[1] for one in places)])
        self.arrays: dict[str, Any] = {
            "depth": program.depth,
            "base": self.base,
            "rows": np.array([*rows, count], dtype=np.int64),
            "start": np.concatenate([*start, [edges]]).astype(np.int64),
            "target": np.concatenate(target).astype(np.int32),
            "copy_start": ends.astype(np.int64),
            "copy_source": np.ascontiguousarray(copy_source),
            "copy_target": np.ascontiguousarray(copy_target),
        }
        self.arrays |= _runs(program, self.base) | self._ties()

    @property
    def is_plain(self) -> bool:
        """Whether each edge has the parameter of its own number."""
        count = len(self.program.theta)
        return len(self.parameters) == count and bool((self.parameters == np.arange(count)).all())

    @property
    def firsts(self) -> tuple[IntArray, IntArray]:
        """The parameters that are no copies', and the first edge of each."""
        found, firsts = np.unique(self.parameters, return_index=True)
        return found, firsts

    def _ties(self) -> dict[str, Any]:
        """Return each edge's role, and the edges of each weight that several share."""
        program, p = self.program, self.parameters
        uses = np.bincount(p, minlength=len(program.theta))
        role = np.where(program.trainable, ALONE, FROZEN)[p]
        found, firsts = self.firsts
        several = (uses > 1) & program.trainable
        role[several[p]] = FOLLOWS
        role[firsts[several[found]]] = LEADS
        groups = np.flatnonzero(uses > 1)
        order = np.argsort(p, kind="stable")
        order = order[uses[p[order]] > 1]
        return {
            "role": role.astype(np.int32),
            "groups": len(groups),
            "tied_start": np.concatenate([[0], np.cumsum(uses[groups])]).astype(np.int64),
            "tied_edge": order.astype(np.int64),
            "tied_source": self._source[order].astype(np.int64),
        }

    @property
    def tied(self) -> IntArray:
        """The parameters that several edges share, ascending."""
        return np.flatnonzero(np.bincount(self.parameters, minlength=len(self.program.theta)) > 1)


def activations_of(program: Program) -> list[Activation]:
    """Return the activations that are compiled for a program; a run's code is its place here."""
    used = dict.fromkeys(
        one for layer in program.layers for one in layer.activations[: layer.columns - layer.copies]
    )
    if len(used) > FEW:
        used = dict.fromkeys(ACTIVATIONS.values()) | used
    return list(used)


def _runs(program: Program, base: IntArray) -> dict[str, Any]:
    """Return the runs of equal activations; copies at a layer's end have none."""
    codes = {one: code for code, one in enumerate(activations_of(program))}
    runs, code, stop = [0], list[int](), list[int]()
    for t, layer in enumerate(program.layers, start=1):
        runs.append(len(code))
        for j, activation in enumerate(layer.activations[: layer.columns - layer.copies]):
            if j and activation == layer.activations[j - 1]:
                stop[-1] += 1
            else:
                code.append(codes[activation])
                stop.append(int(base[t]) + j + 1)
    runs.append(len(code))
    return {
        "runs": np.array(runs, dtype=np.int64),
        "code": np.array(code, dtype=np.int64),
        "stop": np.array(stop, dtype=np.int64),
    }
