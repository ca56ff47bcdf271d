"""Plans are equal exactly where the same machine code serves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engines.native.agreement import Lesson, lowered
from strategies import LOSS_NAMES

import graphnn as gn
from graphnn.engines.batches import Batches
from graphnn.engines.native import engine
from graphnn.engines.native import kernel as kernel_module
from graphnn.engines.native.loops import Task
from graphnn.engines.native.plan import Plan, plan
from graphnn.engines.rules import Numbers, Rules
from graphnn.engines.state import State
from graphnn.errors import CompileError

SQUARED = gn.LOSSES["squared"]


def planned(
    net: gn.Network,
    loops: str = "dense",
    loss: str | gn.Loss = "squared",
    task: Task = "steps",
    rule: gn.Optimizer = gn.SGD(0.1),  # noqa: B008 - frozen
    regularizer: object = None,
    dtype: type = np.float64,
    **words: Any,
) -> Plan:
    resolved = gn.LOSSES[loss] if isinstance(loss, str) else loss
    rules = None if task == "propagate" else Rules.of(rule, regularizer)
    program = lowered(net, loops, dtype)
    return plan(program, resolved, task, rules, **words)


def network(seed: int = 0, sizes: tuple[int, ...] = (2, 3, 1)) -> gn.Network:
    return gn.Network.dense(sizes, activation="tanh", seed=seed)


def mixed(sizes: tuple[int, ...], seed: int) -> gn.Network:
    net = gn.Network.dense(sizes, activation="sigmoid", seed=seed)
    net.set_activation("elu", neuron=(1, 1))
    net.set_activation("tanh", neuron=(1, 2))
    return net


class TestEquality:
    @pytest.mark.parametrize("loops", ["dense", "edges"])
    def test_weights_and_the_numbers_of_a_rule_are_no_part_of_it(self, loops: str) -> None:
        pairs = [
            (gn.SGD(0.1), gn.SGD(0.7)),
            (gn.Momentum(0.1, mu=0.5), gn.Momentum(gn.Cosine(0.1, steps=9), mu=0.9)),
            (gn.Adam(beta1=0.5), gn.Adam(beta2=0.5, epsilon=1e-3)),
        ]
        for rule, another in pairs:
            one = planned(network(0), loops, rule=rule, regularizer=gn.L2(0.5))
            other = planned(network(1), loops, rule=another, regularizer=gn.L2(0.25))
            assert one == other
            assert hash(one) == hash(other)
            assert one.key == other.key

    def test_along_edges_the_structure_is_no_part_of_it(self) -> None:
        sparse = mixed((4, 6, 2), 1)
        sparse.remove_edge((0, 1), (1, 2))
        one, other = planned(mixed((2, 3, 1), 0), "edges"), planned(sparse, "edges")
        assert one == other
        assert one.key == other.key

    def test_over_matrices_the_sizes_are_part_of_it(self) -> None:
        assert planned(network()) != planned(network(sizes=(2, 4, 1)))

    def test_everything_that_enters_the_code_is_part_of_it(self) -> None:
        base, net = planned(network()), network()
        others = [
            planned(net, "edges"),
            planned(net, loss="absolute"),
            planned(net, task="batches"),
            planned(net, task="propagate"),
            planned(net, regularizer=gn.L2(0.1)),
            planned(net, regularizer=gn.L2(0.1, constants=False)),
            planned(net, dtype=np.float32),
            planned(net, fastmath=True),
            planned(net, weighted=True),
            planned(net, rule=gn.Momentum()),
            planned(net, rule=gn.Nesterov()),
            planned(net, rule=gn.Adam()),
            planned(net, rule=gn.AdamW()),
            planned(net, regularizer=gn.L1(0.1)),
            planned(net, regularizer=[gn.L1(0.1), gn.L2(0.1)]),
            planned(net, regularizer=[gn.L2(0.1), gn.L2(0.1)]),
            planned(net, regularizer=gn.ClipValue(0.1)),
            planned(net, task="batches", regularizer=gn.ClipNorm(0.1)),
            planned(net, task="batches", regularizer=gn.MaxNorm(0.1)),
            planned(net, task="batches", regularizer=gn.MaxNorm(0.1, constants=False)),
            planned(net, task="batches", regularizer=gn.Dropout(0.1)),
            planned(net, task="batches", regularizer=gn.Dropout(0.1, inputs=0.1)),
            planned(net, task="batches", regularizer=gn.Dropout(0.0, inputs=0.1)),
            planned(net, loss=gn.Squared(0.75)),
            planned(net, loss=gn.Squared(0.25)),
        ]
        plans = [base, *others]
        assert len(set(plans)) == len(plans)
        assert len({one.key for one in plans}) == len(plans)

    def test_own_functions_of_one_name_are_told_apart(self) -> None:
        def with_slope(k: float) -> gn.Network:
            own = gn.Activation("own", lambda a: k * a, lambda a, v: k)
            return gn.Network.dense([2, 1], activation=own, seed=0)

        assert planned(with_slope(0.5)) == planned(with_slope(0.5))
        assert planned(with_slope(0.5)) != planned(with_slope(0.25))
        assert planned(with_slope(0.5)).key != planned(with_slope(0.25)).key

    def test_rules_of_one_name_are_told_apart(self) -> None:
        def ruled(factor: float) -> Plan:
            @dataclass(frozen=True)
            class Rule(gn.Optimizer):
                def update(
                    self, weight: float, gradient: float, slots: Numbers, step: Numbers
                ) -> tuple[float, Numbers]:
                    return weight - factor * step[0] * gradient, slots

            return planned(network(), rule=Rule())

        assert ruled(1.0) == ruled(1.0)
        assert ruled(1.0) != ruled(2.0)


class TestNothingIsCompiledAgain:
    @pytest.mark.parametrize("loops", ["dense", "edges"])
    def test_for_another_eta_lambda_or_weights(
        self, loops: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rng = np.random.default_rng(0)
        X, y, rows = rng.normal(size=(4, 2)), rng.normal(size=(4, 1)), rng.integers(0, 4, 9)
        for k, (eta, lambda_) in enumerate([(0.1, 0.5), (0.3, 0.25), (0.7, 0.0)]):
            lesson = Lesson(network(k), X, y, "squared", gn.SGD(eta), gn.L2(lambda_))
            assert_trained(lesson, Batches.of_size(rows, 1, eta), loops)
            monkeypatch.setattr(kernel_module, "compile_plan", refuse)

    def test_along_edges_for_another_structure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rng = np.random.default_rng(0)
        sparse, deep = network(1, (4, 6, 2)), network(2, (3, 4, 3, 2, 1))
        sparse.remove_edge((0, 1), (1, 2))
        for net in (network(), sparse, deep):
            X = rng.normal(size=(3, net.layers[0]))
            y = rng.normal(size=(3, net.layers[-1]))
            lesson = Lesson(net, X, y, "squared")
            assert_trained(lesson, Batches.of_size(np.arange(9) % 3, 1, 0.1), "edges")
            monkeypatch.setattr(kernel_module, "compile_plan", refuse)

    def test_a_kernel_is_made_once(self) -> None:
        kernel = kernel_module.kernel
        plans = [planned(network(k), rule=gn.SGD(eta)) for k, eta in enumerate((0.1, 0.2))]
        assert kernel(plans[0]) is kernel(plans[1])


def assert_trained(lesson: Lesson, batches: Batches, loops: str) -> None:
    state = State.first(lowered(lesson.net, loops), lesson.rule)
    found = engine.run(state, lesson.X, lesson.y, batches, SQUARED, lesson.rules)
    assert found.program.theta.tolist() == lesson.trained(batches)[-1]


def refuse(plan: Plan) -> None:
    raise AssertionError("compiled again")


class TestText:
    @pytest.mark.parametrize("loops", ["dense", "edges"])
    @pytest.mark.parametrize("loss", LOSS_NAMES)
    @pytest.mark.parametrize("task", ["steps", "batches", "propagate"])
    def test_it_is_python_that_defines_the_function_with_the_kinds_as_arguments(
        self, loops: str, loss: str, task: Task
    ) -> None:
        output = {"binary_cross_entropy": "sigmoid", "softmax_cross_entropy": "identity"}
        net = gn.Network.dense([2, 3, 2], activation=["tanh", output.get(loss, "tanh")], seed=0)
        found = planned(net, loops, loss, task)
        names: dict[str, object] = {}
        exec(compile(found.text, "<plan>", "exec"), names)
        function = names[found.name]
        code = function.__code__  # type: ignore[attr-defined]
        assert code.co_varnames[: code.co_argcount] == tuple(name for name, _ in found.kinds)
        assert "\t" not in found.text
        assert all(line == line.rstrip() for line in found.text.splitlines())

    def test_the_source_says_where_scalar_functions_come_from(self) -> None:
        source = planned(network(), regularizer=gn.L2(0.1)).source
        assert "# tanh_value: graphnn.functions.activations._tanh\n" in source
        assert "# update: graphnn.learning.optimizers.SGD.update\n" in source
        assert "# derivative1: graphnn.functions.regularizers.L2.derivative\n" in source
        assert source.endswith(planned(network(), regularizer=gn.L2(0.1)).text)

    def test_it_says_so_of_every_method_of_every_rule(self) -> None:
        many = [gn.ElasticNet(0.1), gn.MaxNorm(1.0), gn.ClipNorm(1.0), gn.ClipValue(1.0)]
        source = planned(network(), task="batches", rule=gn.Adam(), regularizer=many).source
        assert "# tick: graphnn.learning.adaptive.Adam.tick\n" in source
        assert "# update: graphnn.learning.adaptive.Adam.update\n" in source
        names = ["derivative1", "proximal1", "weight_factor2", "gradient_factor3", "clip4"]
        for name in names:
            method = f"{type(many[int(name[-1]) - 1]).__name__}.{name[:-1]}"
            assert f"# {name}: graphnn.functions.regularizers.{method}\n" in source

    def test_the_key_is_the_same_in_every_process(self) -> None:
        # Hash randomisation and memory addresses must not enter it: files are named by it.
        import subprocess
        import sys

        code = (
            "import graphnn as gn\n"
            "from graphnn.engines.native.plan import plan\n"
            "from graphnn.engines.rules import Rules\n"
            "net = gn.Network.dense([2, 3, 1], activation='tanh', seed=0)\n"
            "own = gn.Loss('own', lambda v, y: v - y, lambda v, y: 1.0)\n"
            "rules = Rules.of(gn.Adam(), [gn.L1(0.1), gn.L2(0.1)])\n"
            "print(plan(gn.compile(net), gn.Squared(), 'steps', rules).key,\n"
            "      plan(gn.compile(net), own, 'steps', rules).key)\n"
        )
        found = {
            subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True,
                env={"PYTHONHASHSEED": seed}, cwd=Path(gn.__file__).parent.parent,
            ).stdout
            for seed in ("1", "2")
        }  # fmt: skip
        assert len(found) == 1


def test_a_function_that_cannot_be_followed_is_refused_with_its_owner() -> None:
    table = {"k": 1.0}
    own = gn.Activation("mine", lambda a: table["k"] * a, lambda a, v: 1.0)
    net = gn.Network.dense([2, 1], activation=own, seed=0)
    with pytest.raises(CompileError, match=r"activation 'mine': value.*table is a dict"):
        planned(net)


def test_a_rule_that_cannot_be_followed_is_refused_with_its_owner() -> None:
    table = {"k": 1.0}

    @dataclass(frozen=True)
    class Rule(gn.Optimizer):
        def update(
            self, weight: float, gradient: float, slots: Numbers, step: Numbers
        ) -> tuple[float, Numbers]:
            return weight - table["k"] * step[0] * gradient, slots

    with pytest.raises(CompileError, match=r"optimizer .*Rule.*: update.*table is a dict"):
        planned(network(), rule=Rule())


def test_a_regularizer_that_cannot_be_followed_is_refused_with_its_owner() -> None:
    table = {"k": 1.0}

    @dataclass(frozen=True)
    class Mine:
        def derivative(self, w: float) -> float:
            return table["k"] * w

    with pytest.raises(CompileError, match=r"regularizer .*Mine\(\): derivative.*table is a dict"):
        planned(network(), regularizer=[gn.L2(0.1), Mine()])
