"""Plans are equal exactly where the same machine code serves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
from graphnn.errors import CompileError

SQUARED = gn.LOSSES["squared"]


def planned(
    net: gn.Network,
    loops: str = "dense",
    loss: str | gn.Loss = "squared",
    task: Task = "steps",
    eta: float = 0.1,
    regularizer: gn.L2 | None = None,
    dtype: type = np.float64,
    fastmath: bool = False,
) -> Plan:
    resolved = gn.LOSSES[loss] if isinstance(loss, str) else loss
    rule = None if task == "propagate" else gn.SGD(eta)
    program = lowered(net, loops, dtype)
    return plan(program, resolved, task, rule, regularizer, fastmath=fastmath)


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
        one = planned(network(0), loops, eta=0.1, regularizer=gn.L2(0.5))
        other = planned(network(1), loops, eta=0.7, regularizer=gn.L2(0.25))
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
            class Rule:
                eta: float

                def update(self, weight: float, gradient: float) -> float:
                    return weight - factor * self.eta * gradient

            program = gn.compile(network())
            return plan(program, SQUARED, "steps", Rule(0.1))

        assert ruled(1.0) == ruled(1.0)
        assert ruled(1.0) != ruled(2.0)


class TestNothingIsCompiledAgain:
    @pytest.mark.parametrize("loops", ["dense", "edges"])
    def test_for_another_eta_lambda_or_weights(
        self, loops: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rng = np.random.default_rng(0)
        X, y, batches = rng.normal(size=(4, 2)), rng.normal(size=(4, 1)), Batches.of_size(
            rng.integers(0, 4, 9), 1
        )  # fmt: skip
        for k, (eta, lambda_) in enumerate([(0.1, 0.5), (0.3, 0.25), (0.7, 0.0)]):
            net, rule, decay = network(k), gn.SGD(eta), gn.L2(lambda_)
            found = engine.run(lowered(net, loops), X, y, batches, SQUARED, rule, decay)
            lesson = Lesson(net, X, y, "squared", rule, decay)
            assert found.theta.tolist() == lesson.trained(batches)[-1]
            monkeypatch.setattr(kernel_module, "compile_plan", refuse)

    def test_along_edges_for_another_structure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        rng = np.random.default_rng(0)
        sparse, deep = network(1, (4, 6, 2)), network(2, (3, 4, 3, 2, 1))
        sparse.remove_edge((0, 1), (1, 2))
        for net in (network(), sparse, deep):
            X = rng.normal(size=(3, net.layers[0]))
            y = rng.normal(size=(3, net.layers[-1]))
            lesson, batches = Lesson(net, X, y, "squared"), Batches.of_size(np.arange(9) % 3, 1)
            found = engine.run(lowered(net, "edges"), X, y, batches, SQUARED, lesson.rule)
            assert found.theta.tolist() == lesson.trained(batches)[-1]
            monkeypatch.setattr(kernel_module, "compile_plan", refuse)

    def test_a_kernel_is_made_once(self) -> None:
        kernel = kernel_module.kernel
        assert kernel(planned(network(0), eta=0.1)) is kernel(planned(network(1), eta=0.2))


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
        assert "# penalty: graphnn.functions.regularizers.L2.derivative\n" in source
        assert source.endswith(planned(network(), regularizer=gn.L2(0.1)).text)

    def test_the_key_is_the_same_in_every_process(self) -> None:
        # Hash randomisation and memory addresses must not enter it: files are named by it.
        import subprocess
        import sys

        code = (
            "import graphnn as gn\n"
            "from graphnn.engines.native.plan import plan\n"
            "net = gn.Network.dense([2, 3, 1], activation='tanh', seed=0)\n"
            "own = gn.Loss('own', lambda v, y: v - y, lambda v, y: 1.0)\n"
            "print(plan(gn.compile(net), gn.Squared(), 'steps', gn.SGD(0.1)).key,\n"
            "      plan(gn.compile(net), own, 'steps', gn.SGD(0.1)).key)\n"
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
    class Rule:
        eta: float

        def update(self, weight: float, gradient: float) -> float:
            return weight - table["k"] * self.eta * gradient

    with pytest.raises(CompileError, match=r"optimizer.*table is a dict"):
        plan(gn.compile(network()), SQUARED, "steps", Rule(0.1))
