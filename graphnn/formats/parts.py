"""JSON and its parts: an object with its keys, a list, a value shown in a message."""

from __future__ import annotations

import json
from typing import Any

from graphnn.errors import FormatError

__all__ = ["parsed", "require_list", "require_object", "short"]


def parsed(text: str) -> Any:
    """Return what JSON text says.

    Raises:
        FormatError: If it is none, has NaN or infinity, or a key twice in one object.
    """
    try:
        return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
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


def short(found: Any) -> str:
    """Show a value of a file, which may be huge, in few characters."""
    if isinstance(found, list) and len(found) <= 4:
        return "[" + ", ".join(map(short, found)) + "]"
    if isinstance(found, list) and not all(isinstance(item, str) for item in found[:9]):
        return f"a list of {len(found)} items"
    if isinstance(found, dict):
        return f"an object of {len(found)} keys"
    text = repr(found) if not isinstance(found, int) or abs(found) < 10**40 else "a huge number"
    return text if len(text) <= 60 else f"{text[:57]}..."
