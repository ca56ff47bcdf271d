"""The command `graphnn`: demo, train, predict, compare, draw, explain, convert, info, hardness."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Any

import click

from graphnn.errors import DataError, GraphnnError

__all__ = ["main"]

CSV = click.Path(exists=True, dir_okay=False, path_type=Path)
NET = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, writable=True, path_type=Path)


class Commands(click.Group):
    """A group whose commands end with a message, not a traceback, on what a user can mend."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # click ends quietly where the reader of a pipe has gone
        except (GraphnnError, OSError, ValueError) as error:
            raise click.ClickException(str(error)) from error


def _numbers(context: click.Context, parameter: click.Parameter, value: str) -> tuple[int, ...]:
    """Return whole numbers that were separated by commas."""
    try:
        return tuple(int(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter(f"{value!r} is no list of whole numbers like 8,3") from None


@click.group(cls=Commands)
@click.version_option(package_name="graphnn")
def main() -> None:
    """Neural networks as explicit graphs: built edge by edge, every number in view."""
    # A terminal or file of another encoding shows "?" for a rule of a table; it is no error.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


@main.command()
@click.option("--folder", default="graphnn-demo", show_default=True, help="Where files go.")
@click.option("--seed", default=0, show_default=True, help="Of split, weights and order.")
def demo(folder: str, seed: int) -> None:
    """Learn Fisher's iris: train, compare the engines, draw the network."""
    from graphnn.demo import demo as run

    run(folder, click.echo, seed)


@main.command()
@click.argument("data", type=CSV)
@click.option("--target", required=True, help="The column to predict.")
@click.option("--layers", callback=_numbers, required=True, help="Neurons of layers 1..T, as 8,3.")
@click.option("-o", "--output", type=OUT, required=True, help="The network's JSON file.")
@click.option(
    "--task",
    "kind",
    type=click.Choice(["auto", "classification", "regression"]),
    default="auto",
    show_default=True,
    help="What the target is.",
)
@click.option(
    "--scale",
    type=click.Choice(["standardize", "min_max", "center", "none"]),
    default="standardize",
    show_default=True,
    help="How inputs are scaled.",
)
@click.option("--activation", default="tanh", show_default=True, help="Of the hidden layers.")
@click.option("--eta", default=0.05, show_default=True, help="Learning rate.")
@click.option("--lambda", "lambda_", default=0.0, show_default=True, help="Weight decay.")
@click.option("--batch-size", default=1, show_default=True, help="Samples per update.")
@click.option("--epochs", default=200, show_default=True, help="At most.")
@click.option("--tol", default=1e-4, show_default=True, help="Stop: gain over 10 epochs below.")
@click.option("--held-out", default=0.25, show_default=True, help="Share of rows held out.")
@click.option("--seed", default=0, show_default=True, help="Of split, weights and order.")
@click.option("--engine", default="auto", show_default=True, help="auto, native, matrix or node.")
def train(
    data: Path,
    target: str,
    layers: tuple[int, ...],
    output: Path,
    kind: Any,
    scale: Any,
    activation: str,
    eta: float,
    lambda_: float,
    batch_size: int,
    epochs: int,
    tol: float,
    held_out: float,
    seed: int,
    engine: str,
) -> None:
    """Train a network on a CSV file with a header line.

    Every column but the target is an input. A target of labels gets one output neuron a class, a
    target of numbers, which is standardised, a single one. Text, and whole numbers of at most 20
    different values, are taken for classes; --task says otherwise.
    """
    import graphnn as gn
    from graphnn.formats.csv import read
    from graphnn.task import Task, default_loss

    _require_new(output, data)
    if not 0 <= held_out < 1:
        raise DataError(f"--held-out is {held_out}, expected a share from 0 up to less than 1")
    scaling = None if scale == "none" else scale
    task = Task.of_table(read(data), target, kind=kind, scale=scaling, held_out=held_out, seed=seed)
    if layers[-1] != task.outputs:
        labels = task.preprocessing.labels
        what = "is a number" if labels is None else f"has {task.outputs} classes"
        other = "classification" if labels is None else "regression"
        raise DataError(
            f"the target {target!r} {what}, so the last of --layers must be {task.outputs}, not "
            f"{layers[-1]} (--task {other} takes it for a {other})"
        )
    activations = [activation] * (len(layers) - 1) + ["identity"]
    net = gn.Network.dense([task.X.shape[1], *layers], activations, seed=seed)
    net.preprocessing = task.preprocessing
    result = gn.train(
        net,
        task.inputs(task.train),
        task.targets(task.train),
        default_loss(net),
        gn.SGD(eta),
        gn.L2(lambda_) if lambda_ else None,
        batch_size=batch_size,
        epochs=epochs,
        stop=gn.SmallImprovement(tol),
        seed=seed,
        engine=engine,
    )
    click.echo(f"{task.kind} of {target}, {default_loss(net)} loss\n{result}")
    name = "accuracy" if task.preprocessing.labels else "root mean squared error"
    for part, rows in (("training", task.train), ("held-out", task.test)):
        if len(rows):
            score, plain = task.score(net, rows), task.plain_score(rows)
            click.echo(f"{name}, {len(rows)} {part} rows: {score:.4g} (always {plain})")
    gn.save(net, output)
    click.echo(f"written: {output}")


@main.command()
@click.argument("network", type=NET)
@click.argument("data", type=CSV)
@click.option("-o", "--output", type=OUT, help="A CSV file; default, or -, standard output.")
def predict(network: Path, data: Path, output: Path | None) -> None:
    """Predict the target for each row of a CSV file of raw data."""
    if output == Path("-"):
        output = None
    _require_new(output, network, data)
    import graphnn as gn
    from graphnn.files import write_atomically
    from graphnn.formats.csv import read
    from graphnn.task import raw_inputs

    net = gn.load(network)
    found = gn.predict(net, raw_inputs(net, read(data)))
    title = (net.preprocessing and net.preprocessing.target) or "output"
    columns = [title] if found.ndim == 1 or found.shape[1] == 1 else []
    columns = columns or [f"{title} {k + 1}" for k in range(found.shape[1])]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(found.reshape(len(found), -1).tolist())
    if output is None:
        click.echo(text.getvalue(), nl=False)
    else:
        write_atomically(output, text.getvalue().encode())


@main.command()
@click.argument("network", type=NET)
@click.argument("data", type=CSV)
@click.option("--target", help="Default the column that the network was trained for.")
@click.option("--loss", help="Default the one that fits the outputs.")
@click.option("--samples", default=10, show_default=True, help="How many rows, from the top.")
def compare(network: Path, data: Path, target: str | None, loss: str | None, samples: int) -> None:
    """Compare the engines and central differences; exit with 1 on a difference."""
    import graphnn as gn
    from graphnn.formats.csv import read
    from graphnn.task import default_loss, inputs, targets

    net, table = gn.load(network), read(data)
    if samples < 1:
        raise DataError(f"--samples is {samples}, expected at least 1")
    y = targets(net, table, target)
    report = gn.compare(
        net,
        inputs(net, table)[:samples],
        None if y is None else y[:samples],
        loss or default_loss(net),
    )
    click.echo(report)
    if not report.ok:
        raise SystemExit(1)


@main.command()
@click.argument("network", type=NET)
@click.option(
    "-o", "--output", type=OUT, help="A .svg, .png, .pdf or .dot file; default beside NETWORK."
)
@click.option("--data", type=CSV, help="A CSV file: write one row's values into the neurons.")
@click.option("--row", default=1, show_default=True, help="Which row of the data.")
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True)
@click.option("--down", is_flag=True, help="From top to bottom, not from left to right.")
@click.option("--whole", is_flag=True, help="All neurons, also of layers of more than 12.")
def draw(
    network: Path,
    output: Path | None,
    data: Path | None,
    row: int,
    theme: str,
    down: bool,
    whole: bool,
) -> None:
    """Draw a network, its weights on the edges."""
    import graphnn as gn

    output = output or network.with_suffix(".svg")
    _require_new(output, network, *([data] if data else []))
    net = gn.load(network)
    trace = None if data is None else gn.forward(net, _sample(net, data, row)[0])
    show = "all" if whole else None
    drawing = gn.draw(net, output, trace=trace, theme=theme, down=down, show=show)
    click.echo(f"written: {drawing.path}")


@main.command()
@click.argument("network", type=NET)
@click.argument("data", type=CSV)
@click.option("--neuron", callback=_numbers, required=True, help="Layer and number, as 1,2.")
@click.option("--row", default=1, show_default=True, help="Which row of the data.")
@click.option("--loss", help="Default the one that fits the outputs.")
def explain(network: Path, data: Path, neuron: tuple[int, ...], row: int, loss: str | None) -> None:
    """Print one neuron's formulas with the numbers of one row put in."""
    import graphnn as gn
    from graphnn.task import default_loss

    net = gn.load(network)
    if len(neuron) != 2:
        raise DataError(f"--neuron is {neuron}, expected layer and number, as 1,2")
    x, y = _sample(net, data, row)
    gn.explain(net, x, y, neuron=(neuron[0], neuron[1]), loss=loss or default_loss(net))


@main.command()
@click.argument("source", type=NET)
@click.argument("target", type=OUT)
def convert(source: Path, target: Path) -> None:
    """Write a network in another format, by the endings of SOURCE and TARGET.

    Read and written are .json, .nodelink.json, .graphml, .edges, .npz and .onnx; written only are
    .c and .py. The command draw makes pictures.
    """
    from graphnn.formats.files import read, write

    _require_new(target, source)
    net = read(source)
    click.echo(f"written: {write(net, target)}: {net}")


@main.command()
@click.argument("network", type=NET)
def info(network: Path) -> None:
    """Print what a network has: layers, edges, parameters, neurons without use."""
    from graphnn.formats.files import kind, read
    from graphnn.graph.summary import entry, summary

    net = read(network)
    click.echo(entry("file", f"{network.name}: {kind(network)}"))
    click.echo(f"{entry('data', _data(net.preprocessing))}\n\n{summary(net)}")


@main.command()
@click.argument("graph")
@click.option("-k", "--hidden", default=3, show_default=True, help="Hidden neurons, at most.")
@click.option("--output", type=click.Choice(["and", "free"]), default="and", show_default=True)
@click.option("--time-limit", default=60.0, show_default=True, help="Seconds for each minimum.")
@click.option("--restarts", default=100, show_default=True, help="Of gradient descent.")
@click.option("--seed", default=0, show_default=True, help="Of gradient descent.")
@click.option("-o", "--picture", type=OUT, help="A .svg of the graph beside its network.")
def hardness(
    graph: str,
    hidden: int,
    output: Any,
    time_limit: float,
    restarts: int,
    seed: int,
    picture: Path | None,
) -> None:
    """Learn the sample of a GRAPH exactly, by 1 to k hidden sign neurons: as hard as colouring it.

    GRAPH is a file (an edge list, .graphml), or the name of one of networkx's: petersen, cycle:5.
    """
    from graphnn.hardness.report import report_of
    from graphnn.hardness.source import graph_from

    _require_new(picture)
    if picture is not None and picture.suffix.lower() != ".svg":
        raise DataError(f"--picture is {picture}, expected a file ending in .svg")
    report = report_of(
        graph_from(graph), hidden, output, time_limit=time_limit, restarts=restarts, seed=seed
    )
    click.echo(report)
    if picture is not None:
        from graphnn.drawing.draw import draw as drawn
        from graphnn.drawing.plain import beside, plain_graph
        from graphnn.files import write_atomically

        edges = list(report.graph.edges())
        left = plain_graph(report.positions(), edges, report.colors(), f"graph {graph}")
        right = drawn(report.best.network, renderer="own").svg
        write_atomically(picture, beside(left, right).encode())
        click.echo(f"written: {picture}")


def _data(preprocessing: Any) -> str:
    """Return in words what a network's raw data go through."""
    found = preprocessing
    words = {
        "inputs": found and found.inputs and type(found.inputs).__name__,
        "features": found and found.features and ", ".join(found.features),
        "target": found and found.target,
        "classes": found and found.labels and ", ".join(map(str, found.labels.classes)),
        "outputs": found and found.outputs and type(found.outputs).__name__,
    }
    return "; ".join(f"{name}: {word}" for name, word in words.items() if word) or "as they are"


def _require_new(output: Path | None, *inputs: Path) -> None:
    """Raise before any work if an output could not be written or would replace an input."""
    from graphnn.files import require_writable

    if output is None:
        return
    for path in inputs:
        if output.exists() and output.samefile(path):
            raise DataError(f"the output {output} is also an input: choose another name")
    require_writable(output)


def _sample(net: Any, data: Path, row: int) -> tuple[list[float], Any]:
    """Return one row of a CSV file as the network takes it, and its target or None."""
    from graphnn.formats.csv import read
    from graphnn.task import inputs, targets

    table = read(data)
    if not 1 <= row <= len(table.rows):
        raise DataError(f"--row is {row}, but {data} has the rows 1..{len(table.rows)}")
    y = targets(net, table)
    x: list[float] = inputs(net, table)[row - 1].tolist()
    return x, None if y is None else y[row - 1]
