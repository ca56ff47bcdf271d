"""What a network's numbers say: paths and what they carry, idle neurons, bounds."""

from graphnn.analysis.changes import weight_changes
from graphnn.analysis.idle import dead_neurons, mean_values, saturated_neurons
from graphnn.analysis.jacobian import jacobian
from graphnn.analysis.norms import LIPSCHITZ, lipschitz_bound, spectral_norms
from graphnn.analysis.paths import Path, count_paths, paths

__all__ = [
    "LIPSCHITZ",
    "Path",
    "count_paths",
    "dead_neurons",
    "jacobian",
    "lipschitz_bound",
    "mean_values",
    "paths",
    "saturated_neurons",
    "spectral_norms",
    "weight_changes",
]
