"""``provisioner keys rotate``: a new signing key in the place of an old one, without an outage."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.context import Context
from provisioner.cli.options import add_chat_hosts, add_endpoint_options, minutes, moment
from provisioner.errors import ExitStatus, UsageError
from provisioner.model.types import MetadataType
from provisioner.workflows.endpoints import given_endpoint_options

if TYPE_CHECKING:
    from provisioner.jose.rotation_words import Typed
    from provisioner.workflows.prepare import Prepared
    from provisioner.workflows.rotation.prove import Means

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Rotate the signing key of a keyset, one safe step at a time: publish the new key beside the old
one, prove that its tokens verify, switch the signer, deactivate the old key, delete it. The command reads the state
of the rotation from the declaration and the org each time, so you can run it again at any moment and from any
machine. It performs the next step only: it shows the plan, asks, and prints the following step and how to go back.
Without --retire it removes no key."""
EPILOG = """--revoke is for a leaked key: it deactivates the key at once, even if no customer can chat afterwards.
The command first lists the consequences; --confirm repeats the name of the key. Without a terminal, --yes is needed
too; in production, a second --confirm with the name of the environment replaces typing it.

examples:
  provisioner keys rotate storefront --env sandbox
  provisioner keys rotate storefront --env sandbox \\
      --key-file ~/.config/provisioner/keys/storefront_2027_01.key
  provisioner keys rotate storefront --env sandbox --retire --token token.jwt
  provisioner keys rotate --status --env sandbox
  provisioner keys rotate storefront --env sandbox \\
      --revoke storefront_2026_11 --confirm storefront_2026_11

Exits with 0 if the step is complete or is yours to do, 1 if a proof failed, 3 if the step was refused."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("keyset", metavar="KEYSET", nargs="?", help="the keyset's name in the declaration")
    parser.add_argument("--status", action="store_true", help="only print the state of the rotation (of every keyset)")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    which = parser.add_argument_group("old and new key, if their dates do not tell")
    which.add_argument("--new", metavar="NAME", help="the new key (of an endpoint: its kid)")
    which.add_argument("--old", metavar="NAME", help="the old key to replace (of an endpoint: its kid)")
    proof = parser.add_argument_group("proving the new key")
    signing = proof.add_mutually_exclusive_group()
    signing.add_argument("--key-file", metavar="FILE", type=Path, help="the new key's private key; it stays here")
    signing.add_argument("--token", metavar="FILE|-", help="a token from the signer, for a subject uv-probe-…")
    proof.add_argument("--passphrase-env", metavar="V", help="the variable with the passphrase of the private key")
    proof.add_argument("--channel", metavar="C", help="the channel that --deployment belongs to")
    proof.add_argument("--deployment", metavar="D", help="the Embedded Service deployment's API name")
    add_chat_hosts(parser)
    end = parser.add_argument_group("retiring the old key")
    end.add_argument("--retire", action="store_true", help="every signer uses the new key: remove the old key")
    end.add_argument("--switched-at", metavar="TIME", type=moment, help="when the last signer switched (ISO 8601)")
    end.add_argument("--token-life", metavar="MINUTES", type=minutes, help="lifetime of the signer's tokens")
    end.add_argument("--shared", action="store_true", help="confirm that the other environments have reached this step")
    leak = parser.add_argument_group("a leaked key")
    leak.add_argument("--revoke", metavar="KEY", help="deactivate this key at once")
    leak.add_argument("--confirm", metavar="NAME", action="append", default=[], help="the name of the key, again")
    add_endpoint_options(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.jose.rotation_words import Typed
    from provisioner.workflows.prepare import prepare

    _check_together(arguments, context)
    environment = context.one_environment()
    token = _token(arguments)
    prepared = prepare(context, environment)
    typed = Typed(environment, context.config_option, given_endpoint_options(context.given))
    if arguments.status:
        return _status(arguments, context, prepared, typed)
    if arguments.revoke is not None:
        return _revoke(arguments, context, prepared, typed)
    return _rotate(arguments, context, prepared, typed, token)


def _rotate(arguments: argparse.Namespace, context: Context, prepared: Prepared, typed: Typed, means: Means) -> int:
    from provisioner.jose.rotation_state import Choice
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
    from provisioner.workflows.declared_keyset import external_keys
    from provisioner.workflows.rotation.rotate import standing
    from provisioner.workflows.rotation.view import the_keyset

    estate = prepared.loaded.estate
    if arguments.keyset is not None:
        names = [the_keyset(prepared, arguments.keyset).name]
    else:
        names = [name for name, keyset in estate.keysets.items() if not external_keys(estate, keyset)]
        for name in estate.keysets.keys() - {*names}:
            context.say(f"Left out: keyset.{name}, because it holds an external key.")
    with connected(context, prepared.environment) as org:
        found = standing(context, prepared, org, names, typed)
    from provisioner.report.rotation_json import status_json
    from provisioner.report.rotation_view import status_view

    name = prepared.environment.name
    context.show(lambda: status_view(name, found), lambda: status_json(name, found))
    return ExitStatus.REFUSED if any(each.view.unreadable for each in found) else ExitStatus.DONE


def _revoke(arguments: argparse.Namespace, context: Context, prepared: Prepared, typed: Typed) -> int:
    from provisioner.workflows.connect import connected
    from provisioner.workflows.declared_keyset import declared_keyset, refuse_external
    from provisioner.workflows.rotation.revoke import Revocation

    # A leaked key of ours is revoked even if its keyset also holds an external key: nothing else is sent.
    keyset = declared_keyset(prepared.loaded.estate, arguments.keyset)
    refuse_external(prepared.loaded.estate, MetadataType.KEY, arguments.revoke)
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
        for name in ("new", "old", "key_file", "passphrase_env", "token", "channel", "deployment", "retire",
                     "switched_at", "token_life", "shared", "revoke", "confirm")
    }  # fmt: skip
    if arguments.status:
        beside, why = [*options, "--yes"], "--status, which only reads"
    elif arguments.revoke is not None:
        beside, why = [each for each in options if each not in ("--revoke", "--confirm")], "--revoke"
    else:
        beside, why = ["--confirm"], "a rotation, because it confirms a --revoke"
    given = {**options, "--yes": arguments.yes}
    wrong = [option for option in beside if given[option]]
    if wrong:
        raise UsageError(f"{wrong[0]} cannot be combined with {why}.", next=f"Omit {wrong[0]}.")
    if arguments.keyset is None and not arguments.status:
        raise UsageError("No keyset was named.", next="Name one: `provisioner keys rotate --status` lists them.")
    if arguments.channel is not None and arguments.deployment is None:
        raise UsageError("--channel needs --deployment, and none was given.", next="Give --deployment.")
    if arguments.switched_at is not None and arguments.switched_at > context.now:
        raise UsageError("--switched-at is in the future.", next="Give the time when the last signer switched.")


def _token(arguments: argparse.Namespace) -> Means:
    """What a proof can be made with; a token is read once, for stdin can be."""
    from provisioner.workflows.rotation.prove import Means, given_token

    token = given_token(arguments.token) if arguments.token is not None else None
    return Means(arguments.key_file, token, {}, arguments.passphrase_env)


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
            f"--deployment needs --channel. Channels that use keyset.{keyset}: {which}.",
            next="Give both --channel and --deployment.",
        )
    return found[0]
