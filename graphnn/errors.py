"""The errors that graphnn raises: one small family under `GraphnnError`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphnn.types import Edge, Neuron

__all__ = [
    "CompileError",
    "DataError",
    "EngineUnavailable",
    "FormatError",
    "GraphnnError",
    "NetworkError",
    "RenderError",
    "TrainingError",
]


class GraphnnError(Exception):
    """The base of every error that graphnn raises on purpose."""


class NetworkError(GraphnnError, ValueError):
    """A rule of the layered graph would be broken.

    Attributes:
        node: The neuron at fault, or None.
        edge: The edge at fault, or None.
    """

    def __init__(
        self, message: str, *, node: Neuron | None = None, edge: Edge | None = None
    ) -> None:
        super().__init__(message)
        self.node = node
        self.edge = edge

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.args[0], self.node, self.edge)


class CompileError(NetworkError):
    """A network, or a program for it, that cannot be carried across to the other."""


class DataError(GraphnnError, ValueError):
    """Inputs or targets of a wrong shape, type or value."""


class EngineUnavailable(GraphnnError, ImportError):  # noqa: N818 - the name is public
    """An engine whose library is not installed; the message names what to install."""


class TrainingError(GraphnnError, RuntimeError):
    """A training run that cannot go on.

    Attributes:
        result: The `TrainingResult` up to there, with the last finite weights, or None.
    """

    def __init__(self, message: str, *, result: object = None) -> None:
        super().__init__(message)
        self.result = result


class RenderError(GraphnnError, RuntimeError):
    """A picture that cannot be drawn; the message names what to install."""


class FormatError(GraphnnError, ValueError):
    """A file that is not what it should be."""


def _rebuild(
    kind: type[NetworkError], message: str, node: Neuron | None, edge: Edge | None
) -> NetworkError:
    """Unpickle a `NetworkError` (keyword arguments do not survive the default)."""
    return kind(message, node=node, edge=edge)
