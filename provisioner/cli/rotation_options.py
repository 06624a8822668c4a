"""The options of ``keys rotate``."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from provisioner.cli.options import add_chat_hosts, add_endpoint_options, minutes, moment

if TYPE_CHECKING:
    from provisioner.workflows.rotation.run import RotationOptions


def add_rotation(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
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


def rotation_options(arguments: argparse.Namespace, now: datetime) -> RotationOptions:
    """Return the parsed options. Raises :class:`UsageError` for options that exclude each other."""
    from provisioner.workflows.rotation.run import RotationOptions

    life = arguments.token_life
    return RotationOptions(
        now=now,
        keyset=arguments.keyset,
        status=arguments.status,
        yes=arguments.yes,
        new=arguments.new,
        old=arguments.old,
        key_file=arguments.key_file,
        token=arguments.token,
        passphrase_variable=arguments.passphrase_env,
        channel=arguments.channel,
        deployment=arguments.deployment,
        retire=arguments.retire,
        switched_at=arguments.switched_at,
        token_life=timedelta(minutes=life) if life is not None else None,
        shared=arguments.shared,
        revoke=arguments.revoke,
        confirm=tuple(arguments.confirm),
    )
