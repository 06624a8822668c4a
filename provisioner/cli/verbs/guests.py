"""``provisioner guests``: whether customers came as guests, by the org's own sessions."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.report.guests import ASCII_BLOCKS, BLOCKS, guests_json, guests_view
from provisioner.workflows.guests import GuestOptions, count_guests


def run(arguments: argparse.Namespace, context: Context) -> int:
    guests = count_guests(context, context.one_environment(), GuestOptions(arguments.days, arguments.since))
    levels = BLOCKS if context.can_print(BLOCKS) else ASCII_BLOCKS
    context.show(lambda: guests_view(guests, levels=levels), lambda: guests_json(guests))
    return guests.exit_status
