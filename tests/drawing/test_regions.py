"""Regions of the plane: what is shown, read back from Matplotlib's own objects."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphnn as gn

matplotlib = pytest.importorskip("matplotlib")


class TestDecisionRegions:
    X = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.0]])

    def test_every_place_is_asked_for_around_the_samples(self) -> None:
        asked = []

        def predict(plane: Any) -> Any:
            asked.append(plane)
            return np.where(plane[:, 0] > 1, "right", "left")

        axes = gn.decision_regions(predict, self.X, ["left", "left", "right"], resolution=9).axes
        plane = asked[0]
        assert plane.shape == (81, 2)
        assert np.allclose([plane.min(axis=0), plane.max(axis=0)], [[-0.3, -0.15], [2.3, 1.15]])
        labels = [text.get_text() for text in axes[0].get_legend().get_texts()]
        assert labels == ["left", "right"]
        assert (axes[0].get_xlabel(), axes[0].get_ylabel()) == ("x_1", "x_2")

    def test_numbers_have_a_scale(self) -> None:
        X = np.random.default_rng(0).normal(size=(30, 2))
        figure = gn.decision_regions(lambda p: p[:, 0] * p[:, 1], X, X[:, 0] * X[:, 1])
        assert figure.axes[1].get_ylabel() == "output"

    @pytest.mark.parametrize("classes", [1, 3, 12])
    def test_any_number_of_classes_has_colours_of_its_own(self, classes: int) -> None:
        X = np.random.default_rng(0).normal(size=(classes, 2))
        labels = list(range(classes))
        axes = gn.decision_regions(lambda p: np.arange(len(p)) % classes, X, labels).axes[0]
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
            gn.decision_regions(lambda p: p[:, 0], X, y)


class TestLines:
    """The lines of a network's first neurons."""

    @pytest.mark.parametrize("scaling", [None, "standardizer", "min_max"])
    def test_a_is_zero_on_them(self, scaling: str | None) -> None:
        raw = np.random.default_rng(0).normal(3.0, 5.0, size=(20, 2))
        net = gn.Network.dense([2, 4, 1], "tanh", seed=1)
        if scaling is not None:
            kind = {"standardizer": gn.Standardizer, "min_max": gn.MinMax}[scaling]
            net.preprocessing = gn.Preprocessing(kind.fit(raw))
        for k, (a, b, c) in enumerate(gn.hidden_lines(net), start=1):
            x = np.array([[-a * b, -a * c], [-a * b - c, -a * c + b]]) / (b * b + c * c)
            x[1] = x[0] + np.array([-c, b])
            for point in x:
                seen = point[None]
                if net.preprocessing is not None:
                    seen = net.preprocessing.transform(seen)
                assert gn.forward(net, seen[0].tolist()).a[1, k] == pytest.approx(0, abs=1e-9)

    def test_they_are_drawn(self) -> None:
        net = gn.Network.dense([2, 3, 1], "tanh", seed=1)
        X, y = np.array([[0.0, 0.0], [1.0, 1.0]]), [0, 1]
        figure = gn.decision_regions(
            lambda some: gn.predict(net, some)[:, 0] > 0, X, y, lines=gn.hidden_lines(net)
        )
        axes = figure.axes[0]
        assert len(axes.lines) == 3
        assert axes.get_xlim() == pytest.approx((-0.15, 1.15))
        with pytest.raises(gn.DataError, match=r"lines has shape \(2,\), expected \(k, 3\)"):
            gn.decision_regions(lambda some: some[:, 0] > 0, X, y, lines=[1.0, 2.0])

    def test_they_need_a_plane(self) -> None:
        with pytest.raises(gn.DataError, match="has 3 inputs, and two span a plane"):
            gn.hidden_lines(gn.Network.dense([3, 1]))
