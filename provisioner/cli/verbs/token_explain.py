"""``provisioner token explain``: why Salesforce would refuse an identity token."""

from __future__ import annotations

import argparse
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner import names
from provisioner.cli.context import Context
from provisioner.cli.options import add_endpoint_options, add_target_org
from provisioner.errors import ExitStatus, UsageError
from provisioner.workflows.endpoints import ask_for_keys

if TYPE_CHECKING:
    from provisioner.model.environment import Environment
    from provisioner.model.verification import KnownChannel
    from provisioner.tokens.ground import Ground, ServedKeys

FORMATS = ("human", "json", "markdown", "junit")
DESCRIPTION = """Check an identity token against every question of Salesforce's troubleshooting page, using the
declaration of an environment or, with --live, the configuration of its org. The token is in FILE; - is standard
input. A token is never an argument, because the shell history would keep it. The command sends the token nowhere."""
EPILOG = """examples:
  provisioner token explain token.txt --env sandbox --channel Web_Chat
  provisioner token explain - --env production --live < token.txt

Exits with 0 if no check refuses the token, 1 if a check does."""
#: Words of the file that are masked wherever they would be printed: a token, also one that was broken into lines.
MOST_WORDS, SHORTEST_SECRET = 100, 40
#: So many endpoints are asked; a token leads to one.
MOST_ENDPOINTS = 20
#: A word that can only be a token, or the beginning of one.
_TOKEN = re.compile(r"\s*(?:bearer\s+)?(?:ey[A-Za-z0-9_-]{15,}|00D[A-Za-z0-9]{12,15}!)", re.I)


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the file with the token; - for standard input")
    parser.add_argument("--channel", metavar="C", help="API name of the messaging channel that the token is for")
    parser.add_argument("--live", action="store_true", help="check against the org, and request endpoints")
    parser.add_argument("--show-claims", action="store_true", help="show every claim; by default only iss and times")
    add_endpoint_options(parser)
    add_target_org(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.secrets import redactor
    from provisioner.tokens.explain import explain
    from provisioner.workflows.key_material import read_bounded

    _refuse_token(arguments.file)
    name = context.one_environment()
    content = read_bounded(arguments.file)
    for word in content.decode("utf-8", "replace").split()[:MOST_WORDS]:
        if len(word) >= SHORTEST_SECRET:
            redactor.keep(word)
    ground = _ground(context, name, live=arguments.live)
    channel = _channel(ground, arguments.channel)
    explanation = explain(content, ground, channel, context.now)
    from provisioner.report.junit_checks import token_suites
    from provisioner.report.token_json import token_json
    from provisioner.report.token_view import token_view

    context.show(
        lambda: token_view(explanation, ground.source, show_claims=arguments.show_claims),
        lambda: token_json(
            explanation,
            environment=name,
            channel=arguments.channel,
            live=arguments.live,
            show_claims=arguments.show_claims,
        ),
        junit=lambda: token_suites(explanation),
    )
    return ExitStatus.WRONG_INPUT if explanation.accepted is False else ExitStatus.DONE


def _refuse_token(word: str) -> None:
    if _TOKEN.match(word) and not _is_file(word):
        raise UsageError(
            "The command line contains a token, and the shell history keeps it.",
            next="Give a file name, or - and the token on standard input. Treat this token as compromised: wait "
            "until it has expired, or revoke its session.",
        )


def _is_file(word: str) -> bool:
    try:
        return Path(word).is_file()
    except (OSError, ValueError):  # too long for a name, as tokens are
        return False


def _ground(context: Context, name: str, *, live: bool) -> Ground:
    from provisioner.rules.check import check
    from provisioner.tokens.ground import declared

    loaded = context.config.load(name)
    if not live:
        checked = check(loaded, now=context.now)
        errors = sum(finding.is_error for finding in checked.findings)
        if errors:
            context.say(f"The declaration has errors: `provisioner validate --env {name}` lists them.")
        jwks = {key: each.jwk for key, each in checked.derivations.items() if each.jwk is not None}
        return declared(loaded.estate, jwks, name)
    assert loaded.environment is not None
    return _live(context, loaded.environment)


def _live(context: Context, environment: Environment) -> Ground:
    """What the org has, and what the endpoints of its keysets serve."""
    from concurrent.futures import ThreadPoolExecutor

    from provisioner.tokens.ground import observed
    from provisioner.workflows.connect import connected
    from provisioner.workflows.prepare import observe

    with connected(context, environment) as org:
        ground = observed(observe(context, org, environment))
    urls = ground.endpoints()[:MOST_ENDPOINTS]
    with ThreadPoolExecutor(4) as pool:
        served = dict(zip(urls, pool.map(lambda url: _served(context, url, environment.ca_bundle), urls), strict=True))
    return replace(ground, served=served)


def _served(context: Context, url: str, ca_bundle: Path | None) -> ServedKeys:
    from provisioner.tokens.ground import ServedKeys

    diagnosis = ask_for_keys(context, url, ca_bundle=ca_bundle)
    keys = tuple(key.jwk for key in diagnosis.keys if key.jwk is not None and key.usable)
    if diagnosis.keys:
        unusable = {key.kid: key.problem for key in diagnosis.keys if key.kid is not None and key.problem is not None}
        return ServedKeys(keys, unusable=unusable)
    problem = diagnosis.problem
    assert problem is not None  # there would be keys
    return ServedKeys((), f"{url}: {problem.message}", problem.fix, diagnosis.certain)


def _channel(ground: Ground, name: str | None) -> KnownChannel | None:
    if name is None:
        return None
    advice = "" if ground.complete else "--live asks the org."
    return names.one_of(ground.channels, name, "channel", place=ground.source, advice=advice)
