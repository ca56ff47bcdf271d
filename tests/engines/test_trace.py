"""`Trace`: its steps replay the pass bit for bit; its words hold its numbers."""

from __future__ import annotations

import io
import pickle
from fractions import Fraction

import pytest
from hypothesis import given
from strategies import Case, cases

import graphnn as gn


class TestSteps:
    @given(cases())
    def test_forward_sums_grow_term_by_term_to_a_and_then_v(self, case: Case) -> None:
        trace = gn.backward(case.net, case.X[0], case.y[0], case.loss)
        values = {n: trace.v[n] for n in case.net.nodes if n[0] == 0 or n[1] == 0}
        a = dict.fromkeys(trace.a, 0.0)
        for step in trace.steps:
            if step.act == "add":
                assert step.edge is not None
                u, v = step.edge
                assert v == step.neuron
                assert step.numbers == (case.net.edges[u, v]["weight"], values[u])
                a[v] = a[v] + step.numbers[0] * step.numbers[1]
                assert step.result == a[v]
            elif step.act == "value":
                assert step.numbers == (a[step.neuron],) == (trace.a[step.neuron],)
                assert step.result == trace.v[step.neuron]
                values[step.neuron] = step.result
        assert values == trace.v

    @given(cases())
    def test_backward_sums_grow_term_by_term_to_delta(self, case: Case) -> None:
        trace = gn.backward(case.net, case.X[0], case.y[0], case.loss)
        known: dict[tuple[int, int], float] = {}
        s = dict.fromkeys(trace.a, 0.0)
        for step in trace.steps:
            if step.act == "add back":
                assert step.edge is not None
                u, v = step.edge
                assert u == step.neuron
                assert step.numbers == (case.net.edges[u, v]["weight"], known[v])
                s[u] = s[u] + step.numbers[0] * step.numbers[1]
                assert step.result == s[u]
            elif step.act == "delta":
                assert step.numbers[1] == s[step.neuron]
                assert step.result == step.numbers[0] * step.numbers[1]
            if step.act in ("output", "delta"):
                assert step.result == trace.delta[step.neuron]
                assert (step.act == "output") == (step.neuron[0] == case.net.depth)
                known[step.neuron] = step.result
        assert known == trace.delta

    @given(cases())
    def test_every_edge_has_its_gradient_step(self, case: Case) -> None:
        trace = gn.backward(case.net, case.X[0], case.y[0], case.loss)
        steps = [step for step in trace.steps if step.act == "gradient"]
        assert {step.edge: step.result for step in steps} == trace.gradient
        assert all(step.result == step.numbers[0] * step.numbers[1] for step in steps)
        assert len(steps) == len(case.net.edges)

    @given(cases())
    def test_edges_are_crossed_in_ascending_order(self, case: Case) -> None:
        trace = gn.backward(case.net, case.X[0], case.y[0], case.loss)
        for act, end in (("add", 0), ("add back", 1)):
            for neuron in trace.a:
                others = [
                    step.edge[end]
                    for step in trace.steps
                    if step.act == act and step.neuron == neuron and step.edge is not None
                ]
                assert others == sorted(others)
        crossed = [step.edge for step in trace.steps if step.act == "add"]
        assert sorted(crossed) == sorted(case.net.edges)  # type: ignore[type-var]

    def test_forward_alone_has_no_backward_step(self, small: gn.Network) -> None:
        acts = {step.act for step in gn.forward(small, [1.0, 2.0]).steps}
        assert acts == {"add", "value"}

    def test_they_read_as_sentences(self) -> None:
        net = gn.Network([1, 1, 1], activation="identity")
        net.add_weighted_edges_from([((0, 1), (1, 1), 2.0), ((1, 1), (2, 1), -0.5)])
        assert [str(step) for step in gn.backward(net, [3.0], 1.0).steps] == [
            "neuron (1, 1) adds 2 x 3 from (0, 1): a = 6",
            "neuron (1, 1) has value sigma(6) = 6",
            "neuron (2, 1) adds -0.5 x 6 from (1, 1): a = -3",
            "neuron (2, 1) has value sigma(-3) = -3",
            "neuron (2, 1) takes its sensitivity from the loss: delta = -4",
            "neuron (1, 1) adds -0.5 x -4 from (2, 1): sum = 2",
            "neuron (1, 1) has sensitivity sigma' x sum = 1 x 2 = 2",
            "edge (0, 1) -> (1, 1) has gradient 2 x 3 = 6",
            "edge (1, 1) -> (2, 1) has gradient -4 x 6 = -24",
        ]


class TestContents:
    @given(cases())
    def test_weights_and_their_order_are_the_graph_s(self, case: Case) -> None:
        trace = gn.forward(case.net, case.X[0])
        assert list(trace.weights.items()) == sorted(
            ((u, v), w) for u, v, w in case.net.edges(data="weight")
        )
        for neuron in trace.a:
            assert {u for u, _ in trace.incoming[neuron]} == set(case.net.graph.pred[neuron])
        for neuron in trace.v:
            assert {v for _, v in trace.outgoing[neuron]} == set(case.net.graph.succ[neuron])

    def test_forward_leaves_the_backward_part_empty(self, small: gn.Network) -> None:
        trace = gn.forward(small, [1.0, 2.0])
        assert (trace.delta, trace.gradient) == ({}, {})
        assert (trace.loss, trace.loss_function, trace.target) == (None, None, None)

    def test_backward_keeps_target_and_loss_function(self, small: gn.Network) -> None:
        trace = gn.backward(small, [1.0, 2.0], [0.0, 1.0], "absolute")
        assert trace.target == (0.0, 1.0)
        assert trace.loss_function is gn.LOSSES["absolute"]

    def test_it_remembers_weights_that_change_later(self, small: gn.Network) -> None:
        trace = gn.forward(small, [1.0, 2.0])
        small.set_weight((0, 0), (1, 1), 9.0)
        assert trace.weights[(0, 0), (1, 1)] == 0.25

    def test_it_can_be_pickled(self, small: gn.Network) -> None:
        trace = gn.backward(small, [1.0, 2.0], [0.0, 1.0], "absolute")
        assert trace.steps
        assert pickle.loads(pickle.dumps(trace)) == trace


class TestWords:
    def test_the_table_lists_every_neuron_and_edge(self, small: gn.Network) -> None:
        text = str(gn.backward(small, [1.0, 2.0], [0.0, 1.0]))
        for neuron in small.nodes:
            assert sum(line.startswith(f"{neuron} ") for line in text.splitlines()) >= 1
        for u, v in small.edges:
            assert f"{u} -> {v}" in text

    def test_the_table_shows_mazur_s_numbers(self, mazur: gn.Network) -> None:
        lines = str(gn.backward(mazur, [0.05, 0.10], [0.01, 0.99])).splitlines()
        assert any(
            line.split() == ["(2,", "1)", "1.10591", "0.751365", "0.138499"] for line in lines
        )
        assert lines[-1].startswith("loss 0.29837110")

    def test_explain_puts_mazur_s_numbers_into_an_output_s_formulas(
        self, mazur: gn.Network
    ) -> None:
        text = gn.backward(mazur, [0.05, 0.10], [0.01, 0.99]).explain((2, 1))
        assert "neuron (2, 1), sigmoid" in text
        assert "0.4 x 0.59327" in text
        assert "= 1.105905967" in text
        assert "v_2,1 = sigmoid(1.10591) = 0.7513650696" in text
        assert "target y_1 = 0.01" in text
        assert "= 0.186816 x 0.741365" in text
        assert "dl/dw_1,1^(2) = delta_2,1 v_1,1 = 0.138499 x 0.59327 = 0.0821670405" in text

    def test_explain_says_that_no_edge_reaches_a_neuron(self, small: gn.Network) -> None:
        text = gn.backward(small, [1.0, 2.0], [0.0, 1.0]).explain((1, 7))
        assert "0, since no edge reaches it" in text

    def test_explain_says_that_no_edge_leaves_a_neuron(self) -> None:
        net = gn.Network([1, 2, 1])
        net.add_edge((1, 1), (2, 1), 1.0)
        text = gn.backward(net, [1.0], 1.0).explain((1, 2))
        assert "0, since no edge leaves it" in text

    def test_the_function_prints_what_the_method_returns(self, mazur: gn.Network) -> None:
        file = io.StringIO()
        gn.explain(mazur, [0.05, 0.10], [0.01, 0.99], neuron=(1, 2), file=file)
        expected = gn.backward(mazur, [0.05, 0.10], [0.01, 0.99]).explain((1, 2))
        assert file.getvalue() == expected + "\n"

    def test_without_a_target_only_the_forward_pass_is_explained(
        self, mazur: gn.Network, capsys: pytest.CaptureFixture[str]
    ) -> None:
        gn.explain(mazur, [0.05, 0.10], neuron=(1, 2))
        text = capsys.readouterr().out
        assert "forward:" in text
        assert "backward:" not in text

    @pytest.mark.parametrize("neuron", [(0, 1), (1, 0), (1, 9), (7, 1), "v"])
    def test_a_neuron_without_formulas_is_refused(
        self, mazur: gn.Network, neuron: tuple[int, int]
    ) -> None:
        with pytest.raises(gn.NetworkError, match="cannot explain it"):
            gn.explain(mazur, [0.05, 0.10], neuron=neuron)


class TestOtherNumbers:
    """The same words with fractions and symbols in them."""

    def chain(self) -> gn.Network:
        net = gn.Network([1, 1, 1], activation="identity")
        net.add_weighted_edges_from(
            [((0, 0), (1, 1), 0.5), ((0, 1), (1, 1), 0.25), ((1, 1), (2, 1), -2.0)]
        )
        return net

    def test_steps_replay_the_pass_exactly(self) -> None:
        trace = gn.backward(self.chain(), [Fraction(1, 3)], 1, number=Fraction)
        assert [str(step) for step in trace.steps] == [
            "neuron (1, 1) adds 1/2 x 1 from (0, 0): a = 1/2",
            "neuron (1, 1) adds 1/4 x 1/3 from (0, 1): a = 7/12",
            "neuron (1, 1) has value sigma(7/12) = 7/12",
            "neuron (2, 1) adds -2 x 7/12 from (1, 1): a = -7/6",
            "neuron (2, 1) has value sigma(-7/6) = -7/6",
            "neuron (2, 1) takes its sensitivity from the loss: delta = -13/6",
            "neuron (1, 1) adds -2 x -13/6 from (2, 1): sum = 13/3",
            "neuron (1, 1) has sensitivity sigma' x sum = 1 x 13/3 = 13/3",
            "edge (0, 0) -> (1, 1) has gradient 13/3 x 1 = 13/3",
            "edge (0, 1) -> (1, 1) has gradient 13/3 x 1/3 = 13/9",
            "edge (1, 1) -> (2, 1) has gradient -13/6 x 7/12 = -91/72",
        ]
        assert {type(step.result) for step in trace.steps} == {Fraction}

    def test_explain_puts_fractions_in(self) -> None:
        net, file = self.chain(), io.StringIO()
        gn.explain(net, [Fraction(1, 3)], 1, neuron=(1, 1), number=Fraction, file=file)
        text = file.getvalue()
        assert "      = 1/2 x 1\n      + 1/4 x 1/3\n      = 7/12\n" in text
        assert "v_1,1 = identity(7/12) = 7/12" in text
        assert "      = 1 x (-2 x -13/6)\n      = 13/3\n" in text
        assert "dl/dw_1,1^(1) = delta_1,1 v_0,1 = 13/3 x 1/3 = 13/9" in text
        gn.explain(net, [Fraction(1, 3)], neuron=(2, 1), number=Fraction, file=file)
        assert "      = -2 x 7/12\n      = -7/6\n" in file.getvalue()

    def test_the_table_shows_fractions(self) -> None:
        lines = str(gn.backward(self.chain(), [Fraction(1, 3)], 1, number=Fraction)).splitlines()
        assert any(line.split() == ["(1,", "1)", "7/12", "7/12", "13/3"] for line in lines)
        assert lines[-1] == "loss 169/72"

    def test_a_neuron_without_edges_reads_the_same(self, small: gn.Network) -> None:
        small.set_activation("identity", layer=1)
        small.set_activation("relu", layer=2)
        text = gn.backward(small, [1, 2], [0, 1], number=Fraction).explain((1, 7))
        assert "  a_1,7 = 0, since no edge reaches it\n      = 0\n" in text

    def test_sums_of_symbols_stand_in_parentheses(self) -> None:
        sympy = pytest.importorskip("sympy")
        net = self.chain()
        x = sympy.Symbol("x")
        trace = gn.forward(net, [x], number=sympy.Rational)
        assert str(trace.steps[-2]) == (
            "neuron (2, 1) adds -2 x (x/4 + 1/2) from (1, 1): a = -x/2 - 1"
        )
        assert "      = -2 x (x/4 + 1/2)\n" in trace.explain((2, 1))
