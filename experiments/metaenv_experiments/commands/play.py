"""Treat a patient yourself, on a page of this machine, and see afterwards what was true."""

from __future__ import annotations

import webbrowser
from dataclasses import dataclass

from metaenv_experiments.running.console import console
from metaenv_experiments.running.options import check_heeded, require


@dataclass(frozen=True, kw_only=True)
class Options:
    """Treat a patient yourself: a page in the browser, served on this machine alone until Ctrl-C."""

    disease: str | None = None
    """Disease by name. None: chosen on the page."""
    patient: int | None = None
    """Patient (id) of --disease, with whom the game begins at once. None: chosen on the page."""
    link: str | None = None
    """Link of a game to go on with, as the page copies it. None: a new game."""
    port: int = 0
    """Port on 127.0.0.1 (0 to 65535); 0 for any that is free."""
    no_browser: bool = False
    """Only print the address, open nothing."""

    def __post_init__(self) -> None:
        """Check what can be checked without a simulator."""
        require(0 <= self.port <= 65535, "--port", self.port, "in 0 … 65535")
        check_heeded(self, self.link is None, "left out beside --link", "disease", "patient")
        check_heeded(
            self, self.disease is not None or self.link is not None, "given together with --disease", "patient"
        )


def run(options: Options) -> None:
    """Check who is treated, serve, open."""
    from metaenv_experiments.play.server import serve  # needs the extra `play`, the help does not

    def ready(address: str) -> None:
        console().print(f"the page is at {address}\nCtrl-C ends it", soft_wrap=True, highlight=False, markup=False)
        if not options.no_browser:
            webbrowser.open(address)

    serve(options.port, ready, fragment(options))


def fragment(options: Options) -> str:
    """What the page begins with.

    Raises:
        UsageError: there is no such disease, patient or link.
    """
    from metaenv_experiments.play.link import read_link, write_link
    from metaenv_experiments.play.setup import Setup, offered

    if options.link is not None:
        return write_link(*read_link(options.link))
    if options.disease is None:
        return ""
    if options.patient is None:
        require(options.disease in offered(), "--disease", options.disease, f"one of {', '.join(offered())}")
        return f"disease={options.disease}"
    return write_link(Setup(disease=options.disease, patient=options.patient), ())
