"""Plots: what they show, read back from Matplotlib's own objects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import graphnn as gn
from graphnn.drawing import plots

matplotlib = pytest.importorskip("matplotlib")


class TestLearningCurve:
    def test_it_has_a_line_an_error_and_labels(self) -> None:
        axes = plots.learning_curve([0, 1, 2], [3.0, 2.0, 1.5], [4.0, 2.0, 2.5], kept=1).axes[0]
        lines = {line.get_label(): line.get_ydata() for line in axes.get_lines()}
        assert list(lines["training error"]) == [3.0, 2.0, 1.5]
        assert list(lines["error of held-out data"]) == [4.0, 2.0, 2.5]
        assert list(axes.get_lines()[2].get_xdata()) == [1, 1]
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "loss")
        assert axes.get_yscale() == "linear"

    def test_a_loss_that_falls_far_has_a_logarithmic_axis(self) -> None:
        axes = plots.learning_curve([0, 1], [1.0, 1e-3]).axes[0]
        assert axes.get_yscale() == "log"
        assert plots.learning_curve([0, 1], [1.0, 0.0]).axes[0].get_yscale() == "linear"

    def test_axes_that_are_given_are_drawn_into(self) -> None:
        figure, axes = matplotlib.pyplot.subplots()
        assert plots.learning_curve([0, 1], [1.0, 0.5], ax=axes) is figure
        assert len(axes.get_lines()) == 1

    def test_a_result_draws_its_own(self, small: gn.Network) -> None:
        X, y = np.zeros((3, 2)), np.ones((3, 2))
        result = gn.train(small, X, y, epochs=4, validation=(X, -y), engine="matrix")
        lines = result.plot().axes[0].get_lines()
        assert list(lines[0].get_ydata()) == list(result.losses)
        assert list(lines[1].get_ydata()) == [record.validation for record in result.history]


def test_a_histogram_counts_every_run() -> None:
    axes = plots.histogram_of_minima([0.1, 0.1, 0.5, 0.9], bins=4).axes[0]
    assert [patch.get_height() for patch in axes.patches] == [2, 0, 1, 1]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("final loss", "runs")


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr(plots, "import_module", missing)
    with pytest.raises(gn.RenderError, match=r"python -m pip install 'graphnn\[plot\]'"):
        plots.learning_curve([0], [1.0])


def test_an_svg_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    for name in ("one.svg", "other.svg"):
        plots.save_svg(plots.learning_curve([0, 1], [1.0, 0.5]), tmp_path / name)
    first, second = ((tmp_path / name).read_bytes() for name in ("one.svg", "other.svg"))
    assert first == second
    assert b"epoch" in first
    assert not matplotlib.pyplot.get_fignums()


def test_a_weight_matrix_shows_the_edges_and_leaves_out_what_is_none() -> None:
    net = gn.Network.from_matrices([[[0.5, -1.0], [0.25, 2.0]]])
    net.remove_edge((0, 1), (1, 1))
    figure = gn.weight_matrix(net)
    image = figure.axes[0].images[0]
    assert image.get_array().filled(99.0).tolist() == [[0.5, -1.0], [99.0, 2.0]]
    assert image.get_clim() == (-2.0, 2.0)
    assert figure.axes[0].get_xlabel() == "neuron of layer 1"
    assert figure.axes[0].get_ylabel() == "neuron of layer 0, the constant one on top"
    with pytest.raises(gn.DataError, match=r"layer is 2, expected 1\.\.1"):
        gn.weight_matrix(net, 2)


def test_a_histogram_counts_the_values_of_a_layer() -> None:
    net = gn.Network.dense([2, 5, 1], "tanh", seed=0)
    X = np.random.default_rng(0).normal(size=(40, 2))
    figure, ax = matplotlib.pyplot.subplots()
    assert gn.activation_histogram(net, X, 1, ax=ax, bins=7) is figure
    assert sum(bar.get_height() for bar in ax.patches) == 200
    assert len(ax.patches) == 7
    assert ax.get_xlabel() == "v of the 5 neurons of layer 1"
    with pytest.raises(gn.DataError, match=r"layer is 3, expected 0\.\.2"):
        gn.activation_histogram(net, X, 3)
