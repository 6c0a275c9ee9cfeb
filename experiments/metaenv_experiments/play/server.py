"""The page and what it asks of the games: `application` for tests and servers, `serve` for a person at this machine."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from metaenv_experiments.play.desk import Asked, Desk
from metaenv_experiments.play.games import UnknownGame
from metaenv_experiments.play.guard import ADDRESS, Guard, Refusal, document
from metaenv_experiments.play.view import choices
from metaenv_experiments.running.files import plain
from metaenv_experiments.running.options import UsageError

STATIC = Path(__file__).parent / "static"
Answer = Callable[[Request, Asked], Any]


def application(*, token: str, port: int) -> ASGIApp:
    """The whole of what is served, below /TOKEN/, with games of its own."""
    desk = Desk()
    files = sorted(path.name for path in STATIC.iterdir() if path.is_file())
    routes = [
        Route("/", _file("index.html")),
        *(Route(f"/{name}", _file(name)) for name in files),
        Route("/api/choices", _answer(lambda request, asked: choices())),
        Route("/api/games", _answer(desk.begin), methods=["POST"]),
        Route("/api/games/{game}", _answer(desk.look)),
        Route("/api/games/{game}/visits", _answer(desk.treat), methods=["POST"]),
        Route("/api/games/{game}/undo", _answer(desk.undo), methods=["POST"]),
        Route("/api/games/{game}/play-on", _answer(desk.play_on), methods=["POST"]),
        Route("/api/games/{game}/advice", _answer(desk.advise)),
        Route("/api/games/{game}/reveal", _answer(desk.reveal), methods=["POST"]),
        Route("/api/games/{game}/course.csv", _answer(desk.export)),
    ]
    handlers = {UsageError: _unusable, UnknownGame: _unknown, Refusal: _refused, HTTPException: _no_such_page}
    inner = Starlette(routes=routes, exception_handlers=handlers)  # type: ignore[arg-type]
    return Guard(inner, token=token, port=port)


def serve(port: int, on_ready: Callable[[str], None], fragment: str = "") -> None:
    """Serve on this machine alone, until interrupted.

    Args:
        port: 0 for any that is free.
        on_ready: told the address once connections are taken.
        fragment: what the page is to show first, see `metaenv_experiments.play.link`.

    Raises:
        UsageError: the port is taken.
    """
    token = secrets.token_urlsafe(24)
    with _listening(port) as listener:
        taken = listener.getsockname()[1]
        app = application(token=token, port=taken)
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, timeout_keep_alive=30)
        on_ready(f"http://{ADDRESS}:{taken}/{token}/" + (f"#{fragment}" if fragment else ""))
        uvicorn.Server(config).run(sockets=[listener])


def _answer(work: Answer) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint: the work is done in a thread, so that games do not wait for each other."""

    async def endpoint(request: Request) -> Response:
        asked = document(await request.body())
        found = await run_in_threadpool(work, request, asked)
        return found if isinstance(found, Response) else JSONResponse(json.loads(json.dumps(plain(found))))

    return endpoint


def _file(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return FileResponse(STATIC / name)

    return endpoint


async def _unusable(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=422)


async def _unknown(request: Request, error: Exception) -> Response:
    said = "game must be one that this server knows; the link of a game brings it back"
    return JSONResponse({"error": said, "gone": True}, status_code=404)


async def _refused(request: Request, error: Refusal) -> Response:
    return error.answer


async def _no_such_page(request: Request, error: HTTPException) -> Response:
    said = f"{request.method} {request.url.path[:100]}: {error.detail}"
    return JSONResponse({"error": said}, status_code=error.status_code, headers=error.headers)


def _listening(port: int) -> socket.socket:
    """A socket of this machine alone that takes connections."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
    except OSError as error:
        listener.close()
        raise UsageError(f"--port must be free, got {port}: {error.strerror}") from error
    listener.listen()
    return listener
