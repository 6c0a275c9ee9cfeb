"""Who may ask the server, what it refuses, and what it answers."""

import json
from contextlib import contextmanager

import pytest

from metaenv_experiments.play.game import Game
from metaenv_experiments.play.games import MOST
from metaenv_experiments.play.policies import doctors

server = pytest.importorskip("metaenv_experiments.play.server", reason="the extra play is not installed")
guard = pytest.importorskip("metaenv_experiments.play.guard")
client = pytest.importorskip("starlette.testclient")

TOKEN, PORT = "a-token", 8123
HOST = f"127.0.0.1:{PORT}"
PAGE = {"Origin": f"http://{HOST}"}
PROSTATE = {"disease": "prostate", "patient": 200_003, "seed": 0}


@contextmanager
def browser(**headers):
    """A client of a server of its own, which sends what a page of it sends."""
    app = server.application(token=TOKEN, port=PORT)
    with client.TestClient(app, base_url=f"http://{HOST}", headers=PAGE | headers) as page:
        yield page


@pytest.fixture
def page():
    with browser() as page:
        yield page


def api(page, path, body=None, **options):
    address = f"/{TOKEN}/api/{path}"
    return page.get(address, **options) if body is None else page.post(address, json=body, **options)


def begun(page, asked=PROSTATE):
    answer = api(page, "games", asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


# ---- who may ask


@pytest.mark.parametrize("path", ["/", "/wrong/", f"/{TOKEN}", f"/{TOKEN}x/", "/wrong/api/choices", "/favicon.ico"])
def test_who_does_not_know_the_token_learns_nothing(page, path):
    answer = page.get(path, follow_redirects=False)
    assert answer.status_code == 403
    assert answer.json() == {"error": "the address must hold the token that `metaenv play` printed"}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8123", "127.0.0.1", "127.0.0.1:1", "localhost:80"])
def test_another_host_is_refused(page, host):
    for answer in (
        page.get(f"/{TOKEN}/", headers={"Host": host}),
        api(page, "games", PROSTATE, headers={"Host": host}),
    ):
        assert answer.status_code == 421
        assert f"host must be one of {HOST}, localhost:{PORT}, got '{host}'" in answer.json()["error"]


@pytest.mark.parametrize("origin", ["http://evil.example", "null", f"https://{HOST}", "http://localhost:8123"])
def test_a_foreign_origin_is_refused(page, origin):
    for answer in (
        page.get(f"/{TOKEN}/", headers={"Origin": origin}),
        api(page, "games", PROSTATE, headers={"Origin": origin}),
    ):
        assert answer.status_code == 403
        assert f"origin must be http://{HOST}, got '{origin}'" in answer.json()["error"]


def test_without_an_origin_pages_are_read_but_nothing_is_changed():
    with browser() as page:
        del page.headers["Origin"]
        assert page.get(f"/{TOKEN}/").status_code == 200
        assert api(page, "games", PROSTATE).status_code == 403


def test_the_same_machine_by_its_name_is_let_in(page):
    headers = {"Host": f"localhost:{PORT}", "Origin": f"http://localhost:{PORT}"}
    assert api(page, "games", PROSTATE, headers=headers).status_code == 200


def test_every_answer_forbids_the_browser_other_hosts(page):
    for answer in (page.get(f"/{TOKEN}/"), page.get("/"), api(page, "choices"), api(page, "games/none")):
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy and "*" not in policy
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# ---- the page


@pytest.mark.parametrize("file", sorted(path.name for path in server.STATIC.iterdir()))
def test_every_file_of_the_page_is_served_and_names_no_other_host(page, file):
    answer = page.get(f"/{TOKEN}/{file}")
    assert answer.status_code == 200
    text = answer.text.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert "http:" not in text and "https:" not in text and "//cdn" not in text
    assert "style=" not in text and "onclick=" not in text  # which the policy forbids


@pytest.mark.parametrize("path", ["", "index.html"])
def test_the_page_is_html(page, path):
    answer = page.get(f"/{TOKEN}/{path}")
    assert answer.headers["content-type"].startswith("text/html") and '<html lang="en">' in answer.text


@pytest.mark.parametrize("path", ["nothing", "api/nothing", "%2e%2e/guard.py", "static/app.js", "api/choices/"])
def test_what_is_not_there_is_not_found(page, path):
    answer = page.get(f"/{TOKEN}/{path}", follow_redirects=False)
    assert answer.status_code in (404, 307) and "Refusal" not in answer.text


def test_another_method_is_refused(page):
    assert page.put(f"/{TOKEN}/api/games", json={}).status_code == 405
    assert page.get(f"/{TOKEN}/api/games").status_code == 405


# ---- bodies


def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(page):
    large = json.dumps({"link": "x" * guard.MOST_BYTES}).encode()
    kind = {"Content-Type": "application/json"}
    for content in (large, iter([large[:1000], large[1000:]])):
        answer = page.post(f"/{TOKEN}/api/games", content=content, headers=kind)
        assert answer.status_code == 413
        assert answer.json()["error"] == f"body must have at most {guard.MOST_BYTES} bytes, got more"


@pytest.mark.parametrize("content", [b"{", b"[1]", b'"text"', b"\xff", b"[" * 30_000])
def test_a_body_that_is_no_object_is_refused(page, content):
    answer = page.post(f"/{TOKEN}/api/games", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400 and answer.json()["error"].startswith("body must be")


def test_a_form_of_another_page_is_refused(page):
    answer = page.post(f"/{TOKEN}/api/games", data={"disease": "prostate"})
    assert answer.status_code == 415 and "must be application/json" in answer.json()["error"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "disease must be a name, got 'none'"),
        ({"disease": "flu"}, "disease must be one of breast, "),
        ({"disease": 3}, "disease must be text, got 3"),
        ({"disease": "prostate", "patient": "7"}, "patient must be a whole number, got '7'"),
        ({"disease": "prostate", "patient": True}, "patient must be a whole number, got True"),
        ({"disease": "prostate", "patient": 10**30}, "patient must be a whole number in 0 … 299999"),
        ({"disease": "prostate", "without": [1]}, "barriers switched off must be names, got [1]"),
        ({"disease": "prostate", "local_therapy": 1}, "local_therapy must be true or false, got 1"),
        ({"disease": "prostate", "unheard": 1}, "field must be one of disease, patient, "),
        ({"link": "nonsense"}, "link must be like v=1&disease="),
        ({"link": 3}, "link must be text, got 3"),
    ],
)
def test_a_game_that_cannot_be_is_refused_in_one_line(page, asked, said):
    answer = api(page, "games", asked)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(said)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"action": [3, 0]}, "action for 'abiraterone' must be a whole number from 0 to 2, got 3.0"),
        ({"action": [0, 0.5]}, "action for 'docetaxel' must be a whole number from 0 to 2, got 0.5"),
        ({"action": [2]}, "action must have shape (2,) for ['abiraterone', 'docetaxel'], got shape (1,)"),
        ({"action": ["full", "none"]}, "action must be numbers for ['abiraterone', 'docetaxel'], got ['full', 'none']"),
        ({"action": "20"}, "action must be a list, got '20'"),
        ({}, "action must be a list with a level for each drug, got 'none'"),
        ({"action": [2, 0], "until": "never"}, "until must be one of visit, scan, end, got 'never'"),
    ],
)
def test_an_illegal_dose_is_refused_and_says_what_got_and_allowed(page, asked, said):
    game = begun(page)["game"]
    answer = api(page, f"games/{game}/visits", asked)
    assert answer.status_code == 422 and answer.json() == {"error": said}
    assert api(page, f"games/{game}").json()["choices"] == []


def test_policies_and_undo_are_refused_likewise(page):
    game = begun(page)["game"]
    refused = api(page, f"games/{game}/undo", {})
    assert refused.status_code == 422 and "asked after a choice" in refused.json()["error"]
    refused = api(page, f"games/{game}/play-on", {"policy": "me"})
    assert refused.status_code == 422 and "policy must be one of" in refused.json()["error"]


# ---- games


def test_a_new_patient_is_one_of_the_test_cohort(page):
    setup = begun(page, {"disease": "lung"})["setup"]
    assert 200_000 <= setup["patient"] < 300_000 and setup["seed"] == 0


def test_a_game_shows_what_the_clinic_knows_and_no_more(page):
    view = begun(page)
    assert view["visits"][0]["lesions"] and len(view["allowed"]) == 2 and view["choices"] == []
    assert not {"truth", "clones", "hidden", "burden", "dormant"} & set(view["visits"][0])


def test_treating_undoing_and_playing_on_move_the_game(page):
    game = begun(page)["game"]
    treated = api(page, f"games/{game}/visits", {"action": [2, 1], "until": "scan"}).json()
    assert treated["choices"] == [[2, 1]] * len(treated["choices"]) and treated["visits"][-1]["scanned"]
    undone = api(page, f"games/{game}/undo", {"visits": len(treated["choices"]) - 1}).json()
    assert undone["choices"] == [[2, 1]] and undone["visits"] == treated["visits"][:2]
    over = api(page, f"games/{game}/play-on", {"policy": "prostate/ppo"}).json()
    assert over["over"]
    refused = api(page, f"games/{game}/visits", {"action": [0, 0]})
    assert refused.status_code == 422 and "treated no longer" in refused.json()["error"]


def test_everybody_is_asked_for_advice(page):
    view = begun(page)
    advice = api(page, f"games/{view['game']}/advice").json()["advice"]
    assert [each["name"] for each in advice] == [each["name"] for each in view["clinic"]["doctors"]]
    assert all(len(each["choice"]) == 2 for each in advice)


def test_two_games_side_by_side_do_not_touch_each_other(page):
    one, other = begun(page)["game"], begun(page, {**PROSTATE, "patient": 200_004})["game"]
    api(page, f"games/{one}/visits", {"action": [2, 0]})
    api(page, f"games/{other}/visits", {"action": [0, 2]})
    both = [api(page, f"games/{name}").json() for name in (one, other)]
    assert [view["choices"] for view in both] == [[[2, 0]], [[0, 2]]]
    for view in both:
        alone = Game.of_link(view["link"])
        assert view["worth"] == alone.worth and view["visits"][-1]["marker"] == alone.visits[-1].marker


def test_a_link_restores_a_game_on_another_server(page):
    game = begun(page)["game"]
    view = api(page, f"games/{game}/visits", {"action": [2, 2], "until": "scan"}).json()
    with browser() as another:
        gone = api(another, f"games/{game}")
        assert gone.status_code == 404 and gone.json()["gone"] is True
        again = begun(another, {"link": view["link"]})
    assert again.pop("game") != view.pop("game")
    assert again == view


def test_the_game_that_rested_longest_is_forgotten(page, monkeypatch):
    monkeypatch.setattr("metaenv_experiments.play.games.MOST", 2)
    assert MOST > 2
    first, second = begun(page)["game"], begun(page)["game"]
    assert api(page, f"games/{first}").status_code == 200  # so the second rests
    begun(page)
    assert [api(page, f"games/{name}").status_code for name in (first, second)] == [200, 404]


def test_the_truth_is_told_on_request_and_then_exported_too(page):
    game = begun(page)["game"]
    api(page, f"games/{game}/visits", {"action": [2, 0], "until": "end"})
    before = api(page, f"games/{game}/course.csv")
    assert before.headers["content-type"].startswith("text/csv")
    assert before.headers["content-disposition"] == 'attachment; filename="prostate-200003.csv"'
    assert "burden" not in before.text
    found = api(page, f"games/{game}/reveal", {}).json()
    everybody = doctors(Game.of_link(api(page, f"games/{game}").json()["link"]).setup)
    assert [course["by"] for course in found["courses"]] == ["you", *(each.name for each in everybody)]
    assert "burden" in api(page, f"games/{game}/course.csv").text
