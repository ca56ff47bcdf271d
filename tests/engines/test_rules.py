"""An update rule and regularisers, sorted by what they do; a user's own ones in every engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from oracles import weights_of

import graphnn as gn
from graphnn.engines.rules import Numbers, Rules, counts

L1, L2, NET = gn.L1(0.5), gn.L2(0.5), gn.ElasticNet(0.5)
NORM, CLIP, VALUE, DROPOUT = gn.MaxNorm(1.0), gn.ClipNorm(1.0), gn.ClipValue(1.0), gn.Dropout()


class TestOf:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (None, ()),
            (L1, (L1,)),
            ([], ()),
            ([L1], (L1,)),
            ((L2, L1), (L2, L1)),
            ([None, L2, None], (L2,)),
            ([L2, L2], (L2, L2)),
        ],
    )
    def test_it_takes_one_several_or_none(self, given: Any, expected: tuple[Any, ...]) -> None:
        rule = gn.Adam()
        assert Rules.of(rule, given) == Rules(rule, expected)


class TestSorted:
    def test_a_regularizer_does_whatever_it_has_a_method_for(self) -> None:
        rules = Rules.of(gn.SGD(), [DROPOUT, VALUE, NET, CLIP, L1, NORM, L2])
        assert rules.penalties == (NET, L2)
        assert rules.clips == (VALUE,)
        assert rules.scalings == (CLIP,)
        assert rules.proximals == (NET, L1)
        assert rules.projections == (NORM,)
        assert rules.dropout is DROPOUT

    def test_without_regularizers_there_is_nothing_to_do(self) -> None:
        rules = Rules(gn.SGD())
        assert rules.penalties == rules.clips == rules.scalings == ()
        assert rules.proximals == rules.projections == ()
        assert rules.dropout is None

    @pytest.mark.parametrize("one", [None, L1, L2, NET, VALUE])
    def test_what_moves_each_weight_by_itself_needs_no_batches(self, one: Any) -> None:
        assert not Rules.of(gn.Adam(), one).needs_batches

    @pytest.mark.parametrize("one", [NORM, CLIP, DROPOUT])
    def test_what_looks_at_several_weights_or_drops_neurons_does(self, one: Any) -> None:
        assert Rules.of(gn.Adam(), one).needs_batches


class TestMaskedLayers:
    @pytest.mark.parametrize(
        ("dropout", "layers"),
        [
            (None, []),
            (gn.Dropout(0.5), [1, 2]),
            (gn.Dropout(0.5, inputs=0.25), [0, 1, 2]),
            (gn.Dropout(0.0, inputs=0.25), [0]),
            (gn.Dropout(0.0), []),
        ],
    )
    def test_they_are_the_hidden_ones_the_inputs_or_both(
        self, dropout: gn.Dropout | None, layers: list[int]
    ) -> None:
        assert list(Rules.of(gn.SGD(), dropout).masked_layers(3)) == layers

    def test_without_a_hidden_layer_inputs_alone_can_be_dropped(self) -> None:
        assert list(Rules.of(gn.SGD(), gn.Dropout(0.5)).masked_layers(1)) == []
        assert list(Rules.of(gn.SGD(), gn.Dropout(0.5, inputs=0.5)).masked_layers(1)) == [0]


@pytest.mark.parametrize(("constant", "constants"), [(a, b) for a in (0, 1) for b in (0, 1)])
def test_an_edge_counts_unless_a_constant_neuron_s_is_left_out(
    constant: int, constants: int
) -> None:
    rule = gn.L2(0.5, constants=bool(constants))
    assert counts(rule, constant=bool(constant)) is not (constant and not constants)


# ---- a user's own ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Warming(gn.Optimizer):
    """Momentum whose steps grow: the k-th update is k/8 of a whole one, at most a whole one."""

    mu: float = 0.5

    def slots(self) -> dict[str, float]:
        return {"u": 0.0}

    def counters(self) -> dict[str, float]:
        return {"share": 0.0}

    def tick(self, counters: Numbers) -> Numbers:
        return (min(counters[0] + 0.125, 1.0),)

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        velocity = self.mu * slots[0] - step[1] * step[0] * gradient
        return weight + velocity, (velocity,)


@dataclass(frozen=True)
class Cubic:
    """lambda/4 w^4: keeps large weights smaller."""

    lambda_: float
    constants: bool = True

    def term(self, w: float) -> float:
        return self.lambda_ / 4 * w * w * w * w

    def derivative(self, w: float) -> float:
        return self.lambda_ * w * w * w


@dataclass(frozen=True)
class Stepped:
    """A floor of the gradient's absolute value, and a step of the weight, both without arrays."""

    floor: float

    @property
    def constants(self) -> bool:
        return False

    def clip(self, gradient: float) -> float:
        return gradient if abs(gradient) > self.floor else 0.0

    def proximal(self, w: float, eta: float) -> float:
        return min(w, 1.0 - eta)


X = np.array([[0.5, -1.0], [0.25, 0.75], [-1.0, 0.5], [1.5, 1.0], [0.0, -0.5]])
Y = np.array([0.5, -0.25, 1.0, 0.75, -1.0])


def by_hand(net: gn.Network, *, cubic: Cubic, floor: float, eta: float, epochs: int) -> list[float]:
    """Return the weights after epochs of single samples, from `backward` and arithmetic alone."""
    copy, share, velocity = net.copy(), 0.0, dict.fromkeys(net.edges, 0.0)
    for x, y in list(zip(X.tolist(), Y.tolist(), strict=True)) * epochs:
        trace = gn.backward(copy, x, y)
        share = min(share + 0.125, 1.0)
        for edge, weight in trace.weights.items():
            constant = edge[0][1] == 0
            g = trace.gradient[edge]
            if cubic.constants or not constant:
                g = g + cubic.lambda_ * weight * weight * weight
            g = g if abs(g) > floor else 0.0
            velocity[edge] = 0.5 * velocity[edge] - share * eta * g
            w = weight + velocity[edge]
            copy.set_weight(*edge, w if constant else min(w, 1.0 - eta))
    return list(weights_of(copy).values())


@pytest.mark.parametrize("constants", [True, False])
class TestOwn:
    @staticmethod
    def network() -> gn.Network:
        net = gn.Network.dense([2, 3, 1], activation=["tanh", "identity"], seed=3)
        net.remove_edge((0, 2), (1, 3))
        return net

    def train(self, engine: str, constants: bool, **words: Any) -> gn.TrainingResult:
        return gn.train(
            self.network(), X, Y, optimizer=Warming(0.25),
            regularizer=[Cubic(0.125, constants), Stepped(0.01)], order="given", epochs=4,
            engine=engine, **words,
        )  # fmt: skip

    def test_they_train_in_every_engine(self, engine: str, constants: bool) -> None:
        cubic = Cubic(0.125, constants)
        expected = by_hand(self.network(), cubic=cubic, floor=0.01, eta=0.25, epochs=4)
        found = self.train(engine, constants).program.theta
        if engine == "matrix":
            assert np.allclose(found, expected, rtol=1e-12, atol=1e-14)
        else:
            assert found.tolist() == expected

    def test_they_do_so_in_batches_and_in_float32(self, engine: str, constants: bool) -> None:
        words: dict[str, Any] = {"batch_size": 2, "dtype": np.float32}
        found = self.train(engine, constants, **words).program.theta
        expected = self.train("node", constants, **words).program.theta
        assert found.dtype == np.float32
        if engine == "native":
            assert np.array_equal(found, expected)
        assert np.allclose(found, expected, rtol=1e-5, atol=1e-6)

    def test_the_penalty_is_that_of_the_weights_that_count(
        self, engine: str, constants: bool
    ) -> None:
        result = self.train(engine, constants)
        weights = weights_of(self.network()) if constants else {
            edge: w for edge, w in weights_of(self.network()).items() if edge[0][1]
        }  # fmt: skip
        first = sum(0.125 / 4 * w**4 for w in weights.values())
        assert result.history[0].penalty == pytest.approx(first, rel=1e-13)


@dataclass(frozen=True)
class Late(gn.SGD):
    """Decays from the third update on, whatever the gradient is."""

    def counters(self) -> dict[str, float]:
        return {"updates": 0.0}

    def tick(self, counters: Numbers) -> Numbers:
        return (counters[0] + 1,)

    def update(
        self, weight: float, gradient: float, slots: Numbers, step: Numbers
    ) -> tuple[float, Numbers]:
        return (weight * 0.99 if step[1] > 2 else weight) - step[0] * gradient, slots


@dataclass(frozen=True)
class Drift(gn.ClipValue):
    """Moves where the gradient is 0."""

    def clip(self, gradient: float) -> float:
        return gradient + self.bound


@dataclass(frozen=True)
class Silent:
    """Says nothing of the constant neurons, so theirs count too."""

    lambda_: float

    def term(self, w: float) -> float:
        return self.lambda_ * w

    def derivative(self, w: float) -> float:
        return self.lambda_


@pytest.mark.parametrize(
    ("optimizer", "regularizer"),
    [(Late(0.05), None), (gn.SGD(0.05), Drift(0.01)), (gn.SGD(0.05), Silent(0.1))],
    ids=["optimizer", "clip", "silent"],
)
def test_what_a_user_s_class_inherits_does_not_stand_for_what_it_overrides(
    small: gn.Network, optimizer: Any, regularizer: Any
) -> None:
    # Rows of zeros are what compiled code may pass over, and forms for arrays what is inherited.
    X = np.array([[0.0, 1.0], [0.0, 0.0], [1.0, 0.0], [0.0, 0.5]])
    found = {}
    for engine in ("node", "native", "matrix"):
        net = small.copy()
        gn.train(net, X, X, optimizer=optimizer, regularizer=regularizer, epochs=5, engine=engine)
        found[engine] = list(weights_of(net).values())
    assert found["node"] == found["native"]
    assert np.allclose(found["node"], found["matrix"], rtol=1e-12)


def test_numbered_slots_of_deep_networks_are_kept_apart() -> None:
    @dataclass(frozen=True)
    class Numbered(gn.Optimizer):
        def slots(self) -> dict[str, float]:
            return {"m": 0.0, "m1": 1.0}

        def update(
            self, weight: float, gradient: float, slots: Numbers, step: Numbers
        ) -> tuple[float, Numbers]:
            return weight - step[0] * gradient * slots[1] - slots[0], (gradient / 10, slots[1])

    deep = gn.Network.dense([1] * 13, "tanh", seed=0)
    X, y = np.array([[0.5], [1.0]]), np.array([[0.1], [0.2]])
    found = []
    for engine in ("node", "native"):
        net = deep.copy()
        gn.train(net, X, y, optimizer=Numbered(0.1), epochs=3, engine=engine)
        found.append(weights_of(net))
    assert found[0] == found[1]


def test_a_slot_that_is_no_identifier_is_named(small: gn.Network) -> None:
    class Spaced(gn.SGD):
        def slots(self) -> dict[str, float]:
            return {"my slot": 0.0}

    with pytest.raises(gn.CompileError, match="the slot 'my slot' cannot be compiled"):
        gn.train(small, [[0.0, 0.0]], [[0.0, 0.0]], optimizer=Spaced(), engine="native")
