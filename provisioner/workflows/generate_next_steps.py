"""The next steps with a new key pair, which only a person can take."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from provisioner.diagnosis.login.causes.setup_paths import CONNECTED_EDIT, EXTERNAL_SETTINGS
from provisioner.model.estate import DEFAULT_ALGORITHM
from provisioner.words import enumerated
from provisioner.workflows.key_paths import display_path

_APP = "(your app)"


def declared(name: str, keyset: str | None, overridden: Sequence[str]) -> tuple[str, ...]:
    """Return the steps after a key was declared: list it in a keyset, and apply it."""
    steps = []
    if keyset is None:
        steps.append(
            f"List {name} in a keyset that verifies your tokens (keysets.KEYSET.keys): a key in no keyset verifies "
            f"nothing."
        )
    elif overridden:
        steps.append(
            f"The overrides of {enumerated(list(overridden))} have their own keys for {keyset}: list {name} there, too."
        )
    steps.append("See what it changes, then apply it: provisioner plan --env ENV, then apply.")
    return tuple(steps)


def to_the_signer(private: str | None, kid: str, algorithm: str) -> str:
    """Return the step at the signer; ``private`` is None if the signer has the key already."""
    if private is None:
        return (
            f"Once it is applied, sign with kid {kid} and alg {algorithm} in the header. Until then such tokens do not "
            "verify."
        )
    return (
        f"Once it is applied, give {private} to the secret store of your signer, and sign with kid {kid} "
        f"and alg {algorithm} in the header. Do not sign with it earlier: until then such tokens do not verify."
    )


def request(name: str, kid: str, algorithm: str, keyset: str | None, request_file: str) -> tuple[str, ...]:
    """Return the steps after a request was made: nothing is declared before there is a certificate."""
    words = ["provisioner", "keys", "generate", name, "--certificate", "FILE", "--kid", kid]
    if algorithm != DEFAULT_ALGORITHM:
        words += ["--algorithm", algorithm]
    if keyset is not None:
        words += ["--keyset", keyset]
    return (
        f"Have {request_file} signed by your authority. The key is not declared until its certificate is available.",
        f"When you have the certificate: {shlex.join(words)}",
    )


def login(private: Path, public: Path, variable: str | None, *, request: bool) -> tuple[str, ...]:
    """Return the steps after a login's pair was made: the place of each file."""
    passphrase = "" if variable is None else f" and private_key_passphrase: ${{env:{variable}}}"
    upload = str(public)
    steps = []
    if request:
        steps.append(f"Have {public} signed by your authority, and upload the signed certificate.")
        upload = "the certificate"
    external, connected = EXTERNAL_SETTINGS.format(app=_APP), CONNECTED_EDIT.format(app=_APP)
    reference = f"private_key: ${{file:{display_path(private)}}}{passphrase}"
    rotate = f"provisioner login rotate --env NAME --sf-org ALIAS --key-file {display_path(private)}"
    steps += [
        f"Declare the login in logins.yaml, with a copy of {upload} in the config directory (docs/login.md).",
        "Create its app with an administrator's session: provisioner login apply --env NAME --sf-org ALIAS",
        f"Or, if the pair replaces that of a declared login: {rotate}",
        f'Or by hand: {external} > Flow Enablement > "Enable JWT Bearer Flow": upload {upload}.',
        f'Or in a connected app: {connected} > "Use digital signatures" > Choose File: {upload}.',
        f"In the environment file (config/environments/NAME.yaml): {reference}; consumer_key is the app's.",
        "Test the login, some minutes after you save the app: provisioner plan --env NAME",
    ]
    return tuple(steps)
