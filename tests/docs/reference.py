"""The pages of docs/reference, made of the code: ``python -m tests.docs.reference`` writes them, the
man pages, and the files for SchemaStore.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any

from provisioner.cli.commands import SECTIONS
from provisioner.cli.main import verb_parser, verb_syntax
from provisioner.cli.options import add_common
from provisioner.declaration.load import ConfigDirectory
from provisioner.declaration.login_schema import LOGINS
from provisioner.declaration.schema import DECLARATION, ENVIRONMENT
from provisioner.declaration.tree import Branch, walk
from provisioner.declaration.yaml_text import parse
from provisioner.diagnosis.catalogue import KnownText
from provisioner.diagnosis.chat.causes import CAUSES as CHAT_CAUSES
from provisioner.diagnosis.chat.texts import CHAT_TEXTS
from provisioner.diagnosis.login.texts import TOKEN_TEXTS
from provisioner.diagnosis.pasted.causes import PASTED_CAUSES
from provisioner.diagnosis.pasted.texts import CLIENT_TEXTS, KEY_TEXTS
from provisioner.errors import ExitStatus
from provisioner.model.types import TYPES, Entries, Field
from provisioner.report.editor_schema import FILE_SCHEMAS
from provisioner.report.field_facts import DECLARATION_FACTS, ENVIRONMENT_FACTS, LOGINS_FACTS, Facts
from provisioner.report.output_schemas import FAILURE, OUTPUTS, Described, Map
from provisioner.report.pages import cause_page
from provisioner.rules.check import validate
from provisioner.rules.pages import all_rules, area_of
from provisioner.rules.rule import Rule
from provisioner.salesforce.refusal_texts import TEXTS as REFUSAL_TEXTS
from tests.docs.since import since
from tests.jose import making
from tests.rules import examples

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs/reference"
GENERATED = "<!-- Made of the code by `python -m tests.docs.reference`. Do not edit it. -->"

#: The meaning of each exit status.
EXITS = {
    ExitStatus.DONE: "Done. Warnings alone are no failure.",
    ExitStatus.WRONG_INPUT: "Something that you gave is wrong: a file, a value, a declaration; or a check failed.",
    ExitStatus.CHANGES_PENDING: "There are changes (`plan --detailed-exitcode`), drift, or certificates that expire.",
    ExitStatus.REFUSED: "A guard refused, or a part that is needed could not be read. Nothing was sent.",
    ExitStatus.NO_LOGIN: "No login, or the org cannot be reached.",
    ExitStatus.ORG_REFUSED: "The org refused, or what was read back differs from what was sent.",
    ExitStatus.STILL_RUNNING: "The deployment is still running in the org; the message names the command that resumes.",
    ExitStatus.USAGE: "The command line is wrong, or a name in it does not exist.",
    ExitStatus.INTERRUPTED: "Interrupted (Ctrl-C, SIGTERM). The message says what is true in the org.",
}
#: The environment variables that the program reads. A test compares them with the code.
VARIABLES = {
    "PROVISIONER_CONFIG": "The config directory, if `--config` is not given.",
    "PROVISIONER_ENV": "The environment, if `--env` is not given.",
    "PROVISIONER_ALLOW_COMMANDS": "`1` runs `${command:}` references, as `--allow-commands` does.",
    "PROVISIONER_UNTRUSTED": "Any value but empty, `0`, `false`, `no` and `off` is `--untrusted`.",
    "PROVISIONER_STATE_DIR": "The folder of the journal, of locks and of records of rotations.",
    "PROVISIONER_APPROVER": "The person who approved a change, for the journal and the records of promotions.",
    "USERNAME": "On Windows, the user that the journal names.",
    "REQUESTS_CA_BUNDLE": "A CA bundle for every request, if the environment file has no `ca_bundle`.",
    "CURL_CA_BUNDLE": "The same, if REQUESTS_CA_BUNDLE is not set.",
    "SSL_CERT_FILE": "On Linux, the file of the operating system's trust store (OpenSSL).",
    "SSL_CERT_DIR": "On Linux, its folder.",
    "HTTPS_PROXY": "The proxy for requests; also ALL_PROXY, and in lower case.",
    "NO_PROXY": "Hosts that are requested without the proxy.",
    "NO_COLOR": "Any value: no colors, as `--no-color`.",
    "TERM": "`dumb`: no colors.",
    "COLUMNS": "The width of the output.",
    "XDG_CONFIG_HOME": "Where `keys generate` writes private keys, below `provisioner/keys`.",
    "XDG_STATE_HOME": "Where the journal is, below `provisioner`, if PROVISIONER_STATE_DIR is not set.",
    "GITHUB_WORKSPACE": "On GitHub, the folder that paths of annotations are relative to.",
}


_ABOUT_FIELDS = """\
A config directory holds the declaration (`user-verification.yaml`), the public key material (`keys/`) and one file for
each environment (`environments/NAME.yaml`). A command takes the directory that `--config` or PROVISIONER_CONFIG names;
without one it looks for `config/` in the current folder and above it, as far as the root of the git work tree.

`*` stands for a name that you choose, or for an item of a list. `${var:NAME}` is allowed wherever the declaration has a
value. An optional field that is omitted and has no default is not managed: the org keeps its value.
`since` is the first version of provisioner that has the field. [The rules](rules.md) are explained on a page of their
own."""
_ABOUT_SYMPTOMS = """\
Find the words of an error here, or let `provisioner diagnose paste FILE` find them in a whole output. One text can have
several causes; the most likely one is first. Case does not matter. `provisioner diagnose login --env ENV` looks at the
evidence and names the cause, `provisioner diagnose chat --env ENV --channel CHANNEL` does so for guests in a chat."""
_ABOUT_REFUSED = """\
`apply` prints the org's own words with their meaning. `diagnose paste` finds them in a text; the cause is then
[org-refused](causes.md#org-refused)."""
_ABOUT_CAUSES = """\
`diagnose login`, `diagnose paste` and the errors of every command name these causes. [Symptoms](symptoms.md) leads from
the words of an error to them."""
_ABOUT_EXITS = """\
With several environments a command exits with the worst of theirs: 130, then 5, 4, 3, 6, 1, 2, 0.
[Commands](commands.md) that have statuses of their own list them."""
_ABOUT_VARIABLES = """\
An option on the command line wins over its variable. `${env:NAME}` in an environment file reads any variable that you
name there."""
_ABOUT_OUTPUTS = """\
With `--format json` a command prints exactly one JSON document on standard output, also if it fails: then
`{"format_version", "error": {"code", "message", "next", "exit_status"}}`. `format_version` is raised if a program that
reads the output would break; new members do not raise it.

`provisioner schema --kind KIND` prints the JSON Schema (2020-12) of an output or of a config file. Below are the same
shapes, shorter: `?` marks a member that may be missing, `|` separates alternatives."""
#: Whole sentences of orgs, for people who search; the catalogue has a part of each. A test compares.
WHOLE = (
    "user hasn't approved this consumer",
    "user is not admin approved to access this app",
    "audience is invalid",
    "client identifier invalid",
    "app must be installed into org",
    "refresh_token scope is required and the connected app should be installed and preauthorized",
    "External client app is not installed in this org",
    "this app is blocked by admin",
    "no client credentials user enabled",
    "request not supported on this domain",
)


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    return {name: page(name) for name in page_names()}


def page_names() -> tuple[str, ...]:
    """Return the file names of all pages."""
    return tuple(_writers())


@cache
def page(name: str) -> str:
    """Return the page of a file name. A page is made of the code when it is first asked for."""
    return f"{GENERATED}\n\n{_writers()[name]().strip()}\n"


def _writers() -> dict[str, Callable[[], str]]:
    return {
        "README.md": _index,
        "configuration.md": _configuration,
        "commands.md": _commands,
        "rules.md": _rules,
        "causes.md": _causes,
        "chat-causes.md": _chat_causes,
        "symptoms.md": _symptoms,
        "exit-statuses.md": _exits,
        "environment-variables.md": _variables,
        "outputs.md": _outputs,
    }


def _index() -> str:
    return """# Reference

- [Configuration](configuration.md): every field of the declaration, of an environment file and of logins.yaml.
- [Commands](commands.md): every command with its options.
- [Rules](rules.md): every check of `validate` and `plan`.
- [Symptoms](symptoms.md): from the words of an error to its causes.
- [Causes of a failing login](causes.md), also of pasted output, and [causes of guests in a chat](chat-causes.md).
- [Exit statuses](exit-statuses.md) and [environment variables](environment-variables.md).
- [Outputs for programs](outputs.md): the JSON of every command, and its schemas.
- [What stays the same](../stability.md), and for how long."""


# Configuration


def _configuration() -> str:
    rules = rules_of_fields()
    sections = [
        "# Configuration",
        _ABOUT_FIELDS,
        "## The declaration",
        *_fields("declaration", DECLARATION, DECLARATION_FACTS, rules["declaration"]),
        "## An environment file",
        *_fields("environment", ENVIRONMENT, ENVIRONMENT_FACTS, rules["environment"], skip=("overrides",)),
        "## logins.yaml",
        *_fields("logins", LOGINS, LOGINS_FACTS, rules["logins"]),
    ]
    return "\n\n".join(sections)


def _fields(
    kind: str,
    schema: Mapping[str, Any],
    facts: Mapping[str, Facts],
    rules: Mapping[str, list[str]],
    skip: tuple[str, ...] = (),
) -> Iterator[str]:
    for path, part in fields(schema):
        if path.endswith("*") and "description" not in part:
            continue
        known = facts.get(path, Facts())
        lines = [f"### `{path}`", str(part.get("description", ""))]
        rows = [("type", _type(part)), ("required", "yes" if path in required(schema) else "")]
        rows.append(("default", f"`{json.dumps(known.default)}`" if known.default is not None else known.omitted))
        rows.append(
            ("example", f"`{json.dumps(known.example, ensure_ascii=False)}`" if known.example is not None else "")
        )
        rows.append(("in the metadata", _code(known.salesforce or salesforce_name(path))))
        rows.append(("in Setup", known.setup))
        rows.append(("since", since(kind, path)))
        rows.append(("rules", ", ".join(f"[{rule}](rules.md#{rule})" for rule in rules.get(path, ()))))
        given = [f"| {name} | {_cell(value)} |" for name, value in rows if value]
        lines.append("\n".join(("| about | value |", "|---|---|", *given)))
        yield "\n\n".join(filter(None, lines))
        if path in skip:
            yield "It has the fields of the declaration; `null` removes an entry."


def fields(schema: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every field with its path; what is below `overrides` is the declaration again."""
    for name, part in schema.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        yield below, part
        if below != "overrides":
            yield from fields(part, below)
    for keyword in ("additionalProperties", "items"):
        if isinstance(schema.get(keyword), dict):
            yield f"{path}.*", schema[keyword]
            yield from fields(schema[keyword], f"{path}.*")


def required(schema: Mapping[str, Any], path: str = "") -> set[str]:
    """Return the paths of the fields that the schema requires."""
    found = {f"{path}{name}" for name in schema.get("required", ())}
    for name, part in schema.get("properties", {}).items():
        found |= required(part, f"{path}{name}.")
    for keyword in ("additionalProperties", "items"):
        if isinstance(schema.get(keyword), dict):
            found |= required(schema[keyword], f"{path}*.")
    return found


def _type(part: Mapping[str, Any]) -> str:
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false",
             "object": "mapping", "array": "list"}  # fmt: skip
    if "enum" in part or "const" in part:
        return " or ".join(f"`{value}`" for value in part.get("enum", [part.get("const")]))
    types = part.get("type", [])
    return " or ".join(words[each] for each in (types if isinstance(types, list) else [types]) if each in words)


def salesforce_name(path: str) -> str:
    """Return the metadata field of a scalar field or of an entry, out of the rows of the types."""
    section, _, rest = path.partition(".*.")
    kind = next((each for each in TYPES if each.section == section), None)
    if kind is None or not rest:
        return ""
    for row in kind.rows:
        if isinstance(row, Field) and ".".join(row.path) == rest:
            return f"{kind.xml_name}.{'.'.join(row.xml)}"
        if isinstance(row, Entries):
            if ".".join(row.path) == rest:
                return f"{kind.xml_name}.{'.'.join(row.xml)}"
            for each in row.fields:
                if f"{'.'.join(row.path)}.*.{'.'.join(each.path)}" == rest:
                    return f"{kind.xml_name}.{'.'.join(row.xml)}.{each.xml[-1]}"
    return ""


def rules_of_fields() -> dict[str, dict[str, list[str]]]:
    """Return the rules about each field, by the kind of file and by path: where the bad examples are marked."""
    schemas = {"declaration": DECLARATION, "environment": ENVIRONMENT, "logins": LOGINS}
    found: dict[str, dict[str, list[str]]] = {kind: defaultdict(list) for kind in schemas}
    for rule in all_rules():
        for kind, path in places_of(rule):
            named = pattern_of(schemas[kind], path)
            if named and rule.id not in found[kind][named]:
                found[kind][named].append(rule.id)
    return found


def places_of(rule: Rule) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Yield the kind of file and the path of each value that a rule's bad example is wrong at."""
    if rule.id in ("yaml-too-large", "yaml-not-utf8"):
        return
    with tempfile.TemporaryDirectory() as folder:
        config = examples.write(examples.parse(rule.bad), Path(folder) / "example")
        for finding in validate(ConfigDirectory(config), None, now=making.NOW, with_references=False):
            if finding.rule == rule.id and finding.location is not None:
                yield from _at(Path(finding.location.file), (finding.location.line, finding.location.column))


def _at(file: Path, place: tuple[int, int]) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    tree, _ = parse(file.read_bytes(), str(file))
    if not isinstance(tree, Branch):
        return
    kind = "environment" if file.parent.name == "environments" else "declaration"
    kind = "logins" if file.name == "logins.yaml" else kind
    for path, _, at in walk(tree):
        if path and (at.line, at.column) == place:
            yield kind, path
            return


def pattern_of(schema: Mapping[str, Any], path: tuple[str | int, ...]) -> str:
    """Return the path of a field as the reference writes it; empty for what the schema does not have."""
    parts = []
    for step in path:
        if isinstance(step, str) and step in schema.get("properties", {}):
            parts.append(step)
            schema = schema["properties"][step]
            continue
        below = schema.get("items") if isinstance(step, int) else schema.get("additionalProperties")
        if not isinstance(below, dict):
            return ""
        parts.append("*")
        schema = below
    return ".".join(parts)


# Commands


def _commands() -> str:
    parts = ["# Commands", "Options that every command has are listed once, [below](#options-of-every-command)."]
    for section, verbs in SECTIONS.items():
        parts.append(f"## {section[:1].upper()}{section[1:]}")
        parts += [_command(verb) for verb in verbs]
    common = argparse.ArgumentParser(add_help=False)
    add_common(common, formats=("human",))
    parts += ["## Options of every command", _options(common, everywhere=True)]
    return "\n\n".join(parts)


def _command(verb: str) -> str:
    parser, syntax = verb_parser(verb), verb_syntax(verb)
    usage = " ".join(parser.format_usage().removeprefix("usage: ").split())
    usage = re.sub(r" \[--config DIR\].*?\[--untrusted\]", " [options]", usage).replace("[-h] ", "")
    description = " ".join(syntax.description.split())
    parts = [f"### {verb}", description, f"```\n{usage}\n```"]
    listed = _options(parser, everywhere=False)
    if listed:
        parts.append(listed)
    parts.append(f"Formats: {', '.join(f'`{each}`' for each in syntax.formats)}. Since {since('command', verb)}.")
    if syntax.epilog:
        parts += [_epilog(block) for block in syntax.epilog.split("\n\n")]
    return "\n\n".join(parts)


def _epilog(block: str) -> str:
    if "\n " not in block:
        return " ".join(block.split())
    head, _, lines = block.partition("\n")
    shown = "\n".join(line.removeprefix("  ") for line in lines.splitlines())
    return f"{head[:1].upper()}{head[1:]}\n\n```console\n{shown}\n```"


def _options(parser: argparse.ArgumentParser, *, everywhere: bool) -> str:
    common = {"-h", "--config", "--env", "--format", "--verbose", "--quiet", "--no-color", "--no-input", "--timeout",
              "--allow-commands", "--untrusted"}  # fmt: skip
    rows = []
    for action in parser._actions:
        if bool(common & set(action.option_strings)) is not everywhere or "-h" in action.option_strings:
            continue
        names = ", ".join(f"`{name}`" for name in action.option_strings) or f"`{action.metavar or action.dest}`"
        values = "\\|".join(map(str, action.choices)) if action.choices and action.option_strings else ""
        value = "" if action.nargs == 0 or not action.option_strings else f" `{values or action.metavar}`"
        if "--format" in action.option_strings:
            value = " `FORMAT`"
        help_text = re.sub(r" \(default: human\)", "", action.help or "")
        rows.append(f"| {names}{value} | {_cell(help_text)} |")
    return "\n".join(("| option | meaning |", "|---|---|", *rows)) if rows else ""


# Rules, causes, symptoms


def _rules() -> str:
    parts = ["# Rules", "`provisioner rules ID` prints the same page. An `ignore` entry accepts a warning."]
    area = ""
    for rule in all_rules():
        if area_of(rule.id) != area:
            area = area_of(rule.id)
            parts.append(f"## {area[:1].upper()}{area[1:]}")
        parts += [
            f"### {rule.id}",
            f"{rule.severity.value.capitalize()}. {rule.what} Since {since('rule', rule.id)}.",
            rule.why,
            f"**Fix:** {rule.fix}",
        ]
        parts += [f"Wrong:\n\n```text\n{rule.bad}\n```", f"Right:\n\n```text\n{rule.good}\n```"]
    return "\n\n".join(parts)


def _causes() -> str:
    parts = ["# Causes of a failing login", _ABOUT_CAUSES]
    for cause in sorted(PASTED_CAUSES.values(), key=lambda each: each.id):
        if _is_of_the_chat(cause.id):
            continue
        parts += [f"## {cause.id}", _plain(cause.meaning)]
        parts.append(_steps(cause.steps(None)))
        if cause.wait:
            parts.append(f"Wait: {cause.wait}.")
        parts.append(f"Known: {cause.grade.value}. Sources: {'; '.join(cause.sources)}." if cause.sources else "")
    return "\n\n".join(filter(None, parts))


def _is_of_the_chat(cause: str) -> bool:
    return "chat-causes" in cause_page(cause)


def _chat_causes() -> str:
    parts = ["# Causes of guests in a chat", "`diagnose chat`, `verify` and `diagnose paste` name these causes."]
    for found in CHAT_CAUSES.values():
        parts += [f"## {found.id}", _plain(found.meaning), _steps(found.fix)]
        parts.append(f"Wait: {found.wait}." if found.wait else "")
    return "\n\n".join(filter(None, parts))


def _steps(steps: tuple[str, ...]) -> str:
    return "\n".join(f"{number}. {_plain(step)}" for number, step in enumerate(steps, 1))


def _symptoms() -> str:
    of_clients = tuple(text for text in CLIENT_TEXTS if text not in KEY_TEXTS)
    chat = [f"- **{_plain(each.words)}**: {_plain(each.meaning)}. {_linked([each.cause])}" for each in CHAT_TEXTS]
    refused = [f"- {_patterns(each.pattern.pattern)}: {_plain(each.meaning_of_ours)}" for each in REFUSAL_TEXTS]
    return "\n\n".join((
        "# Symptoms",
        _ABOUT_SYMPTOMS,
        "## Answers of the token endpoint",
        _texts(TOKEN_TEXTS),
        "## Messages of clients",
        "About the network, the login host, proxies, certificates and later requests.",
        _texts(of_clients),
        "## Messages about keys",
        "Of signing libraries and key tools: nothing was sent yet.",
        _texts(KEY_TEXTS),
        "## Words of the chat, of its page and of its console",
        "\n".join(chat),
        "## Refused deployments",
        _ABOUT_REFUSED,
        "\n".join(refused),
    ))  # fmt: skip


def _texts(texts: tuple[KnownText, ...]) -> str:
    """Return a line for each text, with every cause that it can have."""
    rows: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for text in texts:
        shown = _whole(text.words) if text.words else "any other description"
        rows.setdefault((shown, text.errors), []).extend(name for name, _ in text.causes)
    return "\n".join(
        f"- **{_plain(shown)}**{f' ({_codes(errors)})' if errors else ''}: {_linked(names) or 'no known cause'}"
        for (shown, errors), names in rows.items()
    )


def _whole(words: str) -> str:
    return next((sentence for sentence in WHOLE if words in sentence.lower()), words)


def _codes(errors: tuple[str, ...]) -> str:
    return ", ".join(f"`{each}`" for each in errors)


def _linked(names: list[str]) -> str:
    found = ((name, cause_page(name).rpartition("/")[2].replace(".html", ".md")) for name in dict.fromkeys(names))
    return ", ".join(f"[{name}]({page})" for name, page in found)


def _patterns(pattern: str) -> str:
    """Return the words that a pattern looks for, as code."""
    words = re.sub(r"\[[^\]]*\]\*", "…", pattern)
    words = re.sub(r"\(\?:|\\b|[\^$]", "", words)
    words = re.sub(r"\(([^()]*)\)\?|(\w)\?", lambda match: match[1] or match[2], words).replace("\\", "")
    return ", ".join(f"`{each}`" for each in words.split("|"))


# Lists


def _exits() -> str:
    rows = [f"| {int(status)} | {EXITS[status]} |" for status in ExitStatus]
    return "\n\n".join((
        "# Exit statuses",
        "\n".join(("| status | meaning |", "|--:|---|", *rows)),
        _ABOUT_EXITS,
    ))  # fmt: skip


def _variables() -> str:
    rows = [f"| `{name}` | {meaning} |" for name, meaning in VARIABLES.items()]
    return "\n\n".join((
        "# Environment variables",
        "\n".join(("| variable | meaning |", "|---|---|", *rows)),
        _ABOUT_VARIABLES,
    ))  # fmt: skip


def _outputs() -> str:
    parts = ["# Outputs for programs", _ABOUT_OUTPUTS, "## Schemas of config files"]
    parts.append("\n".join(f"- `provisioner schema --kind {kind}`" for kind in FILE_SCHEMAS))
    parts += ["## Outputs", "### A failure of any command", _shown_shape("failure", FAILURE)]
    for verb, shape in OUTPUTS.items():
        parts += [f"### {verb}", _shown_shape(verb.replace(" ", "-"), shape)]
    return "\n\n".join(parts)


def _shown_shape(kind: str, shape: Any) -> str:
    shapes = list(dict.fromkeys("\n".join(_shape(each)) for each in (shape if isinstance(shape, tuple) else (shape,))))
    blocks = "\n\nor\n\n".join(f"```text\n{each}\n```" for each in shapes)
    return f"{blocks}\n\nSchema: `provisioner schema --kind {kind}`."


def _shape(shape: Any, depth: int = 0) -> list[str]:
    """Return the lines of a shape in the notation of the code, as JSON looks."""
    if isinstance(shape, Described):
        return _shape(shape.shape, depth)
    if isinstance(shape, Mapping):
        return _members(shape, depth)
    if isinstance(shape, Map):
        return _wrapped("{NAME: ", _shape(shape.of, depth), "}")
    if isinstance(shape, list):
        return _wrapped("[", _shape(shape[0], depth), ", …]")
    if isinstance(shape, tuple):
        found = ["\n".join(_shape(each, depth)) for each in shape]
        return " | ".join(dict.fromkeys(found)).split("\n")
    return [_word(shape)]


def _members(shape: Mapping[str, Any], depth: int) -> list[str]:
    lines = ["{"]
    for name, below in shape.items():
        first, *rest = _shape(below, depth + 1)
        mark = "?" if name.endswith("?") else ""
        lines += [f"  {name.removesuffix('?')}{mark}: {first}", *(f"  {line}" for line in rest)]
    return [*lines, "}"]


def _wrapped(before: str, lines: list[str], after: str) -> list[str]:
    text = "\n".join(lines)
    return f"{before}{text}{after}".split("\n")


def _word(shape: Any) -> str:
    words = {str: "text", int: "integer", float: "number", bool: "true | false", None: "null", object: "anything"}
    if isinstance(shape, set):
        return " | ".join(f'"{each}"' for each in sorted(shape))
    if isinstance(shape, type) and issubclass(shape, Enum):
        return " | ".join(f'"{each.value}"' for each in shape)
    return words[shape]


def names_in_code() -> set[str]:
    """Return the names of the environment variables that the client side reads by a constant."""
    found = set()
    for path in sorted((ROOT / "provisioner").rglob("*.py")):
        if "localorg" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
                owner = ast.unparse(node.func.value)
                if owner == "os.environ" and node.args and isinstance(node.args[0], ast.Constant):
                    found.add(str(node.args[0].value))
    return {name for name in found if re.fullmatch(r"[A-Z_]+", name)}


def _code(value: str) -> str:
    return f"`{value}`" if value else ""


def _plain(value: str) -> str:
    """A text in which nothing is Markdown but code."""
    return re.sub(r"([*_<>{}])", r"\\\1", value).replace("|", "\\|") if "`" not in value else value.replace("|", "\\|")


def _cell(value: str) -> str:
    return " ".join(value.replace("|", "\\|").replace("\\\\|", "\\|").split())


def main() -> None:
    from tests.docs import man, schemastore

    made = ((FOLDER, pages()), (man.FOLDER, man.pages()), (schemastore.FOLDER, schemastore.files()))
    for folder, files in made:
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
