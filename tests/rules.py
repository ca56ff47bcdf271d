"""Every optimiser, and regularisers alone and together, as tests train with them."""

from __future__ import annotations

from typing import Any

import graphnn as gn

OPTIMIZERS: list[gn.Optimizer] = [
    gn.SGD(), gn.Momentum(), gn.Nesterov(), gn.Adagrad(), gn.RMSprop(), gn.Adam(), gn.AMSGrad(),
    gn.AdamW(), gn.Rprop(0.05),
]  # fmt: skip
CLIPS = [gn.ClipValue(0.2), gn.ClipNorm(0.3)]
REGULARIZERS: dict[str, Any] = {
    "none": None,
    "L1": gn.L1(0.1),
    "L1 but constants": gn.L1(0.1, constants=False),
    "L2": gn.L2(0.1),
    "L2 but constants": gn.L2(0.1, constants=False),
    "ElasticNet": gn.ElasticNet(0.2),
    "ElasticNet but constants": gn.ElasticNet(0.2, constants=False),
    "MaxNorm": gn.MaxNorm(0.8),
    "MaxNorm but constants": gn.MaxNorm(0.8, constants=False),
    "ClipNorm": gn.ClipNorm(0.2),
    "ClipValue": gn.ClipValue(0.05),
    "Dropout": gn.Dropout(0.3),
    "Dropout of inputs": gn.Dropout(0.0, inputs=0.3),
    "Dropout of both": gn.Dropout(0.3, inputs=0.3),
    "all": [gn.MaxNorm(1.0), gn.L1(0.05), *CLIPS, gn.L2(0.1)],
    "all but constants, Dropout": [
        gn.L2(0.1, constants=False),
        gn.ElasticNet(0.05, constants=False),
        gn.MaxNorm(1.0, constants=False),
        *CLIPS,
        gn.Dropout(0.3, inputs=0.3),
    ],
}
