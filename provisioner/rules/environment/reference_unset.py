"""References without a value; checked only on request."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.errors import InputError
from provisioner.files import UnreadableError, expand_home
from provisioner.model.environment import Environment
from provisioner.model.reference_values import references, resolve
from provisioner.rules.context import RuleInput
from provisioner.rules.rule import Rule
from provisioner.secrets import Reference, ReferenceKind, Resolver

RULE = Rule(
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


def check(context: RuleInput) -> Iterator[Diagnostic]:
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
            yield RULE.finding(error.message, environment.places.of(*path), fix=error.next)


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
