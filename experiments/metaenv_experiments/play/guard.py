"""Who may ask: only pages of this server, of whoever knows the token; and what every answer forbids the browser."""

from __future__ import annotations

import json
import secrets
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ADDRESS = "127.0.0.1"
MOST_BYTES = 64 * 1024  # of a request's body
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Refusal(Exception):
    """A request that is not answered, and the status that says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = JSONResponse({"error": message}, status_code=status)


class Guard:
    """Passes on what this server's own page asks, below /TOKEN/.

    Args:
        app: what answers.
        token: of the address; who does not know it learns nothing.
        port: on which the server listens.
    """

    def __init__(self, app: ASGIApp, *, token: str, port: int) -> None:
        self.app, self.token = app, token
        self.hosts = (f"{ADDRESS}:{port}", f"localhost:{port}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with the whole body at hand and without the token in the path."""
        if scope["type"] != "http":  # the start and end of the server
            await self.app(scope, receive, send)
            return
        try:
            self._check(scope)
            passed_on = _replay(await _body(receive), receive) if scope["method"] == "POST" else receive
        except Refusal as refusal:
            await refusal.answer(scope, receive, _with_headers(send))
            return
        inner = {**scope, "path": scope["path"][len(self.token) + 1 :], "raw_path": b""}
        await self.app(inner, passed_on, _with_headers(send))

    def _check(self, scope: Scope) -> None:
        """Raise Refusal unless host, origin, token, kind and declared size of a request are right."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", "none"), headers.get("origin")
        if host not in self.hosts:
            raise Refusal(421, f"host must be one of {', '.join(self.hosts)}, got {host[:100]!r}")
        posted = scope["method"] == "POST"
        if origin != f"http://{host}" and (posted or origin is not None):
            raise Refusal(403, f"origin must be http://{host}, got {(origin or 'none')[:100]!r}")
        token, slash, _ = scope["path"][1:].partition("/")
        if not slash or not secrets.compare_digest(token.encode(), self.token.encode()):
            raise Refusal(403, "the address must hold the token that `metaenv play` printed")
        kind = headers.get("content-type", "none").partition(";")[0].strip().lower()
        if posted and kind != "application/json":
            raise Refusal(415, f"content type must be application/json, got {kind[:100]!r}")
        declared = headers.get("content-length", "0")
        if posted and declared.isdigit() and int(declared) > MOST_BYTES:
            raise _too_large()


def document(body: bytes) -> dict[str, Any]:
    """A request's body as a JSON object.

    Raises:
        Refusal: it is none.
    """
    try:
        content = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Refusal(400, f"body must be JSON: {error}") from error
    if not isinstance(content, dict):
        raise Refusal(400, f"body must be a JSON object, got {type(content).__name__}")
    return content


async def _body(receive: Receive) -> bytes:
    """The whole body, unless it is too large."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(400, "body must be sent whole")
        body, more = body + message.get("body", b""), message.get("more_body", False)
        if len(body) > MOST_BYTES:
            raise _too_large()
    return body


def _too_large() -> Refusal:
    return Refusal(413, f"body must have at most {MOST_BYTES} bytes, got more")


def _replay(body: bytes, receive: Receive) -> Receive:
    """A body that was received whole, and after it whatever follows."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replaying() -> Message:
        return waiting.pop() if waiting else await receive()

    return replaying


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(HEADERS)
        await send(message)

    return sending
