"""`erm`: the fewest training errors of sign networks, certified: what is NP-hard to find."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from graphnn.errors import DataError
from graphnn.functions.choice import unknown_name
from graphnn.hardness.certificate import Certificate, errors_of, sign_network
from graphnn.hardness.coloring import Output, checked_output
from graphnn.hardness.enumeration import enumerate_and, enumerate_free
from graphnn.hardness.model import MARGIN, Solution, solve_and, solve_free
from graphnn.hardness.sample import Sample
from graphnn.ranges import positive, whole

__all__ = ["Method", "erm"]

Method = Literal["milp", "enumeration"]


def erm(
    sample: Sample | tuple[Any, Any],
    k: int,
    output: Output = "and",
    method: Method = "milp",
    *,
    time_limit: float = math.inf,
    margin: float = MARGIN,
    progress: bool = False,
) -> Certificate:
    """Return the fewest errors that k hidden sign neurons make on a sample, with a certificate.

    Args:
        sample: A `Sample`, or points of shape (m, d) and labels -1 and 1.
        k: The number of hidden neurons.
        output: "and" for an intersection of k halfspaces, or "free" for the lecture's class.
        method: "milp", a mixed-integer program solved by HiGHS, or "enumeration" of all divisions
            of the points by halfspaces, for few of them.
        time_limit: Seconds after which the program's best network so far is returned, with the
            bound that is proven by then. The enumeration takes the time that it takes.
        margin: How far from its border a halfspace with weights in [-1, 1] keeps every point, for
            the program. For the sample of a graph the default restricts nothing.
        progress: Whether HiGHS's log, or the number of divisions, is printed.

    Returns:
        The certificate; `optimal` says whether its network is proven to be the best.

    Raises:
        DataError: If the sample is none, too large to enumerate, or nothing was found in time.
        ValueError: If k, the margin or the time limit is not positive, or a name is unknown.

    Example:
        >>> import networkx as nx
        >>> from graphnn.hardness.sample import sample_from_graph
        >>> found = erm(sample_from_graph(nx.complete_graph(3)), k=2)
        >>> found.errors, found.optimal
        (1, True)

    Source: lecture, "How hard is learning"; Shalev-Shwartz and Ben-David (2014), chapter 8.
    """
    points = sample if isinstance(sample, Sample) else Sample(*_pair(sample))
    k, output = whole("k", k), checked_output(output)
    if time_limit != math.inf:
        positive("time_limit", time_limit)
    positive("margin", margin)
    if method not in ("milp", "enumeration"):
        raise unknown_name("method", method, ["milp", "enumeration"])
    begin = time.perf_counter()
    if method == "milp":
        solve = solve_and if output == "and" else solve_free
        found = solve(points, k, margin, time_limit, progress)
    else:
        look = enumerate_and if output == "and" else enumerate_free
        found = look(points, k, _printer(points) if progress else None)
    seconds = time.perf_counter() - begin
    if found.hidden is None:
        raise DataError(
            f"HiGHS found no network within {time_limit:g} seconds (at least {found.lower_bound} "
            "errors are proven): raise time_limit"
        )
    return _certified(found, points, method, margin, seconds)


def _certified(
    found: Solution, sample: Sample, method: str, margin: float, seconds: float
) -> Certificate:
    assert found.hidden is not None
    network = sign_network(found.hidden, found.output, sample)
    errors = errors_of(network, sample)
    restricted = method == "milp" and not (sample.vertices is not None and margin <= MARGIN)
    proviso = (
        f"for halfspaces with weights in [-1, 1] that keep a margin of {margin:g}"
        if restricted
        else ""
    )
    return Certificate(errors, network, min(found.lower_bound, errors), proviso, method, seconds)


def _pair(sample: Any) -> tuple[Any, Any]:
    try:
        X, y = sample
    except (TypeError, ValueError):
        raise DataError(
            f"found a {type(sample).__name__}, expected a Sample, or points and labels (X, y)"
        ) from None
    return np.asarray(X), np.asarray(y)


def _printer(sample: Sample) -> Callable[[int, int], None]:
    def say(points: int, divisions: int) -> None:
        print(f"{points} of {sample.size} points: {divisions:,} divisions")  # noqa: T201

    return say
