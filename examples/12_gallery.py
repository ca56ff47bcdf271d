"""Gallery: every kind of picture, each by one line.

You learn what `draw`, `animate`, `heat_map` and the plots can show, alone and together: weights,
values, sensitivities, gradients, changes, means, paths, formulas, parts of large networks.

Source: Tufte, "The Visual Display of Quantitative Information" (2001), for what a picture owes its
reader; the lines are run as they stand here, and `diagrams/README.md` shows them beside their
pictures.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np

import graphnn as gn
from graphnn.drawing.plots import figure_svg

LINES = {
    "weights": "gn.draw(net)",
    "values": "gn.draw(net, trace=trace)",
    "sensitivities": 'gn.draw(net, neurons={"v": trace.v, "delta": trace.delta})',
    "gradients": 'gn.draw(net, edges={"gradient": trace.gradient})',
    "together": """gn.draw(
    net,
    neurons={"delta": trace.delta},
    edges={"weight": trace.weights, "gradient": trace.gradient},
    theme="dark",
)""",
    "one_step": 'gn.draw(net, edges={"change": gn.analysis.weight_changes(net, after)})',
    "means": 'gn.draw(net, neurons={"mean v": gn.analysis.mean_values(net, X)})',
    "saturated": (
        'gn.draw(net, neurons={"saturated": gn.analysis.saturated_neurons(net, 9 * X, share=0)})'
    ),
    "path": "gn.draw(net, highlight=next(gn.analysis.paths(net, trace, (0, 1), (2, 1))))",
    "formula": "gn.draw(net, trace=trace, formula=(2, 1))",
    "downwards": "gn.draw(net, trace=trace, down=True)",
    "shared_and_frozen": "gn.draw(tied, legend=True)",
    "skip_edges": "gn.draw(gn.Network.from_networkx(dag))",
    "medium": "gn.draw(medium)",
    "collapsed": "gn.draw(large)",
    "around": "gn.draw(sparse, show=gn.select.around(sparse, (1, 7)))",
    "heaviest": "gn.draw(large, show=gn.select.heaviest(large, 6))",
    "heat_map": "gn.heat_map(net)",
    "animation": "gn.animate(net, X, y, sample=1, epochs=60)",
    "regions": "gn.decision_regions(classify, X2, labels, lines=gn.hidden_lines(plane))",
    "weight_matrix": "gn.weight_matrix(large, 2)",
    "histogram": "gn.activation_histogram(net, X)",
}


def things() -> dict[str, Any]:
    """Return what the lines speak of: networks, data, a trace."""
    net = gn.Network.dense([3, 4, 2], ["tanh", "identity"], seed=1)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    y = np.stack([X[:, 0] * X[:, 1], np.abs(X[:, 2])], axis=1)
    after = net.copy()
    gn.train(after, X[:1], y[:1], optimizer=gn.SGD(0.5), epochs=1, engine="node")

    tied = gn.Network([4, 3, 1], ["tanh", "identity"])
    for j in (1, 2, 3):
        tied.add_edge((0, j), (1, j), 0.5, shared="k1")
        tied.add_edge((0, j + 1), (1, j), -0.25, shared="k2")
        tied.add_edge((1, j), (2, 1), 1 / 3, trainable=False)

    dag = nx.DiGraph([("x", "h"), ("z", "h"), ("h", "g"), ("g", "y"), ("x", "y"), ("z", "g")])
    weights = dict(zip(dag.edges, rng.normal(size=6).tolist(), strict=True))
    nx.set_edge_attributes(dag, weights, "weight")

    X2 = rng.normal(size=(80, 2))
    labels = np.where(X2[:, 0] * X2[:, 1] > 0, "same signs", "other signs")
    plane = gn.Network.dense([2, 4, 1], "tanh", seed=2)
    gn.train(plane, X2, np.where(labels == "same signs", 1.0, -1.0), epochs=300)
    return {
        "gn": gn, "net": net, "X": X, "y": y, "after": after, "tied": tied, "dag": dag,
        "trace": gn.backward(net, [0.5, -1.2, 0.3], [1.0, 0.0]),
        "medium": gn.Network.dense([8, 12, 12, 4], "tanh", seed=3),
        "sparse": gn.build.layered([64, 32, 10], gn.build.FanIn(4), activation="relu", seed=5),
        "large": gn.Network.dense([64, 32, 10], "relu", seed=4),
        "X2": X2, "labels": labels, "plane": plane,
        "classify": lambda some: np.where(
            gn.predict(plane, some)[:, 0] > 0, "same signs", "other signs"
        ),
    }  # fmt: skip


def svg(thing: Any) -> str:
    """Return what a line returned as SVG, the same on every machine."""
    if isinstance(thing, gn.Drawing):
        return replace(thing, renderer="own").svg
    if isinstance(thing, gn.Animation):
        return thing.svg
    return thing if isinstance(thing, str) else figure_svg(thing)


def main(folder: Path) -> None:
    """Draw the gallery.

    Args:
        folder: Where the pictures go.
    """
    names = things()
    for name, line in LINES.items():
        picture = svg(eval(line, names))  # noqa: S307 - the lines above
        (folder / f"12_gallery_{name}.svg").write_text(picture, encoding="utf-8")
        print(f"{name:<18}{line}")


if __name__ == "__main__":
    main(Path(__file__).parent.parent / "diagrams")
