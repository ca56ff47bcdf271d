"""Preprocessing in files: exact to the last bit, and what version 1 wrote still loads."""

from __future__ import annotations

import json
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphnn as gn
from graphnn.formats.json import from_text, to_text
from graphnn.functions.scaling import Scaling

FINITE = st.floats(allow_nan=False, allow_infinity=False)
POSITIVE = st.floats(0, exclude_min=True, allow_infinity=False)
RANGES = st.tuples(FINITE, FINITE).map(sorted)
CLASSES = st.one_of(
    st.lists(st.text(), min_size=2, max_size=3, unique=True),
    st.lists(st.integers(), min_size=2, max_size=3, unique=True),
    st.lists(FINITE, min_size=2, max_size=3, unique=True),
    st.just([False, True]),
)


def rows(numbers: st.SearchStrategy[Any], width: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(numbers, min_size=width, max_size=width).map(tuple)


def scalings(width: int) -> st.SearchStrategy[Scaling]:
    """Any numbers that a scaling may hold, subnormal and huge ones and -0.0 too."""
    spans = rows(RANGES, width).map(lambda pairs: tuple(zip(*pairs, strict=True)))
    ranges = RANGES.filter(lambda ends: ends[0] < ends[1])
    return st.one_of(
        st.builds(gn.Standardizer, rows(FINITE, width), rows(POSITIVE, width)),
        st.builds(gn.Centering, rows(FINITE, width)),
        st.builds(lambda span, ends: gn.MinMax(*span, *ends), spans, ranges),
    )


@st.composite
def preprocessings(draw: st.DrawFn) -> tuple[gn.Preprocessing, int, int]:
    """Preprocessing with the numbers of inputs and outputs that it fits."""
    classes = draw(st.none() | CLASSES)
    inputs = draw(st.integers(1, 4))
    outputs = draw(st.integers(1, 3)) if classes is None else len(classes)
    preprocessing = gn.Preprocessing(
        draw(st.none() | scalings(inputs)),
        None if classes is None else gn.Labels(tuple(classes)),
        draw(st.none() | rows(st.text(), inputs)),
        draw(st.none() | st.text()),
        draw(st.none() | scalings(outputs)),
    )
    return preprocessing, inputs, outputs


def bits(scaling: Scaling | None) -> list[str]:
    if scaling is None:
        return []
    return [float(one).hex() for part in astuple(scaling) for one in np.ravel(part)]


@given(preprocessings())
def test_it_comes_back_exact_to_the_last_bit(found: tuple[gn.Preprocessing, int, int]) -> None:
    preprocessing, *layers = found
    net = gn.Network(layers)
    net.preprocessing = preprocessing
    back = from_text(to_text(net)).preprocessing
    assert back == preprocessing
    assert back is not None
    assert repr(back) == repr(preprocessing)
    assert bits(back.inputs) == bits(preprocessing.inputs)
    assert bits(back.outputs) == bits(preprocessing.outputs)


def test_the_kinds_and_numbers_stand_in_the_file() -> None:
    net = gn.Network([2, 1])
    net.preprocessing = gn.Preprocessing(
        gn.MinMax((0.0, 1.0), (2.0, 3.0), -1.0, 1.0), outputs=gn.Centering((0.5,))
    )
    content = json.loads(to_text(net))
    assert content["version"] == 3
    assert content["preprocessing"] == {
        "features": None,
        "target": None,
        "classes": None,
        "inputs": {
            "kind": "min_max",
            "minimum": [0.0, 1.0],
            "maximum": [2.0, 3.0],
            "low": -1.0,
            "high": 1.0,
        },
        "outputs": {"kind": "center", "mean": [0.5]},
    }


VERSION_1 = """{
 "format": "graphnn-network",
 "version": 1,
 "layers": [
  {"neurons": [1, 2]},
  {"neurons": [1], "activation": "identity"}
 ],
 "preprocessing": PREPROCESSING,
 "edges": [
  [1, 1, 1, 0.1],
  [1, 2, 1, -2.5]
 ]
}
"""
REGRESSION_1 = """{"features": ["a", "b"], "target": "y", "mean": [0.1, -3.0], "scale":
[0.3333333333333333, 2.0], "classes": null, "output_mean": [10.0], "output_scale": [0.7]}"""
LABELS_1 = """{"features": null, "target": null, "mean": null, "scale": null, "classes":
["no", "sch\\u00f6n"], "output_mean": null, "output_scale": null}"""


def test_a_regression_that_version_1_wrote_loads(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_text(VERSION_1.replace("PREPROCESSING", REGRESSION_1), encoding="utf-8")
    net = gn.load(path)
    assert net.preprocessing == gn.Preprocessing(
        gn.Standardizer((0.1, -3.0), (0.3333333333333333, 2.0)),
        None,
        ("a", "b"),
        "y",
        gn.Standardizer((10.0,), (0.7,)),
    )
    # (1 - 0.1) / (1/3) = 2.7 and (2 + 3) / 2 = 2.5; (0.27 - 6.25) 0.7 + 10 = 5.814.
    assert gn.predict(net, [[1.0, 2.0]])[0].tolist() == pytest.approx([5.814], rel=1e-15)
    assert gn.load(gn.save(net, path)) == net


def test_labels_that_version_1_wrote_load() -> None:
    net = from_text(VERSION_1.replace("PREPROCESSING", LABELS_1))
    assert net.preprocessing == gn.Preprocessing(labels=gn.Labels(("no", "schön")))


def test_a_network_without_preprocessing_that_version_1_wrote_loads() -> None:
    net = from_text(VERSION_1.replace("PREPROCESSING", "null"))
    assert net.preprocessing is None
    assert net.edges[(0, 2), (1, 1)]["weight"] == -2.5
