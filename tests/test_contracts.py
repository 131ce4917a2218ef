"""What import-linter cannot say: parts of foreign libraries, late imports, sizes and names of the house."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGE = CHECKOUT / "workstation"

# The longest prefix that matches decides; a room is a module path below `workstation`.
FOREIGN: dict[str, tuple[str, ...]] = {
    "PySide6": ("ui", "app", "paint", "picture"),
    "PySide6.QtWidgets": ("ui", "app"),
    "PySide6.QtGui": ("ui", "app", "paint", "picture", "cli.look"),  # cli: text is painted under an application
    "shiboken6": ("ui", "app", "paint", "picture"),
    "vtk": (),  # loads all of VTK; `vtkmodules.x` loads what is asked for
    "vtkmodules": ("render",),
    "pynetdicom": ("network",),
    "urllib3": ("network",),
    "sqlite3": ("cache.index",),
    "sqlcipher3": ("cache.index",),
    "cryptography": ("security",),
    "keyring": ("security",),
    "SimpleITK": ("imaging", "bench"),  # bench: the peer that is timed beside us
}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "misc", "common", "manager"}
LONGEST_FUNCTION = 60
WORKER_ROOMS = ("errors", "settings", "paths", "jobs", "security", "dicom", "imaging", "findings", "network", "cache",
                "loading", "phantom")  # fmt: skip


def imported_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every absolute import at any depth: `from a import b` gives `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _is_import_call(node):
            yield node.lineno, str(node.args[0].value)  # type: ignore[attr-defined]


def _is_import_call(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    literal = bool(node.args) and isinstance(node.args[0], ast.Constant)
    return name in ("import_module", "__import__") and literal


def _below(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def allowed(module: str, name: str) -> bool:
    """Whether `module` (a path below `workstation`) may import `name`."""
    owners = [prefix for prefix in FOREIGN if _below(name, prefix)]
    return not owners or any(_below(module, room) for room in FOREIGN[max(owners, key=len)])


def trespasses(package: Path) -> list[str]:
    """Every import in `package` of a library by a room that does not own it."""
    found = []
    for file in sorted(package.rglob("*.py")):
        module = ".".join(file.relative_to(package).with_suffix("").parts).removesuffix(".__init__")
        for line, name in imported_names(ast.parse(file.read_text(encoding="utf-8"))):
            if not allowed(module, name):
                found.append(f"{module}:{line} imports {name}")
    return found


def test_every_foreign_library_stays_in_its_room():
    assert trespasses(PACKAGE) == []


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("case/state.py", "from PySide6.QtCore import QObject"),
        ("paint/tile.py", "from PySide6 import QtWidgets"),
        ("paint/tile.py", "def late():\n    import PySide6.QtWidgets"),
        ("picture/tile.py", "import vtkmodules.vtkCommonCore"),
        ("render/planar.py", "import vtk"),
        ("traffic.py", "from pynetdicom import AE"),
        ("cache/files.py", "import sqlite3"),
        ("cache/__init__.py", "import sqlite3"),
        ("loading/load.py", "import importlib\nimportlib.import_module('SimpleITK')"),
    ],
)
def test_a_trespass_is_found(tmp_path, file, statement):
    target = tmp_path / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(statement)
    assert len(trespasses(tmp_path)) == 1


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("ui/tile.py", "from PySide6 import QtWidgets, QtGui, QtCore"),
        ("paint/tile.py", "from PySide6.QtGui import QImage"),
        ("render/planar.py", "from vtkmodules.vtkImagingCore import vtkImageReslice"),
        ("cache/index.py", "import sqlite3"),
        ("imaging/volume.py", "import SimpleITK"),
    ],
)
def test_an_owner_is_let_in(tmp_path, file, statement):
    target = tmp_path / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(statement)
    assert trespasses(tmp_path) == []


BREACHES = {
    "stairs": ("dicom/header.py", "from workstation.imaging import volume"),
    "siblings": ("render/planar.py", "def late():\n    from workstation.paint import tile"),
    "unknown room": ("attic/box.py", ""),
    "case": ("case/state.py", "from workstation.render import planar"),
    "case through another room": ("case/state.py", "from workstation.cache import index"),
    "workers": ("loading/load.py", "from PySide6 import QtCore"),
}


@pytest.mark.parametrize("breach", [None, *BREACHES])
def test_import_linter_holds_the_stairs(tmp_path, breach):
    lint = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert lint is not None
    house = {
        "dicom/header.py": "", "imaging/volume.py": "from workstation.dicom import header", "paint/tile.py": "",
        "render/planar.py": "import vtkmodules", "network/pacs.py": "", "cache/index.py": "", "case/state.py": "",
        "loading/load.py": "",
    }  # fmt: skip
    if breach == "case through another room":
        house["cache/index.py"] = "from workstation.network import pacs"
    if breach is not None:
        house |= [BREACHES[breach]]
    for name, text in house.items():
        file = tmp_path / "workstation" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        (file.parent / "__init__.py").touch()
    (tmp_path / "workstation/__init__.py").touch()
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    done = subprocess.run([lint, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode == 0) == (breach is None), done.stdout + done.stderr
    assert ("BROKEN" in done.stdout) == (breach is not None)


def test_worker_rooms_load_neither_qt_nor_vtk():
    modules = [
        ".".join(("workstation", *file.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        for file in sorted(PACKAGE.rglob("*.py"))
        if file.relative_to(PACKAGE).with_suffix("").parts[0] in WORKER_ROOMS
    ]
    assert modules
    lines = [f"import {module}" for module in modules]
    lines += ["import sys", "print([m for m in ('PySide6', 'shiboken6', 'vtk', 'vtkmodules') if m in sys.modules])"]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=CHECKOUT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_no_file_is_called_after_nothing():
    named = [path for path in PACKAGE.rglob("*") if FORBIDDEN_NAMES & set(path.stem.lower().split("_"))]
    assert named == []


def test_functions_stay_readable():
    long = [
        f"{file.relative_to(CHECKOUT)}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for file in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []
