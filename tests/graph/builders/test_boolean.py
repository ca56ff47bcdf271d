"""Boolean functions as sign networks: every row of every table."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphnn as gn
from graphnn.graph.builders import formula, truth_table


def computed(net: gn.Network) -> list[bool]:
    """Return what a network says in each row, in every engine the same, -1 or 1."""
    X = np.array(list(product((-1.0, 1.0), repeat=net.layers[0])))
    found = [gn.forward(net, x).output for x in X]
    assert np.array_equal(gn.compile(net).predict(X), found)
    assert all(abs(value) == 1 for (value,) in found)
    return [value == 1 for (value,) in found]


class TestTruthTable:
    @pytest.mark.parametrize("table", list(product((False, True), repeat=4)))
    def test_all_sixteen_functions_of_two_variables(self, table: tuple[bool, ...]) -> None:
        assert computed(truth_table(table)) == list(table)

    @pytest.mark.parametrize("table", list(product((False, True), repeat=2)))
    def test_all_four_of_one(self, table: tuple[bool, ...]) -> None:
        assert computed(truth_table(table)) == list(table)

    @given(st.lists(st.booleans(), min_size=16, max_size=16))
    def test_any_of_four(self, table: list[bool]) -> None:
        assert computed(truth_table(table)) == table

    def test_it_has_the_graph_and_weights_of_the_claim(self) -> None:
        net = truth_table([0, 1, 0, 1, 0, 0, 0, 1])
        rows = np.array([(-1, -1, 1), (-1, 1, 1), (1, 1, 1)])
        w1, w2 = gn.compile(net).matrices()
        assert net.layers == (3, 3, 1)
        assert {a.name for t in (1, 2) for a in map(net.activation, net.neurons(t))} == {"sign"}
        assert np.array_equal(w1, np.vstack([[-2, -2, -2], rows.T]))
        assert np.array_equal(w2, [[2], [1], [1], [1]])

    def test_values_may_be_written_in_three_ways(self) -> None:
        expected = truth_table([False, True, True, False])
        for values in [0, 1, 1, 0], [-1, 1, 1, -1], np.array([-1.0, 1.0, 1.0, -1.0]):
            assert truth_table(values) == expected

    def test_names_become_labels(self) -> None:
        assert dict(truth_table([0, 1, 1, 1], ["p", "q"]).labels) == {"p": (0, 1), "q": (0, 2)}

    @pytest.mark.parametrize("values", [[], [1], [0, 1, 1], [[0, 1], [1, 0]], 1, [[0], [0, 1]]])
    def test_there_are_2_to_the_n_values(self, values: object) -> None:
        with pytest.raises(gn.DataError, match="2\\^n"):
            truth_table(values)  # type: ignore[arg-type]

    def test_too_many_are_refused_at_once(self) -> None:
        with pytest.raises(gn.DataError, match="n from 1 to 16"):
            truth_table(np.zeros(2**17, dtype=bool))

    @pytest.mark.parametrize("values", [[0, 2], [0, -1], [0.5, 1], ["a", "b"], [None, True]])
    def test_other_values_are_refused(self, values: object) -> None:
        with pytest.raises(gn.DataError, match="expected Booleans"):
            truth_table(values)  # type: ignore[arg-type]

    def test_names_must_fit(self) -> None:
        with pytest.raises(gn.DataError, match="has 1 names, expected 2"):
            truth_table([0, 1, 1, 0], ["a"])
        with pytest.raises(gn.DataError, match="different names"):
            truth_table([0, 1, 1, 0], ["a", "a"])


FORMULAS: list[tuple[str, int, Callable[..., bool]]] = [
    ("a", 1, lambda a: a),
    ("~a", 1, lambda a: not a),
    ("a & ~a", 1, lambda a: False),
    ("a | ~a", 1, lambda a: True),
    ("a & (b | ~c)", 3, lambda a, b, c: a and (b or not c)),
    ("a ^ b ^ c ^ d", 4, lambda a, b, c, d: (a + b + c + d) % 2 == 1),
    ("a and b or not c", 3, lambda a, b, c: (a and b) or not c),
    ("not a & b", 2, lambda a, b: not (a and b)),
    ("~a & b", 2, lambda a, b: b and not a),
    ("a | b & c", 3, lambda a, b, c: a or (b and c)),
    ("a ^ b | c", 3, lambda a, b, c: (a != b) or c),
    ("a ^ b & c", 3, lambda a, b, c: a != (b and c)),
    ("a and True", 1, lambda a: a),
    ("False or a", 1, lambda a: a),
    ("a and b and c", 3, lambda a, b, c: a and b and c),
    (" or ".join("ab" * 2000), 2, lambda a, b: a or b),
    ("  (a\n | b)  ", 2, lambda a, b: a or b),
]


class TestFormula:
    @pytest.mark.parametrize(("text", "n", "meaning"), FORMULAS, ids=[f[0][:20] for f in FORMULAS])
    def test_it_means_what_python_means(
        self, text: str, n: int, meaning: Callable[..., bool]
    ) -> None:
        rows = product((False, True), repeat=n)
        assert computed(formula(text)) == [bool(meaning(*row)) for row in rows]

    @given(st.data())
    def test_random_ones_are_what_python_makes_of_them(self, data: st.DataObject) -> None:
        names = st.sampled_from("abcd")
        texts = st.recursive(
            names,
            lambda parts: st.one_of(
                parts.map(lambda part: f"(not {part})"),
                st.tuples(parts, st.sampled_from(["&", "|", "^", " and ", " or "]), parts).map(
                    lambda three: f"({''.join(three)})"
                ),
            ),
            max_leaves=8,
        )
        text = data.draw(texts)
        program = compile(text, "formula", "eval")  # Our own text, of four names and operators.
        rows = [dict(zip("abcd", row, strict=True)) for row in product((False, True), repeat=4)]
        expected = [bool(eval(program, {}, row)) for row in rows]
        assert computed(formula(text, variables="abcd")) == expected

    def test_variables_stand_in_the_order_in_which_they_appear(self) -> None:
        assert list(formula("z & (a | m) & a").labels) == ["z", "a", "m"]
        assert formula("z | a", variables=["a", "b", "z"]).labels["z"] == (0, 3)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("a &", "cannot be read"),
            ("", "cannot be read"),
            ("a\0", "cannot be read"),
            ("a = b", "cannot be read"),
            ("a + b", r"has 'a \+ b'"),
            ("-a", "has '-a'"),
            ("a & 1", "has '1'"),
            ("a if b else c", "has 'a if b else c'"),
            ("f(a)", r"has 'f\(a\)'"),
            ("__import__('os').system('true') | a", "has .__import__"),
            ("a == b", "has 'a == b'"),
            ("a.b", "has 'a.b'"),
            ("True", "has 0 variables, expected 1 to 16"),
            (" | ".join(f"x{k}" for k in range(17)), "has 17 variables"),
            (" | ".join("ab" * 2000), "nested too deeply: write long rows"),
            ("~" * 5000 + "a", "nested too deeply"),
            ("(" * 5000 + "a" + ")" * 5000, "cannot be read|nested too deeply"),
            ("a" * 10**5 + " +", r"'a{70,}\.\.\. cannot be read"),
            ("f(" + "a" * 10**5 + ")", r"has 'f\(a{70,}\.\.\., expected"),
            (b"a", "found a bytes"),
        ],
    )
    def test_what_is_none_is_refused(self, text: str, message: str) -> None:
        with pytest.raises(gn.DataError, match=message) as caught:
            formula(text)  # type: ignore[arg-type]
        assert len(str(caught.value)) < 300

    def test_its_names_must_be_among_the_variables(self) -> None:
        with pytest.raises(gn.DataError, match="has 'b', which is none of the variables"):
            formula("a & b", variables=["a", "c"])
        with pytest.raises(gn.DataError, match="different names"):
            formula("a", variables=["a", "a"])


def test_native_code_agrees() -> None:
    net = formula("a ^ b ^ c")
    report = gn.compare(net, list(product((-1.0, 1.0), repeat=3)))
    assert report.ok
    assert "native" in str(report)
