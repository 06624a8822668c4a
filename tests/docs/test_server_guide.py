"""The server of docs/server.md, as it stands there: run, and asked as browsers ask."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.docs.screens import ROOT
from tests.localorg import material

GUIDE = (ROOT / "docs/server.md").read_text()
SECRET = "a-messenger-api-secret-of-enough-bytes"


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Somebody at the server, not logged in."""
    (tmp_path / "signing.key").write_bytes(material.private_pem("storefront"))
    monkeypatch.setenv("SIGNING_KEY_FILE", str(tmp_path / "signing.key"))
    monkeypatch.setenv("SESSION_SECRET", "any")
    monkeypatch.setenv("INTERCOM_SECRET", SECRET)
    code = "\n".join(re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL))
    server: dict[str, Any] = {"__name__": "guide"}
    exec(compile(code, "docs/server.md", "exec"), server)
    with server["app"].test_client() as client:
        yield client


def log_in(browser: Any, customer: object) -> None:
    with browser.session_transaction() as session:
        session["customer_id"] = customer


def claims(token: str) -> Any:
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT", "kid": "storefront-2026-11"}
    return jwt.decode(token, material.private_key("storefront").public_key(), ["RS256"])


@pytest.mark.parametrize("path", ["/identity-token", "/chat"])
def test_who_is_not_logged_in_gets_no_token(browser: Any, path: str) -> None:
    answer = browser.open(path, method="GET" if path == "/chat" else "POST")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (401, "no-store")
    assert "eyJ" not in answer.text


def test_only_the_sessions_customer_gets_a_token(browser: Any) -> None:
    log_in(browser, 4711)
    answer = browser.post("/identity-token?customer_id=4712&sub=4712", json={"customer_id": 4712})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    found = claims(answer.json["token"])
    assert (found["sub"], found["iss"], found["exp"] - found["iat"]) == ("4711", "https://id.example.com", 330)


def test_a_token_is_no_page_that_can_be_linked_to(browser: Any) -> None:
    log_in(browser, 4711)
    assert browser.get("/identity-token").status_code == 405


def test_the_page_with_both_tokens(browser: Any) -> None:
    log_in(browser, "ada</script>@example.com")
    answer = browser.get("/chat")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    found = re.fullmatch(r"<script>window\.intercomSettings = (\{.*\});</script>", answer.text)
    assert found is not None
    assert "</script>" not in found[1]
    settings = json.loads(found[1])
    assert list(settings) == ["api_base", "app_id", "intercom_user_jwt", "salesforce_identity_token", "user_id"]
    assert claims(settings["salesforce_identity_token"])["sub"] == settings["user_id"] == "ada</script>@example.com"
    user = jwt.decode(settings["intercom_user_jwt"], SECRET, ["HS256"])
    assert set(user) == {"user_id", "exp"}
    assert user["user_id"] == settings["user_id"]
