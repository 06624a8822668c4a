"""``provisioner promote``: apply the verified configuration of one environment to another."""

from __future__ import annotations

import argparse

from provisioner.cli.context import Context
from provisioner.errors import UsageError
from provisioner.report.promotion import promotion_view
from provisioner.workflows.promote import PromotionOptions, promote, sealed_json


def run(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.env:
        raise UsageError("promote takes its two environments from --from and --to.", next="Omit --env.")
    options = PromotionOptions(
        source=arguments.source,
        target=arguments.target,
        verify=arguments.verify,
        guests=arguments.guests,
        destroy=arguments.allow_destroy,
        out=arguments.out,
        minutes=arguments.wait,
    )
    promotion = promote(
        context,
        options,
        lambda ended: context.show(lambda: promotion_view(ended), lambda: sealed_json(ended)),
    )
    return promotion.exit_status
