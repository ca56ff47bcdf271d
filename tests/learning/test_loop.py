"""`train`: what it reaches, how it ends, and what it leaves in the network."""

from __future__ import annotations

import math
import pickle
import re
from collections.abc import Callable, Sequence

import numpy as np
import oracles
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import weights_of
from strategies import SMOOTH, Case, cases

import graphnn as gn
from graphnn.learning import runners
from graphnn.learning.stopping import StoppingRule

XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
XOR_TARGETS = [0.0, 1.0, 1.0, 0.0]


def regression(m: int = 10, inputs: int = 2, outputs: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return random data."""
    rng = np.random.default_rng(5)
    return rng.normal(size=(m, inputs)), rng.normal(size=(m, outputs))


def assert_close(found: dict, expected: dict, tolerance: float = 1e-9) -> None:
    """Compare weights edge by edge."""
    assert found.keys() == expected.keys()
    for edge, weight in expected.items():
        assert math.isclose(found[edge], weight, rel_tol=tolerance, abs_tol=tolerance), edge


class TestWorkedExamples:
    def test_mazur_s_weights_after_one_step(self, mazur: gn.Network, engine: str) -> None:
        gn.train(
            mazur, [[0.05, 0.10]], [[0.01, 0.99]], optimizer=gn.SGD(0.5), epochs=1, engine=engine
        )
        found = weights_of(mazur)
        for edge, weight in oracles.MAZUR_TRAINED.items():
            assert math.isclose(found[edge], weight, abs_tol=6e-9)

    def test_mazur_s_error_after_10_000_steps(self, mazur: gn.Network) -> None:
        # The article, which leaves the biases as they are, comes down to 0.0000351085; training
        # the biases as well can only help.
        result = gn.train(
            mazur, [[0.05, 0.10]], [[0.01, 0.99]], optimizer=gn.SGD(0.5), epochs=10_000,
            stop=gn.SmallError(0.0000351085), engine="matrix",
        )  # fmt: skip
        assert result.outcome is gn.Outcome.STOPPED
        assert result.loss <= 0.0000351085

    def test_a_weight_that_decays_by_hand(self, engine: str) -> None:
        # v = w x with x = 0: only the regulariser moves w, by 1 - eta lambda = 3/4 a step.
        net = gn.Network([1, 1], activation="identity")
        net.add_edge((0, 1), (1, 1), 1.0)
        gn.train(
            net,
            [[0.0]],
            [0.0],
            optimizer=gn.SGD(0.5),
            regularizer=gn.L2(0.5),
            epochs=3,
            engine=engine,
        )
        assert weights_of(net) == {((0, 1), (1, 1)): 27 / 64}

    def test_batches_take_their_own_mean_by_hand(self, engine: str) -> None:
        # v = w, l = (w - y)^2 / 2, w = 0: after y = 2, 4 in one batch and 8 alone with eta = 1/2:
        # w = 0 + (2 + 4) / 2 / 2 = 1.5, then w = 1.5 + (8 - 1.5) / 2 = 4.75.
        net = gn.Network([1, 1], activation="identity")
        net.add_edge((0, 0), (1, 1), 0.0)
        gn.train(
            net, [[9.0]] * 3, [2.0, 4.0, 8.0], optimizer=gn.SGD(0.5), batch_size=2, epochs=1,
            order="given", engine=engine,
        )  # fmt: skip
        assert weights_of(net) == {((0, 0), (1, 1)): 4.75}

    def test_a_line_is_found(self, engine: str) -> None:
        net = gn.Network.dense([1, 1], activation="identity", seed=0)
        gn.train(net, [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], epochs=300, engine=engine)
        assert_close(weights_of(net), {((0, 0), (1, 1)): 1.0, ((0, 1), (1, 1)): 2.0}, 1e-6)

    def test_least_squares_with_decay_reach_the_normal_equations(self, engine: str) -> None:
        # Minimum of 1/2m |Z w - y|^2 + lambda/2 |w|^2: (Z'Z / m + lambda) w = Z'y / m.
        X, y = regression(8)
        net = gn.Network.dense([2, 1], activation="identity", seed=0)
        gn.train(
            net, X, y, optimizer=gn.SGD(0.5), regularizer=gn.L2(0.1), batch_size=8, epochs=500,
            engine=engine,
        )  # fmt: skip
        Z = np.hstack([np.ones((8, 1)), X])
        w = np.linalg.solve(Z.T @ Z / 8 + 0.1 * np.eye(3), Z.T @ y / 8)
        assert np.allclose(list(weights_of(net).values()), w.ravel(), rtol=1e-9)

    def test_xor_is_learnt(self, engine: str) -> None:
        net = gn.Network.dense([2, 4, 1], activation=["tanh", "identity"], seed=0)
        result = gn.train(
            net, XOR, XOR_TARGETS, optimizer=gn.SGD(0.1), epochs=2000, stop=gn.SmallError(1e-3),
            engine=engine,
        )  # fmt: skip
        assert result.outcome is gn.Outcome.STOPPED
        assert np.allclose(result.program.predict(XOR).ravel(), XOR_TARGETS, atol=0.1)


class TestReplay:
    """Against gradient descent by complex steps, with NumPy's own draws of the order."""

    @staticmethod
    def batches(order: str, m: int, size: int, epochs: int, seed: int) -> list[np.ndarray]:
        rng = np.random.default_rng(seed)
        rows = []
        for _ in range(epochs):
            if order == "shuffled":
                epoch = rng.permutation(m)
            elif order == "random":
                epoch = rng.integers(0, m, size=m)
            else:
                epoch = np.arange(m)
            rows += [epoch[k : k + size] for k in range(0, m, size)]
        return rows

    @pytest.mark.parametrize("order", ["shuffled", "random", "given"])
    @pytest.mark.parametrize("size", [1, 2, 3, 5])
    def test_every_order_and_batch_size_is_as_documented(
        self, small: gn.Network, engine: str, order: str, size: int
    ) -> None:
        X, y = regression(5, 2, 2)
        expected = oracles.replay(
            small, X, y, "squared", self.batches(order, 5, size, 3, seed=11), eta=0.2
        )
        gn.train(
            small, X, y, optimizer=gn.SGD(0.2), batch_size=size, epochs=3, order=order, seed=11,  # type: ignore[arg-type]
            engine=engine,
        )  # fmt: skip
        assert_close(weights_of(small), expected)

    @pytest.mark.parametrize("constants", [True, False])
    def test_a_regulariser_pulls_every_edge_that_exists_with_or_without_constants(
        self, small: gn.Network, engine: str, constants: bool
    ) -> None:
        X, y = regression(5, 2, 2)
        before = set(small.edges)
        expected = oracles.replay(
            small, X, y, "squared", self.batches("given", 5, 2, 4, 0), 0.2, 0.3, constants
        )
        result = gn.train(
            small, X, y, optimizer=gn.SGD(0.2), regularizer=gn.L2(0.3, constants), batch_size=2,
            epochs=4, order="given", engine=engine,
        )  # fmt: skip
        assert_close(weights_of(small), expected)
        assert set(small.edges) == before
        counted = [w for (u, _), w in weights_of(small).items() if constants or u[1] > 0]
        assert math.isclose(
            result.history[-1].penalty, 0.15 * math.fsum(w * w for w in counted), rel_tol=1e-14
        )

    @given(case=cases(activations=SMOOTH, max_layers=3, min_edges=1), data=st.data())
    def test_any_network_and_loss(self, case: Case, data: st.DataObject) -> None:
        assume(case.loss not in ("hinge", "absolute"))  # whose kinks another order may cross
        size = data.draw(st.integers(1, len(case.X)))
        expected = oracles.replay(
            case.net,
            case.X,
            case.y,
            case.loss,
            self.batches("shuffled", len(case.X), size, 2, 3),
            0.01,
        )
        trained = []
        for engine in ("node", "matrix"):
            net = case.net.copy()
            gn.train(
                net, case.X, case.y, case.loss, gn.SGD(0.01), batch_size=size, epochs=2, seed=3,
                engine=engine,
            )  # fmt: skip
            trained.append(weights_of(net))
            assert_close(trained[-1], expected, 1e-8)
        assert_close(trained[0], trained[1], 1e-9)

    def test_scikit_learn_s_sgd_makes_the_same_step(self, engine: str) -> None:
        neural = pytest.importorskip("sklearn.neural_network")
        X, y = regression(12, 3)
        theirs = neural.MLPRegressor(
            hidden_layer_sizes=(4,), activation="tanh", solver="sgd", alpha=0.6, momentum=0.0,
            batch_size=12, learning_rate_init=0.05, random_state=0, shuffle=False,
        )  # fmt: skip
        theirs.partial_fit(X, y.ravel())
        net = gn.Network.from_matrices(
            [np.vstack(pair) for pair in zip(theirs.intercepts_, theirs.coefs_, strict=True)],
            activation=["tanh", "identity"],
        )
        theirs.partial_fit(X, y.ravel())
        # scikit-learn divides alpha by the number of samples and leaves the biases out.
        result = gn.train(
            net, X, y, optimizer=gn.SGD(0.05), regularizer=gn.L2(0.6 / 12, constants=False),
            batch_size=12, epochs=1, engine=engine,
        )  # fmt: skip
        expected = [np.vstack(p) for p in zip(theirs.intercepts_, theirs.coefs_, strict=True)]
        for found, w in zip(result.program.matrices(), expected, strict=True):
            assert np.allclose(found, w, rtol=1e-10, atol=1e-12)


class TestSameBits:
    def test_the_same_seed_gives_the_same_weights(self, small: gn.Network, engine: str) -> None:
        X, y = regression(6, 2, 2)
        twin, other = small.copy(), small.copy()
        for net, seed in ((small, 4), (twin, 4), (other, 5)):
            gn.train(net, X, y, epochs=3, seed=seed, engine=engine)
        assert weights_of(small) == weights_of(twin)
        assert weights_of(small) != weights_of(other)

    def test_a_generator_is_drawn_from(self, small: gn.Network, engine: str) -> None:
        X, y = regression(6, 2, 2)
        twin = small.copy()
        gn.train(small, X, y, epochs=3, seed=4, engine=engine)
        gn.train(twin, X, y, epochs=3, seed=np.random.default_rng(4), engine=engine)
        assert weights_of(small) == weights_of(twin)

    def test_the_size_of_chunks_changes_nothing(
        self, small: gn.Network, engine: str, updates_at_a_time: Callable[[int], None]
    ) -> None:
        X, y = regression(6, 2, 2)
        twin = small.copy()
        updates_at_a_time(1)
        gn.train(small, X, y, epochs=30, engine=engine)
        updates_at_a_time(50)
        gn.train(twin, X, y, epochs=30, engine=engine)
        assert weights_of(small) == weights_of(twin)

    def test_showing_progress_changes_nothing(
        self, small: gn.Network, engine: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        X, y = regression(6, 2, 2)
        twin = small.copy()
        gn.train(small, X, y, epochs=3, engine=engine, progress=True)
        gn.train(twin, X, y, epochs=3, engine=engine)
        assert weights_of(small) == weights_of(twin)
        assert capsys.readouterr().out == ""

    def test_nothing_is_printed_unless_asked(
        self, small: gn.Network, engine: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        X, y = regression(6, 2, 2)
        gn.train(small, X, y, epochs=3, engine=engine)
        assert capsys.readouterr() == ("", "")

    def test_auto_is_the_matrix_engine_where_there_is_little_to_do(self, small: gn.Network) -> None:
        X, y = regression(6, 2, 2)
        twin = small.copy()
        result = gn.train(small, X, y, epochs=3)
        gn.train(twin, X, y, epochs=3, engine="matrix")
        assert result.engine == "matrix (auto: too little work to compile for)"
        assert weights_of(small) == weights_of(twin)

    def test_the_native_engine_has_the_node_engine_s_bits(self, small: gn.Network) -> None:
        X, y = regression(6, 2, 2)
        twin = small.copy()
        native = gn.train(small, X, y, epochs=40, engine="native")
        node = gn.train(twin, X, y, epochs=40, engine="node")
        assert weights_of(small) == weights_of(twin)
        assert native.losses == node.losses

    def test_two_short_runs_are_one_long_one(self, small: gn.Network, engine: str) -> None:
        X, y = regression(6, 2, 2)
        twin = small.copy()
        gn.train(small, X, y, epochs=5, order="given", engine=engine)
        gn.train(twin, X, y, epochs=2, order="given", engine=engine)
        gn.train(twin, X, y, epochs=3, order="given", engine=engine)
        assert weights_of(small) == weights_of(twin)

    @pytest.mark.parametrize("optimizer", [gn.Momentum(), gn.Adam(), gn.AMSGrad(0.01)], ids=repr)
    def test_two_short_runs_are_one_long_one_if_the_optimiser_remembers(
        self, small: gn.Network, engine: str, optimizer: gn.Optimizer
    ) -> None:
        X, y = regression(6, 2, 2)
        twin = small.copy()
        options: dict = {"optimizer": optimizer, "order": "given", "engine": engine}
        gn.train(small, X, y, epochs=5, **options)
        first = gn.train(twin, X, y, epochs=2, **options)
        gn.train(twin, X, y, epochs=3, memory=first.memory, **options)
        assert weights_of(small) == weights_of(twin)

    def test_a_memory_that_does_not_fit_is_refused(self, small: gn.Network) -> None:
        X, y = regression(6, 2, 2)
        memory = gn.train(small, X, y, epochs=1, optimizer=gn.Adam()).memory
        with pytest.raises(ValueError, match=r"memory has .'mean', 'square', .* and SGD remembers"):
            gn.train(small, X, y, memory=memory)
        other = gn.Network.dense([2, 2], "tanh", seed=0)
        with pytest.raises(ValueError, match="memory of a run of the same network"):
            gn.train(other, X, y, memory=memory, optimizer=gn.Adam())


class TestResult:
    def test_the_network_holds_the_program_s_weights_at_its_version(
        self, small: gn.Network, engine: str
    ) -> None:
        X, y = regression(6, 2, 2)
        before = small.copy()
        result = gn.train(small, X, y, epochs=2, engine=engine)
        assert list(weights_of(small).values()) == result.program.theta.tolist()
        assert result.program.version == small.version
        assert weights_of(small) != weights_of(before)
        assert small.nodes == before.nodes
        gn.store(result.program, small)  # which an edited network would refuse

    def test_the_history_has_the_state_before_and_after_every_epoch(
        self, small: gn.Network, engine: str
    ) -> None:
        X, y = regression(5, 2, 2)
        first = oracles.mean_loss(small, X, y, "squared").real
        result = gn.train(small, X, y, epochs=3, batch_size=2, engine=engine)
        assert [record.epoch for record in result.history] == [0, 1, 2, 3]
        assert [record.iteration for record in result.history] == [0, 3, 6, 9]
        assert [record.penalty for record in result.history] == [0.0] * 4
        assert math.isclose(result.losses[0], first, rel_tol=1e-12)
        last = oracles.mean_loss(small, X, y, "squared").real
        assert math.isclose(result.loss, last, rel_tol=1e-12)
        best = [min(result.losses[: k + 1]) for k in range(4)]
        assert [record.best for record in result.history] == best

    def test_running_all_epochs_is_an_outcome_in_words(
        self, small: gn.Network, engine: str
    ) -> None:
        X, y = regression(5, 2, 2)
        result = gn.train(small, X, y, epochs=2, engine=engine)
        assert result.outcome is gn.Outcome.EPOCHS
        assert result.stopped_by == "bound on epochs: 2"
        assert result.engine == engine
        assert str(result).startswith(f"{engine} engine, 2 epochs, 10 iterations: loss ")

    def test_it_is_frozen_and_can_be_pickled(self, small: gn.Network, engine: str) -> None:
        X, y = regression(5, 2, 2)
        result = gn.train(small, X, y, epochs=2, engine=engine)
        with pytest.raises(AttributeError):
            result.engine = "other"  # type: ignore[misc]
        again = pickle.loads(pickle.dumps(result))
        assert again.history == result.history
        assert np.array_equal(again.program.theta, result.program.theta)

    def test_the_data_are_left_as_they_are(self, small: gn.Network, engine: str) -> None:
        X, y = regression(5, 2, 2)
        copies = X.copy(), y.copy()
        gn.train(small, X, y, epochs=2, engine=engine)
        assert np.array_equal(X, copies[0])
        assert np.array_equal(y, copies[1])


class TestFloat32:
    def test_weights_are_float32_and_near_those_of_float64(self, small: gn.Network) -> None:
        X, y = regression(6, 2, 2)
        twin = small.copy()
        result = gn.train(small, X, y, epochs=5, regularizer=gn.L2(0.01), dtype=np.float32)
        gn.train(twin, X, y, epochs=5, regularizer=gn.L2(0.01))
        assert result.program.theta.dtype == np.float32
        assert {type(w) for w in weights_of(small).values()} == {float}
        assert all(w == float(np.float32(w)) for w in weights_of(small).values())
        assert_close(weights_of(small), weights_of(twin), 1e-4)
        assert weights_of(small) != weights_of(twin)

    def test_node_and_native_engine_have_the_same_bits(self, small: gn.Network) -> None:
        X, y = regression(6, 2, 2)
        twin = small.copy()
        options = {"epochs": 20, "dtype": np.float32, "regularizer": gn.L2(1e-3)}
        native = gn.train(small, X, y, engine="native", **options)  # type: ignore[arg-type]
        node = gn.train(twin, X, y, engine="node", **options)  # type: ignore[arg-type]
        assert weights_of(small) == weights_of(twin)
        assert native.losses == node.losses
        assert native.program.theta.dtype == np.float32

    @pytest.mark.parametrize("place", ["X", "y"])
    def test_data_beyond_its_range_are_refused(self, small: gn.Network, place: str) -> None:
        X, y = regression(6, 2, 2)
        (X if place == "X" else y)[0, 0] = 1e300
        before = small.copy()
        with pytest.raises(gn.DataError, match=place):
            gn.train(small, X, y, dtype=np.float32)
        assert small == before


class TestStopping:
    @pytest.mark.parametrize("count", [1, 4, 5, 7, 13])
    def test_a_bound_on_iterations_is_exact(
        self, small: gn.Network, engine: str, count: int
    ) -> None:
        X, y = regression(5, 2, 2)
        rng = np.random.default_rng(0)
        rows = np.concatenate([rng.permutation(5) for _ in range(3)])[:count, None]
        expected = oracles.replay(small, X, y, "squared", rows, 0.1)  # type: ignore[arg-type]
        result = gn.train(small, X, y, stop=gn.MaxIterations(count), engine=engine)
        assert result.history[-1].iteration == count
        assert result.outcome is gn.Outcome.STOPPED
        assert result.stopped_by == f"bound on iterations: {count}"
        assert_close(weights_of(small), expected)

    def test_a_small_error_stops_at_the_first_epoch_that_has_it(
        self, small: gn.Network, engine: str
    ) -> None:
        X, y = regression(5, 2, 2)
        losses = gn.train(small.copy(), X, y, epochs=6, engine=engine).losses
        threshold = losses[3]
        result = gn.train(small, X, y, stop=[gn.SmallError(threshold)], engine=engine)
        assert result.losses == losses[:4]
        assert re.match(r"small training error: .* <= ", result.stopped_by)

    def test_a_network_that_is_good_already_is_left_as_it_is(self, engine: str) -> None:
        net = gn.Network.from_matrices([[[1.0], [2.0]]], activation="identity")
        before = net.copy()
        result = gn.train(net, [[1.0]], [3.0], stop=gn.SmallError(0.0), engine=engine)
        assert result.history[-1].iteration == 0
        assert net == before

    def test_a_small_improvement_stops(self, engine: str) -> None:
        # At the minimum of the loss nothing improves: it stops after as many epochs as it looks at.
        net = gn.Network.from_matrices([[[1.0], [2.0]]], activation="identity")
        result = gn.train(
            net, [[1.0]], [3.0], stop=gn.SmallImprovement(1e-6, epochs=4), engine=engine
        )
        assert result.history[-1].epoch == 4
        assert result.stopped_by == "no marginal improvement in the last 4 epochs on the best, 0"

    def test_the_first_rule_that_holds_gives_the_reason(
        self, small: gn.Network, engine: str
    ) -> None:
        X, y = regression(5, 2, 2)
        rules = [gn.SmallError(0.0), gn.MaxIterations(7), gn.MaxIterations(3)]
        result = gn.train(small, X, y, stop=rules, engine=engine)
        assert result.stopped_by == "bound on iterations: 3"

    def test_an_own_rule_sees_the_history(self, small: gn.Network, engine: str) -> None:
        class ThirdEpoch:
            def reason(self, history: Sequence[gn.Record]) -> str | None:
                return "that will do" if history[-1].epoch == 3 else None

        X, y = regression(5, 2, 2)
        result = gn.train(small, X, y, stop=ThirdEpoch(), engine=engine)
        assert (result.stopped_by, len(result.history)) == ("that will do", 4)

    def test_a_network_that_a_rule_edits_keeps_the_edit_and_refuses_the_weights(
        self, small: gn.Network, engine: str
    ) -> None:
        class Editor:
            def reason(self, history: Sequence[gn.Record]) -> str | None:
                if history[-1].epoch == 1:
                    small.set_weight((0, 0), (1, 1), 9.0)
                return None

        X, y = regression(5, 2, 2)
        expected = {**weights_of(small), ((0, 0), (1, 1)): 9.0}
        rule: StoppingRule = Editor()
        with pytest.raises(gn.CompileError, match="it was edited since"):
            gn.train(small, X, y, stop=rule, epochs=3, engine=engine)
        assert weights_of(small) == expected


class TestDivergence:
    def line(self) -> tuple[gn.Network, list[list[float]], list[float]]:
        net = gn.Network.from_matrices([[[0.0], [1.0]]], activation="identity")
        return net, [[1.0], [10.0]], [0.0, 0.0]

    def test_it_raises_with_finite_weights_in_result_and_network(self, engine: str) -> None:
        net, X, y = self.line()
        with pytest.raises(gn.TrainingError, match="training diverged") as caught:
            gn.train(net, X, y, optimizer=gn.SGD(1e3), epochs=1000, engine=engine)
        result = caught.value.result
        assert isinstance(result, gn.TrainingResult)
        assert result.outcome is gn.Outcome.DIVERGED
        assert np.isfinite(result.program.theta).all()
        assert list(weights_of(net).values()) == result.program.theta.tolist()
        assert weights_of(net) != weights_of(self.line()[0])
        assert result.program.version == net.version

    def test_the_message_names_the_step_and_the_learning_rate(self, engine: str) -> None:
        # w <- w - eta w (x = 1, y = 0): w = (1 - 10^100)^k, so w^2 / 2 overflows for k = 2: the
        # loss before the third step, the first of which leaves -10^100 and the second 10^200.
        net = gn.Network([1, 1], activation="identity")
        net.add_edge((0, 1), (1, 1), 1.0)
        with pytest.raises(gn.TrainingError) as caught:
            gn.train(net, [[1.0]] * 4, [0.0] * 4, optimizer=gn.SGD(1e100), epochs=5, engine=engine)
        message = str(caught.value)
        assert "at iteration 3 (epoch 1) the loss is not finite" in message
        assert "learning rate 1e+100" in message
        assert math.isclose(weights_of(net)[(0, 1), (1, 1)], 1e200, rel_tol=1e-12)

    def test_a_weight_that_overflows_in_one_step_is_named(self, engine: str) -> None:
        net = gn.Network([1, 1], activation="identity")
        net.add_edge((0, 1), (1, 1), 1.0)
        with pytest.raises(gn.TrainingError, match=r"at iteration 1 .* a weight is not finite"):
            gn.train(net, [[1e100]], [0.0], optimizer=gn.SGD(1e150), engine=engine)
        assert weights_of(net) == {((0, 1), (1, 1)): 1.0}

    def test_a_first_loss_that_is_not_finite_changes_nothing(self, engine: str) -> None:
        net = gn.Network([1, 1], activation="identity")
        net.add_edge((0, 1), (1, 1), 1e200)
        with pytest.raises(gn.TrainingError, match="loss of the first weights is not") as caught:
            gn.train(net, [[1.0]], [0.0], engine=engine)
        assert weights_of(net) == {((0, 1), (1, 1)): 1e200}
        result = caught.value.result
        assert isinstance(result, gn.TrainingResult)
        assert result.outcome is gn.Outcome.DIVERGED
        assert "not finite" in str(result)

    def test_an_own_activation_that_raises_at_infinity_diverges_as_any_other(
        self, engine: str
    ) -> None:
        sine = gn.Activation("sine", math.sin, lambda a, v: math.cos(a))
        net = gn.Network.dense([1, 2, 1], activation=[sine, "identity"], seed=0)
        with pytest.raises(gn.TrainingError, match="diverged"):
            # Enough samples that a step follows the one that overflows, in the same chunk.
            gn.train(
                net, [[1.0], [2.0]] * 6, [0.0, 5.0] * 6, optimizer=gn.SGD(1e200), engine=engine
            )
        assert np.isfinite(list(weights_of(net).values())).all()

    def test_float32_diverges_at_its_own_range(self) -> None:
        net, X, y = self.line()
        with pytest.raises(gn.TrainingError, match="training diverged"):
            gn.train(net, X, y, optimizer=gn.SGD(1e15), dtype=np.float32)
        assert np.isfinite(list(weights_of(net).values())).all()


class TestInterruption:
    """Ctrl-C is an outcome: what was reached is stored."""

    @staticmethod
    def interrupt_at(monkeypatch: pytest.MonkeyPatch, engine: str, act: str, call: int) -> None:
        kind = {
            "node": runners.NodeRunner,
            "matrix": runners.MatrixRunner,
            "native": runners.NativeRunner,
        }[engine]
        original: Callable[..., object] = getattr(kind, act)
        calls = iter(range(10**9))

        def interrupted(*arguments: object) -> object:
            if next(calls) == call:
                raise KeyboardInterrupt
            return original(*arguments)

        monkeypatch.setattr(kind, act, interrupted)

    @pytest.mark.parametrize("chunks", [0, 1, 4, 7])
    def test_the_weights_of_the_last_whole_chunk_are_stored(
        self,
        small: gn.Network,
        engine: str,
        chunks: int,
        monkeypatch: pytest.MonkeyPatch,
        updates_at_a_time: Callable[[int], None],
    ) -> None:
        X, y = regression(6, 2, 2)
        updates_at_a_time(2)
        self.interrupt_at(monkeypatch, engine, "run", chunks)
        rows = np.arange(24)[:, None] % 6
        expected = oracles.replay(small, X, y, "squared", rows[: 2 * chunks], 0.1)  # type: ignore[arg-type]
        result = gn.train(small, X, y, order="given", engine=engine)
        assert result.outcome is gn.Outcome.INTERRUPTED
        assert result.stopped_by == f"Ctrl-C after {2 * chunks} iterations"
        assert_close(weights_of(small), expected)
        assert list(weights_of(small).values()) == result.program.theta.tolist()

    def test_the_result_s_loss_is_that_of_the_stored_weights(
        self,
        small: gn.Network,
        engine: str,
        monkeypatch: pytest.MonkeyPatch,
        updates_at_a_time: Callable[[int], None],
    ) -> None:
        X, y = regression(6, 2, 2)
        updates_at_a_time(2)
        self.interrupt_at(monkeypatch, engine, "run", 4)  # in the middle of the second epoch
        result = gn.train(small, X, y, order="given", engine=engine)
        assert math.isclose(
            result.loss, oracles.mean_loss(small, X, y, "squared").real, rel_tol=1e-12
        )
        assert result.history[-1].iteration == 8

    @pytest.mark.parametrize("call", [0, 1])
    def test_between_epochs_too(
        self,
        small: gn.Network,
        engine: str,
        call: int,
        monkeypatch: pytest.MonkeyPatch,
        updates_at_a_time: Callable[[int], None],
    ) -> None:
        X, y = regression(6, 2, 2)
        updates_at_a_time(2)
        before = weights_of(small)
        self.interrupt_at(monkeypatch, engine, "loss", call)
        result = gn.train(small, X, y, engine=engine)
        assert result.outcome is gn.Outcome.INTERRUPTED
        assert (weights_of(small) == before) == (call == 0)
        assert "Ctrl-C" in str(result)

    def test_the_network_can_be_trained_on(
        self, small: gn.Network, engine: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        X, y = regression(6, 2, 2)
        self.interrupt_at(monkeypatch, engine, "run", 1)
        gn.train(small, X, y, engine=engine)
        assert gn.train(small, X, y, epochs=1, engine=engine).outcome is gn.Outcome.EPOCHS


class TestRefused:
    """A refused call leaves the network as it is."""

    @pytest.mark.parametrize(
        ("X", "y", "words"),
        [
            ([[1.0]], [[1.0, 1.0]], r"X has shape \(1, 1\), expected \(m, 2\)"),
            ([[1.0, math.nan]], [[1.0, 1.0]], r"X\[0, 1\] is nan"),
            (np.empty((0, 2)), np.empty((0, 2)), "no sample is there"),
            ([[1.0, 2.0]] * 2, [[1.0, 1.0]], r"y has shape \(1, 2\), expected \(2, 2\)"),
            ([[1.0, 2.0]], [[1.0, math.inf]], r"y\[0, 1\] is inf"),
            ([["a", "b"]], [[1.0, 1.0]], "dtype"),
        ],
    )
    def test_data_that_do_not_fit(
        self, small: gn.Network, engine: str, X: object, y: object, words: str
    ) -> None:
        before = small.copy()
        with pytest.raises(gn.DataError, match=words):
            gn.train(small, X, y, engine=engine)  # type: ignore[arg-type]
        assert small == before
        assert small.version == before.version

    def test_labels_outside_the_classes(self, engine: str) -> None:
        net = gn.Network.dense([1, 3], activation="identity", seed=0)
        before = net.copy()
        with pytest.raises(gn.DataError, match=r"y\[1\] is 3, expected a class number 0\.\.2"):
            gn.train(net, [[0.0], [1.0]], [0, 3], "softmax_cross_entropy", engine=engine)
        assert net == before

    @pytest.mark.parametrize(
        ("option", "words"),
        [
            ({"batch_size": 0}, "batch_size must be .*from 1 to the number of samples, 6, not 0"),
            ({"batch_size": 7}, "not 7"),
            ({"batch_size": -1}, "not -1"),
            ({"batch_size": True}, "not True"),
            ({"batch_size": 2.5}, "batch_size"),
            ({"epochs": 0}, "epochs must be .*at least 1, not 0"),
            ({"epochs": True}, "not True"),
            ({"epochs": 2.5}, "epochs"),
            ({"order": "sorted"}, "unknown order: 'sorted' .*'given', 'random', 'shuffled'"),
            ({"loss": "mse"}, "unknown loss: 'mse'"),
        ],
    )
    def test_options_out_of_range(
        self, small: gn.Network, engine: str, option: dict, words: str
    ) -> None:
        X, y = regression(6, 2, 2)
        before = small.copy()
        with pytest.raises(ValueError, match=words):
            gn.train(small, X, y, engine=engine, **option)
        assert small == before

    @pytest.mark.parametrize("bad", ["gpu", "", None, "Node"])
    def test_an_unknown_engine(self, small: gn.Network, bad: str) -> None:
        X, y = regression(6, 2, 2)
        with pytest.raises(ValueError, match=r"unknown engine.*'auto'.*'matrix'.*'node'"):
            gn.train(small, X, y, engine=bad)

    def test_a_network_without_edges(self, engine: str) -> None:
        with pytest.raises(gn.TrainingError, match="no edge, so there is nothing to train"):
            gn.train(gn.Network([1, 1]), [[1.0]], [1.0], engine=engine)

    def test_a_loss_that_needs_another_output(self, small: gn.Network, engine: str) -> None:
        X, y = regression(6, 2, 2)
        with pytest.raises(gn.CompileError, match=r"neuron \(2, 1\) has the activation 'sigmoid'"):
            gn.train(small, X, y, "softmax_cross_entropy", engine=engine)

    def test_a_weight_broken_through_networkx(self, small: gn.Network, engine: str) -> None:
        X, y = regression(6, 2, 2)
        small.graph.edges[(0, 0), (1, 1)]["weight"] = "x"
        with pytest.raises(gn.CompileError, match=r"\(0, 0\) -> \(1, 1\)"):
            gn.train(small, X, y, engine=engine)

    @pytest.mark.parametrize("neuron", [(1, 3), (2, 2)])
    def test_sign_which_passes_no_gradient_though_forward_runs_it(
        self, small: gn.Network, engine: str, neuron: tuple[int, int]
    ) -> None:
        X, y = regression(6, 2, 2)
        small.set_activation("sign", neuron=neuron)
        before = small.copy()
        words = rf"neuron \({neuron[0]}, {neuron[1]}\) has the activation 'sign'"
        with pytest.raises(gn.TrainingError, match=words):
            gn.train(small, X, y, engine=engine)
        assert small == before
        assert gn.forward(small, [1.0, 2.0]).v[neuron] in (-1, 0, 1)

    def test_an_own_activation_that_is_flat_too(self, small: gn.Network, engine: str) -> None:
        X, y = regression(6, 2, 2)
        step = gn.Activation("step", lambda a: 1.0 if a > 0 else 0.0, lambda a, v: 0.0)
        small.set_activation(step, layer=1)
        with pytest.raises(gn.TrainingError, match="'step', whose derivative is zero everywhere"):
            gn.train(small, X, y, engine=engine)


class TestOwnFunctions:
    def test_an_own_activation_and_loss_train_as_their_formulas_say(self, engine: str) -> None:
        # The built-ins under other names: the same weights, to rounding.
        own = gn.Activation("own", math.tanh, lambda a, v: 1 - v * v)
        loss = gn.Loss("own", lambda v, y: (v - y) * (v - y) / 2, lambda v, y: v - y)
        X, y = regression(6, 2, 2)
        mine = gn.Network.dense([2, 3, 2], activation=own, seed=0)
        builtin = gn.Network.dense([2, 3, 2], activation="tanh", seed=0)
        gn.train(mine, X, y, loss, epochs=4, engine=engine)
        gn.train(builtin, X, y, "squared", epochs=4, engine=engine)
        assert_close(weights_of(mine), weights_of(builtin), 1e-12)

    def test_a_scale_of_the_loss_scales_the_steps(self, engine: str) -> None:
        X, y = regression(6, 2, 2)
        one, two = (gn.Network.dense([2, 3, 2], seed=0) for _ in range(2))
        gn.train(one, X, y, gn.Squared(1.0), gn.SGD(0.125), epochs=4, engine=engine)
        gn.train(two, X, y, "squared", gn.SGD(0.25), epochs=4, engine=engine)
        assert weights_of(one) == weights_of(two)


class TestClassification:
    @pytest.mark.parametrize(
        ("loss", "outputs", "activation"),
        [
            ("softmax_cross_entropy", 2, "identity"),
            ("binary_cross_entropy", 1, "sigmoid"),
            ("hinge", 1, "identity"),
        ],
    )
    def test_separable_points_are_separated(
        self, engine: str, loss: str, outputs: int, activation: str
    ) -> None:
        X = [[-2.0, 0.0], [-1.0, 1.0], [1.0, -1.0], [2.0, 0.5]]
        classes = np.array([0, 0, 1, 1])
        net = gn.Network.dense([2, outputs], activation=activation, seed=0)
        y = 2 * classes - 1 if loss == "hinge" else classes
        gn.train(net, X, y, loss, gn.SGD(0.5), epochs=50, engine=engine)
        v = gn.compile(net).predict(X)
        if outputs == 2:
            found = v.argmax(axis=1)
        else:
            found = v[:, 0] > (0.5 if activation == "sigmoid" else 0.0)
        assert found.astype(int).tolist() == classes.tolist()


class TestWrongKinds:
    """An argument of a wrong kind is named, with an example of a right one."""

    @pytest.mark.parametrize(
        ("option", "message"),
        [
            ({"optimizer": "sgd"}, "optimizer is 'sgd', expected an object such as gn.SGD"),
            ({"optimizer": 0.1}, "optimizer is 0.1"),
            ({"optimizer": gn.SGD}, "optimizer is <class"),
            ({"regularizer": 0.01}, r"regularizer is 0.01, .* gn.L2\(1e-3\)"),
            ({"stop": [0.1]}, r"stop is 0.1, .* gn.SmallError\(0.01\)"),
            ({"stop": 3}, "stop is 3"),
            ({"stop": gn.MaxIterations}, "stop is <class"),
        ],
    )
    def test_an_option_of_training(
        self, small: gn.Network, option: dict[str, object], message: str
    ) -> None:
        before = small.copy()
        with pytest.raises(TypeError, match=message):
            gn.train(small, [[1.0, 2.0]], [[0.0, 1.0]], **option)  # type: ignore[arg-type]
        assert small == before

    @pytest.mark.parametrize("seed", ["a", -1, 2.5])
    def test_a_seed(self, small: gn.Network, seed: object) -> None:
        with pytest.raises(ValueError, match=r"seed is .*whole number"):
            gn.train(small, [[1.0, 2.0]], [[0.0, 1.0]], seed=seed)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=r"seed is .*whole number"):
            small.initialize(seed=seed)  # type: ignore[arg-type]

    @pytest.mark.parametrize("init", ["he", gn.He, 0.7])
    def test_an_initializer(self, init: object) -> None:
        with pytest.raises(TypeError, match=r"init is .* gn.Uniform\(0.7\)"):
            gn.Network.dense([2, 1], init=init)  # type: ignore[arg-type]

    def test_first_weights_that_overflow_are_no_matter_of_the_learning_rate(
        self, engine: str
    ) -> None:
        net = gn.Network.from_matrices([[[0.0], [1e300]]], activation="identity")
        with pytest.raises(gn.TrainingError, match="training cannot begin: the loss of the first"):
            gn.train(net, [[1e300]], [0.0], engine=engine)
