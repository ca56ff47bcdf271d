"""Draw every picture of `diagrams/` again: `python examples/diagrams.py`."""

from __future__ import annotations

import contextlib
import io
import runpy
from pathlib import Path

HERE = Path(__file__).parent


def main(folder: Path) -> None:
    """Run all examples for their pictures.

    Args:
        folder: Where the pictures go; made if absent.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for example in sorted(HERE.glob("[0-9]*.py")):
        # Names that begin with a digit cannot be imported; what they print is for their readers.
        with contextlib.redirect_stdout(io.StringIO()):
            runpy.run_path(str(example))["main"](folder)
        pictures = sorted(folder.glob(f"{example.stem}*.svg"))
        print(f"{example.name}: {', '.join(picture.name for picture in pictures)}")


if __name__ == "__main__":
    main(HERE.parent / "diagrams")
