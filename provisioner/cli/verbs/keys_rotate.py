"""``provisioner keys rotate``: a new signing key in the place of an old one, without an outage."""

from __future__ import annotations

import argparse
from typing import assert_never

from provisioner.cli.context import Context
from provisioner.cli.rotation_options import add_rotation, rotation_options

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
      --key-file storefront_2027_01.key
  provisioner keys rotate storefront --env sandbox --retire --token token.jwt
  provisioner keys rotate --status --env sandbox
  provisioner keys rotate storefront --env sandbox \\
      --revoke storefront_2026_11 --confirm storefront_2026_11

Exits with 0 if the step is complete or is yours to do, 1 if a proof failed, 3 if the step was refused."""


def configure(parser: argparse.ArgumentParser) -> None:
    add_rotation(parser)


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.revocation import Revoked, revocation_json, revocation_view
    from provisioner.report.rotation import Rotated, rotation_json, rotation_view, status_json, status_view
    from provisioner.workflows.rotation.run import KeysetStates, rotate

    match result := rotate(context, rotation_options(arguments, context.now)):
        case Rotated():
            context.show(lambda: rotation_view(result), lambda: rotation_json(result))
        case Revoked():
            context.show(lambda: revocation_view(result), lambda: revocation_json(result))
        case KeysetStates(name, keysets):
            context.show(lambda: status_view(name, keysets), lambda: status_json(name, keysets))
        case _:
            assert_never(result)
    return result.exit_status
