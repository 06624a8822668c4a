"""Rules about the other fields of an environment file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.errors import InputError
from provisioner.files import UnreadableError, expand_home
from provisioner.model.environment import Environment
from provisioner.model.names import LONGEST, is_api_name
from provisioner.model.reference_values import references, resolve
from provisioner.rules.context import RuleCheck, RuleInput, is_open
from provisioner.rules.examples import PRODUCTION, changed
from provisioner.rules.rule import Rule
from provisioner.secrets import Reference, ReferenceKind, Resolver

#: Older versions have no metadata types for keys and keysets, and their channels have no verification part.
OLDEST_API_VERSION = 62
_API_VERSION = re.compile(r"[1-9][0-9]{0,3}\.0")

API_VERSION_INVALID = Rule(
    id="api-version-invalid",
    severity=Severity.ERROR,
    what="api_version is not of the form N.0, or is below 62.0.",
    why="""
        Before 62.0 an org silently omits the verification part of a channel when it is read, so a later write would
        lose it. Source: Metadata API Developer Guide, PublicKeyCertificate:
        available from API version 62.0.
    """,
    fix='Write "62.0" or later, in quotes, or remove `api_version` to use the newest version of the org.',
    good="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        api_version: "67.0"
    """,
    bad="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        api_version: "61.0"  # wrong
    """,
)


def api_version_invalid(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    version = environment.api_version if environment is not None else None
    if environment is None or version is None:
        return
    at = environment.places.of("api_version")
    if not _API_VERSION.fullmatch(version):
        yield API_VERSION_INVALID.finding(f"{version!r} is not an API version.", at)
    elif int(version.partition(".")[0]) < OLDEST_API_VERSION:
        yield API_VERSION_INVALID.finding(
            f"The API version {version} does not know keys and keysets; they came with {OLDEST_API_VERSION}.0.", at
        )


_ORG_ID = re.compile(r"00D[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")

ORG_ID_SHAPE = Rule(
    id="org-id-shape",
    severity=Severity.ERROR,
    what="org_id is not the id of an org.",
    why="""
        An org's id has 15 or 18 letters and digits and begins with 00D. Any other value matches no org, so every
        command would be refused.
    """,
    fix="Copy it from Setup > Company Information (Salesforce.com Organization ID).",
    good="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        org_id: 00D5g000000AbCdEAK
    """,
    bad="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        org_id: 0015g000000AbCd  # wrong
    """,
)


def org_id_shape(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None or environment.org_id is None or _ORG_ID.fullmatch(environment.org_id):
        return
    message = f"{environment.org_id!r} is not the id of an org: 15 or 18 letters and digits that begin with 00D."
    yield ORG_ID_SHAPE.finding(message, environment.places.of("org_id"))


PRODUCTION_WITHOUT_ORG_ID = Rule(
    id="production-without-org-id",
    severity=Severity.WARNING,
    what="A production environment has no org_id.",
    why="""
        With org_id, any other org is refused before anything is sent, even if the login URL, the user name or the
        secrets have changed. A local org needs none.
    """,
    fix="Add `org_id:` (Setup > Company Information shows it; the first 15 characters count).",
    good=PRODUCTION,
    bad=changed(PRODUCTION, "true\norg_id: 00D5g000000AbCd\n", "true  # wrong\n"),
)


def production_without_org_id(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None or environment.embedded_org is not None:
        return
    if environment.production and environment.org_id is None:
        message = f"The production environment {environment.name} has no org_id, so any org would be accepted."
        yield PRODUCTION_WITHOUT_ORG_ID.finding(message, environment.places.of("production"))


REFERENCE_UNSET = Rule(
    id="reference-unset",
    severity=Severity.ERROR,
    what="A reference has no value, or a value that does not fit its field.",
    why="""
        The command that needs the value would fail: the variable is not set, the file cannot be read, or the
        value cannot be a username, a consumer key or a passphrase. A file is read only if it is a regular file of
        1 MiB at most, and not below /proc, /dev or /sys. `validate` resolves references only with --env, because a
        check of all environments needs no secret, and it never runs a ${command:}. It prints no value.
    """,
    fix="Set the variable, or correct the path (it is relative to the environment file).",
    good="""
        # config/environments/sandbox.yaml
        login_url: https://acme--uat.sandbox.my.salesforce.com
        username: ci@acme.com.uat
        consumer_key: 3MVG9_the_consumer_key_of_the_example
        private_key: ${env:SET_FOR_THE_EXAMPLE}
    """,
    bad="""
        # config/environments/sandbox.yaml
        login_url: https://acme--uat.sandbox.my.salesforce.com
        username: ci@acme.com.uat
        consumer_key: 3MVG9_the_consumer_key_of_the_example
        private_key: ${env:NOT_SET_FOR_THE_EXAMPLE}  # wrong
    """,
)


def reference_unset(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None or not context.resolve_references:
        return
    resolver = Resolver(environment.folder)
    for reference, path in references(environment):
        if reference.kind is ReferenceKind.COMMAND or _is_written_later(context, environment, reference, path):
            continue
        try:
            resolve(resolver, environment, *path)
        except InputError as error:
            yield REFERENCE_UNSET.finding(error.message, environment.places.of(*path), fix=error.next)


def _is_written_later(
    context: RuleInput, environment: Environment, reference: Reference, path: tuple[str, ...]
) -> bool:
    """Return whether `login apply` writes the file: that of the consumer key, in a config directory with logins."""
    if not context.has_logins or path != ("consumer_key",) or reference.kind is not ReferenceKind.FILE:
        return False
    try:
        return not (environment.folder / expand_home(reference.target)).exists()
    except (UnreadableError, OSError):
        return False


VERIFY_NAME_INVALID = Rule(
    id="verify-name-invalid",
    severity=Severity.ERROR,
    what="A channel or a deployment under verify is not an API name.",
    why="""
        The deployment's name is sent to the chat host, so it must be a name and nothing else: ASCII letters, digits
        and underscores, a letter first, 80 characters at most. Only key_file allows a reference. Source:
        Metadata API Developer Guide, the rule for DeveloperName.
    """,
    fix="Write the API name from Setup (Setup > Embedded Service Deployments, Setup > Messaging Settings).",
    good="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        verify:
          Web_Chat:
            deployment: Shop_Web
    """,
    bad="""
        # config/environments/sandbox.yaml
        embedded_org: .localorg
        verify:
          Web_Chat:
            deployment: Shop Web  # wrong
    """,
)


def verify_name_invalid(context: RuleInput) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None:
        return
    for channel, target in environment.verify.items():
        yield from _judge("channel", channel, environment.places.of("verify", channel))
        yield from _judge("deployment", target.deployment, environment.places.of("verify", channel, "deployment"))


def _judge(what: str, name: str | None, at: Location | None) -> Iterator[Diagnostic]:
    if name is None or is_open(name) or is_api_name(name):
        return
    shown = repr(name) if len(name) <= LONGEST else f"{name[:LONGEST]!r}…"
    yield VERIFY_NAME_INVALID.finding(f"{shown} is not the API name of a {what}.", at)


CHECKS: Mapping[Rule, RuleCheck] = {
    API_VERSION_INVALID: api_version_invalid,
    ORG_ID_SHAPE: org_id_shape,
    PRODUCTION_WITHOUT_ORG_ID: production_without_org_id,
    REFERENCE_UNSET: reference_unset,
    VERIFY_NAME_INVALID: verify_name_invalid,
}
