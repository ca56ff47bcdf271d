"""`predict`: raw data in, labels or numbers out."""

from __future__ import annotations

import numpy as np
import pytest

import graphnn as gn


def line(*weights: float) -> gn.Network:
    """Return one input, and an identity output w x for each weight w."""
    matrix = [[0.0] * len(weights), list(weights)]
    return gn.Network.from_matrices([matrix], activation="identity")


def test_without_preprocessing_outputs_are_given() -> None:
    assert gn.predict(line(2.0, -1.0), [[3.0], [0.5]]).tolist() == [[6.0, -3.0], [1.0, -0.5]]


def test_inputs_are_standardised_first() -> None:
    net = line(2.0)
    net.preprocessing = gn.Preprocessing(gn.Standardizer((1.0,), (4.0,)))
    assert gn.predict(net, [[5.0], [1.0]]).tolist() == [[2.0], [0.0]]


@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        (gn.MinMax((1.0,), (9.0,)), [[1.0], [0.0]]),
        (gn.MinMax((1.0,), (9.0,), -1.0, 1.0), [[0.0], [-2.0]]),
        (gn.Centering((3.0,)), [[4.0], [-4.0]]),
    ],
)
def test_inputs_are_scaled_as_stored(scaling: gn.MinMax, expected: list[list[float]]) -> None:
    net = line(2.0)
    net.preprocessing = gn.Preprocessing(scaling)
    assert gn.predict(net, [[5.0], [1.0]]).tolist() == expected


@pytest.mark.parametrize(
    ("scaling", "expected"),
    [
        (gn.Standardizer((1.0, 0.0), (4.0, 2.0)), [[25.0, -6.0]]),
        (gn.MinMax((1.0, 0.0), (9.0, 2.0)), [[49.0, -6.0]]),
        (gn.MinMax((1.0, 0.0), (9.0, 2.0), -1.0, 1.0), [[29.0, -2.0]]),
        (gn.Centering((3.0, -1.0)), [[9.0, -4.0]]),
    ],
)
def test_outputs_come_back_in_the_units_of_the_targets(
    scaling: gn.MinMax, expected: list[list[float]]
) -> None:
    net = line(2.0, -1.0)  # outputs 6 and -3 for the input 3
    net.preprocessing = gn.Preprocessing(outputs=scaling)
    assert gn.predict(net, [[3.0]]).tolist() == expected


def test_the_largest_output_names_the_class() -> None:
    net = line(-1.0, 0.25, 1.0)
    net.preprocessing = gn.Preprocessing(labels=gn.Labels(("ant", "bee", "cat")))
    assert gn.predict(net, [[-2.0], [3.0]]).tolist() == ["ant", "cat"]


def test_a_single_output_above_one_half_names_the_second_class() -> None:
    net = line(1.0)
    net.preprocessing = gn.Preprocessing(labels=gn.Labels((3, 5)))
    assert gn.predict(net, [[0.5], [0.5000001], [-1.0]]).tolist() == [3, 5, 3]


def test_one_sample_gives_one_row() -> None:
    assert gn.predict(line(2.0), [3.0]).tolist() == [[6.0]]


def test_labels_of_trained_classes_come_back() -> None:
    X = np.array([[100.0, 5.0], [110.0, 5.0], [190.0, 5.0], [200.0, 5.0]])
    kinds = ["low", "low", "high", "high"]
    net = gn.Network.dense([2, 2], activation="identity", seed=0)
    net.preprocessing = gn.Preprocessing(gn.Standardizer.fit(X), gn.Labels.fit(kinds))
    assert net.preprocessing.labels is not None
    gn.train(
        net, net.preprocessing.transform(X), net.preprocessing.labels.numbers(kinds),
        "softmax_cross_entropy", epochs=50,
    )  # fmt: skip
    assert gn.predict(net, X).tolist() == kinds
    assert gn.predict(net, [[90.0, 5.0], [300.0, 5.0]]).tolist() == ["low", "high"]


@pytest.mark.parametrize("X", [[[1.0, 2.0]], [[np.nan]], np.empty((0, 1)), [["a"]]])
def test_data_that_do_not_fit_are_refused(X: object) -> None:
    with pytest.raises(gn.DataError, match="X"):
        gn.predict(line(1.0), X)  # type: ignore[arg-type]
