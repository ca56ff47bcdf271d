"""`Program`: immutable, in (t, i, j) order, with the lecture's matrices."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import numpy as np
import oracles
import pytest
from hypothesis import given
from oracles import neurons_of, weights_of
from strategies import ALL, Case, cases, networks

import graphnn as gn


def expected_matrices(net: gn.Network) -> list[np.ndarray]:
    """Build w^(1), ..., w^(T) from the graph."""
    matrices = []
    for t in range(1, net.depth + 1):
        rows, columns = [(t - 1, 0), *neurons_of(net, t - 1)], neurons_of(net, t)
        w = np.zeros((len(rows), len(columns)))
        for (u, v), weight in weights_of(net).items():
            if v[0] == t:
                w[rows.index(u), columns.index(v)] = weight
        matrices.append(w)
    return matrices


class TestMatrices:
    @given(networks())
    def test_they_are_the_graph_s_weights_with_the_constant_in_row_0(self, net: gn.Network) -> None:
        found, expected = gn.compile(net).matrices(), expected_matrices(net)
        assert all(np.array_equal(x, y) for x, y in zip(found, expected, strict=True))

    @given(networks())
    def test_sparse_ones_store_exactly_the_edges(self, net: gn.Network) -> None:
        program = gn.compile(net)
        for t, (sparse, dense) in enumerate(
            zip(program.sparse(), program.matrices(), strict=True), start=1
        ):
            assert np.array_equal(sparse.toarray(), dense)
            assert sparse.nnz == sum(v[0] == t for _, v in net.edges)
            assert sparse.has_canonical_format

    def test_changing_what_was_given_out_changes_no_program(self, small: gn.Network) -> None:
        program = gn.compile(small)
        before = program.matrices()
        for dense, sparse in zip(program.matrices(), program.sparse(), strict=True):
            dense[:] = 7.0
            sparse.data[:] = 7.0
            sparse.eliminate_zeros()
            sparse.indices[:] = 0
        assert all(np.array_equal(x, y) for x, y in zip(program.matrices(), before, strict=True))
        assert np.array_equal(gn.compile(small).theta, program.theta)


class TestImmutable:
    def test_no_attribute_can_be_set(self, small: gn.Network) -> None:
        program = gn.compile(small)
        with pytest.raises(dataclasses.FrozenInstanceError):
            program.version = 0  # type: ignore[misc]
        with pytest.raises(dataclasses.FrozenInstanceError):
            program.layers[0].rows = 0  # type: ignore[misc]

    def test_theta_is_read_only(self, small: gn.Network) -> None:
        with pytest.raises(ValueError, match="read-only"):
            gn.compile(small).theta[0] = 1.0

    @pytest.mark.parametrize("name", ["sources", "targets", "parameters"])
    def test_index_arrays_are_read_only(self, small: gn.Network, name: str) -> None:
        with pytest.raises(ValueError, match="read-only"):
            getattr(gn.compile(small).layers[0], name)[0] = 1

    def test_the_network_s_later_edits_do_not_reach_it(self, small: gn.Network) -> None:
        program = gn.compile(small)
        before = program.predict([[1.0, 2.0]])
        small.set_weight((0, 0), (1, 1), 9.0)
        small.set_activation("relu", layer=2)
        assert np.array_equal(program.predict([[1.0, 2.0]]), before)

    @pytest.mark.parametrize(
        "again", [copy.copy, copy.deepcopy, lambda p: pickle.loads(pickle.dumps(p))]
    )
    def test_copies_and_pickles_run_the_same_and_are_read_only(
        self, small: gn.Network, again: object
    ) -> None:
        program = gn.compile(small)
        program.from_constants  # noqa: B018 - what was computed before must not be in the way
        twin = again(program)  # type: ignore[operator]
        assert np.array_equal(twin.theta, program.theta)
        assert np.array_equal(twin.predict([[1.0, 2.0]]), program.predict([[1.0, 2.0]]))
        assert (twin.neurons, twin.version) == (program.neurons, program.version)
        assert not twin.theta.flags.writeable


class TestWithTheta:
    def test_other_parameters_give_another_program_of_the_same_shape(
        self, small: gn.Network
    ) -> None:
        program = gn.compile(small)
        theta = np.arange(10.0)
        other = program.with_theta(theta)
        assert other.theta.tolist() == theta.tolist()
        assert (other.layers, other.version) == (program.layers, program.version)
        assert program.theta[0] == 0.25

    def test_they_are_copied_and_keep_the_dtype(self, small: gn.Network) -> None:
        theta = np.arange(10.0)
        other = gn.compile(small, np.float32).with_theta(theta)
        theta[0] = 9.0
        assert other.theta[0] == 0.0
        assert other.theta.dtype == np.float32
        assert theta.flags.writeable

    @pytest.mark.parametrize("theta", [[], np.zeros(9), np.zeros((10, 1)), 1.0])
    def test_another_shape_is_refused(self, small: gn.Network, theta: object) -> None:
        with pytest.raises(gn.CompileError, match=r"expected \(10,\)"):
            gn.compile(small).with_theta(theta)  # type: ignore[arg-type]


class TestLayers:
    @given(networks())
    def test_from_constants_marks_the_constant_neurons_edges(self, net: gn.Network) -> None:
        expected = [u[1] == 0 for u, _ in weights_of(net)]
        assert gn.compile(net).from_constants.tolist() == expected

    @given(networks())
    def test_groups_hold_every_column_once_with_its_activation(self, net: gn.Network) -> None:
        for layer in gn.compile(net).layers:
            columns = np.arange(layer.columns)
            found = {int(k): one for one, some in layer.groups for k in columns[some]}
            assert [found[k] for k in range(layer.columns)] == list(layer.activations)
            assert sum(len(columns[some]) for _, some in layer.groups) == layer.columns

    @pytest.mark.usefixtures("sparse_from_10_000")
    @pytest.mark.parametrize(
        ("width", "edges", "form"),
        [(3, 12, "dense"), (3, 11, "masked"), (100, 1000, "sparse"), (100, 1100, "masked")],
    )
    def test_size_and_density_choose_the_form(self, width: int, edges: int, form: str) -> None:
        mask = np.arange((width + 1) * width).reshape(width + 1, width) < edges
        net = gn.Network.from_matrices([np.ones((width + 1, width))], [mask])
        assert gn.compile(net).layers[0].form == form


class TestMethods:
    # sign jumps at 0, where the two orders of a sum may fall to different sides.
    @given(cases(activations=[name for name in ALL if name != "sign"]))
    def test_forward_gives_a_and_v_of_every_layer(self, case: Case) -> None:
        a, v = gn.compile(case.net).forward(case.X)
        expected_a, expected_v = oracles.forward(case.net, case.X)
        assert a[0] is None
        assert np.array_equal(v[0], case.X)
        size = max(1.0, *(np.abs(x).max() for x in [*expected_a.values(), *expected_v.values()]))
        for t in range(1, case.net.depth + 1):
            for k, n in enumerate(neurons_of(case.net, t)):
                assert np.allclose(a[t][:, k], expected_a[n], rtol=0, atol=1e-11 * size)  # type: ignore[index]
                assert np.allclose(v[t][:, k], expected_v[n], rtol=0, atol=1e-11 * size)

    @given(cases())
    def test_predict_is_the_last_layer_of_forward(self, case: Case) -> None:
        program = gn.compile(case.net)
        assert np.array_equal(program.predict(case.X), program.forward(case.X)[1][-1])

    @given(cases())
    def test_sensitivities_and_gradients_have_the_documented_shapes(self, case: Case) -> None:
        program = gn.compile(case.net)
        deltas = program.sensitivities(case.X, case.y, case.loss)
        loss, matrices = program.gradient(case.X, case.y, case.loss)
        m, layers = len(case.X), case.net.layers
        assert [delta.shape for delta in deltas] == [(m, d) for d in layers[1:]]
        assert [w.shape for w in matrices] == [w.shape for w in program.matrices()]
        assert isinstance(loss, float)

    @given(cases())
    def test_the_gradient_is_0_where_no_edge_is(self, case: Case) -> None:
        _, matrices = gn.compile(case.net).gradient(case.X, case.y, case.loss)
        for t, w in enumerate(matrices, start=1):
            rows, columns = [(t - 1, 0), *neurons_of(case.net, t - 1)], neurons_of(case.net, t)
            for i, u in enumerate(rows):
                for j, v in enumerate(columns):
                    assert (u, v) in case.net.edges or w[i, j] == 0

    def test_one_sample_leaves_out_the_first_axis(self, small: gn.Network) -> None:
        program = gn.compile(small)
        x, y = [0.5, -0.25], [1.0, 0.0]
        a, v = program.forward(x)
        assert a[0] is None
        assert [one.shape for one in v] == [(2,), (3,), (2,)]
        assert program.predict(x).shape == (2,)
        assert [delta.shape for delta in program.sensitivities(x, y)] == [(3,), (2,)]
        many = program.forward([x])[1]
        assert all(np.array_equal(one, row[0]) for one, row in zip(v, many, strict=True))
        single, batch = program.gradient(x, y), program.gradient([x], [y])
        assert single[0] == batch[0]
        assert all(np.array_equal(p, q) for p, q in zip(single[1], batch[1], strict=True))

    def test_results_do_not_share_memory_with_the_caller_s_data(self, small: gn.Network) -> None:
        X = np.ones((3, 2))
        _, v = gn.compile(small).forward(X)
        v[0][:] = 9.0
        assert (X == 1.0).all()

    @pytest.mark.parametrize(
        ("X", "y", "words"),
        [
            ([[1.0]], [[1.0, 1.0]], r"X has shape \(1, 1\)"),
            ([[1.0, np.nan]], [[1.0, 1.0]], r"X\[0, 1\] is nan"),
            (np.empty((0, 2)), np.empty((0, 2)), "no sample"),
            ([[1.0, 1.0]], [[1.0]], r"y has shape \(1, 1\)"),
            ([[1.0, 1.0]], [[1.0, np.inf]], r"y\[0, 1\] is inf"),
            ([[1.0, 1.0]] * 3, [[1.0, 1.0]] * 2, r"y has shape \(2, 2\)"),
        ],
    )
    def test_data_that_do_not_fit_are_refused(
        self, small: gn.Network, X: object, y: object, words: str
    ) -> None:
        program = gn.compile(small)
        for method in (program.sensitivities, program.gradient):
            with pytest.raises(gn.DataError, match=words):
                method(X, y)  # type: ignore[arg-type]

    @pytest.mark.parametrize("bad", [[[1.0]], [[np.nan, 1.0]], np.empty((0, 2)), [["a", "b"]]])
    def test_inputs_that_do_not_fit_are_refused(self, small: gn.Network, bad: object) -> None:
        program = gn.compile(small)
        for method in (program.forward, program.predict):
            with pytest.raises(gn.DataError, match="X"):
                method(bad)  # type: ignore[arg-type]

    @pytest.mark.parametrize("loss", ["softmax_cross_entropy", "binary_cross_entropy"])
    def test_a_loss_that_needs_another_output_is_refused(self, loss: str) -> None:
        program = gn.compile(gn.Network.dense([1, 2], activation="tanh"))
        with pytest.raises(gn.CompileError, match=r"neuron \(1, 1\) has the activation 'tanh'"):
            program.gradient([[1.0]], [[0.0, 1.0]], loss)


class TestSource:
    """The source that the native engine compiles, for reading."""

    def test_it_is_python_with_the_sizes_of_the_network(self) -> None:
        source = gn.compile(gn.Network.dense([5, 7, 2], seed=0)).source(engine="native")
        compile(source, "generated", "exec")
        assert "for j in range(7):" in source
        assert "# sigmoid_value: graphnn.functions.activations._sigmoid" in source

    def test_a_sparse_network_s_has_no_sizes(self) -> None:
        net = gn.Network([40, 30, 2])
        net.add_edge((0, 1), (1, 1), 1.0)
        source = gn.compile(net).source()
        assert "for e in range(start[row], start[row + 1]):" in source
        assert "30" not in source

    def test_it_shows_loss_rule_regulariser_and_batches(self) -> None:
        program = gn.compile(gn.Network.dense([2, 2, 2], ["tanh", "identity"], seed=0))
        source = program.source(
            loss="softmax_cross_entropy", regularizer=gn.L2(0.1, constants=False), batch_size=8
        )
        assert "softmax_cross_entropy_sensitivities(" in source
        assert "optimizer = SGD()" in source
        assert "regularizer1 = L2(lambda_=numbers[0], constants=False)" in source
        assert "for h in range(0, filled, 8):" in source

    def test_several_regularisers_and_what_needs_batches_are_shown_too(self) -> None:
        program = gn.compile(gn.Network.dense([2, 2, 1], "tanh", seed=0))
        several = [gn.L1(0.5), gn.MaxNorm(2.0)]
        source = program.source(optimizer=gn.Adam(), regularizer=several)
        assert "optimizer = Adam(beta1=numbers[0], beta2=numbers[1], epsilon=numbers[2])" in source
        assert "regularizer1 = L1(lambda_=numbers[3], constants=True)" in source
        assert "regularizer2 = MaxNorm(bound=numbers[4], constants=True)" in source
        assert '"""Train in batches."""' in source

    @pytest.mark.parametrize("size", [0, -1, 2.5, "8", None])
    def test_a_batch_size_that_is_none_is_refused(self, size: object) -> None:
        program = gn.compile(gn.Network.dense([2, 2, 2], seed=0))
        with pytest.raises(ValueError, match="whole number of at least 1, not"):
            program.source(batch_size=size)  # type: ignore[arg-type]

    def test_other_engines_have_none(self) -> None:
        program = gn.compile(gn.Network.dense([2, 2, 2], seed=0))
        with pytest.raises(ValueError, match="unknown engine with generated source: 'node'"):
            program.source(engine="node")  # type: ignore[arg-type]


def test_printing_shows_the_plan(small: gn.Network) -> None:
    assert str(gn.compile(small)).splitlines() == [
        "Program: 3 layers of neurons, 10 edges, 10 parameters, float64",
        "  layer 1: 2 -> 3, 4 of 9 edges, masked (density 0.444), tanh, softplus",
        "  layer 2: 3 -> 2, 6 of 8 edges, masked (density 0.75), sigmoid",
        "  native engine: loops over matrices",
    ]
