"""A plan takes time in proportion: of one large keyset and channel, and of many small ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from provisioner.components.channel import edit_channel
from provisioner.components.key import edit_key
from provisioner.components.keyset import edit_keyset
from provisioner.jose.material import Derivation
from provisioner.model.estate import Channel, Configuration, Estate, Issuer, Key, Keyset, UploadedKeys
from provisioner.planning.import_merge import updates
from provisioner.planning.import_org import from_snapshot
from provisioner.planning.planner import make_plan
from provisioner.report.plan_json import plan_json
from provisioner.report.plan_markdown import plan_markdown
from provisioner.report.plan_view import plan_view
from provisioner.report.style import Style
from provisioner.report.terminal import terminal
from tests import growth
from tests.planning.estates import NOW, SOURCE, jwk, snapshot_of
from tests.planning.test_risk import bare_channel


def seconds(size: int) -> float:
    """One keyset of all keys, one channel of as many configurations; half of each is in the org, and half goes."""
    names = tuple(f"k{number}" for number in range(2 * size))
    keys = {name: Key(name, SOURCE, label="L") for name in names[:size]}
    keyset = Keyset("s", Issuer("https://id.example.com"), UploadedKeys(names[:size]))
    configurations = {name: Configuration(name, "s", True) for name in names}
    channel = Channel("Web_Chat", True, dict(list(configurations.items())[:size]), 60, 360)
    estate = Estate(keys=keys, keysets={"s": keyset}, channels={"Web_Chat": channel})
    half = names[size // 2 : size // 2 + size]
    present = replace(channel, configurations={name: configurations[name] for name in half})
    org = snapshot_of(
        {name: edit_key(None, Key(name, SOURCE), jwk(0, "kid")) for name in half},
        {"s": edit_keyset(None, replace(keyset, source=UploadedKeys(half[::-1])))},
        {"Web_Chat": edit_channel(bare_channel(), present)},
    )
    derivations = {name: Derivation(jwk(0, "kid"), None, ()) for name in keys}

    began = time.process_time()
    plan = make_plan(estate, derivations, org, environment="t", declaration_digest="", now=NOW)
    terminal(plan_view(plan), Style(80, False))
    plan_markdown(plan)
    plan_json(plan)
    list(updates(from_snapshot(org), estate))
    return time.process_time() - began


def seconds_of_many(size: int) -> float:
    """Plan as many new keys and configurations as the org has keys and channels."""
    keyset = Keyset("s", Issuer("https://id.example.com"), UploadedKeys(("k0",)))
    keys = {name: Key(name, SOURCE, label="L") for name in (f"k{number}" for number in range(size))}
    channels = {
        name: Channel(name, True, {name: Configuration(name, "s", True)}, 60, 360)
        for name in (f"c{number}" for number in range(size // 2))
    }
    estate = Estate(keys=keys, keysets={"s": keyset}, channels=channels)
    element = edit_key(None, Key("other", SOURCE), jwk(0, "kid"))
    org = snapshot_of(
        {f"other{number}": element for number in range(size)},
        {"s": edit_keyset(None, keyset)},
        {name: bare_channel() for name in channels},
    )
    derivations = {name: Derivation(jwk(0, "kid"), None, ()) for name in keys}
    began = time.process_time()
    make_plan(estate, derivations, org, environment="t", declaration_digest="", now=NOW)
    return time.process_time() - began


@pytest.mark.parametrize(("measured", "tolerated"), [(seconds, 24), (seconds_of_many, 16)])
def test_time_does_not_grow_with_the_square(measured: Callable[[int], float], tolerated: int) -> None:
    assert growth.at_most(tolerated, measured, 250, 2_000)
