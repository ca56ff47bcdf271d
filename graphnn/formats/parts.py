"""JSON and its parts: an object with its keys, a list, a value shown in a message."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graphnn.errors import FormatError

__all__ = ["cut", "parsed", "require_list", "require_object", "shallow", "short"]


def parsed(text: str, *, repeats: bool = False) -> Any:
    """Return what JSON text says.

    Args:
        text: The text.
        repeats: Whether an object may have a key twice, where the last one counts, as most readers
            have it: to look at each object takes longer than all the rest.

    Raises:
        FormatError: If it is none, has NaN or infinity, or a key twice that may not be.
    """
    hook = None if repeats else _without_repeats
    try:
        return json.loads(text, object_pairs_hook=hook, parse_constant=_refuse_constant)
    except RecursionError:
        raise FormatError("it is nested too deeply") from None
    except json.JSONDecodeError as error:
        at_end = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated")
        truncated = "; is the file truncated?" if at_end else ""
        raise FormatError(f"it is no JSON ({error}){truncated}") from None
    except ValueError as error:
        raise FormatError(f"it is no JSON ({error})") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError("an object has a key twice")
    return content


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")


def require_object(found: Any, name: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """Return an object that has these keys and no others.

    Raises:
        FormatError: If it is something else.
    """
    if not isinstance(found, dict) or set(found) != set(keys):
        what = f"the keys {short(sorted(found)[:9])}" if isinstance(found, dict) else short(found)
        raise FormatError(f"{name} has {what}, expected an object with the keys {list(keys)}")
    return found


def require_list(found: Any, name: str) -> list[Any]:
    """Return a list.

    Raises:
        FormatError: If it is something else.
    """
    if not isinstance(found, list):
        raise FormatError(f"{name} is {short(found)}, expected a list")
    return found


@contextmanager
def shallow() -> Iterator[None]:
    """Report what nests too deeply for Python as an error of the file; decorates readers.

    Raises:
        FormatError: Instead of a RecursionError.
    """
    try:
        yield
    except RecursionError:
        raise FormatError("it is nested too deeply") from None


def short(found: Any, deepest: int = 3) -> str:
    """Show a value of a file, which may be huge, in few characters."""
    if isinstance(found, list) and len(found) <= 4 and deepest:
        return "[" + ", ".join(short(one, deepest - 1) for one in found) + "]"
    if isinstance(found, list) and not (deepest and all(isinstance(one, str) for one in found[:9])):
        return f"a list of {len(found)} items"
    if isinstance(found, dict):
        return f"an object of {len(found)} keys"
    try:
        text = repr(found)
    except (ValueError, RecursionError):  # More digits, or deeper, than Python writes.
        return f"a huge {type(found).__name__}"
    if isinstance(found, int) and len(text) > 40:
        return "a huge number"
    return cut(text, 60)


def cut(text: str, length: int) -> str:
    """Return text, its end replaced by dots if it is longer."""
    return text if len(text) <= length else f"{text[: length - 3]}..."
