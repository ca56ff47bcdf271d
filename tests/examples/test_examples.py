"""The examples run, print what independent sources say, and write the pictures of `diagrams/`."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import math
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
from oracles import MAZUR_TRAINED

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
PICTURES = {
    "01_edge_by_edge": {"01_edge_by_edge.svg"},
    "02_xor": {"02_xor_before.svg", "02_xor_after.svg"},
    "03_iris": {"03_iris_before.svg", "03_iris_after.svg"},
    "04_lecture_slide_by_slide": {"04_lecture_slide_by_slide.svg"},
    "05_digits": {"05_digits.svg"},
    "06_thirty_restarts": {"06_thirty_restarts.svg"},
    "07_weight_decay": {"07_weight_decay.svg"},
    "08_first_weights": {"08_first_weights.svg"},
    "09_dask": set[str](),
    "10_convolution": {"10_convolution.svg"},
    "11_recurrent": {"11_recurrent.svg"},
    "12_gallery": {path.name for path in (ROOT / "diagrams").glob("12_gallery_*.svg")},
}
PLOTS = ("05", "06", "07", "08", "09", "12")
"""These need scikit-learn, Matplotlib or Dask."""

NETWORKS = [name for name in PICTURES if not name.startswith(PLOTS)]
ALL_PICTURES = set.union(*PICTURES.values())

SLIDES = [
    "Matrix Notation",
    "Forward Propagation Algorithm",
    "Learning NN parameters",
    "Learning NN parameters (2): GD Update rule",
    "Learning NN parameters (3): Sensitivity vector for layer t",
    "Learning NN parameters (4)",
    "Learning NN parameters (5)",
    "Learning NN parameters (6)",
    "Learning NN parameters (7): Putting everything together",
    "Algorithm to compute sensitivities",
    "Backpropagation Algorithm",
    "Notes on Backpropagation Algorithm",
    "Regularized NN",
]


class Ran(NamedTuple):
    """What an example printed, and the folder that it wrote to."""

    text: str
    folder: Path

    def number(self, before: str) -> float:
        """Return the number that follows some text."""
        found = re.search(re.escape(before) + r"\s*(-?[\d.]+(?:e-?\d+)?)", self.text)
        assert found, f"{before!r} is not in what was printed"
        return float(found[1])


def module_of(name: str) -> ModuleType:
    # By its path, since a name that begins with a digit cannot be imported.
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Runs(dict[str, Ran]):
    """The examples that were asked for, each run once into a folder of its own."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self._folders = folders

    def __missing__(self, name: str) -> Ran:
        for module in ("sklearn", "matplotlib", "distributed") if name.startswith(PLOTS) else ():
            pytest.importorskip(module)
        folder, out = self._folders.mktemp(name), io.StringIO()
        with contextlib.redirect_stdout(out):
            module_of(name).main(folder)
        self[name] = Ran(out.getvalue(), folder)
        return self[name]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Ran]:
    return Runs(tmp_path_factory)


@pytest.fixture
def mazur(ran: Mapping[str, Ran]) -> Ran:
    return ran["01_edge_by_edge"]


@pytest.fixture
def xor(ran: Mapping[str, Ran]) -> Ran:
    return ran["02_xor"]


@pytest.fixture
def iris(ran: Mapping[str, Ran]) -> Ran:
    return ran["03_iris"]


@pytest.fixture
def lecture(ran: Mapping[str, Ran]) -> Ran:
    return ran["04_lecture_slide_by_slide"]


# ---- all of them -------------------------------------------------------------------------------


def test_every_example_is_tested() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {*PICTURES, "diagrams"}


@pytest.mark.parametrize("name", PICTURES)
def test_an_example_writes_its_pictures_and_nothing_else(name: str, ran: Mapping[str, Ran]) -> None:
    assert {path.name for path in ran[name].folder.iterdir()} == PICTURES[name]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_picture_is_small_well_formed_svg_with_every_neuron_and_edge(
    name: str, ran: Mapping[str, Ran]
) -> None:
    neurons, edges = {
        "01": (8, 12), "02": (7, 9), "03": (15, 51), "04": (7, 9), "10": (11, 16), "11": (18, 17),
    }[name[:2]]  # fmt: skip
    for path in ran[name].folder.iterdir():
        root = ET.parse(path).getroot()
        svg = "{http://www.w3.org/2000/svg}"
        assert root.tag == svg + "svg"
        assert len(list(root.iter(svg + "ellipse"))) == neurons
        assert sum(group.get("class") == "edge" for group in root.iter(svg + "g")) == edges
        assert path.stat().st_size < 2**20


@pytest.mark.parametrize("name", PICTURES)
def test_an_example_prints_no_path(name: str, ran: Mapping[str, Ran]) -> None:
    assert str(ran[name].folder) not in ran[name].text
    assert str(ROOT) not in ran[name].text


@pytest.mark.parametrize("name", PICTURES)
def test_an_example_says_what_one_learns_and_ends_in_a_main(name: str) -> None:
    module = module_of(name)
    assert "You learn" in (module.__doc__ or "")
    assert "Source: " in (module.__doc__ or "")
    assert 'main(Path(__file__).parent.parent / "diagrams")' in (EXAMPLES / f"{name}.py").read_text(
        encoding="utf-8"
    )


def test_one_command_draws_exactly_the_pictures_of_diagrams(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in ("sklearn", "matplotlib", "distributed"):
        pytest.importorskip(module)
    module_of("diagrams").main(tmp_path / "new")
    for folder in (tmp_path / "new", ROOT / "diagrams"):
        assert {path.name for path in folder.iterdir()} == {*ALL_PICTURES, "README.md"}
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) == len(PICTURES)
    assert all(picture in printed for picture in ALL_PICTURES)
    page = (ROOT / "diagrams" / "README.md").read_text(encoding="utf-8")
    assert page == (tmp_path / "new" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\((\w+\.svg)\)", page)) == ALL_PICTURES


NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e-?\d+)?")


def words_and_numbers(path: Path) -> tuple[list[str], list[float]]:
    """Return the texts and titles of a picture without their numbers, and these."""
    names = ("title", "text", "desc")
    found = [e for e in ET.parse(path).iter() if e.tag.rpartition("}")[2] in names]
    texts = sorted("".join(e.itertext()) for e in found)
    return [NUMBER.sub("#", text) for text in texts], [
        float(number) for text in texts for number in NUMBER.findall(text)
    ]


@pytest.mark.parametrize("name", PICTURES)
def test_the_pictures_of_diagrams_are_not_stale(name: str, ran: Mapping[str, Ran]) -> None:
    for new in ran[name].folder.iterdir():
        words, numbers = words_and_numbers(new)
        old_words, old_numbers = words_and_numbers(ROOT / "diagrams" / new.name)
        if b"Matplotlib" in new.read_bytes():  # Which ticks there are is its version's choice.
            assert {w for w in words if w != "#"} == {w for w in old_words if w != "#"}
            continue
        assert words == old_words, f"{new.name}: python examples/diagrams.py draws it again"
        assert numbers == pytest.approx(old_numbers, rel=1e-3, abs=1e-3)


def test_the_pictures_of_diagrams_are_small_and_well_formed() -> None:
    for path in (ROOT / "diagrams").glob("*.svg"):
        assert ET.parse(path).getroot().tag.endswith("svg")
        assert path.stat().st_size < 2**20


# ---- 01: Mazur (2015), the numbers that the article prints -------------------------------------


def test_the_first_example_names_its_source(mazur: Ran) -> None:
    assert "Matt Mazur, A Step by Step Backpropagation Example (2015)" in mazur.text


@pytest.mark.parametrize(
    ("neuron", "a", "v"),
    [
        ((1, 1), 0.3775, 0.593269992),
        (
            (1, 2),
            0.3925,
            0.596884378,
        ),  # the article gives no net input of h2: .25 .05 + .3 .1 + .35
        ((2, 1), 1.105905967, 0.75136507),
        ((2, 2), 1.224921404, 0.772928465),
    ],
)
def test_the_trace_has_the_articles_values(
    mazur: Ran, neuron: tuple[int, int], a: float, v: float
) -> None:
    row = re.search(rf"^{re.escape(str(neuron))} +(\S+) +(\S+) +(\S+)$", mazur.text, re.MULTILINE)
    assert row
    assert [float(row[1]), float(row[2])] == pytest.approx([a, v], rel=5e-6)


@pytest.mark.parametrize(
    ("edge", "gradient"),
    [
        ("(1, 1) -> (2, 1)", 0.082167041),
        ("(0, 1) -> (1, 1)", 0.000438568),
    ],
)
def test_the_trace_has_the_articles_gradients(mazur: Ran, edge: str, gradient: float) -> None:
    row = re.search(rf"^{re.escape(edge)} +(\S+) +(\S+)$", mazur.text, re.MULTILINE)
    assert row
    assert float(row[2]) == pytest.approx(gradient, rel=5e-6)


def test_the_total_error_is_the_articles(mazur: Ran) -> None:
    assert "total error: 0.298371109 " in mazur.text


def test_the_weights_after_one_step_are_the_articles(mazur: Ran) -> None:
    for (u, v), weight in MAZUR_TRAINED.items():
        found = re.search(rf"{re.escape(f'{u} -> {v}')}  \S+ -> (\S+)$", mazur.text, re.MULTILINE)
        assert found
        # The article prints some weights to eight decimals.
        assert float(found[1]) == pytest.approx(weight, abs=6e-9)


def test_with_the_old_biases_the_error_after_the_step_is_the_articles(mazur: Ran) -> None:
    # The article prints 0.291027924; its own printed weights give 0.291027774.
    assert mazur.number("biases put back (the article):") == pytest.approx(0.291027924, abs=2e-7)


def test_training_the_biases_too_lowers_the_error_further(mazur: Ran) -> None:
    with_biases = mazur.number("biases trained too (the lecture):")
    assert with_biases < mazur.number("biases put back (the article):") < 0.298371109


def test_explain_and_steps_are_shown(mazur: Ran) -> None:
    assert "neuron (1, 1), sigmoid" in mazur.text
    assert "dl/dw_1,1^(1) = delta_1,1 v_0,1 = 0.00877135 x 0.05 = 0.000438567" in mazur.text
    assert "neuron (1, 1) adds 0.15 x 0.05 from (0, 1): a = 0.3575" in mazur.text


def test_a_skip_edge_is_refused_in_words_and_changes_nothing(mazur: Ran) -> None:
    assert "NetworkError: edge (0, 1) -> (2, 1) skips layer 1" in mazur.text
    assert "edges before and after: 12, 12" in mazur.text


# ---- 02: XOR -----------------------------------------------------------------------------------


def truth_tables(text: str) -> list[list[tuple[int, int, int, float, int, str]]]:
    rows = re.findall(
        r"^([01])   ([01])   ([01])    (\S+)   ([01]) (right|wrong)$", text, re.MULTILINE
    )
    found = [(int(a), int(b), int(y), float(v), int(s), word) for a, b, y, v, s, word in rows]
    return [found[:4], found[4:]]


def test_the_truth_tables_are_those_of_xor(xor: Ran) -> None:
    for table in truth_tables(xor.text):
        assert [row[:3] for row in table] == [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0)]
        for x1, x2, _, output, says, word in table:
            assert says == (output > 0.5)
            assert (word == "right") == (says == x1 ^ x2)


def test_xor_is_wrong_before_training_and_right_after(xor: Ran) -> None:
    before, after = truth_tables(xor.text)
    assert any(row[5] == "wrong" for row in before)
    assert all(row[5] == "right" and abs(row[3] - row[2]) < 0.1 for row in after)


def test_the_best_of_five_starts_is_kept(xor: Ran) -> None:
    losses = [xor.number(f"seed {seed}: loss") for seed in range(5)]
    assert min(losses) <= 0.01
    kept = re.search(r"loss \S+ -> (\S+)\nstopped by small training error", xor.text)
    assert kept
    assert float(kept[1]) == pytest.approx(min(losses), abs=5e-5)


def test_the_engines_agree_on_xor(xor: Ran) -> None:
    assert "\nok: 4 samples" in xor.text


def test_from_zero_both_hidden_neurons_stay_equal_and_xor_is_not_learnt(xor: Ran) -> None:
    assert xor.text.count("warning: all weights are zero") == 2
    found = re.findall(r"^neuron \(1, ([12])\) after 2000 steps: (.+)$", xor.text, re.MULTILINE)
    assert [number for number, _ in found] == ["1", "2", "1", "2"]
    weights = [numbers for _, numbers in found]
    assert weights[0] == weights[1] == ", ".join(["0.000000"] * 4)
    assert weights[2] == weights[3] != weights[0]
    # No better than log 2 / 2: one of the four rows at least stays wrong or undecided.
    losses = re.findall(r"-> (\S+): XOR is not learnt", xor.text)
    assert len(losses) == 2
    assert min(map(float, losses)) > math.log(2) / 2


# ---- 03: iris ----------------------------------------------------------------------------------


def test_held_out_flowers_are_named_far_better_than_before(iris: Ran) -> None:
    assert "105 flowers to train on, 45 held out" in iris.text
    after = iris.number("accuracy, held-out flowers:")
    assert after >= 0.9
    assert iris.number("accuracy before training, held-out flowers:") < 0.7
    assert after * 45 == pytest.approx(round(after * 45), abs=0.03)


def test_the_engines_agree_on_iris(iris: Ran) -> None:
    assert "\nok: 10 samples" in iris.text


def test_a_loaded_network_names_raw_flowers(iris: Ran) -> None:
    assert "the loaded network equals the trained one: True" in iris.text
    found = re.findall(r"^\[(.+)\] is (\w+) +predicted (\w+)$", iris.text, re.MULTILINE)
    # Rows 1, 51 and 101 of Fisher (1936), table I.
    assert found == [
        ("5.1, 3.5, 1.4, 0.2", "setosa", "setosa"),
        ("7.0, 3.2, 4.7, 1.4", "versicolor", "versicolor"),
        ("6.3, 3.3, 6.0, 2.5", "virginica", "virginica"),
    ]


# ---- 04: the lecture ---------------------------------------------------------------------------


def test_every_slide_is_named_in_the_lectures_order(lecture: Ran) -> None:
    assert re.findall(r"^SLIDE (.+)$", lecture.text, re.MULTILINE) == SLIDES


def test_the_lecture_fits_a_hundred_columns(lecture: Ran) -> None:
    assert max(map(len, lecture.text.splitlines())) <= 100


def test_every_slide_has_code_and_numbers_that_agree(lecture: Ran) -> None:
    for slide in lecture.text.split("\nSLIDE ")[1:]:
        engines = set(re.findall(r"^--- (node|matrix|both) engines?: ", slide, re.MULTILINE))
        assert engines in ({"node", "matrix"}, {"both"})
        numbers = re.findall(
            r"^  .+ node ([+-]\S+) +matrix ([+-]\S+) +(agree|DIFFER)$", slide, re.MULTILINE
        )
        assert numbers
        for by_node, by_matrix, verdict in numbers:
            assert verdict == "agree"
            assert float(by_node) == pytest.approx(float(by_matrix), abs=2e-9)


def test_every_quoted_line_stands_in_the_library_now(lecture: Ran) -> None:
    quoted = 0
    for block in re.split(r"^--- ", lecture.text, flags=re.MULTILINE)[1:]:
        heading, code = block.split("\n\n", maxsplit=1)
        if heading == "the numbers of both":
            continue
        found = re.fullmatch(r"\w+ engines?: ([a-z_.]+)\.(?:\w+\.)?(\w+)(?:, in part)?", heading)
        assert found
        library = Path(str(sys.modules[found[1]].__file__)).read_text(encoding="utf-8")
        lines = [line.strip() for line in library.splitlines()]
        assert f"def {found[2]}(" in library
        assert all(line.strip() in lines for line in code.strip().splitlines())
        quoted += 1
    assert quoted >= 2 * len(SLIDES)


def test_quoting_lines_that_are_gone_is_an_error() -> None:
    example = module_of("04_lecture_slide_by_slide")
    with pytest.raises(LookupError, match="run has no 'no such line'"):
        example.source(example.Part(example.node.run, "no such line", "no such line"))


def test_the_numbers_are_those_of_the_formulas(lecture: Ran) -> None:
    def sigma(a: float) -> float:
        return 1 / (1 + math.exp(-a))

    # w^(1) = (0.1 -0.2; 0.4 0.3; -0.5 0.6), w^(2) = (0.2; 0.7; -0.8), x = (1, -0.5), y = 1.
    a11, a12 = 0.1 + 0.4 + 0.25, -0.2 + 0.3 - 0.3
    v11, v12 = sigma(a11), sigma(a12)
    y = sigma(0.2 + 0.7 * v11 - 0.8 * v12)
    delta21 = (y - 1) * y * (1 - y)
    delta11 = v11 * (1 - v11) * 0.7 * delta21
    for name, expected in {
        "a_1,1            node": a11,
        "a_1,2            node": a12,
        "y = v_2,1        node": y,
        "delta_2,1        node": delta21,
        "delta_1,1        node": delta11,
        "by its definition, (l(a_1,1 + h) - l(a_1,1 - h)) / 2h =": delta11,
        "dl/dw_21^(1)     node": delta11 * -0.5,
        "dl/dw_11^(2)     node": delta21 * v11,
    }.items():
        found = re.search(re.escape(name) + r" ([+-]\S+)", lecture.text)
        assert found
        assert float(found[1]) == pytest.approx(expected, abs=1e-9)


# ---- 05 to 09: learning -------------------------------------------------------------------------


def test_digits_are_read_as_well_as_small_networks_do(ran: Mapping[str, Ran]) -> None:
    # scikit-learn's MLPClassifier with as many neurons reads 0.96 to 0.98 of held-out digits.
    digits = ran["05_digits"]
    assert digits.number("accuracy on images never looked at:") > 0.96
    assert "stopped by no better score in the last 20 epochs" in digits.text
    assert "the weights are those of epoch" in digits.text


def test_some_of_thirty_restarts_end_in_a_local_minimum(ran: Mapping[str, Ran]) -> None:
    text = ran["06_thirty_restarts"].text
    ends = re.findall(r"loss ([\d.]+): (\d+) of 30 runs", text)
    assert sum(int(runs) for _, runs in ends) == 30
    assert float(ends[0][0]) < 0.01
    # With one pattern wrong at best 1/2 the mean cross-entropy is at least (2 ln 2) / 4.
    assert float(ends[-1][0]) == pytest.approx(math.log(2) / 2, abs=0.01)
    learnt = re.search(r"(\d+) of 30 runs learnt XOR", text)
    assert learnt is not None
    assert int(learnt[1]) == int(ends[0][1])


def test_weight_decay_helps_with_fresh_data_until_it_is_too_much(ran: Mapping[str, Ran]) -> None:
    text = ran["07_weight_decay"].text
    rows = re.findall(r"^(\S+) +([\d.]+) +([\d.]+) +([\d.]+)$", text, re.MULTILINE)
    lambdas, training, fresh, norms = zip(*[map(float, row) for row in rows], strict=True)
    assert lambdas == (0.0, 1e-4, 1e-3, 1e-2)
    assert list(training) == sorted(training)
    assert list(norms) == sorted(norms, reverse=True)
    assert fresh[2] < fresh[0] / 10
    assert min(fresh) == fresh[2] < fresh[3]


def test_first_weights_decide_what_is_learnt(ran: Mapping[str, Ran]) -> None:
    text = ran["08_first_weights"].text
    rows = re.findall(r"^(.{15}) [\d.]+ +([\d.]+) +\d+ of 12$", text, re.MULTILINE)
    found = {name.strip(): float(loss) for name, loss in rows}
    # Three classes of fifty: who always says the same has the loss log 3.
    assert found["zeros"] == pytest.approx(math.log(3), abs=1e-3)
    assert found["N(0, 0.01^2)"] == pytest.approx(math.log(3), abs=1e-2)
    assert max(found["U(-0.7, 0.7)"], found["Glorot"], found["He"]) < 0.1 < found["N(0, 3^2)"]
    assert " 1 of 12" in text


def test_a_cluster_chooses_a_network(ran: Mapping[str, Ran]) -> None:
    text = ran["09_dask"].text
    scores = [float(one) for one in re.findall(r"([\d.]+) \+- ", text)]
    assert len(scores) == 6
    assert f": {max(scores):.3f}\n" in text
    assert max(scores) > 0.95
    assert "8 restarts on the cluster" in text
    assert "best of 8 runs" in text


# ---- shared weights ----------------------------------------------------------------------------


def test_a_convolution_learns_the_central_difference(ran: Mapping[str, Ran]) -> None:
    found = ran["10_convolution"]
    for name, expected in (("k1", -0.5), ("k2", 0.0), ("k3", 0.5), ("b", 0.0)):
        number = float(re.search(rf"  {name} = ([+-][\d.]+),", found.text)[1])  # type: ignore[index]
        assert number == pytest.approx(expected, abs=1e-3)
    terms = re.findall(r": ([+-][\d.]+) x ([01])$", found.text, re.MULTILINE)
    total = float(re.search(r"dl/dk1 = ([+-][\d.]+)", found.text)[1])  # type: ignore[index]
    assert total == pytest.approx(sum(float(d) * float(v) for d, v in terms), abs=1e-3)


def test_a_recurrent_network_learns_to_add(ran: Mapping[str, Ran]) -> None:
    found = ran["11_recurrent"]
    for name, expected in (("u00", 1.0), ("w00", 1.0), ("b0", 0.0)):
        number = float(re.search(rf"  {name} = ([+-][\d.]+) on", found.text)[1])  # type: ignore[index]
        assert number == pytest.approx(expected, abs=1e-3)
