"""How hard learning is: the fewest errors of sign networks, certified, and colouring graphs."""

from graphnn.hardness.certificate import Certificate
from graphnn.hardness.coloring import coloring_from_network, most_colors, network_from_coloring
from graphnn.hardness.division import dichotomies
from graphnn.hardness.erm import erm
from graphnn.hardness.heuristic import Learned, learn
from graphnn.hardness.sample import Sample, sample_from_graph
from graphnn.hardness.scaling import Scaling, scaling

__all__ = [
    "Certificate",
    "Learned",
    "Sample",
    "Scaling",
    "coloring_from_network",
    "dichotomies",
    "erm",
    "learn",
    "most_colors",
    "network_from_coloring",
    "sample_from_graph",
    "scaling",
]
