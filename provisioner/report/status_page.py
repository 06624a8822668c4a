"""A status as one self-contained HTML file: it makes no request and loads no script.

A content security policy admits exactly the style and the script in the file, by their hashes. No attribute holds a
style or a script, and no value becomes a link: a value of an org is always text.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from importlib import resources

from provisioner import __version__
from provisioner.diagnosis.chat.guests import Expectation
from provisioner.errors import ProvisionerError
from provisioner.report import plan_words, status_state
from provisioner.report.errors import error_view
from provisioner.report.guests import sparkline
from provisioner.report.html import document_html, inline, text
from provisioner.report.json import moment
from provisioner.report.status import differences
from provisioner.report.status_state import (
    Chain,
    ChannelState,
    EnvironmentState,
    Expiry,
    KeyState,
    Publication,
    States,
    by_date,
)

_CHANNEL_CLASSES = {"verifies": "ok", "no usable key": "bad", "inactive": "warn", "off": "quiet"}
_PUBLICATION_CLASSES = {
    Publication.CURRENT: "ok", Publication.BEHIND: "bad", Publication.NEVER: "warn", Publication.UNKNOWN: "quiet",
}  # fmt: skip
_EXPIRY_CLASSES = {"expired": "bad", "soon": "warn", "valid": "ok"}
#: The width of the timeline's drawing, and the minimum and maximum of its days.
_WIDTH, _LEAST_DAYS, _MOST_DAYS = 1000, 365, 1095
#: The number of certificates in the drawing; the sections of the environments have the others.
_MOST_DRAWN = 120


def status_page(states: States, now: datetime) -> str:
    """Return the page."""
    style, script = (_resource(name) for name in ("status.css", "status.js"))
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    found = status_state.readable(states)
    body = "\n".join((_header(states, found, now), "<main>", _fleet(states, now), _timeline(found, now),
                      *(_section(number, *each, now) for number, each in enumerate(states)), "</main>"))  # fmt: skip
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">\n'
        f"<title>User verification: {text(status_state.last_line(states, now))}</title>\n"
        f"<style>{style}</style>\n</head>\n<body>\n{body}\n<script>{script}</script>\n</body>\n</html>\n"
    )


def _resource(name: str) -> str:
    return (resources.files("provisioner.report") / "page" / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _header(states: States, found: Sequence[EnvironmentState], now: datetime) -> str:
    next_one = min(
        (each for state in found if (each := state.next_expiry) is not None),
        key=lambda each: each.expires,
        default=None,
    )
    sums = status_state.sums(states, now)
    cards = [
        ("Environments", str(len(states)), ""),
        ("Channels that verify", str(sums.verifying), ""),
        ("Next expiry", f"{next_one.expires:%Y-%m-%d}" if next_one else "none",
         _EXPIRY_CLASSES[next_one.state(now)] if next_one else ""),
        ("With drift", str(sums.drifting), "warn" if sums.drifting else "ok" if sums.read else ""),
    ]  # fmt: skip
    if sums.alarms:
        cards.append(("Alarms about guests", str(sums.alarms), "bad"))
    if sums.failed:
        cards.append(("Could not be read", str(sums.failed), "bad"))
    shown = "".join(f'<div><dt>{name}</dt><dd class="{kind}">{text(value)}</dd></div>' for name, value, kind in cards)
    at = f'<time datetime="{moment(now)}">{now:%Y-%m-%d %H:%M} UTC</time>'
    return (
        '<a class="skip" href="#fleet">Go to the table</a>\n<header>\n<h1>User verification</h1>\n'
        f'<p class="quiet">Read from the orgs on {at} by provisioner {text(__version__)}.</p>\n'
        f'<dl class="cards">{shown}</dl>\n</header>'
    )


def _fleet(states: States, now: datetime) -> str:
    titles = ("Environment", "Org", "Channels that verify", "Next expiry", "Guests", "Drift", "State")
    head = "".join(f'<th scope="col">{title}</th>' for title in titles)
    rows = "".join(_row(number, name, state, now) for number, (name, state) in enumerate(states))
    return (
        '<section id="fleet" aria-labelledby="fleet-title">\n<h2 id="fleet-title">Environments</h2>\n'
        '<div class="tools" hidden><label for="filter">Filter</label><input id="filter" type="search" '
        'autocomplete="off" aria-controls="fleet-table"><span id="count" role="status"></span></div>\n'
        '<div class="scroll" tabindex="0" role="region" aria-label="Table of environments">'
        f'<table id="fleet-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>\n</section>'
    )


def _row(number: int, name: str, state: EnvironmentState | ProvisionerError, now: datetime) -> str:
    anchor = f'<th scope="row"><a href="#e{number}">{text(name)}</a></th>'
    if isinstance(state, ProvisionerError):
        cells = "<td></td><td></td><td></td><td></td><td></td>" + _cell(f"error: {state.code}", "bad")
    else:
        org = plan_words.org_kind(state.drift.plan.org)
        next_one = state.next_expiry
        kind = _EXPIRY_CLASSES[next_one.state(now)] if next_one else "quiet"
        sort = next_one.expires.strftime("%Y-%m-%d") if next_one else "9999"
        well = state.drift.is_none
        cells = (
            _cell(org)
            + _cell(f"{state.verifying} of {len(state.channels)}", sort=f"{state.verifying:06}")
            + _cell(status_state.expiry(next_one, now), kind, sort)
            + _cell(status_state.guests(state), _guests_class(state))
            + _cell(status_state.drift(state), "ok" if well else "warn")
            + _cell("as declared" if well else "differs", "ok" if well else "warn")
        )
    return f'<tr data-section="e{number}">{anchor}{cells}</tr>'


def _cell(value: str, kind: str = "", sort: str = "") -> str:
    marks = (f' class="{kind}"' if kind else "") + (f' data-sort="{text(sort)}"' if sort else "")
    return f"<td{marks}>{text(value)}</td>"


def _timeline(found: Sequence[EnvironmentState], now: datetime) -> str:
    """Return the timeline: each certificate once, with its environments, along one scale of days."""
    grouped: dict[tuple[datetime, str, str | None], list[Expiry]] = {}
    for each in by_date(found):
        grouped.setdefault((each.expires, each.key, each.kid), []).append(each)
    if not grouped:
        return ""
    days = min(_MOST_DAYS, max(_LEAST_DAYS, *(those[0].days_left(now) for those in grouped.values())))
    drawn = list(grouped.values())[:_MOST_DRAWN]
    rows = "".join(_mark(those, days, now) for those in drawn)
    left = len(grouped) - len(drawn)
    more = f'<p class="quiet">and {left} more, in the sections below.</p>' if left else ""
    return (
        '<section aria-labelledby="expiries-title">\n<h2 id="expiries-title">Certificates by expiry</h2>\n'
        f'<p class="quiet">Each line spans {days} days from today. A later date is at its end.</p>\n'
        f'<ol class="timeline">{rows}</ol>{more}\n</section>'
    )


def _mark(those: Sequence[Expiry], days: int, now: datetime) -> str:
    first = those[0]
    used = any(each.in_use for each in those)
    at = min(_WIDTH - 12, max(0, round(_WIDTH * first.days_left(now) / days)))
    kid = f" (kid {first.kid})" if first.kid not in (None, first.key) else ""
    names = ", ".join(dict.fromkeys(each.environment for each in those))
    state = first.state(now)
    words = status_state.expiry(first, now)
    return (
        f'<li class="{state if used else "unused"}"><time datetime="{moment(first.expires)}">{text(words)}</time>'
        f'<svg viewBox="0 0 {_WIDTH} 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="track" x="0" y="5" width="{_WIDTH}" height="2"/>'
        f'<rect class="mark" x="{at}" y="0" width="12" height="12"/></svg>'
        f'<span class="value">{text(first.key + kid)} <span class="quiet">{text(names)}'
        f"{'' if used else ', not in use'}</span></span></li>"
    )


def _section(number: int, name: str, state: EnvironmentState | ProvisionerError, now: datetime) -> str:
    head = f'<section id="e{number}" aria-labelledby="t{number}">\n<h2 id="t{number}">{text(name)}</h2>\n'
    if isinstance(state, ProvisionerError):
        return f"{head}{document_html(error_view(state))}\n</section>"
    shown = [each for each in state.channels if each.chains or each.enabled or each.owner == "declared"]
    others = [each for each in state.channels if each not in shown]
    channels = "".join(_channel(state, each, now) for each in shown)
    if others:
        names = ", ".join(f"{each.name} {status_state.channel_state(each)}" for each in others)
        channels += f'<p class="quiet">Other channels: {text(names)}.</p>'
    channels = channels or "<p>The org has no Enhanced Chat channel.</p>"
    org = f'<p class="quiet">{text(plan_words.org_line(state.drift.plan))}</p>'
    return f"{head}{org}\n{channels}\n{_alarms(state)}{_external(state)}{_drift(state)}\n</section>"


def _channel(state: EnvironmentState, channel: ChannelState, now: datetime) -> str:
    kind = _CHANNEL_CLASSES[channel.state]
    said = status_state.channel_state(channel)
    chains = "".join(_chain(channel, each, now) for each in channel.chains)
    if not chains and channel.deployments:
        named = "; ".join(status_state.deployment(each) for each in channel.deployments)
        chains = f'<p class="quiet">Deployments: {text(named)}.</p>'
    return f'<h3>{text(channel.name)} <span class="{kind}">{text(said)}</span></h3>{chains}{_sessions(state, channel)}'


def _sessions(state: EnvironmentState, channel: ChannelState) -> str:
    """Return the sessions of the last days, with one bar for each day."""
    each = state.sessions(channel.name)
    if each is None or not each.sum.total:
        return ""
    totals = [visits.total for visits in each.visits[:-1]]
    bad = each.expectation is Expectation.VERIFIED and each.sum.guests > 0
    words = f"Sessions of {len(totals)} days: {status_state.sessions(each)}"
    return (
        f'<p class="sessions"><span{_kind("bad" if bad else "")}>{text(words)}</span> '
        f'<span class="spark" aria-hidden="true">{text(sparkline(totals))}</span></p>'
    )


def _alarms(state: EnvironmentState) -> str:
    lines = [each.message for each in state.guests.alarms] if state.guests is not None else []
    if not lines and not state.guests_unknown:
        return ""
    kind = "bad" if lines else "quiet"
    items = "".join(f'<li class="{kind}">{text(each)}</li>' for each in lines or [state.guests_unknown])
    return f'<h3>Guests</h3><ul class="outline">{items}</ul>\n'


def _guests_class(state: EnvironmentState) -> str:
    if state.guests is None or not state.guests.is_seen:
        return "quiet"
    return "bad" if state.guests.alarms else "ok"


def _chain(channel: ChannelState, chain: Chain, now: datetime) -> str:
    """Return the chain of a token: issuer, key, keyset, configuration, channel, deployment."""
    keyset = chain.keyset or "none"
    # A broken chain does not reach a channel that another chain verifies.
    reached = _CHANNEL_CLASSES[channel.state] if chain.usable or channel.state != "verifies" else ""
    nodes = [
        _node("Issuer", text(chain.issuer or "none"), "" if chain.issuer else "bad"),
        _keys(chain, now),
        _node("Keyset", text(keyset if chain.found else f"{keyset} (missing)"), "" if chain.found else "bad"),
        _node("Configuration", text(chain.configuration + ("" if chain.active else " (inactive)")),
              "" if chain.active else "warn"),
        _node("Channel", text(f"{channel.name}: {channel.state}"), reached),
        *([_deployments(channel)] if channel.deployments else []),
    ]  # fmt: skip
    label = text(f"Verification on {channel.name} by {chain.configuration}")
    return f'<ol class="chain" aria-label="{label}">{"".join(nodes)}</ol>'


def _deployments(channel: ChannelState) -> str:
    """Return one box for all of them: a channel leads to each of its deployments, and none leads to another."""
    found = channel.deployments
    items = "".join(f"<li>{text(status_state.deployment(each))}</li>" for each in found)
    kinds = {_PUBLICATION_CLASSES[each.publication] for each in found}
    worst = next((kind for kind in ("bad", "warn", "quiet", "ok") if kind in kinds), "")
    return _node("Deployments" if len(found) > 1 else "Deployment", f"<ul>{items}</ul>", worst)


def _keys(chain: Chain, now: datetime) -> str:
    if chain.endpoint is not None:
        return _node("Keys at the endpoint", text(chain.endpoint))
    if not chain.keys:
        return _node("Keys", "none", "bad")
    items = "".join(f"<li>{_key(each, now)}</li>" for each in chain.keys)
    return _node("Keys" if len(chain.keys) > 1 else "Key", f"<ul>{items}</ul>", "" if chain.usable else "bad")


def _key(key: KeyState, now: datetime) -> str:
    shown = text(key.kid or key.name)
    if not key.active:
        return f'{shown} <span class="quiet">inactive</span>'
    if key.expires is None:
        return shown
    word = "expired" if key.expires < now else "until"
    return f'{shown} <span class="quiet">{word} {key.expires:%Y-%m-%d}</span>'


def _node(role: str, value: str, kind: str = "") -> str:
    """Return a box of the drawing. ``value`` is HTML."""
    return f'<li{_kind(kind)}><span class="role">{role}</span><span class="value">{value}</span></li>'


def _kind(kind: str) -> str:
    return f' class="{kind}"' if kind in ("ok", "warn", "bad") else ""


def _external(state: EnvironmentState) -> str:
    items = "".join(f"<li>{text(each.address)}</li>" for each in state.drift.plan.external)
    return f'<h3>{plan_words.OWNED_ELSEWHERE}</h3><ul class="outline">{items}</ul>\n' if items else ""


def _drift(state: EnvironmentState) -> str:
    items = "".join(f"<li>{inline(parts)}</li>" for parts in differences(state))
    return f'<h3>Drift</h3><ul class="outline">{items}</ul>' if items else '<p class="ok">The org is as declared.</p>'
