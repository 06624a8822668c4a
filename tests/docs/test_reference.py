"""docs/reference is what the code says: ``python -m tests.docs.reference`` writes it again."""

from __future__ import annotations

import re

import pytest

from provisioner import __version__
from provisioner.cli.main import VERBS
from provisioner.declaration.login_schema import LOGINS
from provisioner.declaration.schema import DECLARATION, ENVIRONMENT
from provisioner.diagnosis.chat.causes import CAUSES as CHAT_CAUSES
from provisioner.diagnosis.login.texts import known_text
from provisioner.diagnosis.pasted.causes import PASTED_CAUSES
from provisioner.errors import ExitStatus
from provisioner.report.field_facts import DECLARATION_FACTS, LOGINS_FACTS, Facts
from provisioner.report.pages import cause_page
from provisioner.rules.pages import rule_ids
from tests.docs import reference
from tests.docs.reference import FOLDER, ROOT, page, page_names
from tests.docs.since import RELEASED, since


@pytest.mark.parametrize("name", page_names())
def test_a_page_is_what_the_code_says(name: str) -> None:
    path = FOLDER / name
    assert path.exists(), f"{name} is missing: run `make reference`"
    assert path.read_text("utf-8") == page(name), f"{name} is out of date: run `make reference`"


def test_there_is_no_other_page() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(page_names())


@pytest.mark.parametrize("name", page_names())
def test_links_lead_somewhere(name: str) -> None:
    for file, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", page(name)):
        path = (FOLDER / file).resolve() if file else FOLDER / name
        assert path.is_file(), file
        if anchor:
            titles = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.M)
            assert anchor in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in titles}, anchor


def test_everything_is_in_it() -> None:
    assert [verb for verb in VERBS if f"\n### {verb}\n" not in page("commands.md")] == []
    assert [rule for rule in rule_ids() if f"\n### {rule}\n" not in page("rules.md")] == []
    paths = [path for schema in (DECLARATION, ENVIRONMENT, LOGINS) for path, _ in reference.fields(schema)]
    shown = page("configuration.md")
    assert [path for path in paths if f"\n### `{path}`\n" not in shown and not path.endswith("*")] == []


def test_a_field_names_its_rules() -> None:
    rules = reference.rules_of_fields()
    assert "keyset-endpoint-not-https" in rules["declaration"]["keysets.*.endpoint"]
    assert "expiration-invalid" in rules["declaration"]["channels.*.token_expiration_minutes.unverified"]
    assert "org-id-shape" in rules["environment"]["org_id"]


def test_a_field_names_its_metadata() -> None:
    assert reference.salesforce_name("keys.*.active") == "PublicKeyCertificate.isActive"
    assert (
        reference.salesforce_name("channels.*.user_verification.enabled") == "MessagingChannel.embeddedConfig.authMode"
    )


def test_everything_says_since_when() -> None:
    assert since("declaration", "channels.*.create") == __version__
    assert since("declaration", "keysets.*.endpoint") == "0.1.0"
    assert since("command", "keys rotate") == "0.1.0"
    assert since("command", "login apply") == __version__
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## \[(\d[\w.]*)\]", changelog, re.M)
    assert list(RELEASED) == released[::-1], "add what the released version has to tests/docs/since.py"


def test_nothing_that_was_released_is_gone() -> None:
    schemas = {"declaration": DECLARATION, "environment": ENVIRONMENT, "logins": LOGINS}
    now = {kind: {path for path, _ in reference.fields(schema)} for kind, schema in schemas.items()}
    now |= {"command": {verb.replace(" ", "-") for verb in VERBS}, "rule": set(rule_ids())}
    for version, kinds in RELEASED.items():
        for kind, names in kinds.items():
            assert names <= now[kind], f"{kind} of {version}"


@pytest.mark.parametrize("sentence", reference.WHOLE)
def test_a_whole_sentence_is_known(sentence: str) -> None:
    assert known_text("", sentence) is not None
    assert f"- **{sentence.replace('_', chr(92) + '_')}**" in page("symptoms.md")


def test_a_symptom_leads_to_its_causes() -> None:
    line = next(line for line in page("symptoms.md").splitlines() if "user hasn't approved this consumer" in line)
    assert "](causes.md#user-not-approved)" in line
    assert "](chat-causes.md#no-active-configuration)" in page("symptoms.md")


def test_a_cause_has_its_page() -> None:
    assert [name for name in PASTED_CAUSES if cause_page(name).endswith(f"/causes.md#{name}")
            and f"\n## {name}\n" not in page("causes.md")] == []  # fmt: skip
    assert [name for name in CHAT_CAUSES if f"\n## {name}\n" not in page("chat-causes.md")] == []


@pytest.mark.parametrize("kind", ["declaration", "logins"])
def test_a_field_of_an_org_has_its_place_in_setup(kind: str) -> None:
    """Fields that are only ours have none; names and items of lists are told with their list."""
    schema, facts = {"declaration": (DECLARATION, DECLARATION_FACTS), "logins": (LOGINS, LOGINS_FACTS)}[kind]
    ours = ("version", "requires", "issuers", "external", "removed", "ignore", "logins", "logins.*.self_managed")
    without = [
        path
        for path, _ in reference.fields(schema)
        if not path.endswith("*") and path not in ours and not path.startswith(("external.", "removed.", "ignore."))
        if not (found := facts.get(path, Facts())).setup and not found.salesforce
    ]
    assert without == []


def test_every_exit_status_and_variable_is_explained() -> None:
    assert set(reference.EXITS) == set(ExitStatus)
    assert reference.names_in_code() <= set(reference.VARIABLES)


def test_every_document_is_listed() -> None:
    """The reference and the guides can be found from the README."""
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "docs/reference/README.md" in readme
    assert "docs/stability.md" in readme
