"""Compiling the kernel once: inner functions are only translated, and optimised where they are merged into a whole.

Numba optimises every function for the machine, with all that it calls, before its caller does so again. Here a function
that only compiled ones call stays a *part*: its code is kept as translated, and each *whole*, a function called from
Python, links the parts it needs and optimises them together, once.
"""

# mypy: disable-error-code="no-untyped-call, override, attr-defined, assignment"
# (what numba is made of has few types)

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from llvmlite.binding import Linkage
from numba.core import config, types
from numba.core.codegen import CodeLibrary, JITCodeLibrary
from numba.core.compiler import Compiler
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher
from numba.core.sigutils import normalize_signature

from metaenv.dynamics.code_cache import CodeCache
from metaenv.dynamics.compile_lock import compile_lock
from metaenv.dynamics.table import Table


class _WithoutEnvironment:
    """The code generator as a part sees it: Python objects of a function have no address before it is merged."""

    def __init__(self, codegen: Any) -> None:
        self._codegen = codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)

    def set_env(self, name: str, environment: Any) -> None:
        """Nothing: numbers-only code reads no Python object."""


class Part(JITCodeLibrary):
    """Translated code of one function, neither optimised nor turned into machine code."""

    @property
    def codegen(self) -> Any:
        """See `_WithoutEnvironment`."""
        return _WithoutEnvironment(self._codegen)

    def finalize(self) -> None:
        """Close the part: whoever calls it may now link it."""
        for function in self._final_module.functions:
            if not function.is_declaration and function.linkage == Linkage.external:
                function.linkage = "linkonce_odr"  # may be merged into several wholes
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """0: a part has no machine code."""
        self._ensure_finalized()
        return 0

    def own(self) -> Any:
        """The code of this function alone."""
        return self._final_module

    def _get_module_for_linking(self) -> Any:
        """With the code of what it calls, for a whole that knows no parts (a user's own compiled function)."""
        if self._shared_module is None:
            module = self._final_module.clone()
            for library in closure(self._linking_libraries):
                module.link_in(code_of(library), preserve=True)
            self._shared_module = module
        return self._shared_module


def closure(libraries: list[CodeLibrary], seen: set[CodeLibrary] | None = None) -> Iterator[CodeLibrary]:
    """Libraries and what their parts call, each once."""
    seen = set() if seen is None else seen
    for library in libraries:
        if library not in seen:
            seen.add(library)
            yield library
            if isinstance(library, Part):
                yield from closure(library._linking_libraries, seen)


def code_of(library: CodeLibrary) -> Any:
    """What to link of a library, when what its parts call is linked as well."""
    return library.own() if isinstance(library, Part) else library._get_module_for_linking()


class Whole(JITCodeLibrary):
    """A function with all its parts, optimised together."""

    def finalize(self) -> None:
        """Link every part once, then optimise."""
        libraries = list(closure(self._linking_libraries))
        self._linking_libraries = [library for library in libraries if not isinstance(library, Part)]
        for library in libraries:
            if isinstance(library, Part):
                self._final_module.link_in(library.own(), preserve=True)
        super().finalize()

    def _optimize_final_module(self) -> None:
        """LLVM's first level, without vectors: higher ones compile for seconds longer and the visit is no faster."""
        options = {"opt": min(1, int(config.OPT)), "loop_vectorize": False, "slp_vectorize": False}
        made = self._codegen._module_pass_manager(**options)
        passes, *builder = made if isinstance(made, tuple) else (made,)  # numba < 0.62 has no builder
        passes.run(self._final_module, *builder)


class _PartCompiler(Compiler):
    def define_pipelines(self) -> Any:
        """Numba's own stages, into a part."""
        if self.state.library is None:
            self.state.library = Part(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
        return super().define_pipelines()


class _WholeCompiler(Compiler):
    def define_pipelines(self) -> Any:
        """Numba's own stages, into a whole that can be kept."""
        if self.state.library is None:
            self.state.library = Whole(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
            self.state.library.enable_object_caching()
        return super().define_pipelines()


class PartDispatcher(CPUDispatcher):
    """A function for compiled callers only."""

    def __init__(self, function: Any, options: dict[str, Any]) -> None:
        super().__init__(function, targetoptions=options, pipeline_class=_PartCompiler)

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """As Numba's, but a number written in the call is any number: else each is translated for itself."""
        return super().get_call_template([types.unliteral(kind) for kind in args], kws)

    def __reduce__(self) -> str:
        """By name: a copy in another process is that process's own function."""
        return str(self.py_func.__qualname__)


class WholeDispatcher(CPUDispatcher):
    """A function for Python, kept on disk; compiled callers get its part.

    Args:
        function: plain Python.
        options: of numba.
        part: the same function for compiled callers.
        cache: where its code is kept.
    """

    def __init__(self, function: Any, options: dict[str, Any], part: PartDispatcher, cache: CodeCache) -> None:
        super().__init__(function, targetoptions=options, pipeline_class=_WholeCompiler)
        self.part, self._cache = part, cache
        wholes.append(self)

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """What compiled callers call: the part."""
        return self.part.get_call_template(args, kws)

    def get_overload(self, sig: Any) -> Any:
        """The part's code, for compiled callers."""
        return self.part.get_overload(sig)

    def typeof_pyval(self, value: Any) -> Any:
        """As Numba's, but a table says itself what it is: to ask Numba's registry costs more than the call."""
        return value.kind if isinstance(value, Table) else super().typeof_pyval(value)

    def compile(self, sig: Any) -> Any:
        """Load what is kept; else compile, one process at a time."""
        arguments, _ = normalize_signature(sig)
        known = self.overloads.get(tuple(arguments))
        if known is not None:
            return known.entry_point
        with global_compiler_lock:
            if self._cache.ready(sig, self.targetctx):
                return super().compile(sig)
            with compile_lock(self._cache.folder):
                if not self._cache.ready(sig, self.targetctx):
                    self._cache.announce()
                return super().compile(sig)

    def __reduce__(self) -> str:
        """By name: a copy in another process is that process's own function."""
        return str(self.py_func.__qualname__)


wholes: list[WholeDispatcher] = []  # every function that Python may call
