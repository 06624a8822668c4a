"""The first likely cause of each answer of the token endpoint, in one sentence.

Only a first hint, beside the org's own words: ``provisioner diagnose login`` gathers the evidence.
Each row: words of the description (lower case), the ``error`` code, the sentence. The first row that fits is taken.
"""

from __future__ import annotations

ROWS: tuple[tuple[str, str, str], ...] = (
    (
        "hasn't approved",
        "",
        "The user is not pre-authorized for the app, or the app belongs to another org than the login URL.",
    ),
    ("not admin approved", "", "The user's profile or permission set is not assigned to the app."),
    ("", "invalid_app_access", "The user's profile or permission set is not assigned to the app."),
    ("invalid assertion", "", "The private key does not belong to the certificate on the app."),
    ("audience", "invalid_grant", "The audience does not fit the login URL."),
    ("expired authorization code", "", "The assertion had expired when it arrived: this machine's clock is wrong."),
    (
        "authentication failure",
        "",
        "The username is not one of this org (a sandbox's often ends in the sandbox's name), or the user is inactive.",
    ),
    ("inactive", "", "The user is deactivated or frozen."),
    ("", "inactive_user", "The user is deactivated or frozen."),
    ("ip restricted", "", "The profile's Login IP Ranges exclude this machine, or its Login Hours the present time."),
    (
        "external client app is not installed",
        "",
        "An external client app must be reached through the org's own My Domain, and belong to that org.",
    ),
    (
        "",
        "app_not_found",
        "An external client app must be reached through the org's own My Domain, and belong to that org.",
    ),
    ("client identifier", "", "The consumer key is wrong, or its app is new or belongs to another org."),
    ("", "invalid_client_id", "The consumer key is wrong, or its app is new or belongs to another org."),
    ("must be installed", "", "The app is not installed in this org."),
    (
        "refresh_token scope",
        "",
        'The app lacks the scope "Perform requests at any time" (refresh_token, offline_access).',
    ),
    ("blocked", "", "An administrator has blocked the app."),
    (
        "grant type not supported",
        "",
        "The request was changed on its way: something between here and Salesforce rewrites it.",
    ),
    ("scope parameter", "", "The request was changed on its way: something between here and Salesforce rewrites it."),
    ("", "invalid_client", "Something between here and Salesforce adds credentials of its own to the request."),
    ("not supported on this domain", "", "The host does not take this kind of login: use the org's My Domain."),
    ("", "rate_limit_exceeded", "The user has logged in too often within an hour: wait an hour."),
    ("login rate", "", "The user has logged in too often within an hour: wait an hour."),
    ("", "inactive_org", "The org is locked, closed or suspended."),
    ("retry your request", "", "Salesforce's login service had a passing fault."),
)


def likely_cause(error: str, description: str) -> str | None:
    """The sentence for the token endpoint's answer, or None where the answer is not known: nothing is invented."""
    said = " ".join(description.replace("’", "'").lower().split())
    for words, code, sentence in ROWS:
        if (not words or words in said) and (not code or code == error):
            return sentence
    return None
