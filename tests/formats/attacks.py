"""What every importer must survive: content replaced piece by piece, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

import graphnn as gn
from graphnn.errors import FormatError


def assert_survives(read: Callable[[Any], gn.Network], data: Any) -> None:
    """Assert that data give a network that works, or the one error."""
    try:
        net = read(data)
    except FormatError as error:
        message = str(error)
    else:
        gn.compile(net)
        return
    assert 0 < len(message) < 600


WORDS = st.text(max_size=4)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)
    ),
    max_leaves=5,
)  # fmt: skip


def places(found: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) within JSON content."""
    items = found.items() if isinstance(found, dict) else enumerate(found)
    below = [(found, key) for key, _ in items]
    for container, key in list(below):
        if isinstance(container[key], dict | list):
            below += places(container[key])
    return below
