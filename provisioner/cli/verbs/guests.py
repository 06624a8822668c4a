"""``provisioner guests``: whether customers came as guests, by the org's own sessions."""

from __future__ import annotations

import argparse
from datetime import date

from provisioner.cli.context import Context
from provisioner.cli.options import add_target_org

FORMATS = ("human", "json", "markdown")
DESCRIPTION = """Count the messaging sessions of the last days by channel: verified customers and guests. The org
counts; no customer's identity is read or shown.

There are two alarms on a channel that the declaration has in verification: guests came, or it fell silent. If
verification fails, customers see no chat button, so no session begins. A channel is silent if the last days have at
most a tenth of the sessions of the same weekdays a week before."""
EPILOG = """examples:
  provisioner guests --env production
  provisioner guests --env production --days 28 --since 2026-11-20
  provisioner guests --env production --format markdown > guests.md

The user needs Read on Messaging Session and Messaging User (MessagingEndUser), and View All Records on both to see
every session. Exits with 0 if there is no alarm, 2 if there is one or if the user saw no session and it is not known
that it sees all of them, 4 if the sessions cannot be read."""
FEWEST_DAYS, MOST_DAYS = 8, 60


def configure(parser: argparse.ArgumentParser) -> None:
    add_target_org(parser)
    parser.add_argument(
        "--days", type=_days, default=14, metavar="N",
        help=f"complete days before today, {FEWEST_DAYS} to {MOST_DAYS} (default: 14)",
    )  # fmt: skip
    parser.add_argument(
        "--since", type=_date, metavar="DATE",
        help="raise no alarm for guests of before this day (YYYY-MM-DD), such as the day verification was switched on",
    )  # fmt: skip


def run(arguments: argparse.Namespace, context: Context) -> int:
    from provisioner.report.guests import ASCII_BLOCKS, BLOCKS, guests_json, guests_view
    from provisioner.workflows.guests import GuestOptions, count_guests

    guests = count_guests(context, context.one_environment(), GuestOptions(arguments.days, arguments.since))
    levels = BLOCKS if context.can_print(BLOCKS) else ASCII_BLOCKS
    context.show(lambda: guests_view(guests, levels=levels), lambda: guests_json(guests))
    return guests.exit_status


def _days(text: str) -> int:
    if not text.isdecimal() or not FEWEST_DAYS <= int(text) <= MOST_DAYS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a whole number from {FEWEST_DAYS} to {MOST_DAYS}: a week before is needed to compare with"
        )
    return int(text)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date such as 2026-11-20") from None
