"""Each command in the table of cures, run by a shell with the real tools on a file that the real tools made."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from provisioner.errors import InputError
from provisioner.jose.cures import Input, for_signing, for_upload, unlocked
from provisioner.jose.file_kinds import take
from provisioner.jose.private_key import READ as READ_FORMS
from provisioner.jose.private_key import load_private_key, repairs_of
from provisioner.jose.recognition import Form, Kind, Recognition
from provisioner.secrets import Secret
from tests.conformance.test_jose import program

pytestmark = pytest.mark.conformance

PASSPHRASE = "changeit"
#: What a person types at a prompt, as an option.
ANSWERS = {
    "openssl pkcs12 ": f"openssl pkcs12 -passin pass:{PASSPHRASE} ",
    "openssl pkey ": f"openssl pkey -passin pass:{PASSPHRASE} ",
    "openssl enc ": f"openssl enc -pass pass:{PASSPHRASE} ",
    "ssh-keygen -p ": f"ssh-keygen -p -P {PASSPHRASE} -N '' ",
    "keytool -list ": f"keytool -list -storepass {PASSPHRASE} ",
    "keytool -exportcert ": f"keytool -exportcert -storepass {PASSPHRASE} ",
    "keytool -importkeystore ": f"keytool -importkeystore -srcstorepass {PASSPHRASE} -deststorepass {PASSPHRASE} ",
    "gpg --decrypt": f"gpg --batch --quiet --pinentry-mode loopback --passphrase {PASSPHRASE} --decrypt",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one key, made by openssl, in the forms that openssl, keytool, ssh-keygen and gpg write."""
    folder = tmp_path_factory.mktemp("a folder of keys")

    def run(*words: str | Path) -> None:
        program(str(words[0]), *(folder / word if isinstance(word, Path) else word for word in words[1:]))

    key, cert, phrase = Path("shop.key"), Path("shop.crt"), f"pass:{PASSPHRASE}"
    run("openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key)
    run("openssl", "req", "-x509", "-new", "-key", key, "-subj", "/CN=Shop", "-days", "400", "-out", cert)
    run("openssl", "rsa", "-in", key, "-traditional", "-out", Path("pkcs1.key"))
    run("openssl", "rsa", "-in", key, "-traditional", "-aes128", "-passout", phrase, "-out", Path("old.key"))
    run("openssl", "pkcs8", "-topk8", "-in", key, "-passout", phrase, "-out", Path("locked.key"))
    run("openssl", "pkcs8", "-topk8", "-in", key, "-passout", phrase, "-outform", "DER", "-out", Path("locked.der"))
    run("openssl", "pkcs8", "-topk8", "-in", key, "-scrypt", "-passout", phrase, "-out", Path("scrypt.key"))
    run("openssl", "pkcs8", "-topk8", "-in", key, "-nocrypt", "-outform", "DER", "-out", Path("shop.der"))
    export = ("-export", "-inkey", key, "-in", cert, "-name", "Shop key", "-passout", phrase)
    run("openssl", "pkcs12", *export, "-out", Path("shop.p12"))
    run("openssl", "pkcs12", *export, "-legacy", "-out", Path("old.pfx"))
    run("openssl", "crl2pkcs7", "-nocrl", "-certfile", cert, "-out", Path("shop.p7b"))
    run("openssl", "crl2pkcs7", "-nocrl", "-certfile", cert, "-outform", "DER", "-out", Path("der.p7b"))
    run("openssl", "enc", "-aes-256-cbc", "-pbkdf2", "-pass", phrase, "-in", key, "-out", Path("enc.key"))
    copied = ("-srckeystore", Path("shop.p12"), "-srcstorepass", PASSPHRASE, "-deststorepass", PASSPHRASE)
    for kind in ("JKS", "JCEKS", "PKCS12"):
        into = ("-destkeystore", Path(f"java.{kind.lower()}"), "-deststoretype", kind, "-noprompt")
        run("keytool", "-importkeystore", *copied, *into)
    two = ("-destkeystore", Path("two.jks"), "-deststoretype", "JKS", "-noprompt")
    run("keytool", "-importkeystore", *copied, *two)
    made = ("-genkeypair", "-alias", "other", "-keyalg", "RSA", "-dname", "CN=other", "-storepass", PASSPHRASE)
    run("keytool", *made, "-keypass", PASSPHRASE, "-keystore", Path("two.jks"))
    for name, words in (("id_rsa", ""), ("id_locked", PASSPHRASE)):
        (folder / name).write_bytes((folder / "pkcs1.key").read_bytes())
        (folder / name).chmod(0o600)
        run("ssh-keygen", "-p", "-q", "-N", words, "-f", Path(name))
    (folder / "id_rsa.pub").write_text(program("ssh-keygen", "-y", "-f", folder / "id_rsa"))
    run("openssl", "rsa", "-in", key, "-outform", "MSBLOB", "-out", Path("key.blob"))
    old = ("-provider", "legacy", "-provider", "default")
    run("openssl", "rsa", "-in", key, "-outform", "PVK", "-pvk-none", *old, "-out", Path("key.pvk"))
    run("openssl", "rsa", "-in", key, "-traditional", "-aes192", "-passout", phrase, "-out", Path("unread.key"))
    md5 = ("-v1", "PBE-MD5-DES", "-passout", phrase)
    run("openssl", "pkcs8", "-topk8", "-in", key, *md5, *old, "-out", Path("md5.key"))
    for form in ("PEM", "DER", "SMIME"):
        run("openssl", "cms", "-encrypt", "-in", key, "-outform", form, "-out", Path(f"cms.{form}"), cert)
    folded = {
        "pem.json": {"pem": (folder / "shop.key").read_text()},
        "base64.json": {"data": {"k": base64.b64encode((folder / "shop.key").read_bytes()).decode()}},
        "nested.json": {"s": json.dumps({"k": (folder / "shop.key").read_text()})},
        "deep.json": {"s": base64.b64encode(json.dumps({"k": (folder / "shop.key").read_text()}).encode()).decode()},
        "lines.json": (folder / "shop.key").read_text().splitlines(),
        "buffer.json": {"type": "Buffer", "data": list((folder / "shop.der").read_bytes())},
        "pkcs12.json": {"value": base64.b64encode((folder / "shop.p12").read_bytes()).decode()},
    }
    for name, value in folded.items():
        (folder / name).write_text(json.dumps(value))
    secret = {"data": {"my-key.pem": (folder / "shop.key").read_text(), "n": 1}}
    (folder / "secret.json").write_text(json.dumps(secret))
    return folder


def number(folder: Path) -> int:
    key = load_private_key(Secret((folder / "shop.key").read_text()))
    return key.public_key().public_numbers().n


def typed(cure: str, folder: Path, **variables: str) -> None:
    """Type the command of a cure, the last line of it, at a shell."""
    command = cure.splitlines()[-1]
    for prompt, answered in ANSWERS.items():
        command = command.replace(prompt, answered)
    environment = {**os.environ, **variables, "GNUPGHOME": str(folder)}
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def new_file(folder: Path, made: Callable[[], None]) -> Path:
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    made()
    (new,) = [path for path in folder.iterdir() if path.is_file() and before.get(path) != path.stat().st_mtime_ns]
    return new


def in_copy(files: Path, name: str, folder: Path) -> tuple[Path, Recognition]:
    """The file alone in a folder, where a cure writes."""
    folder.mkdir()
    (folder / name).write_bytes((files / name).read_bytes())
    return folder / name, take((folder / name).read_bytes())


READ = ("shop.key", "pkcs1.key", "old.key", "locked.key", "locked.der", "scrypt.key", "shop.der", "shop.p12", "old.pfx",
        "java.jks", "java.jceks", "java.pkcs12", "id_rsa")  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_what_these_tools_write_is_read(files: Path, name: str) -> None:
    secret = Secret.of_octets((files / name).read_bytes())
    key = load_private_key(secret, Secret(PASSPHRASE))
    assert key.public_key().public_numbers().n == number(files)
    assert repairs_of(secret) is None


@pytest.mark.parametrize("name", READ)
def test_base64_of_it_is_read_too(files: Path, name: str) -> None:
    secret = Secret(base64.encodebytes((files / name).read_bytes()).decode())
    assert isinstance(load_private_key(secret, Secret(PASSPHRASE)), RSAPrivateKey)
    assert repairs_of(secret)


@pytest.mark.parametrize("cure", [for_signing, for_upload])
def test_one_key_of_a_pkcs12_of_two_is_copied(
    files: Path, tmp_path: Path, cure: Callable[[Recognition, Input], str]
) -> None:
    path, _ = in_copy(files, "java.pkcs12", tmp_path / "a")
    made = ("-genkeypair", "-alias", "other", "-keyalg", "RSA", "-dname", "CN=other", "-storepass", PASSPHRASE)
    program("keytool", *made, "-keystore", path)
    taken = take(path.read_bytes())
    assert taken.private_keys == 2
    with pytest.raises(InputError, match="one of 2 private keys"):
        load_private_key(Secret.of_octets(path.read_bytes()), Secret(PASSPHRASE))
    text = cure(taken, Input.of_file(path.name)).replace("ALIAS", "other")
    typed(text.splitlines()[-2], path.parent)
    new = take(new_file(path.parent, lambda: typed(text, path.parent)).read_bytes())
    assert new.form is Form.CERTIFICATE if cure is for_upload else new.private_keys == 1


def test_a_key_of_three_primes_is_named_and_refused(tmp_path: Path) -> None:
    for name, words in (("pkcs8", ()), ("pkcs1", ("-traditional",))):
        program("openssl", "genrsa", *words, "-primes", "3", "-out", tmp_path / name, "2048")
        content = (tmp_path / name).read_bytes()
        taken = take(content)
        assert "a multi-prime RSA private key" in taken.what
        printed = program("openssl", "rsa", "-in", tmp_path / name, "-noout", "-modulus")
        assert taken.public is not None
        assert f"Modulus={taken.public[0]:X}\n" == printed
        with pytest.raises(InputError, match="two primes only") as refused:
            load_private_key(Secret.of_octets(content))
        assert "keys generate" in refused.value.next


LOCKED = ("old.key", "locked.key", "locked.der", "scrypt.key", "shop.p12", "old.pfx", "java.jks", "java.jceks",
          "id_locked")  # fmt: skip


@pytest.mark.parametrize("name", LOCKED)
def test_a_copy_without_its_passphrase(files: Path, name: str, tmp_path: Path) -> None:
    path, taken = in_copy(files, name, tmp_path / "it's here")
    assert taken.has_passphrase
    made = new_file(path.parent, lambda: typed(unlocked(taken, Input.of_file(str(path))), path.parent))
    assert made.stat().st_mode & 0o077 == 0
    passphrase = Secret(PASSPHRASE) if taken.form is Form.JAVA_KEYSTORE else None
    key = load_private_key(Secret.of_octets(made.read_bytes()), passphrase)
    assert key.public_key().public_numbers().n == number(files)


@pytest.mark.parametrize("name", LOCKED)
def test_a_copy_of_what_is_in_a_variable(files: Path, name: str, tmp_path: Path) -> None:
    content = (files / name).read_bytes()
    text = content.decode() if content.isascii() else base64.b64encode(content).decode()
    taken, given = take(text.encode()), Input.of_variable("SF_KEY")
    made = tmp_path / ("key.p12" if taken.form is Form.JAVA_KEYSTORE else "key.pem")
    typed(unlocked(taken, given), tmp_path, SF_KEY=text)
    passphrase = Secret(PASSPHRASE) if taken.form is Form.JAVA_KEYSTORE else None
    assert isinstance(load_private_key(Secret.of_octets(made.read_bytes()), passphrase), RSAPrivateKey)


@pytest.mark.parametrize("name", ["unread.key", "md5.key"])
def test_what_this_program_may_not_decrypt_openssl_does(files: Path, name: str, tmp_path: Path) -> None:
    path, taken = in_copy(files, name, tmp_path / "folder")
    made = new_file(path.parent, lambda: typed(unlocked(taken, Input.of_file(str(path))), path.parent))
    assert load_private_key(Secret(made.read_text())).public_key().public_numbers().n == number(files)


def test_an_unknown_cipher_is_not_called_a_wrong_passphrase(files: Path) -> None:
    with pytest.raises(InputError, match="cipher that this program cannot decrypt") as refused:
        load_private_key(Secret((files / "unread.key").read_text()), Secret(PASSPHRASE))
    assert refused.value.code == "key-encrypted"


CONVERTED = ["key.blob", "key.pvk", "cms.PEM", "cms.DER", "cms.SMIME", "pem.json", "base64.json", "nested.json",
             "deep.json", "lines.json", "buffer.json", "pkcs12.json"]  # fmt: skip


@pytest.mark.parametrize("name", CONVERTED)
def test_a_form_that_is_not_read_is_converted(files: Path, name: str, tmp_path: Path) -> None:
    path, taken = in_copy(files, name, tmp_path / "folder")
    (path.parent / "KEY").write_bytes((files / "shop.key").read_bytes())
    assert taken.form not in READ_FORMS
    made = new_file(path.parent, lambda: typed(for_signing(taken, Input.of_file(str(path))), path.parent))
    key = load_private_key(Secret.of_octets(made.read_bytes()), Secret(PASSPHRASE))
    assert key.public_key().public_numbers().n == number(files)
    assert made.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["shop.p12", "old.pfx", "java.jks", "java.jceks", "two.jks", "shop.p7b", "der.p7b"])
@pytest.mark.parametrize("in_base64", [False, True])
def test_the_certificate_comes_out_of_a_container(files: Path, name: str, in_base64: bool, tmp_path: Path) -> None:
    path, taken = in_copy(files, name, tmp_path / "folder")
    if in_base64:
        path.write_bytes(base64.b64encode(path.read_bytes()))
        taken = take(path.read_bytes())
    typed(for_upload(taken, Input.of_file(str(path))), path.parent)
    made = path.with_suffix(".crt")
    found = take(made.read_bytes())
    assert found.kind is Kind.CERTIFICATE
    assert len(found.certificates) == 1


def test_one_entry_of_a_keystore_is_copied(files: Path, tmp_path: Path) -> None:
    path, taken = in_copy(files, "two.jks", tmp_path / "folder")
    assert sorted(taken.owners) == ["other", "shop key"]
    with pytest.raises(Exception, match="one of 2 private keys in its place"):
        load_private_key(Secret.of_octets(path.read_bytes()), Secret(PASSPHRASE))
    typed(for_signing(taken, Input.of_file(str(path))), path.parent)
    made = Secret.of_octets(path.with_suffix(".p12").read_bytes())
    assert isinstance(load_private_key(made, Secret(PASSPHRASE)), RSAPrivateKey)


@pytest.mark.parametrize("variable", [False, True])
def test_a_key_in_json_is_taken_out(files: Path, variable: bool, tmp_path: Path) -> None:
    path, taken = in_copy(files, "secret.json", tmp_path / "folder")
    given = Input.of_variable("SECRET") if variable else Input.of_file(str(path))
    program("jq", "--version")
    typed(for_signing(taken, given), path.parent, SECRET=path.read_text())
    made = path.parent / ("key.pem" if variable else "secret.pem")
    assert load_private_key(Secret(made.read_text())).public_key().public_numbers().n == number(files)
    assert made.stat().st_mode & 0o077 == 0


def test_what_openssl_enc_encrypted_is_decrypted(files: Path, tmp_path: Path) -> None:
    path, taken = in_copy(files, "enc.key", tmp_path / "folder")
    assert taken.form is Form.OPENSSL_ENC
    typed(for_signing(taken, Input.of_file(str(path))), path.parent)
    assert isinstance(load_private_key(Secret((path.parent / "enc.pem").read_text())), RSAPrivateKey)


@pytest.mark.parametrize("armour", [[], ["--armor"]])
def test_what_gpg_encrypted_is_decrypted(files: Path, armour: list[str], tmp_path: Path) -> None:
    path, _ = in_copy(files, "shop.key", tmp_path / "folder")
    quiet = ("--batch", "--pinentry-mode", "loopback", "--passphrase", PASSPHRASE, "--homedir", tmp_path / "folder")
    path.parent.chmod(0o700)
    sealed = path.parent / "shop.gpg"
    program("gpg", *quiet, *armour, "--symmetric", "--output", sealed, path)
    path.unlink()
    taken = take(sealed.read_bytes())
    assert taken.form is Form.PGP_MESSAGE
    typed(for_signing(taken, Input.of_file(str(sealed))), path.parent)
    assert isinstance(load_private_key(Secret(path.with_suffix(".pem").read_text())), RSAPrivateKey)


def test_a_valid_key_is_called_so_by_openssl(files: Path) -> None:
    assert "Key is valid" in program("openssl", "pkey", "-in", files / "shop.key", "-check", "-noout")
