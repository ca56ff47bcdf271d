"""Plots: what they show, read back from Matplotlib's own objects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphnn as gn
from graphnn.drawing import plots

matplotlib = pytest.importorskip("matplotlib")


@pytest.fixture(autouse=True)
def no_window() -> Iterator[None]:
    matplotlib.use("Agg")
    yield
    matplotlib.pyplot.close("all")


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


class TestDecisionRegions:
    X = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.0]])

    def test_every_place_is_asked_for_around_the_samples(self) -> None:
        asked = []

        def predict(plane: Any) -> Any:
            asked.append(plane)
            return np.where(plane[:, 0] > 1, "right", "left")

        axes = plots.decision_regions(predict, self.X, ["left", "left", "right"], resolution=9).axes
        plane = asked[0]
        assert plane.shape == (81, 2)
        assert np.allclose([plane.min(axis=0), plane.max(axis=0)], [[-0.3, -0.15], [2.3, 1.15]])
        labels = [text.get_text() for text in axes[0].get_legend().get_texts()]
        assert labels == ["left", "right"]
        assert (axes[0].get_xlabel(), axes[0].get_ylabel()) == ("x_1", "x_2")

    def test_numbers_have_a_scale(self) -> None:
        X = np.random.default_rng(0).normal(size=(30, 2))
        figure = plots.decision_regions(lambda p: p[:, 0] * p[:, 1], X, X[:, 0] * X[:, 1])
        assert figure.axes[1].get_ylabel() == "output"

    @pytest.mark.parametrize("classes", [1, 3, 12])
    def test_any_number_of_classes_has_colours_of_its_own(self, classes: int) -> None:
        X = np.random.default_rng(0).normal(size=(classes, 2))
        labels = list(range(classes))
        axes = plots.decision_regions(lambda p: np.arange(len(p)) % classes, X, labels).axes[0]
        colours = {tuple(one.get_facecolor()[0]) for one in axes.collections[-classes:]}
        assert len(colours) == classes

    @pytest.mark.parametrize(
        ("X", "y", "words"),
        [
            (np.zeros((3, 3)), [0, 1, 0], r"X has shape \(3, 3\), expected \(m, 2\)"),
            (np.zeros((0, 2)), [], "X has shape"),
            (np.zeros((3, 2)), [0, 1], r"y has shape \(2,\), expected \(3,\)"),
        ],
    )
    def test_data_that_do_not_fit_are_refused(self, X: Any, y: Any, words: str) -> None:
        with pytest.raises(gn.DataError, match=words):
            plots.decision_regions(lambda p: p[:, 0], X, y)


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
