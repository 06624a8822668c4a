"""A status for programs."""

from __future__ import annotations

from datetime import datetime

from provisioner.errors import ProvisionerError
from provisioner.report.drift_json import drift_json
from provisioner.report.failures import failure_json
from provisioner.report.guests_json import guests_json
from provisioner.report.key_json import moment
from provisioner.report.shapes import FORMAT_VERSION, Json
from provisioner.report.status_shapes import Chain, ChannelState, DeploymentState, EnvironmentState, Expiry, KeyState
from provisioner.report.status_words import States


def status_json(states: States, now: datetime) -> Json:
    """Return the JSON of ``status --format json``: each environment's state, or its error."""
    return {
        "format_version": FORMAT_VERSION,
        "read_at": moment(now),
        "environments": [
            failure_json(name, state) if isinstance(state, ProvisionerError) else _environment(state, now)
            for name, state in states
        ],
    }


def _environment(state: EnvironmentState, now: datetime) -> Json:
    drift = drift_json(state.drift)
    return {
        "environment": state.name,
        "production": state.production,
        "org": drift["org"],
        "api_version": drift["api_version"],
        "declaration_digest": drift["declaration_digest"],
        "channels": [_channel(each) for each in state.channels],
        "certificates": [_expiry(each, now) for each in state.expiries],
        "drift": {name: drift[name] for name in ("summary", "drift", "errors", "unreadable")},
        "guests": guests_json(state.guests) if state.guests is not None else None,
        "guests_unknown": state.guests_unknown or None,
    }


def _channel(channel: ChannelState) -> Json:
    return {
        "name": channel.name,
        "owner": channel.owner,
        "state": channel.state.replace(" ", "-"),
        "verification": channel.enabled,
        "active": channel.active,
        "verified_minutes": channel.verified_minutes,
        "configurations": [_chain(each) for each in channel.chains],
        "deployments": [each.name for each in channel.deployments],
        "publications": [_publication(each) for each in channel.deployments],
    }


def _publication(each: DeploymentState) -> Json:
    return {"deployment": each.name, "state": each.publication.name.lower(), "reason": each.why or None}


def _chain(chain: Chain) -> Json:
    return {
        "name": chain.configuration,
        "active": chain.active,
        "usable": chain.usable,
        "keyset": chain.keyset,
        "issuer": chain.issuer,
        "endpoint": chain.endpoint,
        "keys": [_key(each) for each in chain.keys],
    }


def _key(key: KeyState) -> Json:
    expires = moment(key.expires) if key.expires is not None else None
    return {"name": key.name, "kid": key.kid, "active": key.active, "expires": expires}


def _expiry(each: Expiry, now: datetime) -> Json:
    return {
        "key": each.key,
        "kid": each.kid,
        "expires": moment(each.expires),
        "days_left": each.days_left(now),
        "state": each.state(now),
        "in_use": each.in_use,
    }
