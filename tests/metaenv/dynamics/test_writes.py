"""A compiled function changes those arguments that its docstring names behind "Writes:", and no others."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from metaenv.dynamics.compile import PACKAGE

SAME = {"near"}  # functions that give back what they are given


def path_of(node, aliases):
    """Where a value comes from, as `argument.field.field`, or None: what is indexed is the same array."""
    if isinstance(node, ast.Name):
        return aliases.get(node.id)
    if isinstance(node, ast.Subscript):
        return path_of(node.value, aliases)
    if isinstance(node, ast.Attribute):
        parent = path_of(node.value, aliases)
        return parent and f"{parent}.{node.attr}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAME:
        return path_of(node.args[0], aliases)
    return None


def pairs(target, value):
    """(target, value) of an assignment, one by one where tuples are assigned."""
    if isinstance(target, ast.Tuple):
        values = value.elts if isinstance(value, ast.Tuple) else [value] * len(target.elts)
        return [pair for each in zip(target.elts, values, strict=True) for pair in pairs(*each)]
    return [(target, value)]


class Kernel:
    """A compiled function: its arguments, what it says that it writes, and what it is seen to write."""

    def __init__(self, function):
        self.name = function.name
        self.arguments = [argument.arg for argument in function.args.args]
        said = re.search(r"Writes: ([\w\s.,]*?)\.(?:\s|$)", ast.get_docstring(function) or "")
        self.said = set(re.split(r",\s+", said[1])) if said else set()
        self.written, self.calls = set(), []
        self._aliases = {name: name for name in self.arguments}
        for node in self._in_order(function):
            self._look(node)

    @staticmethod
    def _in_order(function):
        nodes = [node for node in ast.walk(function) if hasattr(node, "lineno")]
        return sorted(nodes, key=lambda node: (node.lineno, node.col_offset))

    def _look(self, node):
        if isinstance(node, ast.Assign):
            for target, value in pairs(node.targets[0], node.value):
                self._write(target)
                if isinstance(target, ast.Name):
                    self._aliases[target.id] = path_of(value, self._aliases)
        elif isinstance(node, ast.AugAssign):
            self._write(node.target)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            self.calls.append((node.func.id, [path_of(argument, self._aliases) for argument in node.args]))

    def _write(self, target):
        """An assignment to an entry or a field; to a name it changes no argument."""
        if isinstance(target, ast.Subscript | ast.Attribute):
            self.written.add(path_of(target, self._aliases))


def kernels_of(files):
    """Every compiled function by name."""
    kernels = {}
    for file in files:
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and any("compiled" in ast.unparse(d) for d in node.decorator_list):
                assert node.name not in kernels, f"two compiled functions are called {node.name}"
                kernels[node.name] = Kernel(node)
    return kernels


def covers(said, path):
    return path == said or path.startswith(f"{said}.")


def written_by(kernel, kernels):
    """Arguments and their fields that a function assigns to, itself or by what the functions say that it calls."""
    paths = {path for path in kernel.written if path}
    for name, given in kernel.calls:
        callee = kernels.get(name)
        if callee is None:
            continue
        for said in callee.said:
            argument, _, field = said.partition(".")
            path = given[callee.arguments.index(argument)]
            if path:
                paths.add(f"{path}.{field}" if field else path)
    return paths


@cache
def compiled_functions():
    return kernels_of(PACKAGE.rglob("*.py"))


def errors_of(kernel, kernels):
    written = written_by(kernel, kernels)
    unsaid = sorted(path for path in written if not any(covers(said, path) for said in kernel.said))
    untrue = sorted(said for said in kernel.said if not any(covers(said, path) for path in written))
    return [f"{kernel.name} writes {path} and does not say so" for path in unsaid] + [
        f"{kernel.name} says that it writes {path} and does not" for path in untrue
    ]


@pytest.mark.parametrize("name", sorted(compiled_functions()))
def test_a_compiled_function_writes_what_its_docstring_names(name):
    assert not errors_of(compiled_functions()[name], compiled_functions())


WRONG = '''
@compiled_inside
def leaf(cells, share):
    """Writes: cells."""
    cells[0] *= share

@compiled_inside
def silent(world, i):
    host = world.state.host[i]
    host.day += 1.0

@compiled_inside
def by_a_call(world, i):
    """Writes: world.scratch."""
    first, second = world.state.dormant[i], world.scratch.cells[i]
    leaf(first, 0.5)
    leaf(second, 0.5)

@compiled_inside
def boasting(world, i):
    """Nothing. Writes: world.state.host, world.scratch."""
    world.scratch.cells[i, 0] = 1.0

@compiled_inside
def right(world, i):
    """Writes: world.state.organ, world.scratch."""
    state, total = world.state, 0.0
    total += 1.0
    state.organ[i, 0], world.scratch.cells[i, 0] = -1, total
'''


def test_what_is_not_said_or_not_true_is_found(tmp_path):
    (tmp_path / "wrong.py").write_text(WRONG)
    kernels = kernels_of([Path(tmp_path / "wrong.py")])
    assert {name: errors_of(kernel, kernels) for name, kernel in kernels.items()} == {
        "leaf": [],
        "silent": ["silent writes world.state.host.day and does not say so"],
        "by_a_call": ["by_a_call writes world.state.dormant and does not say so"],
        "boasting": ["boasting says that it writes world.state.host and does not"],
        "right": [],
    }
