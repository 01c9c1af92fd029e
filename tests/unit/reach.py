"""What code a handler can get to, by the names its source uses."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from infra.template import TEMPLATE

ROOT = TEMPLATE.parent
LAYER = ROOT / "layers/common"


@dataclass(frozen=True)
class Source:
    """A module's top-level definitions by name, and what its imports mean: module, and name in it."""

    definitions: dict[str, ast.stmt]
    imports: dict[str, tuple[str, str]]


@lru_cache
def source_of(file: Path) -> Source:
    """A parsed file."""
    tree = ast.parse(file.read_text())
    definitions: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            definitions[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            definitions |= {name: node for target in targets for name in _names(target)}
    imports = {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return Source(definitions, imports)


def file_of(module: str) -> Path | None:
    """The file of one of our modules."""
    base = LAYER.joinpath(*module.split("."))
    found = [file for file in (base.with_suffix(".py"), base / "__init__.py") if file.is_file()]
    return found[0] if found and module.split(".")[0] == "videosite" else None


def reached(handler_file: Path, attribute: str) -> list[ast.stmt]:
    """Every definition of ours that a handler may run: what it names, what that names, and so on.

    Of a class, all methods. Of a module that is handed on whole, everything. Of a router, its routes.
    """
    todo = [(handler_file, attribute)]
    seen: dict[tuple[Path, str], ast.stmt] = {}
    while todo:
        file, name = todo.pop()
        source = source_of(file)
        node = source.definitions.get(name)
        if (file, name) in seen or node is None:
            if node is None and name in source.imports:
                todo += _imported(source.imports[name])
            continue
        seen[file, name] = node
        todo += _named(file, node)
        if isinstance(node, ast.Assign | ast.AnnAssign) and file != handler_file:
            todo += [(file, other) for other in _decorated_by(source, name)]
    return list(seen.values())


def _named(file: Path, node: ast.stmt) -> Iterator[tuple[Path, str]]:
    source = source_of(file)
    qualified = {id(n.value): n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    for used in ast.walk(node):
        if not isinstance(used, ast.Name):
            continue
        if used.id in source.definitions:
            yield file, used.id
        elif used.id in source.imports:
            yield from _imported(source.imports[used.id], qualified.get(id(used)))


def _imported(imported: tuple[str, str], attribute: str | None = None) -> Iterator[tuple[Path, str]]:
    module, name = imported
    if whole := file_of(f"{module}.{name}"):
        names = [attribute] if attribute else list(source_of(whole).definitions)
        yield from ((whole, each) for each in names)
    elif file := file_of(module):
        yield file, name


def _decorated_by(source: Source, name: str) -> Iterator[str]:
    for other, node in source.definitions.items():
        decorators = getattr(node, "decorator_list", [])
        if any(name in _names(decorator) for decorator in decorators):
            yield other


def _names(node: ast.AST) -> list[str]:
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]


def settings_read(handler_file: Path, attribute: str) -> set[str]:
    """The settings, by field, that a handler may read."""
    found: set[str] = set()
    for node in reached(handler_file, attribute):
        holders = {
            target.id
            for n in ast.walk(node)
            if isinstance(n, ast.Assign) and _is_call(n.value, "get_settings")
            for target in n.targets
            if isinstance(target, ast.Name)
        }
        for n in ast.walk(node):
            if isinstance(n, ast.Attribute) and (
                _is_call(n.value, "get_settings") or (isinstance(n.value, ast.Name) and n.value.id in holders)
            ):
                found |= {n.attr}
            elif _is_call(n, "require"):
                found |= set(_texts(n))
            elif _is_call(n, "find_binary"):
                found |= {f"{text}_path" for text in _texts(n)}
    return found


def _is_call(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _texts(node: ast.AST) -> Iterator[str]:
    return (n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))
