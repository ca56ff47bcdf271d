"""graphnn: neural networks as explicit graphs, edge by edge, with engines that agree.

Start with `Network`, then `forward`, `backward`, `train` and `compare`; the README has an example.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from graphnn.comparison.compare import compare
from graphnn.comparison.report import ComparisonReport, Verdict
from graphnn.drawing.animate import Animation, animate
from graphnn.drawing.draw import Drawing, draw, to_dot
from graphnn.drawing.heat import heat_map
from graphnn.drawing.plots import (
    activation_histogram,
    histogram_of_minima,
    weight_matrix,
)
from graphnn.drawing.regions import decision_regions, hidden_lines
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
from graphnn.functions.centering import Centering
from graphnn.functions.initializers import Glorot, He, Normal, Uniform, Zeros
from graphnn.functions.labels import Labels
from graphnn.functions.losses import LOSSES, Huber, Loss, Squared, VectorLoss
from graphnn.functions.min_max import MinMax
from graphnn.functions.preprocessing import Preprocessing
from graphnn.functions.regularizers import (
    L1,
    L2,
    ClipNorm,
    ClipValue,
    Dropout,
    ElasticNet,
    MaxNorm,
)
from graphnn.functions.standardizer import Standardizer
from graphnn.graph.network import Network
from graphnn.learning.adaptive import Adagrad, Adam, AdamW, AMSGrad, RMSprop
from graphnn.learning.history import Record
from graphnn.learning.lbfgs import LBFGS
from graphnn.learning.loop import train
from graphnn.learning.moment import Moment
from graphnn.learning.optimizers import SGD, Momentum, Nesterov, Optimizer
from graphnn.learning.prediction import predict
from graphnn.learning.result import Outcome, TrainingResult
from graphnn.learning.rprop import Rprop
from graphnn.learning.schedules import (
    Cosine,
    Exponential,
    InverseScaling,
    InverseTime,
    Plateau,
    StepDecay,
    WarmUp,
)
from graphnn.learning.stopping import (
    MaxEpochs,
    MaxIterations,
    MaxTime,
    NoImprovement,
    Patience,
    SmallError,
    SmallImprovement,
)
from graphnn.learning.validation import Validation
from graphnn.program.lower import compile, store
from graphnn.program.program import Program

if TYPE_CHECKING:
    from graphnn import analysis, hardness
    from graphnn.drawing import selection as select
    from graphnn.engines.symbols import symbols
    from graphnn.estimators.classifier import GraphClassifier
    from graphnn.estimators.regressor import GraphRegressor
    from graphnn.formats.c import to_c
    from graphnn.formats.files import read, write
    from graphnn.formats.node_link import from_node_link, to_node_link
    from graphnn.formats.npz import from_npz, to_npz
    from graphnn.formats.onnx import from_onnx, to_onnx
    from graphnn.formats.pandas import from_pandas, to_pandas
    from graphnn.formats.python import to_python
    from graphnn.formats.sklearn import from_sklearn, to_sklearn
    from graphnn.formats.torch import from_torch, to_torch
    from graphnn.graph import builders as build
    from graphnn.graph import surgery
    from graphnn.graph.summary import summary

__version__ = "0.1.0"

__all__ = [
    "ACTIVATIONS",
    "L1",
    "L2",
    "LBFGS",
    "LOSSES",
    "SGD",
    "AMSGrad",
    "Activation",
    "Adagrad",
    "Adam",
    "AdamW",
    "Animation",
    "Centering",
    "ClipNorm",
    "ClipValue",
    "ComparisonReport",
    "CompileError",
    "Cosine",
    "DataError",
    "Drawing",
    "Dropout",
    "ElasticNet",
    "EngineUnavailable",
    "Exponential",
    "FormatError",
    "Glorot",
    "GraphnnError",
    "He",
    "Huber",
    "InverseScaling",
    "InverseTime",
    "Labels",
    "Loss",
    "MaxEpochs",
    "MaxIterations",
    "MaxNorm",
    "MaxTime",
    "MinMax",
    "Moment",
    "Momentum",
    "Nesterov",
    "Network",
    "NetworkError",
    "NoImprovement",
    "Normal",
    "Optimizer",
    "Outcome",
    "Patience",
    "Plateau",
    "Preprocessing",
    "Program",
    "RMSprop",
    "Record",
    "RenderError",
    "Rprop",
    "SmallError",
    "SmallImprovement",
    "Squared",
    "Standardizer",
    "Step",
    "StepDecay",
    "Trace",
    "TrainingError",
    "TrainingResult",
    "Uniform",
    "Validation",
    "VectorLoss",
    "Verdict",
    "WarmUp",
    "Zeros",
    "activation_histogram",
    "analysis",
    "animate",
    "backward",
    "build",
    "compare",
    "compile",
    "decision_regions",
    "draw",
    "explain",
    "forward",
    "from_node_link",
    "from_npz",
    "from_onnx",
    "from_pandas",
    "from_sklearn",
    "from_torch",
    "hardness",
    "heat_map",
    "hidden_lines",
    "histogram_of_minima",
    "load",
    "predict",
    "read",
    "save",
    "select",
    "store",
    "summary",
    "surgery",
    "symbols",
    "to_c",
    "to_dot",
    "to_node_link",
    "to_npz",
    "to_onnx",
    "to_pandas",
    "to_python",
    "to_sklearn",
    "to_torch",
    "train",
    "weight_matrix",
    "write",
]

# scikit-learn is an extra, and takes longer to import than all else: these are imported when they
# are asked for, and counted among the public names where it is installed.
if find_spec("sklearn") is not None:
    __all__ += ["GraphClassifier", "GraphRegressor"]

HOMES = {
    "GraphClassifier": "estimators.classifier",
    "GraphRegressor": "estimators.regressor",
    "analysis": "analysis",
    "hardness": "hardness",
    "build": "graph.builders",
    "select": "drawing.selection",
    "surgery": "graph.surgery",
    "summary": "graph.summary",
    "symbols": "engines.symbols",
    "read": "formats.files",
    "write": "formats.files",
    "to_c": "formats.c",
    "to_python": "formats.python",
    **{f"{way}_{name}": f"formats.{name}" for way in ("from", "to")
       for name in ("node_link", "npz", "onnx", "pandas", "sklearn", "torch")},
}  # fmt: skip
"""Where what is imported when it is asked for has its home."""
WHOLE = ("analysis", "build", "hardness", "select", "surgery")
"""These are modules."""


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        home = import_module(f"graphnn.{HOMES[name]}")
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "sklearn":
            raise
        raise ImportError(
            f"gn.{name} needs scikit-learn 1.6: python -m pip install 'graphnn[sklearn]'",
            name="sklearn",
        ) from error
    return home if name in WHOLE else getattr(home, name)


def __dir__() -> list[str]:
    return sorted({*(name for name in globals() if name.startswith("__")), *__all__})
