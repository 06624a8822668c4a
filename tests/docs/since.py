"""The version of this program that each field, command and rule came with, for the reference.

A released version is listed with everything that it had. A name that no list has is new in the version of this program,
so a new field needs no line here. Whoever releases a version adds its list (a test holds the changelog against this).
"""

from __future__ import annotations

from provisioner import __version__


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: By version, oldest first, and by kind: all names that the version had. A command is written with hyphens.
RELEASED: dict[str, dict[str, frozenset[str]]] = {
    "0.1.0": {
        "declaration": _names("""
version issuers issuers.* keys keys.* keys.*.label keys.*.active keys.*.certificate keys.*.kid keys.*.algorithm
keys.*.jwk keys.*.description keysets keysets.* keysets.*.label keysets.*.issuer keysets.*.issuer.literal
keysets.*.keys keysets.*.keys.* keysets.*.endpoint keysets.*.description channels channels.*
channels.*.user_verification channels.*.user_verification.enabled channels.*.user_verification.configurations
channels.*.user_verification.configurations.* channels.*.user_verification.configurations.*.keyset
channels.*.user_verification.configurations.*.active channels.*.token_expiration_minutes
channels.*.token_expiration_minutes.verified channels.*.token_expiration_minutes.unverified removed removed.keys
removed.keys.* removed.keysets removed.keysets.* ignore ignore.* ignore.*.rule ignore.*.address ignore.*.reason
"""),
        "environment": _names("""
login_url audience username consumer_key private_key private_key_passphrase embedded_org app app.name app.type
org_id production ca_bundle api_version chat_url verify verify.* verify.*.deployment verify.*.key_file variables
overrides
"""),
        "command": _names("""
init validate plan apply restore promote drift import export render envs rules schema keys-generate keys-rotate
keys-inspect keys-expiring keys-jwks token-mint token-explain diagnose-endpoint diagnose-login diagnose-key verify
diagnose-chat localorg-start localorg-stop localorg-reset localorg-status localorg-break localorg-mend completion
version
"""),
        "rule": _names("""
ignore-unused text-control-character text-whitespace variable-unresolved version-unsupported yaml-alias-bomb
yaml-duplicate-key yaml-merge-key yaml-missing-field yaml-multiple-documents yaml-not-utf8 yaml-null yaml-syntax
yaml-tab yaml-too-large yaml-unknown-field yaml-unknown-tag yaml-wrong-type configuration-name-invalid
issuer-name-invalid label-length name-invalid certificate-ends-within-10-days certificate-ends-within-30-days
certificate-expired certificate-is-private-key certificate-is-public-key certificate-not-rsa
certificate-not-yet-valid certificate-unreadable certificate-weak-signature jwk-alg jwk-byte-order-mark
jwk-duplicate-member jwk-is-a-set jwk-kty jwk-member-missing jwk-modulus-encoding jwk-modulus-mismatch
jwk-modulus-missing jwk-not-json jwk-placeholders jwk-private-member jwk-use key-duplicate key-field-beside-jwk
key-file-missing key-file-outside key-kid-missing key-small-exponent key-source key-too-small x5c-base64url
x5c-line-breaks x5c-not-array x5c-not-base64 x5c-pem-armour issuer-nearly-equal issuer-unknown keyset-duplicate-kid
keyset-empty keyset-endpoint-credentials keyset-endpoint-fragment keyset-endpoint-not-https
keyset-endpoint-on-salesforce keyset-endpoint-private-host keyset-issuer-missing keyset-kid-conflict
keyset-only-inactive-keys keyset-source keyset-unknown-key channel-issuer-conflict channel-no-usable-configuration
channel-several-configurations channel-unknown-keyset configuration-name-conflict expiration-invalid
expiration-unproven removed-and-declared api-version-invalid environment-reference-misplaced
environment-secret-literal login-url-not-https login-url-unknown-shape org-id-shape production-with-sandbox-login
production-without-org-id reference-unset username-without-sandbox-suffix api-version-old channel-inactive
channel-missing channel-not-enhanced-chat channel-session-based-chat
"""),
    },
}  # fmt: skip


def since(kind: str, name: str) -> str:
    """Return the first version that had a name."""
    key = name.replace(" ", "-")
    return next((version for version, had in RELEASED.items() if key in had.get(kind, ())), __version__)
