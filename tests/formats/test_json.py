"""Saving and loading: the identity on networks, and no hostile file gets through."""

from __future__ import annotations

import json
import math
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import networks

import graphnn as gn
from graphnn.formats.json import from_text, to_text


def swish_value(a: float) -> float:
    return a / (1 + math.exp(-a)) if a > -700 else 0.0


def swish_derivative(a: float, v: float) -> float:
    return v + (1 - v) / (1 + math.exp(-a)) if a > -700 else 0.0


SWISH = gn.Activation("swish", swish_value, swish_derivative)


def bits(net: gn.Network) -> list[tuple[Any, ...]]:
    return sorted((u, v, float(w).hex()) for u, v, w in net.graph.edges(data="weight"))


@given(networks())
def test_save_then_load_is_the_identity_to_the_last_bit(net: gn.Network) -> None:
    back = from_text(to_text(net))
    assert back == net
    assert bits(back) == bits(net)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_weight_survives_exactly(weight: float) -> None:
    net = gn.Network([1, 1])
    net.add_edge((0, 1), (1, 1), weight)
    assert bits(from_text(to_text(net))) == bits(net)


@pytest.mark.parametrize("name", gn.ACTIVATIONS)
def test_every_builtin_activation_is_found_by_its_name(name: str, tmp_path: Path) -> None:
    net = gn.Network.dense([2, 3, 1], activation=[name, "identity"], seed=0)
    back = gn.load(gn.save(net, tmp_path / "net.json"))
    assert back == net
    assert back.activation((1, 2)) is gn.ACTIVATIONS[name]


def test_gaps_mixed_activations_and_preprocessing_survive(tmp_path: Path) -> None:
    net = gn.Network.dense([3, 3, 2], seed=0)
    net.remove_neuron((1, 2))
    net.add_neuron(1, 9, "relu")
    net.add_edge((0, 3), (1, 9), -0.0)
    net.preprocessing = gn.Preprocessing(
        gn.Standardizer.fit([[1.0, 2.0, 3.0], [2.0, 2.0, 9.0]]),
        gn.Labels(("no", "schön")),
        ("a", "b", "c"),
        "class",
        gn.Standardizer((0.5, 1.0), (2.0, 3.0)),
    )
    back = gn.load(gn.save(net, tmp_path / "net.json"))
    assert back == net
    assert back.neurons(1) == ((1, 1), (1, 3), (1, 9))
    assert back.preprocessing == net.preprocessing
    assert math.copysign(1, back.edges[(0, 3), (1, 9)]["weight"]) == -1


def test_the_file_is_json_that_any_reader_understands(tmp_path: Path) -> None:
    net = gn.Network.dense([2, 1], activation="tanh", seed=4)
    content = json.loads(gn.save(net, tmp_path / "net.json").read_text(encoding="utf-8"))
    assert content["layers"] == [{"neurons": [1, 2]}, {"neurons": [1], "activation": "tanh"}]
    assert [edge[:3] for edge in content["edges"]] == [[1, 0, 1], [1, 1, 1], [1, 2, 1]]
    assert [edge[3] for edge in content["edges"]] == gn.compile(net).theta.tolist()


def test_an_own_activation_is_found_by_name_when_given(tmp_path: Path) -> None:
    net = gn.Network.dense([1, 1], activation=SWISH)
    path = gn.save(net, tmp_path / "net.json")
    assert gn.load(path, activations=[SWISH]) == net
    with pytest.raises(gn.FormatError, match=r"'swish'.*activations=\[...\]"):
        gn.load(path)


def test_two_activations_of_one_name_are_refused(tmp_path: Path) -> None:
    net = gn.Network.dense([1, 2], activation=SWISH)
    other = gn.Activation("swish", lambda a: 2 * a, lambda a, v: 2.0)
    net.set_activation(other, neuron=(1, 2))
    with pytest.raises(gn.FormatError, match=r"\(1, 2\).*'swish'"):
        gn.save(net, tmp_path / "net.json")
    assert list(tmp_path.iterdir()) == []


def test_a_failing_save_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = gn.save(gn.Network.dense([1, 1]), tmp_path / "net.json")
    before = path.read_bytes()

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        gn.save(gn.Network.dense([2, 2]), path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["net.json"]


def test_a_weight_broken_through_networkx_is_not_saved(tmp_path: Path) -> None:
    net = gn.Network.dense([1, 1])
    net.graph.edges[(0, 1), (1, 1)]["weight"] = math.nan
    with pytest.raises(gn.CompileError, match=r"\(0, 1\) -> \(1, 1\)"):
        gn.save(net, tmp_path / "net.json")


def test_frozen_and_shared_edges_and_labels_stand_in_the_file_and_come_back(tmp_path: Path) -> None:
    net = gn.Network([2, 2, 1])
    net.add_edge((0, 1), (1, 1), 0.5, shared="kernel")
    net.add_edge((0, 2), (1, 2), 0.5, shared="kernel")
    net.add_edge((0, 0), (1, 1), 0.0, trainable=False)
    net.add_edge((1, 0), (2, 1), 1.0, trainable=False, shared="one")
    net.add_edge((1, 1), (2, 1), -2.0)
    net.set_label((0, 0), "bias")
    net.set_label((1, 2), ("a", 3, (True, 0.5)))
    content = json.loads(to_text(net))
    assert content["edges"] == [
        [1, 0, 1, 0.0, {"trainable": False, "shared": None}],
        [1, 1, 1, 0.5, {"trainable": True, "shared": "kernel"}],
        [1, 2, 2, 0.5, {"trainable": True, "shared": "kernel"}],
        [2, 0, 1, 1.0, {"trainable": False, "shared": "one"}],
        [2, 1, 1, -2.0],
    ]
    assert content["layers"][0]["labels"] == [[0, "bias"]]
    assert content["layers"][1]["labels"] == [[2, ["a", 3, [True, 0.5]]]]
    back = gn.load(gn.save(net, tmp_path / "net.json"))
    assert back == net
    assert back.shared("kernel") == net.shared("kernel")
    assert back.labels == net.labels


VERSION_1 = """{
 "format": "graphnn-network",
 "version": 1,
 "layers": [
  {"neurons": [1, 2]},
  {"neurons": [1, 3], "activation": ["tanh", "relu"]}
 ],
 "preprocessing": {"features": ["x", "y"], "target": "z", "mean": [0.5, 1], "scale": [2, 0.25],
  "classes": null, "output_mean": null, "output_scale": null},
 "edges": [
  [1, 0, 1, 0.30000000000000004],
  [1, 2, 3, -0.0]
 ]
}
"""
VERSION_2 = VERSION_1.replace('"version": 1', '"version": 2').replace(
    '"mean": [0.5, 1], "scale": [2, 0.25],\n  "classes": null, "output_mean": null, '
    '"output_scale": null',
    '"classes": null, "outputs": null,\n  "inputs": {"kind": "standardize", "mean": [0.5, 1], '
    '"scale": [2, 0.25]}',
)


@pytest.mark.parametrize("text", [VERSION_1, VERSION_2])
def test_a_file_of_an_older_version_is_still_read(text: str) -> None:
    net = gn.Network([2, 1], activation="tanh")
    net.add_neuron(1, 3, "relu")
    net.add_edge((0, 0), (1, 1), 0.1 + 0.2)
    net.add_edge((0, 2), (1, 3), -0.0)
    scaling = gn.Standardizer((0.5, 1.0), (2.0, 0.25))
    net.preprocessing = gn.Preprocessing(scaling, features=("x", "y"), target="z")
    assert from_text(text) == net
    assert bits(from_text(text)) == bits(net)


GOOD = to_text(gn.Network.dense([2, 2, 1], seed=0))


def changed(**parts: Any) -> str:
    return json.dumps({**json.loads(GOOD), **parts})


def preprocessed(**parts: Any) -> str:
    names = ("features", "target", "classes", "inputs", "outputs")
    return changed(preprocessing={**dict.fromkeys(names), **parts})


def preprocessed_1(**parts: Any) -> str:
    names = ("features", "target", "mean", "scale", "classes", "output_mean", "output_scale")
    return changed(version=1, preprocessing={**dict.fromkeys(names), **parts})


def scaled(kind: str, name: str = "inputs", **numbers: Any) -> str:
    return preprocessed(**{name: {"kind": kind, **numbers}})


TO_1 = {"low": 0, "high": 1}


def with_edges(*edges: Any) -> str:
    return changed(edges=list(edges))


def tied(*ties: tuple[Any, Any], weights: tuple[float, float] = (1, 1)) -> str:
    """Return a file of two edges, (0, 0) -> (1, 1) and (0, 1) -> (1, 1), with their ties."""
    return with_edges(
        *([1, i, 1, weights[i], {"trainable": one[0], "shared": one[1]}]
          for i, one in enumerate(ties))
    )  # fmt: skip


@pytest.mark.parametrize("length", range(0, len(GOOD.rstrip()), 7))
def test_a_file_truncated_anywhere_is_refused(length: int) -> None:
    with pytest.raises(gn.FormatError):
        from_text(GOOD[:length])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (changed(version=4), "version 4.*reads up to version 3"),
        (changed(version=0), "version is 0"),
        (json.dumps({"format": "graphnn-network", "version": 7, "new": 1}), "version 7"),
        (changed(version="1"), "version is '1'"),
        (changed(version=True), "version is True"),
        (changed(format="onnx"), "format is 'onnx'"),
        (changed(extra=1), "keys"),
        ("[]", "format"),
        ("null", "format"),
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 200_000, "nested too deeply"),
        (GOOD.replace('"version": 3', '"version": 3, "version": 3'), "a key twice"),
        (GOOD.replace('"version": 3', '"version": ' + "9" * 5000), "no JSON"),
        (changed(layers=[]), "0 layers"),
        (changed(layers=[{"neurons": [1]}]), "1 layers"),
        (changed(layers=10**9), "layers is 1000000000"),
        (changed(layers=[{"neurons": 10**12}, {"neurons": [1], "activation": "tanh"}]), "layer 0"),
        (changed(layers=[{"neurons": []}, {"neurons": [1], "activation": "tanh"}]), "layer 0"),
        (changed(layers=[{"neurons": [0]}, {"neurons": [1], "activation": "tanh"}]), "number"),
        (changed(layers=[{"neurons": [1, 1]}, {"neurons": [1], "activation": "tanh"}]), "exists"),
        (changed(layers=[{"neurons": [1]}, {"neurons": [1], "activation": "exec"}]), "'exec'"),
        (changed(layers=[{"neurons": [1]}, {"neurons": [1], "activation": {}}]), "activation"),
        (changed(layers=[{"neurons": [1]}, {"neurons": [1], "activation": []}]), "0 activations"),
        (with_edges([1, 0, 1, 1], [1, 0, 1, 1]), r"\(0, 0\) -> \(1, 1\) exists already"),
        (with_edges([2, 0, 9, 1.0]), r"no neuron \(2, 9\)"),
        (with_edges([1, 1, 0, 1.0]), "constant neuron"),
        (with_edges([3, 1, 1, 1.0]), r"no neuron"),
        (with_edges([1, 1, 1]), "edge 0"),
        (with_edges([1, 1, 1, "0.5"]), "edge 0"),
        (with_edges([1, 1, 1, None]), "edge 0"),
        (with_edges([1, 1, 1, True]), "edge 0"),
        (with_edges([1.0, 1, 1, 0.5]), "edge 0"),
        (with_edges([1, 1, 1, 10**400]), "finite"),
        (with_edges("1111"), "edge 0"),
        (with_edges([1, 1, 1, 1, {}]), "edge 0 has the keys"),
        (with_edges([1, 1, 1, 1, []]), r"edge 0 has \[\], expected an object"),
        (with_edges([1, 1, 1, 1, {"trainable": True}]), "edge 0 has the keys"),
        (tied((True, ""), (True, None)), r"edge 0: .*\(1, 1\) has shared ''"),
        (tied((True, 3), (True, None)), r"edge 0: .*\(1, 1\) has shared 3"),
        (tied((0, None), (True, None)), r"edge 0: .*\(1, 1\) has trainable 0"),
        (
            tied((True, "s"), (True, "s"), weights=(1, 2)),
            r"edge 1: edge \(0, 1\) -> \(1, 1\) has weight 2.0 and edge \(0, 0\) -> \(1, 1\)",
        ),
        (
            tied((True, "s"), (False, "s")),
            r"edge 1: edge \(0, 1\) -> \(1, 1\) has trainable False and edge \(0, 0\)",
        ),
        (GOOD.replace("[1, 0, 1, ", "[1, 0, 1, NaN, "), "NaN"),
        (GOOD.replace("[1, 0, 1, ", "[1, 0, 1, -Infinity, "), "Infinity"),
        (with_edges([1, 1, 1, 2e307]).replace("2e+307", "2e+999"), "finite"),
        (changed(preprocessing={}), "preprocessing"),
        (changed(preprocessing=[]), "preprocessing has"),
        (preprocessed_1(mean=[0.0], scale=[1.0, 1.0]), "means as scales"),
        (preprocessed_1(mean=[0, 0], scale=[1, 0]), "positive scales"),
        (preprocessed_1(mean=[0, 0]), "means as scales"),
        (preprocessed_1(features=["a"]), "features has 1 columns, expected 2"),
        (preprocessed_1(output_mean=[0] * 2, output_scale=[1] * 2), "outputs has 2 columns"),
        (preprocessed_1(target=3), "target is 3"),
        (preprocessed_1(classes=[[1]]), "classes holds"),
        (preprocessed_1(classes=["a"]), "at least two"),
        (preprocessed_1(mean=[10**400, 0], scale=[1, 1]), "beyond the range"),
        (preprocessed_1(inputs=None), "preprocessing has the keys"),
        (preprocessed(mean=[0, 0], scale=[1, 1]), "preprocessing has the keys"),
        (preprocessed(features=["a"]), "features has 1 columns, expected 2"),
        (preprocessed(features=[None, "a"]), "features holds None"),
        (preprocessed(target=3), "target is 3"),
        (preprocessed(classes=[[1]]), "classes holds"),
        (preprocessed(classes=["a"]), "at least two"),
        (preprocessed(classes=["a", "a"]), "at least two"),
        (preprocessed(classes=[0, 2e307]).replace("2e+307", "2e999"), "no class label"),
        (preprocessed(inputs=[]), r"preprocessing\.inputs is \[\] of the kind None"),
        (preprocessed(inputs={}), "inputs is an object of 0 keys of the kind None"),
        (preprocessed(inputs="center"), "inputs is 'center' of the kind None"),
        (preprocessed(outputs=3), r"preprocessing\.outputs is 3 of the kind None"),
        (scaled("robust", mean=[0, 0]), "of the kind 'robust', expected .*'center', 'min_max'"),
        (preprocessed(inputs={"kind": ["center"], "mean": [0, 0]}), "of the kind \\['center'"),
        (scaled("center"), "inputs has the keys"),
        (scaled("center", mean=[0, 0], scale=[1, 1]), "inputs has the keys"),
        (scaled("center", mean=None), "inputs.mean is None, expected a list"),
        (scaled("center", mean=[0, None]), "inputs.mean holds None"),
        (scaled("center", mean=[0, True]), "inputs.mean holds True"),
        (scaled("center", mean=[0, "1"]), "inputs.mean holds '1'"),
        (scaled("center", mean=[[0], [1]]), "inputs.mean holds"),
        (scaled("center", mean={"0": 1}), "inputs.mean is an object"),
        (scaled("center", mean=[0, 10**400]), "beyond the range"),
        (scaled("center", mean=[0, 2e307]).replace("2e+307", "2e999"), "inputs: .*finite means"),
        (scaled("center", mean=[0]), "inputs has 1 columns, expected 2"),
        (scaled("center", mean=[]), "inputs has 0 columns, expected 2"),
        (scaled("center", "outputs", mean=[0, 0]), "outputs has 2 columns, expected 1"),
        (scaled("standardize", mean=[0.0], scale=[1.0, 1.0]), "inputs: .*one of each per column"),
        (scaled("standardize", mean=[0, 0], scale=[1, 0]), "positive scales"),
        (scaled("standardize", "outputs", mean=[0], scale=[-1]), "outputs: .*positive scales"),
        (scaled("min_max", minimum=[0, 0], maximum=[1, 1]), "inputs has the keys"),
        (scaled("min_max", minimum=[0, 2], maximum=[1, 1], **TO_1), "that are no smaller"),
        (scaled("min_max", minimum=[0], maximum=[1, 1], **TO_1), "one of each per column"),
        (scaled("min_max", minimum=[0, 0], maximum=[1, 1], low=1, high=1), "low < high"),
        (scaled("min_max", minimum=[0, 0], maximum=[1, 1], low=[0], high=1), r"low holds \[0\]"),
        (scaled("min_max", minimum=[0, 0], maximum=[1, 1], low=0, high=None), "high holds None"),
        (scaled("min_max", minimum=[0, 0], maximum=[1, 1], low=0, high=True), "high holds True"),
        (scaled("min_max", minimum=[0, 0], maximum=[1, 1], low=0, high=10**400), "beyond the"),
    ],
)  # fmt: skip
def test_a_file_that_breaks_a_rule_is_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(gn.FormatError, match=message):
        from_text(text)


def test_a_refusal_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(gn.FormatError, match=r"net\.json: it is no UTF-8"):
        gn.load(path)


def test_a_file_that_is_too_large_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "net.json"
    with open(path, "wb") as file:
        file.truncate(2**33)  # sparse: takes no room on the disk
    tracemalloc.start()
    with pytest.raises(gn.FormatError, match="more than 1000 bytes"):
        gn.load(path, max_bytes=1000)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()
