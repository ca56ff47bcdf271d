"""graphnn: neural networks as explicit graphs, edge by edge, with engines that agree.

Start with `Network`, then `forward`, `backward`, `train` and `compare`; the README has an example.
"""

from graphnn.comparison.compare import compare
from graphnn.comparison.report import ComparisonReport, Verdict
from graphnn.drawing.draw import Drawing, draw
from graphnn.engines.explanation import explain
from graphnn.engines.node import backward, forward
from graphnn.engines.trace import Step, Trace
from graphnn.errors import (
    CompileError,
    DataError,
    EngineUnavailable,
    FormatError,
    GraphnnError,
    NetworkError,
    RenderError,
    TrainingError,
)
from graphnn.formats.json import load, save
from graphnn.functions.activations import ACTIVATIONS, Activation
from graphnn.functions.initializers import Glorot, He, Normal, Uniform, Zeros
from graphnn.functions.losses import LOSSES, Loss, Squared, VectorLoss
from graphnn.functions.preprocessing import Labels, Preprocessing, Standardizer
from graphnn.functions.regularizers import L2
from graphnn.graph.network import Network
from graphnn.learning.loop import train
from graphnn.learning.optimizers import SGD
from graphnn.learning.prediction import predict
from graphnn.learning.result import Outcome, TrainingResult
from graphnn.learning.stopping import MaxIterations, Record, SmallError, SmallImprovement
from graphnn.program.lower import compile, store
from graphnn.program.program import Program

__version__ = "0.1.0"

__all__ = [
    "ACTIVATIONS",
    "L2",
    "LOSSES",
    "SGD",
    "Activation",
    "ComparisonReport",
    "CompileError",
    "DataError",
    "Drawing",
    "EngineUnavailable",
    "FormatError",
    "Glorot",
    "GraphnnError",
    "He",
    "Labels",
    "Loss",
    "MaxIterations",
    "Network",
    "NetworkError",
    "Normal",
    "Outcome",
    "Preprocessing",
    "Program",
    "Record",
    "RenderError",
    "SmallError",
    "SmallImprovement",
    "Squared",
    "Standardizer",
    "Step",
    "Trace",
    "TrainingError",
    "TrainingResult",
    "Uniform",
    "VectorLoss",
    "Verdict",
    "Zeros",
    "backward",
    "compare",
    "compile",
    "draw",
    "explain",
    "forward",
    "load",
    "predict",
    "save",
    "store",
    "train",
]
