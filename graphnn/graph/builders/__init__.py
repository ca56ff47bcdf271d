"""Builders: networks of layers that are joined by connectors, and of Boolean functions.

`layered` makes a network, `connect` joins two layers of one; a connector chooses the edges between
a layer and the next: `Dense`, `RandomSparse`, `FanIn`, `SmallWorld`, `Banded`, `Local`,
`BlockDiagonal`, `Grouped`, `Bipartite` for any bipartite graph of networkx, or a function of your
own. `truth_table` and `formula` make networks that compute a Boolean function.
"""

from graphnn.graph.build import dense
from graphnn.graph.builders.bands import Banded, Local
from graphnn.graph.builders.bipartite import Bipartite
from graphnn.graph.builders.blocks import BlockDiagonal, Grouped
from graphnn.graph.builders.chance import FanIn, RandomSparse, SmallWorld
from graphnn.graph.builders.connector import Connector, Dense
from graphnn.graph.builders.expression import formula
from graphnn.graph.builders.layers import connect, layered
from graphnn.graph.builders.table import truth_table

__all__ = [
    "Banded",
    "Bipartite",
    "BlockDiagonal",
    "Connector",
    "Dense",
    "FanIn",
    "Grouped",
    "Local",
    "RandomSparse",
    "SmallWorld",
    "connect",
    "dense",
    "formula",
    "layered",
    "truth_table",
]
