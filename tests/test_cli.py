"""The command line, driven as a user drives it."""

from __future__ import annotations

import csv
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

import graphnn as gn
from graphnn.cli import main
from graphnn.datasets import load_iris
from graphnn.formats.csv import read


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def error(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output
    return " ".join(result.output.split())


@pytest.fixture(scope="module")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV file of iris whose target is the second column, not the last."""
    table = load_iris()
    order = [0, 4, 1, 2, 3]
    path = tmp_path_factory.mktemp("data") / "iris.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([table.header[k] for k in order])
        writer.writerows([row[k] for k in order] for row in table.rows)
    return path


@pytest.fixture(scope="module")
def net(iris: Path) -> Path:
    path = iris.parent / "net.json"
    result = run("train", iris, "--target", "species", "--layers", "6,3", "-o", path)
    assert result.exit_code == 0, result.output
    return path


def test_demo_learns_iris_and_writes_what_it_says(tmp_path: Path) -> None:
    result = run("demo", "--folder", tmp_path / "demo")
    assert result.exit_code == 0
    accuracy = float(result.output.split("accuracy after training, held-out data: ")[1].split()[0])
    assert accuracy > 0.9
    assert "ok: 10 samples" in result.output
    for name in ("iris-before.svg", "iris-after.svg", "iris.json"):
        assert (tmp_path / "demo" / name).stat().st_size > 1000
        assert name in result.output
    assert all(len(line) <= 80 or str(tmp_path) in line for line in result.output.splitlines())


def test_train_reports_held_out_accuracy_and_saves_the_network(iris: Path, net: Path) -> None:
    loaded = gn.load(net)
    assert loaded.layers == (4, 6, 3)
    assert loaded.preprocessing is not None
    assert loaded.preprocessing.target == "species"


def test_predict_on_raw_data_finds_columns_by_name(iris: Path, net: Path, tmp_path: Path) -> None:
    table = read(iris)
    shuffled = tmp_path / "raw.csv"
    names = ["petal_width", "sepal_width", "petal_length", "sepal_length"]
    with open(shuffled, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows(zip(*(table.column(name) for name in names), strict=True))
    out = tmp_path / "out.csv"
    assert run("predict", net, shuffled, "-o", out).exit_code == 0
    found = read(out).column("species")
    accuracy = np.mean(np.array(found) == np.array(table.column("species")))
    assert accuracy > 0.9
    printed = run("predict", net, iris).output.splitlines()
    assert printed == ["species", *found]


def test_regression_is_learnt_and_predicted(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    data, net = tmp_path / "line.csv", tmp_path / "net.json"
    rows = [f"{x},{3 - 2 * x}" for x in rng.uniform(-1, 1, 80)]
    data.write_text("\n".join(["x,y", *rows]), encoding="utf-8")
    result = run("train", data, "--target", "y", "--layers", "1", "-o", net)
    assert result.exit_code == 0, result.output
    assert "root mean squared error" in result.output
    predicted = np.array([float(line) for line in run("predict", net, data).output.split()[1:]])
    truth = np.array([float(row.split(",")[1]) for row in rows])
    assert np.abs(predicted - truth).max() < 0.01


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ("standardize", gn.Standardizer((3.0,), (5.0**0.5,))),
        ("min_max", gn.MinMax((0.0,), (6.0,))),
        ("center", gn.Centering((3.0,))),
        ("none", None),
    ],
)
def test_inputs_are_scaled_as_chosen_and_targets_standardised(
    scale: str, expected: object, tmp_path: Path
) -> None:
    # Mean 3 and variance (9 + 1 + 1 + 9) / 4 of x, mean 7 and deviation 2 sqrt(5) of y.
    data, net = tmp_path / "line.csv", tmp_path / "net.json"
    data.write_text("x,y\n0,1\n2,5\n4,9\n6,13\n", encoding="utf-8")
    train = ("train", data, "--target", "y", "--task", "regression", "--layers", "1", "-o", net)
    result = run(*train, "--held-out", "0", "--eta", "0.02", "--tol", "1e-9", "--scale", scale)
    assert result.exit_code == 0, result.output
    preprocessing = gn.load(net).preprocessing
    assert preprocessing is not None
    assert preprocessing.inputs == expected
    assert preprocessing.outputs == gn.Standardizer((7.0,), (20.0**0.5,))
    predicted = [float(line) for line in run("predict", net, data).output.split()[1:]]
    assert np.allclose(predicted, [1, 5, 9, 13], atol=1.5)


def test_an_unknown_scaling_is_refused_with_the_choices(iris: Path, tmp_path: Path) -> None:
    train = ("train", iris, "--target", "species", "--layers", "3", "-o", tmp_path / "net.json")
    message = error(*train, "--scale", "zscore")
    assert "'zscore' is not one of 'standardize', 'min_max', 'center', 'none'" in message


def test_compare_draw_and_explain_work_on_what_train_wrote(
    iris: Path, net: Path, tmp_path: Path
) -> None:
    compared = run("compare", net, iris)
    assert compared.exit_code == 0
    assert "ok: 10 samples, 16 checks" in compared.output
    drawn = run("draw", net, "-o", tmp_path / "n.svg", "--data", iris, "--row", 3)
    assert drawn.exit_code == 0
    assert "x₄" in (tmp_path / "n.svg").read_text(encoding="utf-8")
    dark = run("draw", net, "-o", tmp_path / "d.svg", "--theme", "dark", "--down", "--whole")
    assert dark.exit_code == 0
    assert "#15181d" in (tmp_path / "d.svg").read_text(encoding="utf-8")
    explained = run("explain", net, iris, "--neuron", "1,2", "--row", "2")
    assert "neuron (1, 2), tanh" in explained.output
    assert "delta_1,2 = sigma'(a_1,2)" in explained.output


def test_compare_exits_with_1_on_a_difference(
    iris: Path, net: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphnn.engines.weights import DenseWeights

    product = DenseWeights.product
    monkeypatch.setattr(DenseWeights, "product", lambda self, v: product(self, v) + 1e-9)
    result = run("compare", net, iris)
    assert result.exit_code == 1
    assert "NOT OK" in result.output


def test_what_a_user_can_mend_is_said_without_a_traceback(
    iris: Path, net: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    train = ("train", iris, "-o", out)
    assert "the last of --layers must be 3, not 2" in error(
        *train, "--target", "species", "--layers", "6,2"
    )
    assert "no column 'colour'" in error(*train, "--target", "colour", "--layers", "3")
    assert "no list of whole numbers" in error(*train, "--target", "species", "--layers", "6;3")
    assert "layer 1 has 0 neurons" in error(*train, "--target", "species", "--layers", "0,3")
    assert "unknown activation: 'tan'" in error(
        *train, "--target", "species", "--layers", "3,3", "--activation", "tan"
    )
    assert "derivative is zero everywhere" in error(
        *train, "--target", "species", "--layers", "3,3", "--activation", "sign"
    )
    assert "eta must be positive" in error(
        *train, "--target", "species", "--layers", "3", "--eta", "-1"
    )
    numbers = tmp_path / "numbers.csv"
    numbers.write_text("x,y\n1,2.5\n2,3.5\n3,9.5\n", encoding="utf-8")
    assert "training diverged" in error(
        "train", numbers, "-o", out, "--target", "y", "--layers", "1", "--eta", "1e200"
    )
    assert "column 'species' holds 'setosa'" in error(
        *train, "--target", "sepal_length", "--layers", "1"
    )
    assert not out.exists()
    assert "does not exist" in error("predict", tmp_path / "no.json", iris)
    assert "--row is 151" in error("explain", net, iris, "--neuron", "1,1", "--row", "151")
    assert "there is no neuron (1, 99)" in error("explain", net, iris, "--neuron", "1,99")
    assert "expected layer and number" in error("explain", net, iris, "--neuron", "1")
    bad = tmp_path / "bad.json"
    bad.write_text(net.read_text(encoding="utf-8")[:100], encoding="utf-8")
    assert "truncated" in error("draw", bad)


def test_an_output_never_replaces_an_input(iris: Path, net: Path) -> None:
    before = iris.read_bytes(), net.read_bytes()
    train = ("train", iris, "--target", "species", "--layers", "3")
    assert "is also an input" in error(*train, "-o", iris)
    assert "is also an input" in error("predict", net, iris, "-o", iris)
    assert "is also an input" in error("predict", net, iris, "-o", net)
    assert "is also an input" in error("draw", net, "-o", net)
    assert before == (iris.read_bytes(), net.read_bytes())


def test_an_output_that_cannot_be_written_is_named_before_any_work(
    iris: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments: object, **options: object) -> None:
        raise AssertionError("it trained")

    monkeypatch.setattr(gn, "train", never)
    missing = tmp_path / "none" / "net.json"
    train = ("train", iris, "--target", "species", "--layers", "3", "-o", missing)
    assert f"No such file or directory: '{missing}'" in error(*train)


def test_predict_writes_to_a_pipe_and_to_standard_output(
    iris: Path, net: Path, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        assert run("predict", net, iris, "-o", pipe).exit_code == 0
        assert reader.stdout is not None
        text = reader.stdout.read()
    assert text == run("predict", net, iris, "-o", "-").output
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_reader_that_goes_away_is_no_error(iris: Path, net: Path) -> None:
    command = f"{sys.executable} -m graphnn compare {net} {iris} | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stderr == ""


def test_the_task_that_was_chosen_is_said_and_can_be_changed(tmp_path: Path) -> None:
    data, net = tmp_path / "children.csv", tmp_path / "net.json"
    rows = [f"{k * 0.5},{k}" for k in range(13)]
    data.write_text("\n".join(["x,children", *rows]), encoding="utf-8")
    train = ("train", data, "--target", "children", "-o", net)
    assert "--task regression" in error(*train, "--layers", "1")
    result = run(*train, "--layers", "1", "--task", "regression", "--epochs", "1000")
    assert "regression of children" in result.output
    predicted = [float(line) for line in run("predict", net, data).output.split()[1:]]
    assert np.allclose(predicted, np.arange(13), atol=0.2)


def test_a_number_among_text_is_no_class(tmp_path: Path) -> None:
    data = tmp_path / "mixed.csv"
    data.write_text("x,y\n1,1.5\n2,many\n3,2.5\n", encoding="utf-8")
    message = error("train", data, "--target", "y", "--layers", "1", "-o", tmp_path / "n.json")
    assert "line 3: the cell in column 'y' holds 'many'" in message


def test_labels_outside_the_classes_are_refused_by_compare(net: Path, tmp_path: Path) -> None:
    table = load_iris()
    data = tmp_path / "other.csv"
    rows = [",".join(table.header), ",".join([*table.rows[0][:4], "sunflower"])]
    data.write_text("\n".join(rows), encoding="utf-8")
    assert "'sunflower', which is outside the classes" in error("compare", net, data)


def test_the_same_seed_gives_the_same_file(iris: Path, net: Path, tmp_path: Path) -> None:
    again, other = tmp_path / "again.json", tmp_path / "other.json"
    arguments = ("train", iris, "--target", "species", "--layers", "6,3")
    assert run(*arguments, "-o", again).exit_code == 0
    assert run(*arguments, "-o", other, "--seed", 1).exit_code == 0
    assert again.read_bytes() == net.read_bytes() != other.read_bytes()


def test_convert_writes_every_format_and_reads_it_back(net: Path, tmp_path: Path) -> None:
    before, after = net, tmp_path / "x"
    for ending in (".nodelink.json", ".graphml", ".edges", ".npz", ".json"):
        after = tmp_path / f"net{ending}"
        result = run("convert", before, after)
        assert result.exit_code == 0, result.output
        assert f"written: {after}: Network(layers=[4, 6, 3], edges=51)" in result.output
        before = after
    assert gn.load(after) == gn.load(net)


def test_convert_says_which_endings_there_are_and_keeps_its_input(
    net: Path, tmp_path: Path
) -> None:
    assert "expected one of .nodelink.json, .json, .graphml" in error(
        "convert", net, tmp_path / "x.y"
    )
    (tmp_path / "x.txt").write_text("")
    assert "is not read" in error("convert", tmp_path / "x.txt", tmp_path / "x.json")
    assert "also an input" in error("convert", net, net)
    assert not (tmp_path / "x.y").exists()


def test_info_prints_a_table_of_80_columns(net: Path, tmp_path: Path) -> None:
    run("convert", net, tmp_path / "net.graphml")
    for path, kind in ((net, "graphnn's JSON, version 3"), (tmp_path / "net.graphml", "GraphML")):
        result = run("info", path)
        assert result.exit_code == 0, result.output
        assert f"{path.name}: {kind}" in result.output
        assert "classes: setosa, versicolor, virginica" in " ".join(result.output.split())
        assert "parameters  51 trainable, 0 frozen" in result.output
        assert max(map(len, result.output.splitlines())) <= 80


def test_info_knows_older_files_and_other_programs(tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    content = (
        '{"format": "graphnn-network", "version": 1, "preprocessing": null, "edges": [], '
        '"layers": [{"neurons": [1]}, {"neurons": [1], "activation": "tanh"}]}'
    )
    old.write_text(content)
    assert "old.json: graphnn's JSON, version 1" in run("info", old).output
    (tmp_path / "x.edges").write_text("a b 0.5\n")
    assert "a weighted edge list of another program" in run("info", tmp_path / "x.edges").output
    (tmp_path / "bad.json").write_text("[")
    assert "bad.json: it is no JSON" in error("info", tmp_path / "bad.json")
    (tmp_path / "bad.edges").write_text("a b c\n")
    assert "another program" not in error("info", tmp_path / "bad.edges")
