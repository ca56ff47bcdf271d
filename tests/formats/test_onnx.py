"""ONNX models: checked and run by onnx's own tools, and back again; hostile ones are refused."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import numpy as np
import pytest
from formats.attacks import JSON, assert_survives, places
from formats.formats import assert_same, full_networks
from hypothesis import given
from hypothesis import strategies as st
from strategies import networks

import graphnn as gn
from graphnn.errors import FormatError

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402


@given(full_networks())
def test_a_model_comes_back_as_the_same_network(net: gn.Network) -> None:
    model = gn.to_onnx(net)
    onnx.checker.check_model(model, full_check=True)
    assert_same(gn.from_onnx(model), net)
    assert_same(gn.from_onnx(model.SerializeToString()), net)


# At a step the last bit of a sum decides; gelu is computed in float32 by the evaluator.
EXACT = tuple(name for name in gn.ACTIVATIONS if name not in ("gelu", "sign"))


def run(model: Any, X: np.ndarray) -> np.ndarray:
    (found,) = ReferenceEvaluator(model).run(None, {"X": X})
    return np.asarray(found)


@given(networks(EXACT), st.integers(0, 1000))
def test_the_reference_evaluator_has_the_engine_s_outputs(net: gn.Network, seed: int) -> None:
    X = np.random.default_rng(seed).normal(size=(4, net.layers[0]))
    program = gn.compile(net)
    expected = program.predict(X)
    # Sums are of other orders: what large terms leave after cancelling is of their size.
    size = max(1.0, *(float(np.abs(v).max()) for v in program.forward(X)[1]))
    assert run(gn.to_onnx(net), X) == pytest.approx(expected, rel=1e-12, abs=1e-12 * size)
    model = gn.to_onnx(net, "float32")
    onnx.checker.check_model(model, full_check=True)
    found = run(model, X.astype(np.float32))
    assert found.dtype == np.float32
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-3 * size)


@pytest.mark.parametrize("name", gn.ACTIVATIONS)
def test_every_activation_is_there(name: str) -> None:
    net = gn.Network.dense([3, 6, 2], [name, "identity"], init=gn.Normal(1.0), seed=1)
    X = np.random.default_rng(2).normal(size=(20, 3)) * 3
    model = gn.to_onnx(net)
    expected = gn.compile(net).predict(X)
    bound = 1e-6 if name == "gelu" else 1e-12  # the evaluator's erf is one of float32
    assert run(model, X) == pytest.approx(expected, rel=bound, abs=bound)
    del model.metadata_props[:]
    assert gn.from_onnx(model) == net


def test_float32_comes_back_rounded() -> None:
    net = gn.Network.dense([3, 2], seed=0)
    back = gn.from_onnx(gn.to_onnx(net, "float32"))
    for u, v, weight in net.graph.edges(data="weight"):
        assert back.edges[u, v]["weight"] == float(np.float32(weight))
    net.set_weight((0, 1), (1, 2), 1e300)
    with pytest.raises(FormatError, match=r"edge \(0, 1\) -> \(1, 2\) has the weight 1e\+300"):
        gn.to_onnx(net, "float32")
    with pytest.raises(FormatError, match="dtype is 'float16'"):
        gn.to_onnx(net, "float16")  # type: ignore[arg-type]


def test_an_activation_of_one_s_own_is_refused_by_the_neuron() -> None:
    net = gn.Network.dense([2, 2, 1], activation="tanh")
    own = gn.Activation("double", lambda a: 2 * a, lambda a, v: 2.0)
    net.set_activation(own, neuron=(1, 2))
    with pytest.raises(FormatError, match=r"neuron \(1, 2\) has the activation 'double'"):
        gn.to_onnx(net)


# ---- models of other programs ---------------------------------------------------------------

W1, W2 = np.arange(6.0).reshape(2, 3) / 4 - 0.5, np.array([[1.0], [-2.0], [0.5]])
B1 = np.array([0.5, -0.25, 1.0])


def model_of(nodes: list[Any], output: str = "y", **tensors: np.ndarray) -> Any:
    some = {"w1": W1, "w2": W2, "b1": B1, **tensors}
    return helper.make_model(
        helper.make_graph(
            nodes,
            "graph",
            [helper.make_tensor_value_info("x", TensorProto.DOUBLE, ["m", 2])],
            [helper.make_tensor_value_info(output, TensorProto.DOUBLE, ["m", 1])],
            [numpy_helper.from_array(np.asarray(one), name) for name, one in some.items()],
        )
    )


def node(operator: str, inputs: str, output: str, **attributes: Any) -> Any:
    return helper.make_node(operator, inputs.split(), output.split(), **attributes)


class TestOtherPrograms:
    def expected(self, bias: bool = True) -> gn.Network:
        first = np.vstack([B1 if bias else np.zeros(3), W1])
        masks = [np.ones((3, 3), bool), np.ones((4, 1), bool)]
        masks[0][0], masks[1][0] = bias, False
        whole = [first, np.vstack([[0.0], W2])]
        return gn.Network.from_matrices(whole, masks, activation=["relu", "identity"])

    def test_products_and_sums_are_layers(self) -> None:
        nodes = [
            node("Flatten", "x", "f"),
            node("MatMul", "f w1", "a"),
            node("Add", "b1 a", "s"),
            node("Relu", "s", "v"),
            node("Dropout", "v", "d mask"),
            node("MatMul", "d w2", "y"),
        ]
        assert gn.from_onnx(model_of(nodes)) == self.expected()

    def test_gemm_with_turned_weights(self) -> None:
        nodes = [
            node("Gemm", "x turned b1", "a", transB=1),
            node("Relu", "a", "v"),
            node("Gemm", "v w2", "y"),
        ]
        assert gn.from_onnx(model_of(nodes, turned=W1.T.copy())) == self.expected()

    def test_columns_in_another_order(self) -> None:
        nodes = [
            node("MatMul", "x w1", "a"),
            node("Relu", "a", "v"),
            node("Gather", "v order", "g", axis=1),
            node("MatMul", "g w2", "y"),
        ]
        order = np.array([2, 0, 1])
        net = gn.from_onnx(model_of(nodes, order=order))
        X = np.random.default_rng(0).normal(size=(4, 2))
        values = np.maximum(X @ W1, 0)[:, order] @ W2
        assert gn.compile(net).predict(X) == pytest.approx(values, abs=1e-12)

    @pytest.mark.parametrize(
        ("nodes", "message"),
        [
            ([node("Conv", "x w1", "y")], "operator 'Conv', expected one of"),
            ([node("MatMul", "x x", "y")], "takes 'x', expected a tensor of the model"),
            ([node("Relu", "x", "y")], "takes 'x', which no layer"),
            ([node("MatMul", "x w1", "a"), node("MatMul", "x w1", "y")], "takes 'x', which no"),
            ([node("MatMul", "x w2", "a"), node("MatMul", "a w1", "y")], "weights for 2 values"),
            ([node("Gemm", "x w1", "y", alpha=2.0)], "transA, alpha or beta"),
            ([node("MatMul", "x w1", "a"), node("Add", "a a", "y")], "adds two values"),
            (
                [node("MatMul", "x w1", "a"), node("Relu", "a", "r"), node("Tanh", "r", "y")],
                "second activation",
            ),
            ([node("MatMul", "x w1", "a"), node("Elu", "a", "y", alpha=2.0)], "has alpha 2.0"),
            (
                [node("MatMul", "x w1", "a"), node("Gelu", "a", "y", approximate="tanh")],
                "approximate Gelu",
            ),
            ([node("MatMul", "x w1", "a"), node("Mul", "a a", "y")], "product that is not"),
            ([node("MatMul", "x w1", "a")], "no node makes the output 'y'"),
            ([node("Gemm", "x w1 w2", "y")], "a bias of shape"),
            (
                [node("MatMul", "x w1", "a"), node("Gather", "a few", "y", axis=1)],
                "not every column",
            ),
            ([node("MatMul", "x w1", "a"), node("Gather", "a far", "y", axis=1)], "beyond the 3"),
            ([node("MatMul", "x w1", "a"), node("Gather", "a few", "y")], "axis 0, expected 1"),
        ],
    )
    def test_what_is_no_chain_of_layers_is_named(self, nodes: list[Any], message: str) -> None:
        with pytest.raises(FormatError, match=message):
            gn.from_onnx(model_of(nodes, few=np.array([0, 1]), far=np.array([9])))

    def test_a_weight_that_is_not_finite_is_named(self) -> None:
        bad = W1.copy()
        bad[1, 2] = np.nan
        with pytest.raises(FormatError, match=r"edge \(0, 2\) -> \(1, 3\) has the weight nan"):
            gn.from_onnx(model_of([node("MatMul", "x bad", "y")], bad=bad))

    def test_tensors_in_other_files_are_not_read(self) -> None:
        model = model_of([node("MatMul", "x w1", "y")])
        tensor = model.graph.initializer[0]
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="/etc/passwd")
        with pytest.raises(FormatError, match="tensor 'w1' is in another file"):
            gn.from_onnx(model)

    def test_a_tensor_that_says_it_is_huge(self) -> None:
        model = model_of([node("MatMul", "x w1", "y")])
        model.graph.initializer[0].dims[:] = [2**40, 2**20]
        tracemalloc.start()
        with pytest.raises(FormatError, match="tensor 'w1'"):
            gn.from_onnx(model)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
        tracemalloc.stop()


class TestMetadata:
    def changed(self, change: Any) -> Any:
        model = gn.to_onnx(gn.Network.dense([2, 3, 1], seed=0))
        change(model)
        return model

    def test_a_model_that_was_changed_since_is_refused(self) -> None:
        def other_layer(model: Any) -> None:
            first = model.graph.initializer[0]
            first.CopyFrom(numpy_helper.from_array(np.ones((4, 3)), first.name))

        with pytest.raises(FormatError, match="changed since"):
            gn.from_onnx(self.changed(other_layer))
        with pytest.raises(FormatError, match="other activations of layer 1"):
            gn.from_onnx(self.changed(lambda m: setattr(m.graph.node[1], "op_type", "Tanh")))

    @given(st.data())
    def test_metadata_with_values_replaced(self, data: st.DataObject) -> None:
        model = gn.to_onnx(data.draw(full_networks("text")))
        content = json.loads(model.metadata_props[0].value)
        container, key = data.draw(st.sampled_from(places(content)))
        container[key] = data.draw(JSON)
        model.metadata_props[0].value = json.dumps(content)
        assert_survives(gn.from_onnx, model)


@given(st.data())
def test_files_with_a_few_bytes_changed(data: st.DataObject) -> None:
    raw = bytearray(gn.to_onnx(data.draw(full_networks("text"))).SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=6))
    assert_survives(gn.from_onnx, bytes(raw))


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    assert_survives(gn.from_onnx, data)
