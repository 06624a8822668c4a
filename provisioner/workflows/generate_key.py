"""Makes key pairs: the private key outside of the config, the certificate in it, and the entry in the declaration.

The order keeps the declaration valid whatever happens: the private key, the certificate, and last, atomically, the
declaration that names it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography import x509

from provisioner.declaration.edit_keys import NewKey
from provisioner.errors import InputError, UsageError
from provisioner.files import UnreadableError, expand_home
from provisioner.jose import generation
from provisioner.jose.certificates import Certificate, read_der
from provisioner.jose.defects import Findings
from provisioner.jose.file_kinds import take
from provisioner.jose.generation import Generated, Pair
from provisioner.model.estate import DEFAULT_ALGORITHM
from provisioner.secrets import Reference, ReferenceKind, Resolver
from provisioner.workflows import generate_next_steps as next_steps
from provisioner.workflows.console import Console
from provisioner.workflows.edit_declaration import (
    DeclarationEdit,
    declared_path,
    key_addition,
    shown_in_config,
    warnings_of,
    without_the_key,
)
from provisioner.workflows.held_key import HeldKey, held_key
from provisioner.workflows.key_material import expanded, read_bounded, read_certificate
from provisioner.workflows.key_paths import check_private_place, default_folder
from provisioner.workflows.new_files import PRIVATE, PUBLIC, NewFiles, already_there

#: In octets; OpenSSL takes no longer one.
_LONGEST_PASSPHRASE = 1023


@dataclass(frozen=True, slots=True)
class GenerateOptions:
    """The options of ``keys generate``; None for one that was not given.

    ``source`` is the file of a private key that exists, ``certificate`` that of an issued certificate.
    ``passphrase_variable`` names an environment variable. Raises :class:`UsageError` for options that exclude each
    other, and for a name that no file can have.
    """

    name: str
    default_days: int
    login: bool = False
    kid: str | None = None
    keyset: str | None = None
    algorithm: str | None = None
    source: str | None = None
    private_key: str | None = None
    bits: int | None = None
    days: int | None = None
    passphrase_variable: str | None = None
    request_only: bool = False
    certificate: str | None = None

    def __post_init__(self) -> None:
        excluded, why = self._excluded()
        if self.source is not None:
            self._refuse(("--private-key", "--bits"), "--from, because its private key already exists")
            self._refuse(("--certificate",), "--from")
        self._refuse(excluded, why)
        if not _is_file_name(self.name):
            raise UsageError(
                f"{self.name[:80]!r} cannot be the name of a key.", next="Give a name such as storefront_2026_11."
            )

    def _excluded(self) -> tuple[tuple[str, ...], str]:
        """Return the options that the chosen way of working excludes, and the reason."""
        if self.login:
            excluded: tuple[str, ...] = ("--kid", "--keyset", "--algorithm", "--certificate")
            return excluded, "--login, because the key of a login is not declared"
        if self.certificate is not None:
            excluded = ("--csr", "--bits", "--days", "--private-key", "--passphrase-env")
            return excluded, "--certificate, because its private key already exists"
        if self.request_only:
            return ("--days",), "--csr, because the authority sets the validity of the certificate"
        return (), ""

    def _refuse(self, excluded: tuple[str, ...], why: str) -> None:
        given = {
            "--kid": self.kid,
            "--keyset": self.keyset,
            "--algorithm": self.algorithm,
            "--certificate": self.certificate,
            "--csr": self.request_only,
            "--bits": self.bits,
            "--days": self.days,
            "--private-key": self.private_key,
            "--passphrase-env": self.passphrase_variable,
        }
        wrong = [option for option in excluded if given[option]]
        if wrong:
            raise UsageError(f"{wrong[0]} cannot be combined with {why}.", next=f"Omit {wrong[0]}.")

    def order(self, held: HeldKey | None) -> KeyOrder:
        """Return the order; ``held`` is the private key of ``source``. Raises :class:`InputError`."""
        return KeyOrder(
            name=self.name,
            kid=self.kid if self.kid is not None else (held and held.kid) or self.name.replace("_", "-"),
            algorithm=self.algorithm or "RS256",
            bits=self.bits or 2048,
            days=self.days or self.default_days,
            keyset=self.keyset,
            request_only=self.request_only,
            private_key=_path(self.private_key) if self.private_key is not None else None,
            certificate=self.certificate,
            passphrase=_passphrase(self.passphrase_variable) if held is None else None,
            passphrase_variable=self.passphrase_variable,
            held=held,
        )


def generate(console: Console, options: GenerateOptions) -> Generated:
    """Make the key pair, or declare an issued certificate. Raises :class:`InputError`, and writes nothing then."""
    held = (
        held_key(console, options.source, options.passphrase_variable, for_login=options.login)
        if options.source is not None
        else None
    )
    order = options.order(held)
    if options.login:
        return _login_pair(console, order)
    if order.certificate is not None:
        return _returned_certificate(console, order)
    return _signing_pair(console, order)


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """The key pair to make. ``private_key`` is the path of its file, ``certificate`` that of an issued certificate.

    ``held`` is an existing private key; then no private key is made or written.
    """

    name: str
    kid: str
    algorithm: str
    bits: int
    days: int
    keyset: str | None = None
    request_only: bool = False
    private_key: Path | None = None
    certificate: str | None = None
    passphrase: bytes | None = None
    passphrase_variable: str | None = None
    held: HeldKey | None = None

    @property
    def stem(self) -> str:
        """Return the file name of public files without suffix: the API name with ``-`` for ``_``."""
        return self.name.replace("_", "-")

    @property
    def suffix(self) -> str:
        return ".csr" if self.request_only else ".crt"


def _signing_pair(console: Console, order: KeyOrder) -> Generated:
    """Make a key pair for identity tokens, or a certificate for an existing key, and its entry in the declaration.

    With ``request_only`` there is no certificate yet, and so no entry: a declaration names only files that exist.
    """
    key = _new_key(order, f"keys/{order.stem}.crt")
    edit = key_addition(console, key)
    private = _private_place(console, order) if order.held is None else None
    public = console.config.directory / "keys" / f"{order.stem}{order.suffix}"
    shown = shown_in_config(console, f"keys/{public.name}")
    _must_be_free(public, shown)
    pair = _pair(console, order)
    with NewFiles() as files:
        _write(files, order, pair, private, public)
        if pair.certificate is None:
            _warn(console, edit, not_yet=("key-file-missing",))
        else:
            _warn(console, edit)
            edit.write(files)
    made = _generated(order, pair, private)
    if pair.certificate is None:
        following = next_steps.request(order.name, order.kid, order.algorithm, order.keyset, shown)
        return replace(made, request_file=shown, next=following)
    at_signer = next_steps.to_the_signer(made.private_key_file, order.kid, order.algorithm)
    declared = _declared(console, order, made, pair.certificate, shown)
    return replace(declared, next=(*_after_declaring(order, edit, key), at_signer))


def _returned_certificate(console: Console, order: KeyOrder) -> Generated:
    """Store the certificate that an authority issued for a request, and declare the key."""
    assert order.certificate is not None
    config = console.config.directory
    certificate = _returned(console, order, order.certificate)
    there = declared_path(config, Path(order.certificate))
    public = there or f"keys/{order.stem}.crt"
    key = _new_key(order, public)
    edit = key_addition(console, key)
    with NewFiles() as files:
        if there is None:
            _must_be_free(config / public, shown_in_config(console, public))
            files.write(config / public, generation.certificate_pem(certificate), PUBLIC)
        _warn(console, edit)
        edit.write(files)
    made = Generated(order.name, (certificate.n, certificate.e), certificate=certificate)
    declared = _declared(console, order, made, certificate, shown_in_config(console, public))
    return replace(declared, next=_after_declaring(order, edit, key))


def _login_pair(console: Console, order: KeyOrder) -> Generated:
    """Make a key pair for this program's login: both files are in one folder, outside of any config."""
    held = Path(expanded(order.held.path)) if order.held is not None else None
    private = held or _private_place(console, order)
    public = private.with_suffix(order.suffix)
    if public == private:
        raise UsageError(
            f"The private key and the file to upload would both be {private}.",
            next="Give the private key another name, for example with the suffix .key.",
        )
    _must_be_free(public, str(public))
    pair = _pair(console, order)
    with NewFiles() as files:
        _write(files, order, pair, private if held is None else None, public)
    return replace(
        _generated(order, pair, private if held is None else None),
        for_login=True,
        certificate_file=str(public) if pair.certificate is not None else None,
        request_file=str(public) if pair.certificate is None else None,
        next=next_steps.login(private, public, order.passphrase_variable, request=order.request_only),
    )


def _generated(order: KeyOrder, pair: Pair, private: Path | None) -> Generated:
    """Return a made pair; ``private`` is the file that got the private key, None if the key existed before."""
    return Generated(
        name=order.name,
        numbers=pair.numbers,
        private_key_file=str(private) if private is not None else None,
        held_key_file=order.held.path if order.held is not None else None,
        has_passphrase=order.passphrase is not None,
        certificate=pair.certificate,
    )


def _declared(console: Console, order: KeyOrder, made: Generated, certificate: Certificate, file: str) -> Generated:
    """Return a key as declared with the certificate in ``file``."""
    jwk = generation.jwk_of(certificate, order.kid, order.algorithm)
    declaration = console.config.declaration_file
    return replace(made, certificate_file=file, jwk=jwk, declaration_file=declaration, keyset=order.keyset)


def _after_declaring(order: KeyOrder, edit: DeclarationEdit, key: NewKey) -> tuple[str, ...]:
    return next_steps.declared(order.name, order.keyset, without_the_key(edit, key))


def _new_key(order: KeyOrder, public: str) -> NewKey:
    fields = {"certificate": public, "kid": order.kid}
    if order.algorithm != DEFAULT_ALGORITHM:
        fields["algorithm"] = order.algorithm
    return NewKey(order.name, fields, order.keyset)


def _private_place(console: Console, order: KeyOrder) -> Path:
    path = order.private_key or default_folder(Path(console.config_path)) / f"{order.name}.key"
    check_private_place(path, Path(console.config_path))
    return path.absolute()


def _must_be_free(path: Path, shown: str) -> None:
    if os.path.lexists(path):
        raise already_there(Path(shown))


def _pair(console: Console, order: KeyOrder) -> Pair:
    key = order.held.key if order.held is not None else generation.new_key(order.bits)
    if order.request_only:
        return Pair(key, None, generation.signing_request(key, order.name))
    serial_number = x509.random_serial_number()
    return generation.pair(key, order.name, now=console.now, days=order.days, serial_number=serial_number)


def _write(files: NewFiles, order: KeyOrder, pair: Pair, private: Path | None, public: Path) -> None:
    if private is not None:
        files.write(private, generation.private_pem(pair.key, order.passphrase), PRIVATE)
    files.write(public, pair.public_pem, PUBLIC)


def _returned(console: Console, order: KeyOrder, path: str) -> Certificate:
    """Return the certificate of the file; if the request still exists, the one that was issued for it."""
    request = console.config.directory / "keys" / f"{order.stem}.csr"
    first = read_certificate(path)
    if not request.is_file():
        return first
    wanted = generation.request_numbers(read_bounded(str(request)))
    chain = [read_der(der, path, path, Findings()) for der in take(read_bounded(path)).certificates]
    found = next((each for each in chain if each is not None and (each.n, each.e) == wanted), None)
    if found is None:
        raise InputError(
            f"{path} is not the certificate of this key: it does not hold the public key in "
            f"{shown_in_config(console, f'keys/{request.name}')}.",
            next="Find the certificate that the authority issued for that request.",
            code="certificate-mismatch",
        )
    return found


def _warn(console: Console, edit: DeclarationEdit, not_yet: tuple[str, ...] = ()) -> None:
    for finding in warnings_of(edit, not_yet):
        console.say(f"Warning: {finding.message} {finding.fix}")


def _is_file_name(name: str) -> bool:
    """Return whether a name can be that of a file; the rules judge it as an API name."""
    return bool(name) and not name.startswith(".") and not any(each in name for each in "/\\\0") and len(name) <= 200


def _passphrase(variable: str | None) -> bytes | None:
    """Return the content of the variable; it is masked from then on. Raises :class:`InputError`."""
    if variable is None:
        return None
    value = Resolver(Path()).resolve(Reference(ReferenceKind.ENV, variable)).reveal().rstrip("\r\n")
    encoded = os.fsencode(value)
    if not encoded or len(encoded) > _LONGEST_PASSPHRASE:
        raise InputError(
            f"The passphrase in {variable} is {'too long' if encoded else 'empty'}.",
            next=f"Give one of 1 to {_LONGEST_PASSPHRASE} octets.",
            code="passphrase",
        )
    return encoded


def _path(given: str) -> Path:
    try:
        return expand_home(given)
    except UnreadableError as error:
        raise InputError(f"--private-key {given} {error.problem}.", next=error.remedy, code="no-home-folder") from None
