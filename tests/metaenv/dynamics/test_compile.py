"""Where compiled code is kept, and that its folder's name knows all that reaches it."""

import ast
import tempfile
from pathlib import Path

from metaenv.dynamics import compile as compiling
from metaenv.dynamics.compile import PACKAGE, hashed_files


def test_where_nobody_knows_a_home_compiled_code_is_kept_in_the_temporary_folder(monkeypatch, tmp_path):
    def lost(path):
        raise RuntimeError("Could not determine home directory.")

    for variable in ("METAENV_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(Path, "expanduser", lost)
    assert tmp_path in compiling._cache_folder().parents


def test_a_warm_cache_is_used_where_nobody_may_write(monkeypatch, tmp_path):
    monkeypatch.setenv("METAENV_CACHE_DIR", str(tmp_path))
    folder = compiling._cache_folder()
    monkeypatch.setattr("os.access", lambda *_: False)
    assert compiling._cache_folder() != folder
    (folder / "some.code").write_bytes(b"")
    assert compiling._cache_folder() == folder


class Module:
    """Names of a module of the package: what it imports from the package, assigns and compiles."""

    def __init__(self, path):
        self.imported, self.assigned, self.compiled = {}, {}, []
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("metaenv"):
                self.imported |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
                self.assigned |= dict.fromkeys(names, node.value)
            elif isinstance(node, ast.FunctionDef) and any("compiled" in ast.unparse(d) for d in node.decorator_list):
                self.compiled.append(node)


def read_by(node):
    """Names that code reads."""
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


def reached():
    """Every file of the package from which compiled functions read a function or a constant, directly or not."""
    modules = {
        ".".join(("metaenv", *path.relative_to(PACKAGE).with_suffix("").parts)): (path, Module(path))
        for path in PACKAGE.rglob("*.py")
    }
    files, seen = set(), set()
    todo = [
        (name, read)
        for name, (_, module) in modules.items()
        for function in module.compiled
        for statement in function.body
        for read in read_by(statement)
    ]
    while todo:
        where, name = todo.pop()
        if (where, name) in seen or where not in modules:
            continue
        seen.add((where, name))
        path, module = modules[where]
        if name in module.imported:
            home, original = module.imported[name]
            files.add(modules[home][0])
            todo.append((home, original))
        elif name in module.assigned:
            files.add(path)
            todo += [(where, read) for read in read_by(module.assigned[name])]
    return files


def test_every_constant_that_compiled_functions_read_stands_in_a_hashed_file():
    assert reached() <= set(hashed_files())


def test_a_file_of_constants_that_were_not_hashed_would_be_found(monkeypatch):
    monkeypatch.setattr(compiling, "ROOMS", ())
    assert {path.name for path in reached() - set(hashed_files())} >= {"codes.py", "state.py"}
