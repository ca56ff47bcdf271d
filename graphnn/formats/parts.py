"""The parts of a file's JSON: an object with its keys, a list, a value shown in a message."""

from __future__ import annotations

from typing import Any

from graphnn.errors import FormatError

__all__ = ["require_list", "require_object", "short"]


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
