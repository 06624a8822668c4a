"""The merged declaration of one environment, each value with its place; and the code that opens a deployment.

The YAML reads back to the same declaration: text that YAML or a reference could misread is quoted or escaped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import assert_never

from provisioner.declaration.tree import Branch, Node, Scalar, ScalarValue, Sequence, plain, walk
from provisioner.hidden_characters import is_hidden
from provisioner.model.estate import DeploymentType
from provisioner.report.document import Block, Code, heading, line
from provisioner.report.json import FORMAT_VERSION, Json, members, place
from provisioner.report.visible import cells, escape
from provisioner.salesforce.snippet import Snippet, setup_page

#: Text that every YAML parser reads the same, and never as a number, a truth value or null.
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[-./:][A-Za-z0-9_]+|/)*")
_NOT_TEXT = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_STEP = "  "
_COMMENT_AT = 56


def declaration_yaml(tree: Node) -> str:
    """Return ``tree`` as YAML, with ``# file:line`` after each value."""
    lines = list(_lines(tree, 0))
    longest = max((cells(text) for text, _ in lines if cells(text) <= _COMMENT_AT), default=0)
    shown = (f"{text}{' ' * max(longest - cells(text), 0)}  # {origin}" if origin else text for text, origin in lines)
    return "\n".join(shown)


def declaration_view(environment: str, tree: Node) -> list[Block]:
    """Return the YAML under a heading."""
    return [heading(f"Declaration of {environment}"), Code(tuple(declaration_yaml(tree).splitlines()), "yaml")]


def declaration_json(environment: str | None, tree: Node) -> Json:
    """Return ``{"format_version", "environment", "declaration", "origins"}``.

    ``origins`` maps JSON pointers (RFC 6901) into ``declaration`` to ``file:line:column``.
    """
    return {
        "format_version": FORMAT_VERSION,
        "environment": environment,
        "declaration": plain(tree),
        "origins": {
            _pointer(path): place(at) for path, node, at in walk(tree) if path and not isinstance(node, Branch)
        },
    }


def _pointer(path: tuple[str | int, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _lines(node: Node, depth: int) -> Iterator[tuple[str, str]]:
    """Yield each line and the origin of its value."""
    indent = _STEP * depth
    match node:
        case Branch(entries=entries) if entries:
            for entry in entries.values():
                yield from _entry(f"{indent}{_quoted(entry.key)}:", entry.value, depth)
        case Sequence(items=items) if items:
            for item in items:
                yield from _entry(f"{indent}-", item, depth)
        case _:
            yield indent + _leaf(node), _origin(node)


def _entry(head: str, value: Node, depth: int) -> Iterator[tuple[str, str]]:
    if _is_leaf(value):
        yield f"{head} {_leaf(value)}", _origin(value)
    else:
        yield head, ""
        yield from _lines(value, depth + 1)


def _is_leaf(node: Node) -> bool:
    match node:
        case Branch(entries=entries):
            return not entries
        case Sequence(items=items):
            return all(isinstance(item, Scalar) for item in items)
        case Scalar():
            return True
        case _:
            assert_never(node)


def _leaf(node: Node) -> str:
    match node:
        case Scalar(value=value):
            return _scalar(value)
        case Sequence(items=items):
            return "[" + ", ".join(_leaf(item) for item in items) + "]"
        case Branch():
            return "{}"
        case _:
            assert_never(node)


def _origin(node: Node) -> str:
    location = node.location
    return _escaped(f"{location.file}:{location.line}")


def _scalar(value: ScalarValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            # In a value, `${` would begin a reference; `$${` is its escape.
            return _quoted(value.replace("${", "$${"))
        case int() | float():
            return str(value)
        case _:
            assert_never(value)


def _quoted(value: str) -> str:
    """Return the text plain if that is safe, else in double quotes."""
    if _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_escaped(escaped)}"'


def _escaped(text: str) -> str:
    """Return hidden characters as YAML's own escapes (YAML 1.2.2 §5.7)."""
    return "".join(escape(each) if is_hidden(each) else each for each in text)


_WEB = """\
<!-- {reservation} -->
<script>
  function initEmbeddedMessaging() {{
    embeddedservice_bootstrap.settings.language = "en_US";
    embeddedservice_bootstrap.init("{org_id}", "{deployment}", "{site_url}", {{scrt2URL: "{chat_url}"}});
  }}
</script>
<script src="{site_url}/assets/js/bootstrap.min.js" onload="initEmbeddedMessaging()"></script>"""


def reservation(snippet: Snippet) -> str:
    """Return the sentence that names the authoritative code."""
    return f"Put together by provisioner. If it differs from the code in {setup_page(snippet.deployment)}, use that."


def settings(snippet: Snippet) -> dict[str, str] | None:
    """Return the settings file of an app or a custom client; None for a web page."""
    if snippet.kind is DeploymentType.WEB:
        return None
    return {"OrganizationId": snippet.org_id, "DeveloperName": snippet.deployment, "Url": snippet.chat_url}


def snippet_code(snippet: Snippet) -> str:
    """Return the code to copy: HTML for a web page, JSON for an app or a custom client."""
    found = settings(snippet)
    if found is not None:
        return json.dumps(found, indent=2)
    return _WEB.format(
        reservation=reservation(snippet),
        org_id=snippet.org_id,
        deployment=snippet.deployment,
        site_url=snippet.site_url,
        chat_url=snippet.chat_url,
    )


def snippet_view(snippet: Snippet) -> list[Block]:
    """Return the code under a heading."""
    language = "html" if snippet.kind is DeploymentType.WEB else "json"
    return [
        heading(f"Code for {snippet.deployment} in {snippet.environment}"),
        line(reservation(snippet)),
        Code(tuple(snippet_code(snippet).splitlines()), language),
    ]


def snippet_json(snippet: Snippet) -> Json:
    """Return ``settings``, null for a web page, and ``code``, the text of the other formats."""
    return {
        "format_version": FORMAT_VERSION,
        **members(snippet, "environment", "deployment", "type=kind", "org_id", "chat_url", "site_url"),
        "settings": settings(snippet),
        "code": snippet_code(snippet),
        "reservation": reservation(snippet),
    }
