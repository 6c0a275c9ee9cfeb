"""`metaenv play`: its options, and the address that it prints."""

import socket
import threading
import urllib.error
import urllib.request
import webbrowser

import pytest

from metaenv_experiments.commands.play import Options, fragment
from metaenv_experiments.play.link import write_link
from metaenv_experiments.play.setup import Setup


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port", "70000"], "--port must be in 0 … 65535, got 70000"),
        (["--patient", "7"], "--patient must be given together with --disease, got 7"),
        (["--disease", "flu"], "--disease must be one of breast, breast_recurrent, lung, prostate, got 'flu'"),
        (["--disease", "prostate", "--patient", "300000"], "patient must be a whole number in 0 … 299999"),
        (["--link", "v=1&disease=prostate&patient=1", "--disease", "lung"], "--disease must be left out beside --link"),
        (["--link", "nonsense"], "link must be like"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_the_door(arguments, said, refused):
    pytest.importorskip("starlette")
    refused(["play", *arguments], said)


def test_the_page_begins_with_what_was_asked():
    setup = Setup(disease="lung", patient=200_001)
    assert fragment(Options()) == ""
    assert fragment(Options(disease="lung")) == "disease=lung"
    assert fragment(Options(disease="lung", patient=200_001)) == write_link(setup, ())
    link = write_link(setup, [(2, 0, 0)])
    assert fragment(Options(link=f"http://127.0.0.1:1/token/#{link}")) == link


def test_a_port_that_is_taken_is_said_to_be(refused):
    pytest.importorskip("starlette")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused(["play", "--no-browser", "--port", str(port)], f"--port must be free, got {port}")


def test_the_server_answers_on_this_machine_alone_at_the_address_that_is_opened(monkeypatch):
    uvicorn = pytest.importorskip("uvicorn")
    servers, opened = [], threading.Event()
    addresses = []
    made = uvicorn.Server.__init__
    monkeypatch.setattr(uvicorn.Server, "__init__", lambda self, config: (servers.append(self), made(self, config))[1])
    monkeypatch.setattr(webbrowser, "open", lambda address: (addresses.append(address), opened.set()))
    from metaenv_experiments.commands.play import run

    thread = threading.Thread(target=run, args=(Options(),), daemon=True)
    thread.start()
    assert opened.wait(30)
    (address,) = addresses
    assert address.startswith("http://127.0.0.1:") and len(address.split("/")[3]) >= 32
    with urllib.request.urlopen(address) as answer:
        assert answer.status == 200 and "server" not in answer.headers
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address.replace(address.split("/")[3], "guess"))
    servers[0].should_exit = True
    thread.join(30)
    assert not thread.is_alive()
