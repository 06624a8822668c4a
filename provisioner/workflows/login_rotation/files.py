"""The files that a rotation changes: logins.yaml with its certificate, the environment file, the consumer key's file.

Each is replaced atomically, and a file is written before the reference to it: an interrupted run leaves the earlier
state or the next one. The functions that write return a sentence for each change.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.declaration.edit_login import Half, set_app, set_halves
from provisioner.declaration.environment_files import LOGINS_FILE
from provisioner.declaration.text_edits import NotEditable
from provisioner.errors import InputError, RefusedError
from provisioner.jose.certificates import numbers_of
from provisioner.jose.login_certificate import read_login_certificate
from provisioner.model.environment import Environment
from provisioner.model.login_types import HEADER
from provisioner.model.logins import AppType, DeclaredLogin
from provisioner.model.types import label_or_default
from provisioner.planning.login_rotation_state import Side, Way
from provisioner.secrets import ReferenceKind
from provisioner.workflows.console import Console
from provisioner.workflows.consumer_key import (
    GENERATION,
    KeyForm,
    KeyPlace,
    absolute,
    check_place,
    key_place,
    new_place,
)
from provisioner.workflows.edit_declaration import shown_in_config
from provisioner.workflows.key_material import certificates_beside, expanded
from provisioner.workflows.key_paths import display_path
from provisioner.workflows.login_rotation.halves import half_text, numbers_of_key
from provisioner.workflows.login_rotation.look import Looked, kept_key
from provisioner.workflows.new_files import PRIVATE, PUBLIC, NewFiles, present_content

if TYPE_CHECKING:
    from provisioner.salesforce import LoginSettings

_LABEL_GENERATION = re.compile(r"^(.*?) ([0-9]+)$")


# logins.yaml


def declare(console: Console, looked: Looked, *, in_place: bool) -> list[str]:
    """Declare the new pair: a second app, or another certificate for the app. Raises :class:`InputError`."""
    login, settings, key_file = looked.login, looked.given, looked.key.file
    assert settings is not None  # a candidate was given
    assert key_file is not None
    certificate = _certificate_beside(Path(expanded(key_file)), settings)
    directory = console.config.directory
    present = login.app.certificate
    assert present is not None  # a look needs one
    target = str(Path(present.declared_path).parent / f"{Path(key_file).stem}.crt")
    _require_literal(console, login)
    label = login.app.setup_label
    if in_place or login.app.type is AppType.CONNECTED:
        app = {"certificate": target}
        replaces = {"certificate": present.declared_path}
    else:
        name, new_label = next_generation(login.app.name, label, looked)
        app = {"name": name, "label": new_label, "certificate": target}
        replaces = {"name": login.app.name, "label": label, "certificate": present.declared_path}
    shown = _write_app(console, login, app, replaces, (directory / target, certificate))
    what = f"the app {app['name']}" if "name" in app else f"the certificate {target}"
    return [f"{shown} declares {what}, which replaces {replaces.get('name') or present.declared_path}."]


def exchange_sides(console: Console, login: DeclaredLogin) -> list[str]:
    """Declare the earlier side as the one to go to, and the new one as the one to leave. Raises :class:`InputError`."""
    replaced, certificate = login.app.replaces, login.app.certificate
    assert replaced is not None
    assert certificate is not None
    if replaced.certificate is None:
        raise InputError(
            f"{login.address} does not say which certificate the earlier side has, so the way back is not known.",
            next="Write `certificate:` under `replaces` in logins.yaml.",
            code="no-certificate",
        )
    _require_literal(console, login)
    app, replaces = {"certificate": replaced.certificate.declared_path}, {"certificate": certificate.declared_path}
    if replaced.name is not None:
        app |= {"name": replaced.name, "label": label_or_default(replaced.label, replaced.name)}
        replaces = {
            "name": login.app.name,
            "label": login.app.setup_label,
            **replaces,
        }
    shown = _write_app(console, login, app, replaces)
    back = replaced.name or replaced.certificate.declared_path
    return [f"{shown} declares {back} again; {login.app.name if replaced.name else 'the new one'} is left."]


def next_generation(name: str, label: str, looked: Looked) -> tuple[str, str]:
    """Return the name and the label of the next app, with the next number that no app of the org has."""
    found = GENERATION.fullmatch(name)
    stem = found[1] if found is not None else name
    replaced = looked.login.app.replaces
    others = [name, replaced.name or "" if replaced is not None else ""]
    numbers = [int(each[2]) for each in map(GENERATION.fullmatch, others) if each is not None]
    number = max(numbers, default=1) + 1
    titles = _LABEL_GENERATION.fullmatch(label)
    title = titles[1] if titles is not None and found is not None and titles[2] == found[2] else label
    taken = {each.casefold() for each in looked.planned.inputs.snapshot.present(HEADER)}
    while f"{stem}_{number}".casefold() in taken:
        number += 1
    return f"{stem}_{number}", f"{title} {number}"


def _certificate_beside(key_file: Path, settings: LoginSettings) -> bytes:
    """Return the certificate beside a private key, which must belong to it. Raises :class:`InputError`."""
    file = next(certificates_beside(key_file), None)
    if file is None or file.content is None:
        raise InputError(
            f"The certificate of {key_file} is missing beside it.",
            next=f"Put it there as {key_file.with_suffix('.crt').name}; `provisioner keys generate --login NAME` makes "
            f"both.",
            code="no-certificate",
        )
    found = read_login_certificate(file)
    if not found.is_usable:
        problem = found.defects[0]
        raise InputError(
            f"{file.shown_path} cannot be the certificate of a login: {problem.message}",
            next=problem.fix,
            code="login-certificate-unusable",
        )
    if numbers_of(found.certificate) != numbers_of_key(settings):
        raise InputError(
            f"The certificate {file.shown_path} does not belong to the private key {key_file}.",
            next="Put the certificate of the key beside it; `provisioner keys inspect FILE` shows which.",
            code="certificate-mismatch",
        )
    return file.content


def _require_literal(console: Console, login: DeclaredLogin) -> None:
    """Raise :class:`InputError` if a field to be changed is written with a variable, which differs by environment."""
    raw = console.config.logins(None).logins.get(login.name)
    app = raw.app if raw is not None else None
    certificate = app.certificate.declared_path if app is not None and app.certificate is not None else ""
    if app is None or any("${" in each for each in (app.name, app.label or "", certificate)):
        raise InputError(
            f"The app of {login.address} is written with variables, which differ by environment, so logins.yaml cannot "
            f"be edited automatically.",
            next="Write the new name, label and certificate, and the earlier ones under `replaces`, by hand.",
            code="declaration-not-editable",
        )


def _write_app(
    console: Console,
    login: DeclaredLogin,
    app: dict[str, str],
    replaces: dict[str, str],
    certificate: tuple[Path, bytes] | None = None,
) -> str:
    """Declare these fields of an app and of the side that it replaces; return the path of logins.yaml for messages.

    ``certificate`` is the path and the content of a file that the declaration refers to. Raises :class:`InputError`.
    """
    path = console.config.directory / LOGINS_FILE
    before = present_content(path)
    try:
        after = set_app(before, login.name, app, replaces)
    except NotEditable as error:
        wanted = ", ".join(f"{name}: {value}" for name, value in app.items())
        left = ", ".join(f"{name}: {value}" for name, value in replaces.items())
        raise InputError(
            f"logins.yaml cannot be edited automatically: {error}. Nothing was done.",
            next=f"Write {wanted} and replaces: {{{left}}} under its app by hand. Then run the command again.",
            code="declaration-not-editable",
        ) from None
    with NewFiles() as files:
        if certificate is not None:
            _put(files, *certificate, PUBLIC)
        files.replace(path, before, after)
    return shown_in_config(console, LOGINS_FILE)


# The environment's login


@dataclass(frozen=True, slots=True)
class LoginChange:
    """A change of the environment's login. ``by_hand`` is what a person does if the files here are not enough.

    ``place`` and ``key`` are the file that gets a consumer key first, None if none is written.
    """

    first: Half
    second: Half | None
    by_hand: tuple[str, ...] = ()
    place: KeyPlace | None = None
    key: str | None = None


def new_half(console: Console, looked: Looked) -> LoginChange:
    """Return the environment's half of the new side: as the file has it already, or made of the given key.

    ``first`` is that half, ``second`` the present first one.
    """
    view, environment = looked.view, looked.declared.environment
    for half, side in ((looked.first, view.uses), (looked.second, view.fallback)):
        if half is not None and side is Side.NEW:
            text = half.text
            if text.consumer_key is None:
                text = Half(looked.first.text.consumer_key, text.private_key, text.private_key_passphrase)
            return LoginChange(text, looked.first.text)
    key_file, place = looked.key.file, key_place(console, environment)
    login = environment.login
    assert login is not None
    assert login.private_key is not None  # a look needs a login by JWT
    in_place = view.way is Way.IN_PLACE
    consumer: str | None = looked.first.text.consumer_key
    target: KeyPlace | None = None
    by_hand = key_file is None or login.private_key.kind is not ReferenceKind.FILE
    if not in_place:
        assert looked.proving is not None
        key = looked.proving.consumer_key
        match place.form:
            case KeyForm.FILE:
                target = new_place(place, looked.login.app.name)
                consumer = f"${{file:{target.target}}}"
            case KeyForm.LITERAL:
                consumer = key
            case _:
                by_hand = True
    if by_hand:
        return LoginChange(looked.first.text, None, _by_hand(looked, place, in_place=in_place))
    assert key_file is not None
    private = f"${{file:{_like(login.private_key.target, Path(expanded(key_file)), environment)}}}"
    passphrase = _passphrase(looked)
    made = Half(consumer, private, passphrase)
    return LoginChange(made, looked.first.text, (), target, looked.proving.consumer_key if looked.proving else None)


def _passphrase(looked: Looked) -> str | None:
    given = looked.given
    variable = looked.key.passphrase_env
    return f"${{env:{variable}}}" if given is not None and given.passphrase is not None and variable else None


def _like(present: str, path: Path, environment: Environment) -> str:
    """Return a path in the form of ``present``: relative to the environment file, or with ~ for the home folder."""
    whole = absolute(path)
    if present.startswith(("~", "/")) or Path(present).is_absolute():
        return display_path(whole)
    return os.path.relpath(whole, environment.folder)


def _by_hand(looked: Looked, place: KeyPlace, *, in_place: bool) -> tuple[str, ...]:
    environment = looked.declared.environment
    private = looked.first.text.private_key
    if in_place:
        name = f"name it in {environment.file}: `fallback: {{private_key: ...}}`"
        return (f"Store the new private key beside {private}, under a name of its own, and {name}.",)
    key = looked.proving.consumer_key if looked.proving is not None else "of the new app"
    present = place.target or "the present consumer key"
    stored = f"Store the consumer key {key} and the new private key under names of their own, beside {present} and"
    named = f"Name both in {environment.file} with one commit (consumer_key, private_key), and move the present two"
    return (f"{stored} {private}.", f"{named} under `fallback:`. Then the file has both halves.")


def write_halves(console: Console, environment: Environment, change: LoginChange, second: Half | None) -> list[str]:
    """Write the consumer key, and then the environment file. Raises :class:`InputError`, :class:`RefusedError`."""
    path = environment.folder / Path(environment.file).name
    before = present_content(path)
    sentences = []
    try:
        after = set_halves(before, change.first, second)
    except NotEditable as error:
        raise InputError(
            f"{environment.file} cannot be edited automatically: {error}. Nothing was done.",
            next=f"Write consumer_key: {change.first.consumer_key} and private_key: {change.first.private_key} by "
            f"hand, and the earlier two under `fallback:`.",
            code="environment-not-editable",
        ) from None
    if change.place is not None and change.place.path is not None and change.key is not None:
        check_place(change.place, Path(console.config_path))
        with NewFiles() as files:
            if _put(files, change.place.path, f"{change.key}\n".encode(), PRIVATE):
                sentences.append(f"The consumer key was written to {display_path(change.place.path)}.")
    if after != before:
        with NewFiles() as files:
            files.replace(path, before, after)
        sentences.append(f"{environment.file} was changed: {_what_changed(environment, change.first, second)}.")
    return sentences


def _what_changed(environment: Environment, first: Half, second: Half | None) -> str:
    if environment.login is not None and half_text(environment.login).private_key != first.private_key:
        return f"private_key is {first.private_key}"
    return f"fallback has {second.private_key}" if second is not None else "fallback was removed"


def check_key_file(console: Console, looked: Looked) -> None:
    """Raise :class:`RefusedError` if the consumer key of the new app could not be written to its file."""
    target = _new_key_file(console, looked)
    if target is None or target.path is None:
        return
    check_place(target, Path(console.config_path))
    if os.path.lexists(target.path) and kept_key(target.path) != (looked.sides.new_key or ""):
        raise _other_content(target.path)


def keep_key(console: Console, looked: Looked) -> list[str]:
    """Write the consumer key of a new app to the file that the environment is going to refer to, if it is one."""
    key, target = looked.sides.new_key, _new_key_file(console, looked)
    if key is None or target is None or target.path is None:
        return []
    with NewFiles() as new:
        written = _put(new, target.path, f"{key}\n".encode(), PRIVATE)
    return [f"The consumer key was written to {display_path(target.path)}."] if written else []


def _new_key_file(console: Console, looked: Looked) -> KeyPlace | None:
    """Return the file for the consumer key of a new app; None if the key goes to no file, or stays in the present."""
    place = key_place(console, looked.declared.environment)
    if looked.view.way is Way.IN_PLACE or place.form is not KeyForm.FILE:
        return None
    target = new_place(place, looked.login.app.name)
    return target if target.path != place.path else None


def _put(files: NewFiles, path: Path, content: bytes, mode: int) -> bool:
    """Make a file, unless it exists with this content. Raises :class:`RefusedError` for another content."""
    if os.path.lexists(path):
        if present_content(path) == content:
            return False
        raise _other_content(path)
    files.write(path, content, mode)
    return True


def _other_content(path: Path) -> RefusedError:
    return RefusedError(
        f"{path} exists with another content. Nothing was changed.",
        next="Rename it, or give the new private key a file of another name.",
        code="file-exists",
    )
