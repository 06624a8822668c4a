"""``provisioner keys rotate``: a new signing key in the place of an old one, without an outage."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from typing import assert_never

from provisioner.cli.context import Context
from provisioner.report.rotation import (
    Revoked,
    Rotated,
    revocation_json,
    revocation_view,
    rotation_json,
    rotation_view,
    status_json,
    status_view,
)
from provisioner.workflows.rotation.run import KeysetStates, RotationOptions, rotate


def run(arguments: argparse.Namespace, context: Context) -> int:
    match result := rotate(context, _options(arguments, context.now)):
        case Rotated():
            context.show(lambda: rotation_view(result), lambda: rotation_json(result))
        case Revoked():
            context.show(lambda: revocation_view(result), lambda: revocation_json(result))
        case KeysetStates(name, keysets):
            context.show(lambda: status_view(name, keysets), lambda: status_json(name, keysets))
        case _:
            assert_never(result)
    return result.exit_status


def _options(arguments: argparse.Namespace, now: datetime) -> RotationOptions:
    """Return the parsed options. Raises :class:`UsageError` for options that exclude each other."""
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
