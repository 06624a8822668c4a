"""The table of cures: the next step for each form of file, as a command that works on exactly this input.

A file has two uses: the private key that signs, and the certificate for Salesforce. A test runs each command with the
real tool on a real file.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from provisioner.jose.pem import pem_blocks
from provisioner.jose.recognition import Form, Kind, Recognition, Wrapping

#: PKCS #12's encryption with 40-bit RC2 and RC4 (RFC 7292 appendix C), which OpenSSL 3 has in its legacy provider only.
_LEGACY = tuple(bytes.fromhex(f"2a864886f70d010c01{last}") for last in ("01", "02", "05", "06"))
#: PBES1 with DES or RC2 (RFC 8018 appendix A.3), and PKCS #12's RC2 and RC4: OpenSSL 3 has them in the same provider.
_OLD_CIPHERS = (*_LEGACY, *(bytes.fromhex(f"2a864886f70d0105{last}") for last in ("01", "03", "04", "06", "0a", "0b")))
_OLD_PROVIDER = " -provider legacy -provider default"
#: The name of standard input in messages.
STANDARD_INPUT = "(standard input)"
#: Public material without a certificate: its algorithm decides whether any certificate can help.
_WITH_A_KEY = (Kind.PUBLIC_KEY, Kind.CERTIFICATE_REQUEST)
NEW_PAIR = "provisioner keys generate --login NAME"
_LOST = f" If it is lost, make a new pair:\n{NEW_PAIR}"
_TWO_PRIMES = f"Make a pair of two primes:\n{NEW_PAIR}"
_RSA_ONLY = f"Salesforce takes RSA only. Make a new pair:\n{NEW_PAIR}"


@dataclass(frozen=True, slots=True)
class Input:
    """The way in which a shell reads some material.

    ``file`` is the path of a file; if that is None, ``read`` is the command that prints it. ``stem`` begins the names
    of files that a cure writes. Without any of these, the words are those of a manual: FILE and COPY.
    """

    file: str | None = None
    read: str | None = None
    stem: str = "key"

    @classmethod
    def of_file(cls, path: str) -> Input:
        if path in ("", "-", STANDARD_INPUT):
            return cls()
        return cls(file=path, stem=PurePath(path).with_suffix("").as_posix())

    @classmethod
    def of_variable(cls, name: str) -> Input:
        return cls(read=f"printf '%s\\n' \"${name}\"")

    @classmethod
    def of_command(cls, words: str) -> Input:
        return cls(read=words)

    def piped(self, command: str, taken: Recognition) -> str:
        """Return the command line that gives this material to ``command`` on its standard input."""
        decode = _decoding(taken)
        if self.read is None and not decode:
            return f"{command} < {self.word}"
        return f"{self._printed}{decode} | {command}"

    @property
    def _printed(self) -> str:
        return self.read if self.read is not None else f"cat {self.word}"

    @property
    def word(self) -> str:
        return quoted(self.file) if self.file is not None else "FILE"

    def output(self, suffix: str) -> str:
        """Return the name of a file that a cure writes: beside the input, and never the input itself."""
        if self.file is None and self.read is None:
            return "COPY"
        name = f"{self.stem}{suffix}"
        return quoted(name if name != self.file else f"{self.stem}-copy{suffix}")

    def saved(self, taken: Recognition, suffix: str) -> tuple[str, str]:
        """Return the command to run before a program that reads only files, and the name of the file for it."""
        decode = _decoding(taken)
        if self.read is None and not decode:
            return "", self.word
        name = f"{self.stem}{suffix}"
        name = quoted(name if name != self.file else f"{self.stem}-decoded{suffix}")
        return f"(umask 077; {self._printed}{decode} > {name}) && ", name


def _decoding(taken: Recognition) -> str:
    return "".join(_DECODERS.get(each, "") for each in taken.wrappings)


#: The command that removes a wrapping; `xxd` skips what is between the digits, and `0x` is not one of them.
_DECODERS = {
    Wrapping.BASE64: " | base64 -d",
    Wrapping.NO_PEM_LINES: " | base64 -d",
    Wrapping.HEXADECIMAL: " | sed 's/0x//g' | tr -cd 0-9A-Fa-f | xxd -r -p",
}


def is_readable_by_tools(taken: Recognition) -> bool:
    """Return whether openssl and the like can read it once its base64 is decoded; they do not know other wrappings."""
    return {*_DECODERS, Wrapping.CRLF}.issuperset(taken.wrappings)


#: Material that no message can name.
UNNAMED = Input()


def quoted(path: str) -> str:
    """Return a path as one word of a shell, which expands ~."""
    if path.startswith("~/"):
        return f"~/{shlex.quote(path[2:])}"
    return shlex.quote(path if not path.startswith("-") else f"./{path}")


def for_signing(taken: Recognition, given: Input) -> str:
    """Return the next step for a file without a usable private key: one or two sentences, mostly with a command."""
    if taken.algorithm not in (None, "RSA") and taken.is_private and taken.private_keys <= 1:
        return _RSA_ONLY if taken.algorithm != "multi-prime RSA" else _TWO_PRIMES
    cure = _FOR_SIGNING.get(taken.form)
    return cure(taken, given) if cure is not None else _GIVE_PEM


def for_upload(taken: Recognition, given: Input) -> str:
    """Return the next step for a file that is neither a certificate nor a JWK, so that Salesforce gets one."""
    is_of_one_key = (taken.is_private and taken.private_keys <= 1) or taken.kind in _WITH_A_KEY
    if taken.algorithm not in (None, "RSA") and is_of_one_key:
        if taken.algorithm == "multi-prime RSA":
            return (
                "Never upload or send it. Most JWT libraries cannot read a private key of three or more primes: make a "
                "pair of two with `provisioner keys generate`."
            )
        return "Salesforce takes RSA only. Make an RSA pair with `provisioner keys generate`."
    if taken.private_keys > 1 and taken.form in (Form.PRIVATE_KEY, Form.OPENSSH_KEY, Form.PRIVATE_JWK):
        return "Never upload or send it. Put each private key into a file of its own."
    cure = _FOR_UPLOAD.get(taken.form)
    return cure(taken, given) if cure is not None else _NAME_A_JWK


def unlocked(taken: Recognition, given: Input) -> str:
    """Return the command that writes a copy without its passphrase."""
    copy = given.output(".pem")
    match taken.form:
        case Form.OPENSSH_KEY:
            if given.file is None and given.read is None:
                return "ssh-keygen -p -m PEM -f COPY"
            before = f"{given.read} > {copy}" if given.read is not None else f"cat {given.word} > {copy}"
            return f"(umask 077; {before}) && ssh-keygen -p -m PEM -f {copy}"
        case Form.PKCS12:
            before, file = given.saved(taken, ".p12")
            return f"{before}openssl pkcs12 -in {file}{_legacy(taken)} -nocerts -noenc -out {copy}"
        case Form.JAVA_KEYSTORE:
            return _one_entry(taken, given)
        case _:
            form = " -inform DER" if taken.core[:1] == b"\x30" else ""
            form += _OLD_PROVIDER if any(oid in _der_of(taken)[:40] for oid in _OLD_CIPHERS) else ""
            if given.read is None and not _decoding(taken):
                return f"openssl pkey{form} -in {given.word} -out {copy}"
            return given.piped(f"openssl pkey{form} -out {copy}", taken)


def _der_of(taken: Recognition) -> bytes:
    if taken.core[:1] == b"\x30":
        return taken.core
    block = next(iter(pem_blocks(taken.core)), None)
    return block.der or b"" if block is not None else b""


_GIVE_PEM = "Give the key as PEM: the whole file, from its BEGIN PRIVATE KEY line to its END PRIVATE KEY line."
_NAME_A_JWK = "Name the JWK (a JSON object with kty, kid, alg and x5c), or its certificate."


def _legacy(taken: Recognition) -> str:
    return " -legacy" if any(oid in taken.core for oid in _LEGACY) else ""


def _one_entry(taken: Recognition, given: Input) -> str:
    before, file = given.saved(taken, ".jks")
    alias = shlex.quote(taken.owners[0]) if taken.owners else "ALIAS"
    made = given.output(".p12")
    words = f"-srcalias {alias} -destkeystore {made} -deststoretype PKCS12"
    return f"{before}(umask 077; keytool -importkeystore -srckeystore {file} {words})"


def _keystore_listing(taken: Recognition, given: Input) -> str:
    """Return the commands for a PKCS #12 keystore of several entries: their aliases, and a copy of one."""
    before, file = given.saved(taken, ".p12")
    made = given.output("-one.p12")
    copied = f"-srckeystore {file} -srcalias ALIAS -destkeystore {made} -deststoretype PKCS12"
    return f"{before}keytool -list -keystore {file}\n(umask 077; keytool -importkeystore {copied})"


def _aliases(taken: Recognition) -> str:
    listed = ", ".join(taken.owners[:20])
    return f" Its aliases: {listed}." if len(taken.owners) > 1 else ""


def _give_private(what: str) -> Callable[[Recognition, Input], str]:
    return lambda taken, given: f"{what}{_LOST}"


def _sentence(text: str) -> Callable[[Recognition, Input], str]:
    return lambda taken, given: text


def _command(before: str, made: Callable[[Recognition, Input], str]) -> Callable[[Recognition, Input], str]:
    return lambda taken, given: f"{before}:\n{made(taken, given)}"


def _to_file(program: str, suffix: str = ".pem") -> Callable[[Recognition, Input], str]:
    """Return a cure with a program that reads its standard input and prints the key."""

    def made(taken: Recognition, given: Input) -> str:
        inside = f"umask 077; {given.piped(program.format(filter=_filter(taken)), taken)} > {given.output(suffix)}"
        return f"({inside})"

    return made


def _filter(taken: Recognition) -> str:
    return shlex.quote(taken.owners[0]) if taken.owners else "."


def _from_json(taken: Recognition, given: Input) -> str:
    """Return the command that takes a key out of JSON, and decodes the string that held it."""
    option = "-j" if Wrapping.NUMBERS in taken.string_wrappings else "-r"  # no line break behind DER
    decoders = {**_DECODERS, Wrapping.NUMBERS: " | iconv -f UTF-8 -t ISO-8859-1"}
    decode = "".join(decoders.get(each, "") for each in taken.string_wrappings)
    return f"(umask 077; {given.piped(f'jq {option} {_filter(taken)}', taken)}{decode} > {given.output('.pem')})"


def _cms(form: str) -> Callable[[Recognition, Input], str]:
    """Return the cure for a message of CMS; the reader has the private key of its recipient."""
    return _to_file(f"openssl cms -decrypt -inform {form} -inkey KEY")


_DECRYPT: dict[Form, Callable[[Recognition, Input], str]] = {
    Form.AGE: _command("Decrypt it with your identity", _to_file("age --decrypt --identity IDENTITY")),
    Form.PGP_MESSAGE: _command("Decrypt it", _to_file("gpg --decrypt")),
    Form.ANSIBLE_VAULT: _command("Decrypt it", _to_file("ansible-vault decrypt --output -")),
    Form.SOPS: _command(
        "Decrypt it",
        lambda taken, given: "{}(umask 077; sops --decrypt {} > {})".format(
            *given.saved(taken, ".yaml"), given.output(".pem")
        ),
    ),
    Form.OPENSSL_ENC: _command(
        "Decrypt it with the cipher and the options that it was encrypted with",
        _to_file("openssl enc -d -aes-256-cbc -pbkdf2"),
    ),
    Form.JWE: _sentence("Decrypt it with the program that encrypted it."),
    Form.CMS_MESSAGE: _command(
        "Decrypt it with the private key that it was encrypted for",
        lambda taken, given: _cms("PEM" if "PEM)" in taken.what else "DER")(taken, given),
    ),
    Form.SMIME_MESSAGE: _command("Decrypt it with the private key that it was encrypted for", _cms("SMIME")),
    Form.GIT_CRYPT: _sentence("Unlock the repository:\ngit-crypt unlock"),
    Form.EYAML: _command(
        "Decrypt it",
        lambda taken, given: "{}(umask 077; eyaml decrypt -f {} > {})".format(
            *given.saved(taken, ".yaml"), given.output(".pem")
        ),
    ),
    Form.VAULT_CIPHERTEXT: _sentence(
        "Decrypt it with the key of the transit engine that encrypted it:\n"
        "vault write -field=plaintext transit/decrypt/KEY ciphertext=TEXT | base64 -d"
    ),
    Form.SEALED: _sentence(
        "Only the cluster can decrypt it. Read the Secret that the cluster made of it:\nkubectl get secret NAME -o yaml"
    ),
    Form.LFS_POINTER: _sentence("Fetch the file itself:\ngit lfs pull"),
    Form.WEB_PAGE: _sentence("The download answered with a page, often one to log in. Download the file again."),
    Form.COMPRESSED: _sentence("Unpack it, and give the file in it."),
    Form.MASK: _sentence("Logs and screens show a mask in place of a secret. Take the value from the secret store."),
    Form.VARIABLE: _sentence(
        "Set the variable where the command runs, and name it: ${env:NAME}. In GitHub Actions, `env:` of the step "
        "passes a secret on."
    ),
    Form.SAMPLE: _sentence("Put the value itself in its place."),
    Form.EMPTY: _sentence("Check what should have written it: the file, the variable, or the command's output."),
}
_FOR_SIGNING: dict[Form, Callable[[Recognition, Input], str]] = {
    **_DECRYPT,
    Form.JAVA_KEYSTORE: lambda taken, given: f"Copy one entry.{_aliases(taken)}\n{_one_entry(taken, given)}",
    Form.PUTTY_KEY: _command(
        "Convert it",
        lambda taken, given: "{}puttygen {} -O private-openssh -o {}".format(
            *given.saved(taken, ".ppk"), given.output(".pem")
        ),
    ),
    Form.SSH2_KEY: _command("Convert it", _to_file("ssh-keygen -i -f /dev/stdin")),
    Form.DROPBEAR_KEY: _command(
        "Convert it",
        lambda taken, given: "{}dropbearconvert dropbear openssh {} {}".format(
            *given.saved(taken, ".dropbear"), given.output(".pem")
        ),
    ),
    Form.XML_KEY: _sentence("Export it as PEM where it was made; in .NET: RSA.ExportPkcs8PrivateKeyPem()."),
    Form.MICROSOFT_KEY: lambda taken, given: (
        f"Convert it:\n{_from_microsoft(taken, given)}"
        if taken.is_private
        else f"Give the private key that it belongs to.{_LOST}"
    ),
    Form.PRINTED_KEY: _give_private("No program reads such text. Give the file that it was printed from."),
    Form.YAML_JWK: lambda taken, given: (
        "Write it as JSON: each name and each text in double quotes, between { and }."
        if taken.is_private
        else f"It has no private members; give the private key, as a JWK or as PEM.{_LOST}"
    ),
    Form.UNFIT_KEY: _sentence(f"Such a key signs no tokens. Make a pair:\n{NEW_PAIR}"),
    Form.PARAMETERS: _give_private("Parameters are no key; give the private key."),
    Form.CREDENTIAL: _give_private("Give the private key that belongs to the certificate of the app."),
    Form.FOREIGN_KEY: _give_private(
        "Only the program that made it can read it. Export the key there as PEM in PKCS #8 (BEGIN PRIVATE KEY)."
    ),
    Form.PGP_KEY: _sentence(f"A key of PGP signs mail, not tokens. Make a pair:\n{NEW_PAIR}"),
    Form.PRIVATE_JSON: _command("Take the key out of it", _from_json),
    Form.CUT_KEY: lambda taken, given: (
        "Copy the whole file again, from its BEGIN PRIVATE KEY line to its END PRIVATE KEY line."
        if "(PEM" in taken.what
        else "Copy the whole file again, as binary."
    ),
    Form.DAMAGED_KEY: _command(
        'Copy it again from where it came from. This command must print "Key is valid" there',
        lambda taken, given: f"openssl pkey{' -inform DER' * ('(DER)' in taken.what)} -in FILE -check -noout",
    ),
    Form.PKCS12: _command("Copy one entry, whose alias this lists", _keystore_listing),
    Form.CERTIFICATE: _give_private(
        "The certificate belongs on the app in Salesforce; give the private key that it was made with."
    ),
    Form.CERTIFICATE_MAP: _give_private("Give the private key that one of these certificates was made with."),
    Form.PKCS7: _give_private("It holds certificates only; give the private key that they were made with."),
    Form.REVOCATION_LIST: _give_private("It holds no key; give the private key."),
    Form.REQUEST: _give_private("Give the private key that the request was made with."),
    Form.PUBLIC_KEY: _give_private("Give the private key that it belongs to."),
    Form.SSH_PUBLIC_KEY: _give_private(
        "Give the private key beside it, usually the file of the same name without .pub."
    ),
    Form.KMS: _sentence(f"A key that stays in such a service cannot sign here. Make a pair:\n{NEW_PAIR}"),
    Form.JSON: lambda taken, given: (
        f"Give the key alone, as PEM or as a JWK{': this text is no valid JSON' if taken.is_broken else ''}."
        if taken.is_private
        else f"It has no private members; give the private key, as a JWK or as PEM.{_LOST}"
    ),
    Form.PATH: _sentence("Write the reference as ${file:PATH}."),
}
_FOR_UPLOAD: dict[Form, Callable[[Recognition, Input], str]] = {
    **_DECRYPT,
    Form.JSON: lambda taken, given: f"`provisioner diagnose key {given.word} --repair OUT` writes the JWK in it.",
    Form.CERTIFICATE: lambda taken, given: (
        f"`provisioner diagnose key {given.word} --kid KID --repair OUT` makes the JWK of it."
    ),
    Form.CERTIFICATE_MAP: lambda taken, given: (
        "Serve or name the JWKS of the same keys. For Google and Firebase: "
        "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com."
    ),
}


def _from_private(taken: Recognition, given: Input) -> str:
    unlock = " --passphrase-env VARIABLE" if taken.has_passphrase else ""
    return (
        "Never upload or send it: anyone who has it can sign tokens. This makes its certificate and JWK, and declares "
        f"them:\nprovisioner keys generate NAME --from {given.word}{unlock}"
    )


def _from_microsoft(taken: Recognition, given: Input) -> str:
    """Return the command that writes a blob or a PVK file as PEM; OpenSSL 3 reads PVK with its legacy provider."""
    form = "-inform PVK -provider legacy -provider default" if "PVK" in taken.what else "-inform MSBLOB"
    before, file = given.saved(taken, ".bin")
    return f"{before}openssl rsa {form} -in {file} -out {given.output('.pem')}"


_ALONE = "Save this value alone to a file, and name that file."


def _certificate_out(tool: Callable[[Recognition, Input], str]) -> Callable[[Recognition, Input], str]:
    return lambda taken, given: (
        f"Take the certificate out, and name that.\n{tool(taken, given)}" if _is_alone(taken) else _ALONE
    )


def _is_alone(taken: Recognition) -> bool:
    """Return whether a command of a shell can take the material out of the file."""
    return {Wrapping.EMBEDDED, Wrapping.INSIDE, Wrapping.NUMBERS}.isdisjoint(taken.wrappings)


def _from_pkcs12(taken: Recognition, given: Input) -> str:
    before, file = given.saved(taken, ".p12")
    if taken.private_keys > 1:
        words = f"-rfc -alias ALIAS -keystore {file} -file {given.output('.crt')}"
        return f"{before}keytool -list -keystore {file}\nkeytool -exportcert {words}"
    return f"{before}openssl pkcs12 -in {file}{_legacy(taken)} -clcerts -nokeys -out {given.output('.crt')}"


def _from_keystore(taken: Recognition, given: Input) -> str:
    """Return the step that takes the certificate out of a keystore; with no readable alias, the file is the problem."""
    if not taken.owners:
        return "It holds no certificate that can be read. Export the keystore again, with the pair of the key."
    if not _is_alone(taken):
        return _ALONE
    before, file = given.saved(taken, ".jks")
    alias = shlex.quote(taken.owners[0])
    command = f"{before}keytool -exportcert -rfc -alias {alias} -keystore {file} -file {given.output('.crt')}"
    return f"Take the certificate out, and name that.{_aliases(taken)}\n{command}"


def _from_pkcs7(taken: Recognition, given: Input) -> str:
    der = "(PEM)" not in taken.what
    before, file = given.saved(taken, ".p7b")
    return f"{before}openssl pkcs7{' -inform DER' if der else ''} -print_certs -in {file} -out {given.output('.crt')}"


def _with_certificate(before: str) -> Callable[[Recognition, Input], str]:
    return lambda taken, given: (
        f"{before} Give the certificate, too: `provisioner diagnose key {given.word} --certificate CERTIFICATE "
        "--kid KID --repair OUT`."
    )


_FOR_UPLOAD |= {
    **dict.fromkeys((Form.PRIVATE_KEY, Form.OPENSSH_KEY, Form.PRIVATE_JWK), _from_private),
    **{
        form: lambda taken, given: f"Never upload or send it. {for_signing(taken, given)}"
        for form in (Form.PUTTY_KEY, Form.SSH2_KEY, Form.XML_KEY, Form.PGP_KEY, Form.PRIVATE_JSON, Form.CUT_KEY)
    },
    **{
        form: lambda taken, given: f"Never upload or send it. {for_signing(taken, given)}"
        for form in (Form.DAMAGED_KEY, Form.FOREIGN_KEY, Form.DROPBEAR_KEY)
    },
    Form.PKCS12: _certificate_out(_from_pkcs12),
    Form.JAVA_KEYSTORE: _from_keystore,
    Form.PKCS7: _certificate_out(_from_pkcs7),
    Form.PUBLIC_KEY: _with_certificate("Salesforce requires the whole certificate in x5c."),
    Form.SSH_PUBLIC_KEY: _with_certificate("Salesforce requires a certificate in x5c, which SSH does not have."),
    Form.KMS: lambda taken, given: (
        f"`provisioner diagnose key {given.word} --kid KID --repair OUT` makes the JWK of it."
        if taken.certificates
        else _with_certificate("Salesforce requires the whole certificate in x5c.")(taken, given)
    ),
    Form.REQUEST: _with_certificate("Have your authority issue the certificate, then name that."),
    Form.MICROSOFT_KEY: lambda taken, given: (
        f"Never upload or send it. {for_signing(taken, given)}"
        if taken.is_private
        else _with_certificate("Salesforce requires the whole certificate in x5c.")(taken, given)
    ),
    Form.PRINTED_KEY: lambda taken, given: (
        f"{'Never upload or send it. ' if taken.is_private else ''}Name the certificate of the same key, or its JWK."
    ),
    Form.YAML_JWK: lambda taken, given: (
        f"{'Never upload or send it: it is private. ' if taken.is_private else ''}Write the public members as JSON: "
        "each name and each text in double quotes, between { and }."
    ),
    Form.UNFIT_KEY: lambda taken, given: (
        f"{'Never upload or send it. ' if taken.is_private else ''}Such a key verifies no tokens. Name the JWK of the "
        "key that signs them, or its certificate."
    ),
    Form.PARAMETERS: _sentence("Parameters are no key. Name the certificate of the key, or its JWK."),
    Form.CREDENTIAL: _sentence("Never upload or send it. Name the JWK of the key that signs the tokens."),
    Form.REVOCATION_LIST: _sentence("A revocation list names certificates and holds none. Name the certificate."),
    Form.JWT: lambda taken, given: (
        f"A token is signed with a key, but is not a key: `provisioner token explain {given.word}` shows its content."
    ),
    Form.COMPONENT: _sentence(
        "This component holds no key: give the PublicKeyCertificate component of the key. For a keyset with an "
        "endpoint: provisioner diagnose endpoint URL."
    ),
    Form.METADATA: _sentence("Retrieve the component again: its element jsonWebKey must hold the JWK."),
    Form.PATH: _sentence("Name the file itself."),
}
