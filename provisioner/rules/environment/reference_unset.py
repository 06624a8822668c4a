"""References that lead nowhere; looked up only when asked for."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic, Location, Severity
from provisioner.errors import InputError
from provisioner.model.environment import Environment
from provisioner.rules.context import Context
from provisioner.rules.rule import Rule
from provisioner.secrets import Reference, ReferenceKind, Resolver

RULE = Rule(
    id="reference-unset",
    severity=Severity.ERROR,
    what="A reference names an environment variable that is not set, or a file that cannot be read.",
    why="""
        The command that needs the secret would end there. `validate` looks only with --env, since a check of
        all environments shall need no secret, and it never runs a ${command:}.
    """,
    fix="Set the variable, or correct the path (it is relative to the environment file).",
    good="""
        # config/environments/sandbox.yaml
        login_url: https://acme--uat.sandbox.my.salesforce.com
        username: ci@acme.com.uat
        consumer_key: ${env:SET_FOR_THE_EXAMPLE}
        private_key: ${env:SET_FOR_THE_EXAMPLE}
    """,
    bad="""
        # config/environments/sandbox.yaml
        login_url: https://acme--uat.sandbox.my.salesforce.com
        username: ci@acme.com.uat
        consumer_key: ${env:SET_FOR_THE_EXAMPLE}
        private_key: ${env:NOT_SET_FOR_THE_EXAMPLE}  # wrong
    """,
)


def check(context: Context) -> Iterator[Diagnostic]:
    environment = context.environment
    if environment is None or not context.resolve_references:
        return
    resolver = Resolver(environment.folder)
    for reference, at in _references(environment):
        if reference.kind is ReferenceKind.COMMAND:
            continue
        try:
            resolver.resolve(reference)
        except InputError as error:
            yield RULE.finding(error.message, at, fix=error.next)


def _references(environment: Environment) -> Iterator[tuple[Reference, Location | None]]:
    login, places = environment.login, environment.places
    for field in ("username", "consumer_key", "private_key", "private_key_passphrase") if login is not None else ():
        value = getattr(login, field)
        if isinstance(value, Reference):
            yield value, places.of(field)
    for channel, target in environment.verify.items():
        if target.key_file is not None:
            yield target.key_file, places.of("verify", channel, "key_file")
