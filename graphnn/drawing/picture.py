"""`Picture`: what a picture shows, as plain mappings of neurons and edges to numbers and texts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from graphnn.drawing.layout import Column
from graphnn.types import Edge, Neuron

__all__ = ["Picture"]


@dataclass(frozen=True)
class Picture:
    """What a picture shows.

    Attributes:
        columns: The neurons of each layer that are shown, the constant neuron first; None stands
            for some that are not.
        headings: One text a layer.
        texts: The lines written into each neuron.
        edges: A number for each edge: its colour is the sign, its width the size.
        labels: What is written on each edge where there is room.
        fills: A number for each neuron, which becomes its colour; others have their layer's.
        names: What the numbers of the edges and those of the neurons' colours are called.
        titles: What a neuron or edge says when it is pointed at.
        descriptions: What more there is to say of it.
        frozen: The edges that training does not move: dashed.
        relays: The neurons that only hand on a value: dots.
        path: The edges that are brought out before the others.
        notes: Lines of text below the picture.
        title: What the picture is called.
        description: What it shows, in a sentence.
        legend: Whether it says what colours and widths mean.
        down: Whether the network runs down and not to the right.
    """

    columns: Sequence[Column]
    headings: Sequence[str]
    texts: Mapping[Neuron, Sequence[str]]
    edges: Mapping[Edge, float]
    labels: Mapping[Edge, str] = field(default_factory=dict)
    fills: Mapping[Neuron, float] = field(default_factory=dict)
    names: tuple[str, str] = ("weight", "")
    titles: Mapping[Neuron | Edge, str] = field(default_factory=dict)
    descriptions: Mapping[Neuron | Edge, str] = field(default_factory=dict)
    frozen: Collection[Edge] = frozenset()
    relays: Collection[Neuron] = frozenset()
    path: Collection[Edge] = frozenset()
    notes: Sequence[str] = ()
    title: str = "network"
    description: str = ""
    legend: bool = False
    down: bool = False
