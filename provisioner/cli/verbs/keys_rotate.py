"""``provisioner keys rotate``: a new signing key in the place of an old one, without an outage."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import add_chat_hosts, add_endpoint_options, minutes
from provisioner.errors import ExitStatus, UsageError
from provisioner.workflows.endpoints import given_endpoint_options

if TYPE_CHECKING:
    from provisioner.keys.rotation_words import Typed
    from provisioner.workflows.prepare import Prepared
    from provisioner.workflows.rotation.prove import Means

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Rotate the signing key of a keyset, one safe step at a time: publish the new key beside the old, prove
that its tokens verify, switch the signer, switch the old key off, delete it. Where a rotation stands is read from the
declaration and the org each time, so the command can be run again at any moment, from any machine; it does the one next
step, shows its plan, asks, and says what comes after it and how to go back. Without --retire no key ever goes."""
EPILOG = """--revoke is for a leaked key: it is switched off at once, even where nobody can chat after it. What breaks
is said first; --confirm repeats the key's name. Without a terminal, --yes is needed too; in production, a second
--confirm with the environment's name stands for typing it.

examples:
  provisioner keys rotate storefront --env sandbox
  provisioner keys rotate storefront --env sandbox \\
      --key-file ~/.config/provisioner/keys/storefront_2027_01.key
  provisioner keys rotate storefront --env sandbox --retire --token token.jwt
  provisioner keys rotate --status --env sandbox
  provisioner keys rotate storefront --env sandbox \\
      --revoke storefront_2026_11 --confirm storefront_2026_11

ends with 0 where the step was done or is the person's, 1 where a proof failed, 3 where something was refused"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("keyset", metavar="KEYSET", nargs="?", help="the keyset's name in the declaration")
    parser.add_argument("--status", action="store_true", help="only say where the rotation (of every keyset) stands")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    which = parser.add_argument_group("which key is which, where their dates do not tell")
    which.add_argument("--new", metavar="NAME", help="the new key (of an endpoint: its kid)")
    which.add_argument("--old", metavar="NAME", help="the key whose place it takes (of an endpoint: its kid)")
    proof = parser.add_argument_group("proving the new key")
    signing = proof.add_mutually_exclusive_group()
    signing.add_argument("--key-file", metavar="FILE", type=Path, help="the new key's private key (PEM); it stays here")
    signing.add_argument("--token", metavar="FILE|-", help="a token that the signer made, for a subject uv-probe-…")
    proof.add_argument("--channel", metavar="C", help="the channel that --deployment belongs to")
    proof.add_argument("--deployment", metavar="D", help="the Embedded Service deployment's API name")
    add_chat_hosts(parser)
    end = parser.add_argument_group("retiring the old key")
    end.add_argument("--retire", action="store_true", help="every signer uses the new key: let the old one go")
    end.add_argument("--switched-at", metavar="TIME", type=_moment, help="when the last signer switched (ISO 8601)")
    end.add_argument("--token-life", metavar="MINUTES", type=minutes, help="how long the signer's tokens live")
    end.add_argument("--shared", action="store_true", help="the other environments of the declaration are as far")
    leak = parser.add_argument_group("a leaked key")
    leak.add_argument("--revoke", metavar="KEY", help="switch this key off at once")
    leak.add_argument("--confirm", metavar="NAME", action="append", default=[], help="the key's name once more")
    add_endpoint_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.keys.rotation_words import Typed
    from provisioner.workflows.prepare import prepare

    _check_together(arguments, context)
    environment = context.one_environment()
    token = _token(arguments)
    prepared = prepare(context, environment)
    config = "" if arguments.config == "config" else f" --config {shlex.quote(arguments.config)}"
    typed = Typed(environment, config, given_endpoint_options(context.given))
    if arguments.status:
        return _status(arguments, context, prepared, typed)
    if arguments.revoke is not None:
        return _revoke(arguments, context, prepared, typed)
    return _rotate(arguments, context, prepared, typed, token)


def _rotate(arguments: argparse.Namespace, context: Context, prepared: Prepared, typed: Typed, means: Means) -> int:
    from provisioner.keys.rotation_state import Choice
    from provisioner.workflows.connect import connected
    from provisioner.workflows.rotation.rotate import Rotation, Wanted
    from provisioner.workflows.rotation.view import the_keyset

    the_keyset(prepared, arguments.keyset)
    if arguments.deployment is not None:
        channel = arguments.channel or _only_channel(prepared, arguments.keyset)
        means.deployments[channel] = arguments.deployment
        typed = replace(
            typed, where=f" --channel {shlex.quote(channel)} --deployment {shlex.quote(arguments.deployment)}"
        )
    wanted = Wanted(
        keyset=arguments.keyset,
        choice=Choice(arguments.new, arguments.old),
        means=means,
        retire=arguments.retire,
        shared=arguments.shared,
        switched_at=arguments.switched_at,
        token_life=timedelta(minutes=arguments.token_life) if arguments.token_life is not None else None,
    )
    with connected(context, prepared.environment) as org:
        rotated = Rotation(context, prepared, org, wanted, typed).run()
    from provisioner.report.rotation_json import rotation_json
    from provisioner.report.rotation_view import rotation_view

    context.show(lambda: rotation_view(rotated), lambda: rotation_json(rotated))
    return rotated.exit_status


def _status(arguments: argparse.Namespace, context: Context, prepared: Prepared, typed: Typed) -> int:
    from provisioner.workflows.connect import connected
    from provisioner.workflows.rotation.rotate import standing
    from provisioner.workflows.rotation.view import the_keyset

    keysets = prepared.loaded.estate.keysets
    names = list(keysets) if arguments.keyset is None else [the_keyset(prepared, arguments.keyset).name]
    with connected(context, prepared.environment) as org:
        found = standing(context, prepared, org, names, typed)
    from provisioner.report.rotation_json import status_json
    from provisioner.report.rotation_view import status_view

    name = prepared.environment.name
    context.show(lambda: status_view(name, found), lambda: status_json(name, found))
    return ExitStatus.REFUSED if any(each.view.unreadable for each in found) else ExitStatus.DONE


def _revoke(arguments: argparse.Namespace, context: Context, prepared: Prepared, typed: Typed) -> int:
    from provisioner.workflows.connect import connected
    from provisioner.workflows.rotation.revoke import Revocation
    from provisioner.workflows.rotation.view import the_keyset

    keyset = the_keyset(prepared, arguments.keyset)
    with connected(context, prepared.environment) as org:
        revocation = Revocation(context, prepared, org, keyset, arguments.revoke, tuple(arguments.confirm), typed)
        revoked = revocation.run()
    from provisioner.report.revocation_json import revocation_json
    from provisioner.report.revocation_view import revocation_view

    context.show(lambda: revocation_view(revoked), lambda: revocation_json(revoked))
    return revoked.exit_status


def _check_together(arguments: argparse.Namespace, context: Context) -> None:
    options = {
        f"--{name.replace('_', '-')}": getattr(arguments, name)
        for name in ("new", "old", "key_file", "token", "channel", "deployment", "retire", "switched_at", "token_life",
                     "shared", "revoke", "confirm")
    }  # fmt: skip
    if arguments.status:
        beside, why = [*options, "--yes"], "--status: it only looks"
    elif arguments.revoke is not None:
        beside, why = [each for each in options if each not in ("--revoke", "--confirm")], "--revoke"
    else:
        beside, why = ["--confirm"], "a rotation: it confirms a --revoke"
    given = {**options, "--yes": arguments.yes}
    wrong = [option for option in beside if given[option]]
    if wrong:
        raise UsageError(f"{wrong[0]} does not go with {why}.", next=f"Leave {wrong[0]} out.")
    if arguments.keyset is None and not arguments.status:
        raise UsageError("No keyset was named.", next="Name one: `provisioner keys rotate --status` lists them.")
    if arguments.channel is not None and arguments.deployment is None:
        raise UsageError("--channel says whose --deployment is meant, and none was given.", next="Give --deployment.")
    if arguments.switched_at is not None and arguments.switched_at > context.now:
        raise UsageError("--switched-at lies ahead.", next="Say when the last signer switched: a moment that has been.")


def _token(arguments: argparse.Namespace) -> Means:
    """What a proof can be made with; a token is read once, for stdin can be."""
    from provisioner.workflows.rotation.prove import Means, given_token

    token = given_token(arguments.token) if arguments.token is not None else None
    return Means(arguments.key_file, token, {})


def _only_channel(prepared: Prepared, keyset: str) -> str:
    """The one declared channel that uses the keyset; raises :class:`UsageError` where there are others."""
    found = [
        name
        for name, channel in prepared.loaded.estate.channels.items()
        if any(each.keyset == keyset for each in (channel.configurations or {}).values())
    ]
    if len(found) != 1:
        which = ", ".join(found) or "none is declared"
        raise UsageError(
            f"Whose deployment that is, is not clear: channels that use keyset.{keyset}: {which}.",
            next="Give --channel beside --deployment.",
        )
    return found[0]


def _moment(text: str) -> datetime:
    """A moment in ISO 8601; without an offset it is the person's own time."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError("must be a moment such as 2026-11-20T14:30Z") from None
