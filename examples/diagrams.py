"""Draw every picture of `diagrams/` again, and the page that shows them.

`python examples/diagrams.py`
"""

from __future__ import annotations

import contextlib
import io
import runpy
from pathlib import Path

HERE = Path(__file__).parent
GALLERY = "12_gallery"
HEAD = """# Gallery

Every picture, and the line of code that made it. `python examples/diagrams.py` draws them again and
writes this page.
"""


def main(folder: Path) -> None:
    """Run all examples for their pictures, and write the page.

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
    (folder / "README.md").write_text(page(), encoding="utf-8")


def page() -> str:
    """Return the page that shows all pictures with the lines that made them."""
    lines = runpy.run_path(str(HERE / f"{GALLERY}.py"))["LINES"]
    shown = [(f"{GALLERY}_{name}.svg", line, GALLERY) for name, line in lines.items()]
    for example in sorted(HERE.glob("[0-9]*.py")):
        for line in example.read_text(encoding="utf-8").splitlines():
            _, found, name = line.partition('folder / "')
            if found and example.stem != GALLERY:
                shown.append((name.partition('"')[0], line.strip(), example.stem))
    parts = [HEAD]
    for picture, line, example in shown:
        title = picture.removesuffix(".svg").removeprefix(f"{GALLERY}_").replace("_", " ")
        source = f"From [examples/{example}.py](../examples/{example}.py):"
        parts.append(f"## {title}\n\n{source}\n\n```python\n{line}\n```\n\n![{title}]({picture})\n")
    return "\n".join(parts)


if __name__ == "__main__":
    main(HERE.parent / "diagrams")
