"""``provisioner keys generate``: what is made, where it lies, what is refused, and what a failure leaves behind."""

from __future__ import annotations

import base64
import json
import os
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from provisioner.jose import generation
from provisioner.jose.file_kinds import take
from provisioner.workflows import new_files
from provisioner.workflows.key_paths import default_folder
from tests.cli.conftest import EXAMPLE, Person
from tests.cli.offline import Desk, Said
from tests.jose import key_files, making
from tests.jose.making import certificate, private_pem, rsa_key

DECLARATION = """\
# mine
version: 1
keys:
  first: {certificate: keys/first.crt, kid: first}   # the first one

keysets:
  shop:
    issuer: https://id.example.com
    keys: [first]  # complete
"""
PEM = serialization.Encoding.PEM


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A folder with a right declaration, and a home of its own."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    made = Desk(work, capsys)
    made.write("user-verification.yaml", DECLARATION)
    now = datetime.now(UTC)
    made.write("keys/first.crt", pem(certificate(rsa_key(), begins=now, ends=now + timedelta(days=365))))
    return made


@pytest.fixture(autouse=True)
def _quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """New keys of 2048 bits are taken from a few that are made once."""
    real, given = generation.new_key, iter(("second", "third", "fourth"))
    monkeypatch.setattr(generation, "new_key", lambda bits: rsa_key(next(given)) if bits == 2048 else real(bits))


def pem(made: x509.Certificate) -> str:
    return made.public_bytes(PEM).decode()


def home(desk: Desk) -> Path:
    return desk.folder.parent / "home"


def keys(desk: Desk) -> Path:
    """The folder of this project's private keys."""
    return default_folder(desk.folder / "config")


def everything(desk: Desk) -> dict[str, bytes]:
    """All files, to see that nothing was left or changed."""
    base = desk.folder.parent
    return {str(path.relative_to(base)): path.read_bytes() for path in base.rglob("*") if path.is_file()}


def made(said: Said) -> Any:
    assert said.status == 0, said.err
    return said.json


def private_key(path: str | Path, passphrase: bytes | None = None) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(Path(path).read_bytes(), passphrase)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def test_it_makes_a_pair_and_declares_it(desk: Desk) -> None:
    document = made(desk.run("keys", "generate", "shop_2027", "--keyset", "shop", "--format", "json"))

    private = Path(document["private_key"])
    assert private.is_relative_to(home(desk) / ".config/provisioner/keys")
    assert private == keys(desk) / "shop_2027.key"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(private.parent.stat().st_mode) == 0o700
    assert private.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    public = x509.load_pem_x509_certificate((desk.folder / "config/keys/shop-2027.crt").read_bytes())
    assert public.public_key() == private_key(private).public_key()
    assert (desk.folder / "config/user-verification.yaml").read_text() == DECLARATION.replace(
        "# the first one\n", "# the first one\n  shop_2027:\n    certificate: keys/shop-2027.crt\n    kid: shop-2027\n"
    ).replace("[first]", "[first, shop_2027]")
    assert desk.run("validate", "--strict").status == 0


def test_the_certificate_is_what_salesforce_takes(desk: Desk) -> None:
    desk.run("keys", "generate", "shop_2027", "--days", "400")

    found = x509.load_pem_x509_certificate((desk.folder / "config/keys/shop-2027.crt").read_bytes())
    now = datetime.now(UTC)
    assert found.subject.rfc4514_string() == found.issuer.rfc4514_string() == "CN=shop_2027"
    assert now - timedelta(hours=2) < found.not_valid_before_utc < now
    assert timedelta(days=399) < found.not_valid_after_utc - now <= timedelta(days=400)
    assert not found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert found.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    found.verify_directly_issued_by(found)


def test_the_jwk_is_the_one_that_would_be_sent(desk: Desk) -> None:
    words = ("keys", "generate", "shop_2027", "--kid", "007:1", "--algorithm", "RS512", "--format", "json")
    document = made(desk.run(*words))

    assert (document["kid"], document["algorithm"], document["bits"]) == ("007:1", "RS512", 2048)
    (desk.folder / "new.jwk.json").write_text(json.dumps(document["jwk"]))
    judged = desk.run("diagnose", "key", "new.jwk.json", "--format", "json").json
    assert judged["uploadable"] is True
    assert judged["findings"] == []
    assert document["thumbprint"] in desk.run("diagnose", "key", "new.jwk.json").out


def test_what_it_made_and_what_is_next_is_said(desk: Desk) -> None:
    said = desk.run("keys", "generate", "shop_2027")

    assert "keys.shop_2027" in said.out
    assert "shop_2027.key (0600, not encrypted)" in " ".join(said.out.split())
    assert "a key in no keyset verifies nothing" in " ".join(said.out.split())
    assert "PRIVATE" not in said.out + said.err


def test_a_passphrase_protects_the_private_key(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_PASSPHRASE", "a rather long one")
    said = desk.run("keys", "generate", "shop_2027", "--passphrase-env", "KEY_PASSPHRASE")

    path = keys(desk) / "shop_2027.key"
    assert path.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert private_key(path, b"a rather long one")
    assert "a rather long one" not in said.out + said.err


@pytest.mark.parametrize("value", [None, "", "\n", "x" * 1024])
def test_a_passphrase_that_is_none_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is not None:
        monkeypatch.setenv("KEY_PASSPHRASE", value)
    before = everything(desk)

    said = desk.run("keys", "generate", "shop_2027", "--passphrase-env", "KEY_PASSPHRASE")

    assert said.status == 1
    assert "KEY_PASSPHRASE" in said.err
    assert everything(desk) == before


def test_larger_keys(desk: Desk) -> None:
    assert made(desk.run("keys", "generate", "big", "--bits", "3072", "--format", "json"))["bits"] == 3072


@pytest.mark.parametrize(
    "words",
    [
        ("keys", "generate"),
        ("keys", "generate", "a", "--bits", "1024"),
        ("keys", "generate", "a", "--bits", "8192"),
        ("keys", "generate", "a", "--bits", "many"),
        ("keys", "generate", "a", "--days", "10"),
        ("keys", "generate", "a", "--algorithm", "ES256"),
        ("keys", "generate", "../a"),
        ("keys", "generate", "a/b", "--login"),
        ("keys", "generate", "a", "--login", "--kid", "k"),
        ("keys", "generate", "a", "--login", "--keyset", "shop"),
        ("keys", "generate", "a", "--login", "--private-key", "a.crt"),
        ("keys", "generate", "a", "--csr", "--days", "400"),
        ("keys", "generate", "a", "--certificate", "x.crt", "--csr"),
    ],
    ids=" ".join,
)
def test_wrong_usage_makes_nothing(desk: Desk, words: tuple[str, ...]) -> None:
    before = everything(desk)

    assert desk.run(*words).status == 64
    assert everything(desk) == before


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("first",), 3, "already declared (config/user-verification.yaml:4:3)"),
        (("two__underscores",), 1, "two underscores in a row"),
        (("shop-2027",), 1, "only letters, digits and underscores"),
        (("x" * 81,), 1, "the maximum is 80"),
        (("second", "--keyset", "shup"), 64, "Did you mean shop?"),
        (("second", "--kid", "first"), 3, "has the kid first already"),
        (("second", "--kid", " first"), 1, "white space"),
        (("second", "--kid", ""), 1, "kid"),
        (("second", "--private-key", "config/second.key"), 3, "only public key material belongs"),
        (("second", "--private-key", "config/keys/../second.key"), 3, "only public key material belongs"),
        (("second", "--certificate", "no-such.crt"), 1, "cannot be read"),
        (("second", "--certificate", "config/user-verification.yaml"), 1, "not a certificate"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    desk: Desk, words: tuple[str, ...], status: int, said: str
) -> None:
    before = everything(desk)

    ended = desk.run("keys", "generate", *words)

    assert ended.status == status, ended.err
    assert said in " ".join(ended.err.split())
    assert "Next:" in ended.err
    assert everything(desk) == before
    assert not (home(desk) / ".config").exists()


@pytest.mark.parametrize("taken", ["certificate", "key"])
@pytest.mark.parametrize("as_link", [False, True])
def test_nothing_is_overwritten(desk: Desk, taken: str, as_link: bool) -> None:
    path = desk.folder / "config/keys/second.crt" if taken == "certificate" else keys(desk) / "second.key"
    path.parent.mkdir(parents=True, exist_ok=True)
    if as_link:
        path.symlink_to(desk.folder / "nowhere")
    else:
        path.write_text("somebody's")
    before = everything(desk)

    said = desk.run("keys", "generate", "second")

    assert said.status == 3
    assert "already exists" in said.err
    assert everything(desk) == before
    assert path.is_symlink() or path.read_text() == "somebody's"


def test_keys_of_two_projects_are_apart(desk: Desk) -> None:
    """Both have a key of the same name, and so may have their folders."""
    other = desk.folder.parent / "other" / desk.folder.name
    shutil.copytree(desk.folder / "config", other / "config")
    first = made(desk.run("keys", "generate", "shop_2027", "--format", "json"))
    words = ("keys", "generate", "shop_2027", "--format", "json", "--config", str(other / "config"))
    second = made(desk.run(*words))
    assert Path(first["private_key"]).parent != Path(second["private_key"]).parent
    assert Path(second["private_key"]).parent.name.startswith(f"{desk.folder.name}-")


def test_a_key_that_a_tombstone_deletes_is_refused(desk: Desk) -> None:
    desk.write("user-verification.yaml", DECLARATION + "removed:\n  keys: [second]\n")
    before = everything(desk)

    assert desk.run("keys", "generate", "second").status == 1
    assert everything(desk) == before


def test_a_keyset_of_an_endpoint_takes_no_key(desk: Desk) -> None:
    text = DECLARATION.replace("keys: [first]  # complete", "endpoint: https://id.example.com/jwks.json")
    desk.write("user-verification.yaml", text)

    said = desk.run("keys", "generate", "second", "--keyset", "shop")

    assert said.status == 1
    assert "https://id.example.com/jwks.json" in said.err


def test_an_uneditable_declaration_is_unchanged(desk: Desk) -> None:
    desk.write("user-verification.yaml", DECLARATION.replace("keys: [first]  # complete", "keys: ${var:keys}"))
    before = everything(desk)

    said = desk.run("keys", "generate", "second", "--keyset", "shop")

    assert said.status == 1
    assert "second:\n" in said.err
    assert "    certificate: keys/second.crt\n" in said.err
    assert everything(desk) == before


def test_an_environment_that_overrides_the_keyset_is_named(desk: Desk) -> None:
    desk.write("environments/prod.yaml", "embedded_org: .org\noverrides: {keysets: {shop: {keys: [first]}}}\n")

    said = desk.run("keys", "generate", "second", "--keyset", "shop")

    assert "The overrides of prod have their own keys for shop" in " ".join(said.out.split())


def test_other_defects_of_the_declaration_do_not_matter(desk: Desk) -> None:
    text = DECLARATION.replace("https://id.example.com", "nobody")
    desk.write("user-verification.yaml", text)

    assert desk.run("validate").status == 1
    assert desk.run("keys", "generate", "second", "--keyset", "shop").status == 0


class TestGit:
    """A private key must not be committed by accident."""

    @pytest.fixture
    def repository(self, desk: Desk) -> Path:
        subprocess.run(["git", "init", "--quiet", desk.folder], check=True, capture_output=True)
        return desk.folder

    def test_a_work_tree_is_refused(self, desk: Desk, repository: Path) -> None:
        before = everything(desk)
        said = desk.run("keys", "generate", "second", "--private-key", "second.key")

        assert said.status == 3
        assert "git work tree" in said.err
        assert everything(desk) == before

    def test_what_the_work_tree_ignores_is_taken(self, desk: Desk, repository: Path) -> None:
        (repository / ".gitignore").write_text("*.key\n")

        assert desk.run("keys", "generate", "second", "--private-key", "secrets/second.key").status == 0
        assert private_key("secrets/second.key")

    def test_a_link_into_a_work_tree_is_followed(self, desk: Desk, repository: Path, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").symlink_to(repository)

        said = desk.run("keys", "generate", "second", "--private-key", str(tmp_path / "elsewhere/second.key"))
        assert said.status == 3

    def test_what_git_was_told_by_the_shell_does_not_count(
        self, desk: Desk, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = tmp_path / "other"
        subprocess.run(["git", "init", "--quiet", other], check=True, capture_output=True)
        (other / ".git/info/exclude").write_text("*.key\n")
        monkeypatch.setenv("GIT_DIR", str(other / ".git"))

        assert desk.run("keys", "generate", "second", "--private-key", "second.key").status == 3

    def test_without_git_any_work_tree_is_refused(
        self, desk: Desk, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (repository / ".gitignore").write_text("*.key\n")
        monkeypatch.setenv("PATH", "")

        assert desk.run("keys", "generate", "second", "--private-key", "second.key").status == 3


class TestFailure:
    """Whatever fails, and whenever: no file is left, and no reference leads nowhere."""

    @pytest.mark.parametrize("number", [1, 2, 3])
    @pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
    def test_a_write_that_fails_leaves_nothing(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, number: int, error: BaseException
    ) -> None:
        before, calls, fill = everything(desk), [], new_files._fill

        def failing(handle: int, content: bytes) -> None:
            calls.append(handle)
            if len(calls) == number:
                os.close(handle)
                raise error
            fill(handle, content)

        monkeypatch.setattr(new_files, "_fill", failing)
        said = desk.run("keys", "generate", "second", "--keyset", "shop")

        assert said.status == (130 if isinstance(error, KeyboardInterrupt) else 1)
        assert everything(desk) == before
        assert not (home(desk) / ".config").exists()

    def test_a_rename_that_fails_leaves_nothing(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        before = everything(desk)

        def failing(_self: Path, _target: Path) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "replace", failing)
        assert desk.run("keys", "generate", "second").status == 1
        assert everything(desk) == before

    def test_a_declaration_changed_meanwhile_is_left_alone(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        declaration = desk.folder / "config/user-verification.yaml"
        fill = new_files._fill

        def editing(handle: int, content: bytes) -> None:
            declaration.write_text(DECLARATION + "# theirs\n")
            fill(handle, content)

        monkeypatch.setattr(new_files, "_fill", editing)
        before = everything(desk)
        said = desk.run("keys", "generate", "second")

        assert said.status == 1
        assert "changed by another program" in said.err
        name = "work/config/user-verification.yaml"
        assert everything(desk) == {**before, name: (DECLARATION + "# theirs\n").encode()}

    def test_a_machine_that_stops_leaves_a_valid_declaration(self, desk: Desk) -> None:
        program = (
            "import os, pathlib, sys\n"
            "pathlib.Path.replace = lambda *_: os._exit(9)\n"
            "from provisioner.cli.main import main\n"
            "sys.exit(main(['keys', 'generate', 'second', '--keyset', 'shop']))\n"
        )
        environment = {**os.environ, "PYTHONPATH": str(EXAMPLE.parent)}
        assert subprocess.run([sys.executable, "-c", program], env=environment).returncode == 9

        assert (desk.folder / "config/user-verification.yaml").read_text() == DECLARATION
        assert desk.run("validate").status == 0
        again = desk.run("keys", "generate", "second", "--keyset", "shop")
        assert again.status == 3
        assert "move the existing file" in again.err

    def test_the_declarations_permissions_and_link_stay(self, desk: Desk) -> None:
        real = desk.folder / "config/real.yaml"
        declaration = desk.folder / "config/user-verification.yaml"
        declaration.rename(real)
        real.chmod(0o640)
        declaration.symlink_to(real)

        assert desk.run("keys", "generate", "second").status == 0
        assert declaration.is_symlink()
        assert stat.S_IMODE(real.stat().st_mode) == 0o640
        assert "second:" in real.read_text()


class TestRequest:
    """A certificate that an authority signs: nothing is declared before it is there."""

    def ask(self, desk: Desk) -> Any:
        return made(desk.run("keys", "generate", "second", "--csr", "--keyset", "shop", "--format", "json"))

    def sign(self, desk: Desk, name: str = "signed.crt", days: int = 365) -> x509.Certificate:
        """What an authority makes of the request, with its own certificate before it."""
        request = x509.load_pem_x509_csr((desk.folder / "config/keys/second.csr").read_bytes())
        authority, now = certificate(rsa_key("authority")), datetime.now(UTC)
        key, authority_key = request.public_key(), rsa_key("authority").public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        signed = (
            x509.CertificateBuilder(authority.subject, request.subject, key, x509.random_serial_number())
            .not_valid_before(now)
            .not_valid_after(now + timedelta(days=days))
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .sign(rsa_key("authority"), hashes.SHA256())
        )
        (desk.folder / name).write_text(pem(authority) + pem(signed))
        return signed

    def test_the_declaration_stays_until_the_certificate_is_there(self, desk: Desk) -> None:
        document = self.ask(desk)

        request = x509.load_pem_x509_csr((desk.folder / document["request"]).read_bytes())
        assert request.is_signature_valid
        assert request.public_key() == private_key(document["private_key"]).public_key()
        assert (document["certificate"], document["declaration"], document["jwk"]) == (None, None, None)
        assert "provisioner keys generate second --certificate FILE --kid second --keyset shop" in document["next"][1]
        assert (desk.folder / "config/user-verification.yaml").read_text() == DECLARATION
        assert desk.run("validate", "--strict").status == 0

    def test_the_certificate_that_comes_back_is_declared(self, desk: Desk) -> None:
        self.ask(desk)
        signed = self.sign(desk)

        words = ("keys", "generate", "second", "--certificate", "signed.crt", "--keyset", "shop", "--format", "json")
        document = made(desk.run(*words))

        assert (desk.folder / document["certificate"]["file"]).read_text() == pem(signed)
        assert document["private_key"] is None
        text = (desk.folder / "config/user-verification.yaml").read_text()
        assert "certificate: keys/second.crt" in text
        assert "[first, second]" in text
        assert desk.run("validate", "--strict").status == 0

    def test_a_certificate_in_the_config_is_declared_where_it_lies(self, desk: Desk) -> None:
        self.ask(desk)
        self.sign(desk, "config/keys/from-the-authority.pem")
        text = (desk.folder / "config/keys/from-the-authority.pem").read_text()
        (desk.folder / "config/keys/from-the-authority.pem").write_text(text[text.rindex("-----BEGIN") :])

        assert desk.run("keys", "generate", "second", "--certificate", "config/keys/from-the-authority.pem").status == 0
        assert "keys/from-the-authority.pem" in (desk.folder / "config/user-verification.yaml").read_text()
        assert not (desk.folder / "config/keys/second.crt").exists()

    def test_a_certificate_of_another_key_is_refused(self, desk: Desk) -> None:
        self.ask(desk)
        (desk.folder / "other.crt").write_text(pem(certificate(rsa_key("other"))))
        before = everything(desk)

        said = desk.run("keys", "generate", "second", "--certificate", "other.crt")

        assert said.status == 1
        assert "is not the certificate of this key" in said.err
        assert everything(desk) == before

    def test_a_certificate_that_ends_too_soon_is_refused(self, desk: Desk) -> None:
        self.ask(desk)
        self.sign(desk, days=5)
        before = everything(desk)

        said = desk.run("keys", "generate", "second", "--certificate", "signed.crt")

        assert said.status == 1
        assert "with less than ten days left" in " ".join(said.err.split())
        assert everything(desk) == before

    def test_what_cannot_be_declared_later_is_refused_now(self, desk: Desk) -> None:
        before = everything(desk)

        assert desk.run("keys", "generate", "second", "--csr", "--kid", " second").status == 1
        assert everything(desk) == before


class TestLogin:
    """The pair that the tool logs in with."""

    def test_both_files_lie_together_and_no_config_is_needed(self, desk: Desk) -> None:
        shutil.rmtree(desk.folder / "config")
        document = made(desk.run("keys", "generate", "--login", "provisioner", "--format", "json"))

        private, public = Path(document["private_key"]), Path(document["certificate"]["file"])
        assert public == private.with_suffix(".crt")
        assert private.parent == home(desk) / ".config/provisioner/keys"
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
        found = x509.load_pem_x509_certificate(public.read_bytes())
        assert found.public_key() == private_key(private).public_key()
        assert found.not_valid_after_utc - datetime.now(UTC) > timedelta(days=700)

    def test_it_says_which_file_goes_where(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("KEY_PASSPHRASE", "a rather long one")
        said = desk.run("keys", "generate", "--login", "provisioner", "--passphrase-env", "KEY_PASSPHRASE")

        words = " ".join(said.out.split())
        assert "External Client App Manager" in words
        assert "Use digital signatures" in words
        assert f"private_key: ${{file:~/.config/provisioner/keys/{keys(desk).name}/provisioner.key}}" in words
        assert "private_key_passphrase: ${env:KEY_PASSPHRASE}" in words

    def test_another_place(self, desk: Desk, tmp_path: Path) -> None:
        place = tmp_path / "vault" / "uat.key"

        assert desk.run("keys", "generate", "--login", "uat", "--private-key", str(place)).status == 0
        assert place.with_suffix(".crt").exists()

    def test_a_request(self, desk: Desk) -> None:
        document = made(desk.run("keys", "generate", "--login", "uat", "--csr", "--format", "json"))

        assert x509.load_pem_x509_csr(Path(document["request"]).read_bytes()).is_signature_valid

    def test_xdg(self, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
        desk.run("keys", "generate", "--login", "uat")

        assert (tmp_path / "xdg/provisioner/keys" / keys(desk).name / "uat.key").exists()


def test_a_generated_key_reaches_the_org(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(person.folder / "home"))
    person.apply()
    assert person.run("keys", "generate", "storefront_2027_01", "--keyset", "storefront").status == 0

    assert person.run("validate", "--env", "local", "--strict").status == 0
    applied = person.apply()
    assert applied.status == 0, applied.out + applied.err
    assert applied.json["converged"] is True
    assert person.plan()["changes"] == []


HELD = {
    "PEM": private_pem(rsa_key("held")),
    "DER": key_files.der(rsa_key("held")),
    "base64": base64.b64encode(private_pem(rsa_key("held"))),
    "encrypted": private_pem(rsa_key("held"), passphrase=b"a rather long one"),
    "Java keystore": key_files.jks(
        ("x", rsa_key("held"), certificate(rsa_key("held"))), passphrase="a rather long one"
    ),
    "OpenSSH": key_files.openssh(rsa_key("held")),
}


class TestFrom:
    """``--from``: a certificate for a key that one has."""

    @pytest.mark.parametrize("form", HELD)
    def test_the_key_gets_a_certificate(self, desk: Desk, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PASSPHRASE", "a rather long one")
        (desk.folder / "server.key").write_bytes(HELD[form])
        words = ("--from", "server.key", "--keyset", "shop", "--passphrase-env", "PASSPHRASE", "--format", "json")
        said = desk.run("keys", "generate", "shop_2027", *words)
        document = made(said)
        assert (document["private_key"], document["from"]) == (None, "server.key")
        public = x509.load_pem_x509_certificate((desk.folder / document["certificate"]["file"]).read_bytes())
        assert public.public_key() == rsa_key("held").public_key()
        assert (desk.folder / "server.key").read_bytes() == HELD[form]
        private = [path for path, content in everything(desk).items() if take(content).is_private]
        assert private == ["work/server.key"]
        assert desk.run("validate", "--strict").status == 0
        inspect = ("keys", "inspect", "server.key", "--passphrase-env", "PASSPHRASE", "--format", "json")
        assert [match["name"] for match in desk.run(*inspect).json["keys"][0]["declared"]] == ["shop_2027"]
        assert ("server.key is not plain PEM: its base64 was decoded" in said.err) == (form == "base64")

    def test_a_private_jwk_keeps_its_kid(self, desk: Desk) -> None:
        (desk.folder / "private.jwk.json").write_bytes(key_files.private_jwk(kid="web-7"))
        document = made(desk.run("keys", "generate", "shop_2027", "--from", "private.jwk.json", "--format", "json"))
        assert document["kid"] == document["jwk"]["kid"] == "web-7"
        assert not {"d", "p", "q"} & document["jwk"].keys()
        assert "***" not in json.dumps(document)

    def test_a_request_for_it(self, desk: Desk) -> None:
        (desk.folder / "server.key").write_bytes(HELD["PEM"])
        words = ("--from", "server.key", "--csr", "--format", "json")
        document = made(desk.run("keys", "generate", "shop_2027", *words))
        request = x509.load_pem_x509_csr((desk.folder / document["request"]).read_bytes())
        assert request.public_key() == rsa_key("held").public_key()

    def test_for_a_login_the_certificate_lies_beside_it(self, desk: Desk) -> None:
        (desk.folder / "uat.key").write_bytes(HELD["PEM"])
        said = desk.run("keys", "generate", "--login", "uat", "--from", "uat.key")
        assert said.status == 0
        assert x509.load_pem_x509_certificate((desk.folder / "uat.crt").read_bytes())
        assert "uat.key (yours; it was not copied)" in " ".join(said.out.split())

    @pytest.mark.parametrize(
        ("content", "words", "status", "code"),
        [
            (HELD["encrypted"], (), 1, "key-encrypted"),
            (pem(certificate(rsa_key("held"))).encode(), (), 1, "key-unreadable"),
            (private_pem(making.ec_key()), (), 1, "key-not-rsa"),
            (HELD["PEM"], ("--bits", "3072"), 64, "usage"),
            (HELD["PEM"], ("--private-key", "x.key"), 64, "usage"),
            (HELD["PEM"], ("--certificate", "x.crt"), 64, "usage"),
        ],
    )
    def test_what_is_refused_leaves_nothing(
        self, desk: Desk, content: bytes, words: tuple[str, ...], status: int, code: str
    ) -> None:
        (desk.folder / "server.key").write_bytes(content)
        before = everything(desk)
        said = desk.run("keys", "generate", "shop_2027", "--from", "server.key", "--format", "json", *words)
        assert (said.status, said.json["error"]["code"]) == (status, code)
        assert everything(desk) == before

    def test_a_private_key_in_the_config_directory_is_refused(self, desk: Desk) -> None:
        (desk.folder / "config/keys/server.key").write_bytes(HELD["PEM"])
        said = desk.run("keys", "generate", "shop_2027", "--from", "config/keys/server.key", "--format", "json")
        assert said.json["error"]["code"] == "private-key-in-config"
