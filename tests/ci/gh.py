"""A stand-in for GitHub's own program, with the few commands that the workflows use. Its state is a JSON file."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import jq


def main(words: list[str]) -> int:
    path = Path(os.environ["HUB"])
    hub: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"comments": [], "issues": [], "calls": []}
    hub["calls"].append(words)
    assert os.environ["GH_TOKEN"] == "ghs_token"
    try:
        return _do(words, hub)
    finally:
        path.write_text(json.dumps(hub, indent=1))


def _do(words: list[str], hub: dict[str, Any]) -> int:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for option in ("method", "jq", "field", "state", "limit", "json", "title", "body-file", "comment"):
        parser.add_argument(f"--{option}")
    for flag in ("silent", "paginate"):
        parser.add_argument(f"--{flag}", action="store_true")
    if words[0] == "api":
        parser.add_argument("url")
        given = parser.parse_args(words[1:])
        return _api(given, hub)
    assert words[0] == "issue"
    if words[1] in ("edit", "close"):
        parser.add_argument("number", type=int)
    return _issue(words[1], parser.parse_args(words[2:]), hub)


def _api(given: argparse.Namespace, hub: dict[str, Any]) -> int:
    one = re.fullmatch(r"repos/acme/shop/issues/comments/(\d+)", given.url)
    if given.method == "PATCH" and one is not None:
        (comment,) = (each for each in hub["comments"] if each["id"] == int(one[1]))
        comment["body"] = _body(given.field)
        return 0
    assert re.fullmatch(r"repos/acme/shop/issues/\d+/comments", given.url), given.url
    if given.method == "POST":
        number = 100 + len(hub["comments"])
        hub["comments"].append({"id": number, "user": {"type": "Bot"}, "body": _body(given.field)})
        return 0
    _print(given.jq, hub["comments"])
    return 0


def _body(field: str) -> str:
    name, _, value = field.partition("=@")
    assert name == "body"
    text = Path(value).read_text()
    assert len(text) <= 65_536, "no comment is longer"
    return text


def _issue(verb: str, given: argparse.Namespace, hub: dict[str, Any]) -> int:
    if verb == "list":
        _print(given.jq, [each for each in hub["issues"] if each["state"] == given.state])
        return 0
    if verb == "create":
        body = Path(given.body_file).read_text()
        hub["issues"].append({"number": len(hub["issues"]) + 1, "title": given.title, "body": body, "state": "open"})
        return 0
    (issue,) = (each for each in hub["issues"] if each["number"] == given.number)
    if verb == "edit":
        issue["body"] = Path(given.body_file).read_text()
    else:
        assert verb == "close"
        issue["state"] = "closed"
    return 0


def _print(expression: str, value: object) -> None:
    for each in jq.compile(expression).input_value(value).all():
        sys.stdout.write(f"{each}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
