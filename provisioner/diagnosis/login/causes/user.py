"""Causes in the user and the org."""

from __future__ import annotations

from provisioner.diagnosis.catalogue import Cause, Grade
from provisioner.diagnosis.login.causes.setup_paths import FLOW_ERRORS, JWT_FLOW, POLICY_WAIT, USER_PAGE

USER_CAUSES = (
    Cause(
        "wrong-username",
        "The org of the login URL has no user with that username.",
        Grade.OBSERVED,
        (FLOW_ERRORS,),
        fix=(
            "Setup > Users: copy the Username, which is not the e-mail address, into username in {file}.",
            (
                "In a sandbox the name usually ends in the sandbox's name (ci@acme.com.uat); users who were "
                "made in the sandbox itself have none."
            ),
        ),
    ),
    Cause(
        "user-inactive",
        "The user is deactivated.",
        Grade.DOCUMENTED,
        (FLOW_ERRORS, "restforce#303"),
        fix=(f"{USER_PAGE} > Edit: tick Active > Save.",),
        text_known=False,
    ),
    Cause(
        "user-frozen",
        "The user is frozen, or locked out after wrong passwords.",
        Grade.INFERRED,
        ("Salesforce object reference, UserLogin", "the token endpoint's message is not known"),
        fix=(f"{USER_PAGE}: Unfreeze, or Unlock.",),
        text_known=False,
    ),
    Cause(
        "ip-restricted",
        "The profile's Login IP Ranges do not hold the address that this machine is seen with. The app's \"Relax IP "
        'restrictions" does not help: this flow always obeys the profile.',
        Grade.OBSERVED,
        ("Salesforce Help, Connected App IP Relaxation", "forceworkbench#772"),
        fix=(
            (
                f"{USER_PAGE} > Profile > Login IP Ranges: add the address (Setup > Login History shows it), or "
                f"give the "
                "user a profile without ranges."
            ),
        ),
        wait=POLICY_WAIT,
    ),
    Cause(
        "login-hours",
        "The profile's Login Hours exclude the present time.",
        Grade.INFERRED,
        (FLOW_ERRORS, "the token endpoint's message is not known"),
        fix=(f"{USER_PAGE} > Profile > Login Hours: allow this time, or give the user a profile without hours.",),
        wait=POLICY_WAIT,
        text_known=False,
    ),
    Cause(
        "api-not-enabled",
        "The login works, but the user is not allowed to use any API.",
        Grade.OBSERVED,
        (JWT_FLOW,),
        fix=(
            f"{USER_PAGE} > Profile (or a permission set) > System Permissions: tick API Enabled > Save.",
            "If it is ticked: the org's edition has no API (Setup > Company Information).",
        ),
        wait=POLICY_WAIT,
    ),
    Cause(
        "metadata-permission-missing",
        "The login and the REST API work, but the user lacks the permission for the Metadata API.",
        Grade.DOCUMENTED,
        ("Metadata API Developer Guide, User Permissions",),
        fix=(
            (
                "Setup > Permission Sets > (one of {username}'s) > System Permissions: tick Modify Metadata "
                "Through Metadata API Functions > Save."
            ),
        ),
        wait=POLICY_WAIT,
    ),
    Cause(
        "rate-limited",
        "The user logged in too often: more than 3,600 logins within an hour are refused.",
        Grade.DOCUMENTED,
        ("Salesforce Help 000233559, login rate limits", "forcedotcom/cli#3297"),
        fix=(
            "Find the client that logs in for every call (Setup > Login History), and make it reuse its token.",
            "Do not try again immediately: each attempt counts.",
        ),
        wait="1 hour without logins",
    ),
    Cause(
        "org-inactive",
        "The org is locked, suspended, closed or expired (a trial, a scratch org, an unused Developer Edition).",
        Grade.INFERRED,
        (FLOW_ERRORS, "the words are from the general list of OAuth errors"),
        fix=("Log in with a browser at {login_url}; Salesforce shows there the state of the org, and a contact.",),
        text_known=False,
    ),
    Cause(
        "maintenance",
        "Salesforce answers with its maintenance page: the org is being maintained, moved or not finished yet.",
        Grade.DOCUMENTED,
        ("Salesforce DX Developer Guide, Troubleshoot Authentication Errors",),
        fix=("Look the org's instance up at https://status.salesforce.com, and run the command again afterwards.",),
        wait="until the maintenance is over",
    ),
    Cause(
        "transient",
        "Salesforce's login service had a passing fault.",
        Grade.OBSERVED,
        ("amazon-connect-salesforce-lambda#43",),
        fix=(
            "Run the command again in a minute, up to three times; https://status.salesforce.com shows incidents.",
            "If it stays, it is no passing fault: compare username, consumer_key and audience with Setup.",
        ),
        wait="a minute",
    ),
)
