"""Causes in the app: its key, certificate, policies, scopes, and the org that holds it."""

from __future__ import annotations

from provisioner.diagnosis.catalogue import Cause, Grade
from provisioner.diagnosis.login.causes.setup_paths import (
    APP_WAIT,
    ASSIGN_CONNECTED,
    ASSIGN_EXTERNAL,
    CLI_PAGE,
    CONNECTED_EDIT,
    CONNECTED_MANAGE,
    CONNECTED_VIEW,
    EXTERNAL_POLICIES,
    EXTERNAL_SETTINGS,
    FLOW_ERRORS,
    JWT_FLOW,
    MAKE_CERTIFICATE,
    POLICY_WAIT,
    PREAUTHORIZE_CONNECTED,
    PREAUTHORIZE_EXTERNAL,
    SCOPES_CONNECTED,
    SCOPES_EXTERNAL,
    UPLOAD_CONNECTED,
    UPLOAD_EXTERNAL,
)

APP_CAUSES = (
    Cause(
        "certificate-mismatch",
        "The certificate on the app is not the one of the private key that signed the assertion.",
        Grade.OBSERVED,
        (FLOW_ERRORS, "forcedotcom/cli#217", "forcedotcom/sfdx-travisci#135"),
        connected=(UPLOAD_CONNECTED,),
        external=(UPLOAD_EXTERNAL,),
        fix=(
            MAKE_CERTIFICATE,
            "If the pair was made again, both sides change: the certificate on the app and private_key in {file}.",
        ),
        wait=APP_WAIT,
    ),
    Cause(
        "digital-signatures-not-enabled",
        "The app holds no certificate: it was not set up for the JWT bearer flow.",
        Grade.INFERRED,
        (JWT_FLOW, "the org's message for it is not known"),
        connected=(UPLOAD_CONNECTED,),
        external=(UPLOAD_EXTERNAL,),
        wait=APP_WAIT,
        text_known=False,
    ),
    Cause(
        "oauth-not-enabled",
        "The app exists, but its OAuth settings are off, or the app itself is.",
        Grade.INFERRED,
        (JWT_FLOW, "the org's message for it is not known"),
        connected=(f"{CONNECTED_EDIT}: tick Enable OAuth Settings.", SCOPES_CONNECTED),
        external=(
            f"{EXTERNAL_POLICIES} > App Policies: the app and its OAuth plugin are enabled.",
            SCOPES_EXTERNAL,
        ),
        wait=APP_WAIT,
        text_known=False,
    ),
    Cause(
        "wrong-consumer-key",
        "No app has the consumer key that was sent: it is mistyped, cut, an older one, or of a deleted app.",
        Grade.OBSERVED,
        (FLOW_ERRORS, "jsforce#762", "forrest#184"),
        connected=(f"{CONNECTED_VIEW} > Consumer Key: copy it.",),
        external=(f"{EXTERNAL_SETTINGS} > Consumer Key and Secret: copy the key, not the secret.",),
        fix=(
            "Set it as consumer_key in {file} (I, l and 1, O and 0 look alike: copy, never type).",
            (
                "A consumer key that was deployed as metadata over an existing one is silently not taken: the old "
                "one stays."
            ),
        ),
        wait=APP_WAIT,
    ),
    Cause(
        "user-not-preauthorized",
        "Only users whom an administrator approved may use the app, and none of this user's profiles and permission "
        "sets is assigned to it.",
        Grade.OBSERVED,
        (FLOW_ERRORS,),
        connected=(ASSIGN_CONNECTED,),
        external=(ASSIGN_EXTERNAL,),
        fix=("A permission set helps only in the org in which it is assigned, and until its assignment expires.",),
        wait=POLICY_WAIT,
    ),
    Cause(
        "user-not-approved",
        "Nobody approved the app for this user beforehand: Permitted Users is not set to admin-approved, and the user "
        "never approved it with refresh_token.",
        Grade.OBSERVED,
        (JWT_FLOW, CLI_PAGE, "forcedotcom/cli#1640", "CumulusCI#1256"),
        connected=(PREAUTHORIZE_CONNECTED, ASSIGN_CONNECTED),
        external=(PREAUTHORIZE_EXTERNAL, ASSIGN_EXTERNAL),
        fix=(
            (
                "Users of a connected app who had approved it themselves lose access until they are assigned. "
                "A permission set of the Salesforce API Integration license cannot hold connected apps: assign the "
                "profile, or a second permission set."
            ),
            (
                "If Permitted Users must not change: open {login_url}/services/oauth2/authorize?response_type=code"
                "&client_id=CONSUMER_KEY&redirect_uri=CALLBACK_URL&scope=api%20refresh_token as {username}, "
                "and allow it."
            ),
        ),
        wait=f"{POLICY_WAIT}; up to 10 if the org, the app or the sandbox is new",
    ),
    Cause(
        "missing-refresh-token-scope",
        'The app lacks the scope "Perform requests at any time" (refresh_token, offline_access). This flow '
        "requires it, although it issues no refresh token.",
        Grade.OBSERVED,
        (FLOW_ERRORS,),
        connected=(SCOPES_CONNECTED,),
        external=(SCOPES_EXTERNAL,),
        wait=APP_WAIT,
    ),
    Cause(
        "missing-api-scope",
        'The login works, but the app lacks the scope "Manage user data via APIs" (api): the session opens no API.',
        Grade.OBSERVED,
        (JWT_FLOW,),
        connected=(SCOPES_CONNECTED,),
        external=(SCOPES_EXTERNAL,),
        wait=APP_WAIT,
    ),
    Cause(
        "jwt-format-token",
        "The login works, but the app issues access tokens in JWT format, which the SOAP Metadata API does not accept "
        "before version 68.0.",
        Grade.OBSERVED,
        ("Salesforce Help, JWT-Based Access Tokens",),
        connected=(
            f'{CONNECTED_EDIT}: untick "Issue JSON Web Token (JWT)-based access tokens for named users" > Save.',
        ),
        external=(
            f'{EXTERNAL_SETTINGS}: untick "Issue JSON Web Token (JWT)-based access tokens for named users" > Save.',
        ),
        fix=('In an external client app, "Enable JWT Bearer Flow" stays ticked.',),
        wait=APP_WAIT,
    ),
    Cause(
        "session-level-policy",
        "The app asks for a high assurance session, which a login without a person cannot provide.",
        Grade.INFERRED,
        ("Salesforce Help, Manage Session Policies for a Connected App", "the org's message for it is not known"),
        connected=(f"{CONNECTED_MANAGE} > Edit Policies > Session Policies: untick High assurance session required.",),
        external=(f"{EXTERNAL_POLICIES} > Edit > OAuth Policies: set no required session level.",),
        fix=("Setup > Session Settings > Session Security Levels shows what counts as high assurance.",),
        wait=POLICY_WAIT,
        text_known=False,
    ),
    Cause(
        "app-not-installed",
        "The app lives in another org and is not installed in this one. A refreshed sandbox does not have the app of "
        "production either.",
        Grade.OBSERVED,
        ("Salesforce Help 005132365, Connected App Usage Restrictions", "forcedotcom/cli#3482", "n8n#28990"),
        connected=(
            "Setup > Connected Apps OAuth Usage > {app} > Install.",
            "Or make the app in this org, and use its consumer key.",
        ),
        external=(
            (
                "Make an external client app in this org (Setup > External Client App Manager > New), and use "
                "its consumer key; or package the app and install the package here."
            ),
        ),
        wait=APP_WAIT,
    ),
    Cause(
        "eca-needs-my-domain",
        "An external client app is found only through the org's own My Domain, in the login URL and in the audience; "
        "login.salesforce.com and test.salesforce.com do not know it.",
        Grade.OBSERVED,
        ("n8n#29016", "simstudioai/sim#6508", "forcedotcom/cli#3482"),
        fix=(
            (
                "Setup > My Domain shows the address. Write it as login_url in {file} "
                "(https://NAME.my.salesforce.com, or https://NAME--SANDBOX.sandbox.my.salesforce.com), and "
                "remove audience."
            ),
        ),
    ),
    Cause(
        "app-blocked",
        "An administrator blocked the app, or API Access Control admits only apps that are installed and listed.",
        Grade.INFERRED,
        ("Microsoft Learn, Defender for Cloud Apps: OAUTH_APP_BLOCKED", "the token endpoint's message is not known"),
        fix=(
            "Setup > Connected Apps OAuth Usage > {app} > Unblock (or Install); then assign the users.",
            "Setup > API Access Control shows whether only listed apps are admitted.",
        ),
        wait=POLICY_WAIT,
        text_known=False,
    ),
    Cause(
        "not-propagated",
        "The app, its certificate or its policies are so new that not every server of Salesforce knows them yet.",
        Grade.OBSERVED,
        (CLI_PAGE, "CumulusCI#1256"),
        fix=("Wait; `provisioner diagnose login --env {environment} --wait-propagation` tries until it works.",),
        wait="2-10 minutes after the change",
    ),
    Cause(
        "certificate-expired",
        "The certificate has expired. Connected apps are known to accept it; whether external client apps accept it "
        "is not known. It alone is no reason for a failing login.",
        Grade.OBSERVED,
        ("Salesforce Stack Exchange 313488 (a Salesforce product manager)",),
        connected=(UPLOAD_CONNECTED,),
        external=(UPLOAD_EXTERNAL,),
        fix=(MAKE_CERTIFICATE, "No mail from Salesforce warns of it: note the new date."),
        wait=APP_WAIT,
        side=True,
    ),
)
