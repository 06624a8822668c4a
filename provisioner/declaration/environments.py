"""Environment files: read, checked for shape, and turned into :class:`Environment` values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from provisioner.declaration.schema import ENVIRONMENT
from provisioner.declaration.shape import check_shape, may_hold, meant_fields, read_mapping
from provisioner.declaration.tree import Branch, Node, Scalar, places, text, walk
from provisioner.declaration.yaml_text import read_file
from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.files import UnreadableError, expand_home
from provisioner.model.environment import App, Environment, Fallback, Login, VerifyTarget
from provisioner.model.names import CLI_ALIAS, OF_TARGET_ORG
from provisioner.model.places import Places
from provisioner.secrets import Reference, ReferenceKind, mask_credentials, meant_reference, misspelt_reference

LOGIN_FIELDS = tuple(field.name for field in fields(Login) if field.name != "fallback")
REQUIRED_LOGIN_FIELDS = ("login_url", "username", "consumer_key", "private_key")
#: The fields of a login by JWT, which a session of the official CLI does not have.
JWT_FIELDS = (*(field for field in LOGIN_FIELDS if field != "login_url"), "fallback")
SECRET_FIELDS = ("private_key", "private_key_passphrase")
#: A passphrase may look like a path, and is masked anyway.
_MASKED_FIELDS = ("private_key_passphrase",)
#: The fields whose whole value may be a reference, beside `key_file` under verify.
REFERENCE_FIELDS = ("username", "consumer_key", *SECRET_FIELDS)
PATH_FIELDS = ("embedded_org", "ca_bundle")


@dataclass(frozen=True, slots=True)
class EnvironmentFile:
    """An environment and, for merging, the trees of its variables and overrides."""

    environment: Environment
    variables: dict[str, Node]
    overrides: Branch | None
    findings: tuple[Diagnostic, ...]


def read_environment(path: Path, shown_path: str, directory: Path) -> EnvironmentFile:
    """Return one environment file of a config directory. Raises :class:`provisioner.files.UnreadableError`."""
    begin = "Write the fields of a login, such as `login_url:`, or name a local org with `embedded_org: DIR`."
    tree, findings = read_mapping(read_file(path, directory), shown_path, "An environment file", begin)
    name, folder = path.stem, path.parent
    if tree is None:
        return EnvironmentFile(Environment(name, shown_path, folder), {}, None, tuple(findings))
    # ${var:} in overrides is replaced only when merging, and judged then.
    open_paths = {path for path, node, _ in walk(tree) if path[:1] == ("overrides",) and "${" in (text(node) or "")}
    findings += check_shape(tree, ENVIRONMENT, open_paths)
    findings += _check_login(tree)
    findings += _check_references(tree)
    findings += _check_paths(tree)
    variables = tree.branch("variables")
    return EnvironmentFile(
        environment=_environment(tree, name, shown_path, folder),
        variables={key: entry.value for key, entry in variables.entries.items()} if variables else {},
        overrides=tree.branch("overrides"),
        findings=tuple(findings),
    )


def environment_of_alias(alias: str, folder: Path) -> EnvironmentFile:
    """Return the environment of --target-org: an org of the official CLI, and nothing else."""
    shown = f"--target-org {alias}"
    return EnvironmentFile(Environment(OF_TARGET_ORG + alias, shown, folder, sf_org=alias), {}, None, ())


def _environment(tree: Branch, name: str, shown: str, folder: Path) -> Environment:
    embedded = tree.text("embedded_org")
    app, verify, variables = tree.branch("app"), tree.branch("verify"), tree.branch("variables")
    ca_bundle = tree.text("ca_bundle")
    return Environment(
        name=name,
        file=shown,
        folder=folder,
        login=None if embedded is not None else _login(tree),
        embedded_org=_beside(folder, embedded),
        sf_org=tree.text("sf_org"),
        app=App(app.text("name"), app.text("type")) if app else App(),
        org_id=tree.text("org_id"),
        production=tree.flag("production") or False,
        ca_bundle=_beside(folder, ca_bundle),
        api_version=_api_version(tree),
        chat_url=mask_credentials(tree.text("chat_url")),
        verify=dict(_verify_targets(verify)) if verify else {},
        variables={key: text(entry.value) for key, entry in variables.entries.items()} if variables else {},
        places=Places(Location(shown, 1, 1), places(tree).below),
    )


def _api_version(tree: Branch) -> str | None:
    """Return the version as text; YAML reads 67.0 without quotes as a number."""
    value = tree.get("api_version")
    number = value.value if isinstance(value, Scalar) else None
    if isinstance(number, int | float) and not isinstance(number, bool):
        return f"{float(number)}" if abs(number) < 10**6 else str(number)
    return tree.text("api_version")


def _beside(folder: Path, path: str | None) -> Path | None:
    """Return an absolute path; None if there is none, and if the text cannot be a path."""
    try:
        return None if path is None else Path(folder, expand_home(path)).absolute()
    except UnreadableError:
        return None


def _check_paths(tree: Branch) -> Iterator[Diagnostic]:
    for field in PATH_FIELDS:
        path = tree.text(field)
        if path is None:
            continue
        try:
            expand_home(path)
        except UnreadableError as error:
            place = tree.entries[field].value.location
            yield Diagnostic(
                "environment-path-invalid", Severity.ERROR, f"`{field}` {error.problem}.", error.remedy, place
            )


def _login(tree: Branch) -> Login:
    second = tree.branch("fallback")
    return Login(
        login_url=mask_credentials(tree.text("login_url")),
        audience=tree.text("audience"),
        username=_value(tree, "username"),
        consumer_key=_value(tree, "consumer_key"),
        private_key=_reference(tree, "private_key"),
        private_key_passphrase=_reference(tree, "private_key_passphrase"),
        fallback=Fallback(
            _value(second, "consumer_key"),
            _reference(second, "private_key"),
            _reference(second, "private_key_passphrase"),
        )
        if second is not None
        else None,
    )


def _value(tree: Branch, field: str) -> str | Reference | None:
    written = tree.text(field)
    return None if written is None else Reference.parse(written) or written


def _reference(tree: Branch, field: str) -> Reference | None:
    written = tree.text(field)
    return None if written is None else Reference.parse(written)


def _verify_targets(branch: Branch) -> Iterator[tuple[str, VerifyTarget]]:
    for channel, entry in branch.entries.items():
        if isinstance(entry.value, Branch):
            key_file = entry.value.text("key_file")
            reference = Reference.parse(key_file) if key_file is not None else None
            yield channel, VerifyTarget(entry.value.text("deployment"), reference)


def _check_login(tree: Branch) -> Iterator[Diagnostic]:
    """Yield a finding if the file does not give exactly one complete way into the org."""
    if "embedded_org" in tree.entries:
        yield from _not_beside(
            tree, "embedded_org", (*LOGIN_FIELDS, "fallback", "sf_org"), "the local org has its own login"
        )
        return
    if "sf_org" in tree.entries:
        yield from _not_beside(tree, "sf_org", JWT_FIELDS, "the session of the Salesforce CLI needs none of it")
        yield from _check_alias(tree)
        return
    yield from _check_fallback(tree)
    known = ENVIRONMENT["properties"]
    missing = [field for field in REQUIRED_LOGIN_FIELDS if not may_hold(tree, field, known)]
    if missing and meant_fields(tree, known).isdisjoint(("embedded_org", "sf_org")):
        names = ", ".join(f"`{field}`" for field in missing)
        yield Diagnostic(
            "yaml-missing-field",
            Severity.ERROR,
            f"The environment lacks {names}.",
            "Add the missing fields; or name a local org with `embedded_org: DIR`, or an org that the Salesforce CLI "
            "knows with `sf_org: ALIAS`.",
            Location(tree.location.file, tree.location.line, tree.location.column),
        )


def _check_fallback(tree: Branch) -> Iterator[Diagnostic]:
    second = tree.branch("fallback")
    if second is not None and "private_key" not in second.entries:
        yield Diagnostic(
            "yaml-missing-field",
            Severity.ERROR,
            "`fallback` lacks `private_key`.",
            "Add it, or remove `fallback`: `provisioner login rotate` writes it while a certificate is rotated.",
            tree.entries["fallback"].key_location,
        )


def _not_beside(tree: Branch, way: str, fields: Sequence[str], because: str) -> Iterator[Diagnostic]:
    for field in fields:
        if field in tree.entries:
            yield Diagnostic(
                "yaml-unknown-field",
                Severity.ERROR,
                f"`{field}` cannot be combined with `{way}`: {because}.",
                f"Remove `{field}`, or remove `{way}` to log in with the fields of this file.",
                tree.entries[field].key_location,
            )


def _check_alias(tree: Branch) -> Iterator[Diagnostic]:
    alias = tree.text("sf_org")
    if alias is not None and not CLI_ALIAS.fullmatch(alias) and not _holds_reference(alias):
        yield Diagnostic(
            "sf-org-invalid",
            Severity.ERROR,
            "`sf_org` is not an alias or a username of the Salesforce CLI.",
            "Write an alias that `sf org list` shows.",
            tree.entries["sf_org"].value.location,
        )


def _no_reference(field: str, value: str, place: Location) -> Diagnostic:
    """Return the finding of a secret field without a reference; a path or another program's reference is no leak."""
    is_masked = field in _MASKED_FIELDS
    meant = meant_reference(value) if not is_masked or value.startswith("op://") else None
    misspelt = misspelt_reference(value) if not is_masked else None
    if misspelt is not None:
        message, fix = "holds a reference in another notation", f"Write `{field}: {misspelt}`."
    elif meant is None:
        message = "holds the value itself, but a secret must be a reference here"
        fix = "Write ${env:NAME}, ${file:PATH} or ${command:WORDS}; if this file was ever shared, replace the secret."
    elif meant.kind is ReferenceKind.FILE:
        message = "holds a path, but a file must be a reference"
        fix = f"Write `{field}: {meant}`."
    else:
        message = "holds a 1Password reference, which provisioner does not resolve"
        fix = f"Write `{field}: {meant}` and add --allow-commands, or let `op run` set a variable for ${{env:NAME}}."
    return Diagnostic("environment-secret-literal", Severity.ERROR, f"`{field}` {message}.", fix, place)


def _names_nothing(field: str, value: str, place: Location) -> Diagnostic:
    fix = "Write the name of a variable, a path or a command in it: ${env:NAME}, ${file:PATH} or ${command:WORDS}."
    return Diagnostic("reference-unset", Severity.ERROR, f"`{field}` is {value}, which names nothing.", fix, place)


def _check_references(tree: Branch) -> Iterator[Diagnostic]:
    """Yield findings of secrets without references, and of misplaced references (not in overrides and variables)."""
    for path, node, place in walk(tree):
        if not isinstance(node, Scalar) or not isinstance(node.value, str) or path[:1] == ("overrides",):
            continue
        if path[:1] and path[0] not in ENVIRONMENT["properties"]:
            continue  # an unknown field, which has its own finding
        field = path[-1] if path[0] == "fallback" else path[0]
        is_secret = field in SECRET_FIELDS or (path[0] == "verify" and path[-1] == "key_file")
        reference = Reference.parse(node.value)
        if Reference.names_nothing(node.value) and (is_secret or field in REFERENCE_FIELDS):
            yield _names_nothing(str(path[-1]), node.value, place)
        elif is_secret and reference is None:
            yield _no_reference(str(path[-1]), node.value, place)
        elif _holds_reference(node.value) and not is_secret and (reference is None or field not in REFERENCE_FIELDS):
            where = "A variable" if path[0] == "variables" else f"`{path[-1]}`"
            yield _misplaced(f"{where} does not allow a reference, or not inside a longer text.", place)
    verify = tree.branch("verify")
    for entry in verify.entries.values() if verify else ():
        if _holds_reference(entry.key):
            yield _misplaced("The name of a channel under `verify` cannot be a reference.", entry.key_location)


def _holds_reference(text: str) -> bool:
    return "${" in text.replace("$${", "")


def _misplaced(message: str, place: Location) -> Diagnostic:
    return Diagnostic(
        "environment-reference-misplaced",
        Severity.ERROR,
        message,
        "Write the value itself. References are the whole value of username, consumer_key, private_key, "
        "private_key_passphrase, or of key_file under verify.",
        place,
    )
