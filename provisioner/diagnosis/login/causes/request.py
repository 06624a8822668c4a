"""Causes in the request: claims, times, the request itself, or a different OAuth flow."""

from __future__ import annotations

from provisioner.diagnosis.catalogue import Cause, Grade
from provisioner.diagnosis.login.causes.setup_paths import CLI_PAGE, FLOW_ERRORS, JWT_FLOW

REQUEST_CAUSES = (
    Cause(
        "malformed-assertion",
        "The endpoint did not receive a well-formed assertion: a damaged or doubly encoded JWT, an algorithm other "
        "than RS256, or the key itself in its place.",
        Grade.OBSERVED,
        (FLOW_ERRORS, "frankkessler/salesforce-oauth2#68"),
        fix=(
            (
                "The assertion is three parts in base64url without padding, joined by dots, form-encoded once, "
                "with the "
                'header {"alg":"RS256"} and the claims iss, sub, aud and exp.'
            ),
            "If this program sent it: something between here and Salesforce changes requests; try without the proxy.",
        ),
    ),
    Cause(
        "swapped-claims",
        "The consumer key and the username are swapped.",
        Grade.OBSERVED,
        ("salesforce-jwt-bearer-token-flow#4",),
        fix=(
            (
                "In {file}: consumer_key is the app's Consumer Key (3MVG…), username is the user's name (with "
                "an @). In another client: iss is the consumer key, sub the username."
            ),
        ),
    ),
    Cause(
        "wrong-audience",
        "This host does not accept the audience (aud).",
        Grade.OBSERVED,
        (JWT_FLOW, "forcedotcom/cli#3482", "forrest#302"),
        fix=(
            "In {file}: login_url is the org's My Domain, and audience is left out, which makes it the same.",
            (
                "For a connected app these also work: https://login.salesforce.com for production and Developer "
                "Editions, https://test.salesforce.com for sandboxes and scratch orgs; no path, no instance, "
                "no lightning address."
            ),
        ),
    ),
    Cause(
        "wrong-login-host",
        "The login URL leads to another org, or kind of org, than the one that has this user and this app.",
        Grade.OBSERVED,
        (CLI_PAGE, "simple-salesforce#711", "restforce#886"),
        fix=(
            "In {file}: login_url is the My Domain of the org that has the user (Setup > My Domain).",
            "At least: https://test.salesforce.com for a sandbox, https://login.salesforce.com for production.",
            "Setup > My Domain > Routing and Policies may forbid login.salesforce.com and test.salesforce.com.",
        ),
    ),
    Cause(
        "clock-skew",
        "This machine's clock is wrong: the assertion is too old when it arrives.",
        Grade.OBSERVED,
        ("Salesforce Help, OAuth 2.0 JWT Bearer Flow",),
        fix=(
            "Set the clock: timedatectl set-ntp true (Linux); in a virtual machine or container, on its host.",
            "In another client: exp is seconds since 1970 in UTC, 180 seconds from now.",
        ),
    ),
    Cause(
        "expired-assertion",
        "The assertion had expired when it arrived: its exp was computed in local time in place of UTC (an error of a "
        "whole number of hours), the assertion was used again, or it was too long on its way.",
        Grade.OBSERVED,
        (
            *("simple-salesforce#371", "simple-salesforce#491", "newrelic-salesforce-exporter#31"),
            "Salesforce Stack Exchange 282513",
        ),
        fix=(
            "Sign a new assertion for each request, with exp 180 seconds from now: seconds since 1970 in UTC.",
            "If this program sent it: something on the way (a proxy, a queue) holds requests back.",
        ),
    ),
    Cause(
        "unexpected-request",
        "The request does not have the form that the token endpoint requires: not form-encoded, a GET, a scope "
        "parameter, or credentials that another program added.",
        Grade.OBSERVED,
        (JWT_FLOW, "aaronhuggins/sf-jwt-token#1"),
        fix=(
            (
                "POST to /services/oauth2/token, Content-Type application/x-www-form-urlencoded, with only grant_type "
                "and assertion: no scope, no client_secret, no Authorization header, nothing on the URL."
            ),
            "If this program sent it: a proxy rewrites requests; try without it.",
        ),
    ),
    Cause(
        "wrong-flow",
        "This is a message of another OAuth flow (client credentials, refresh token, password, authorization code): "
        "the client is not running JWT bearer.",
        Grade.OBSERVED,
        (FLOW_ERRORS, "restforce#826"),
        fix=(
            (
                "Set the client to JWT bearer: grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer, a "
                "private key, and no client secret, password, security token or refresh token."
            ),
            "To use client credentials: give the app a Run-As user, and post to the My Domain.",
        ),
    ),
    Cause(
        "chat-token",
        "This is a chat user-verification token, which a customer shows to a messaging channel. It has nothing to do "
        "with logging in to the org.",
        Grade.DOCUMENTED,
        ("Salesforce Help, User Verification",),
        fix=("provisioner token explain FILE --env {environment} --channel CHANNEL explains such a token.",),
    ),
    Cause(
        "unknown",
        "This message is not in the catalogue, so its cause is not known.",
        Grade.INFERRED,
        (),
        fix=(
            "Setup > Login History, and Setup > Identity Provider Event Log, may have details (--admin-env NAME).",
            "provisioner diagnose login --env {environment} --bundle FILE.zip gathers the information for support.",
        ),
    ),
)
