"""Lines for one sample, and for several whose numbers of a neuron lie side by side."""

from __future__ import annotations

import pytest

from graphnn.engines.native.samples import Samples


@pytest.mark.parametrize(
    ("neuron", "one", "eight"),
    [
        ("j", "a[j]", "a[j * 8 + s]"),
        ("target[e + 1]", "a[target[e + 1]]", "a[target[e + 1] * 8 + s]"),
        ("base[t] + j", "a[base[t] + j]", "a[(base[t] + j) * 8 + s]"),
    ],
)
def test_a_neuron_s_numbers_lie_side_by_side(neuron: str, one: str, eight: str) -> None:
    assert Samples().at("a", neuron) == one
    assert Samples(8).at("a", neuron) == eight


def test_every_place_is_the_neuron_s_own() -> None:
    neurons, group = range(5), 4
    place = Samples(group).at("a", "base + j").removeprefix("a[").removesuffix("]")
    places = [eval(place, {"base": 2, "j": j, "s": s}) for j in neurons for s in range(group)]
    assert places == list(range(2 * group, 7 * group))


@pytest.mark.parametrize(("samples", "expected"), [(Samples(), [0, 1]), (Samples(2), [0, 0, 1, 1])])
def test_all_numbers_of_some_neurons_are_passed(samples: Samples, expected: list[int]) -> None:
    lines = samples.all("begin", "begin + 2", "places.append(j)")
    places: list[int] = []
    exec(lines, {"begin": 3, "places": places})
    width = samples.group or 1
    assert [place // width - 3 for place in places] == expected


def test_lines_are_for_each_sample() -> None:
    assert Samples().each("x = 1", "y = x") == "x = 1\ny = x"
    assert Samples(2).each("x = 1", "y = x") == "for s in range(2):\n    x = 1\n    y = x"
    assert (Samples().total, Samples(2).total) == ("s", "sums[s]")
