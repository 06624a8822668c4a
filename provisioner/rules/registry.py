"""The checks that run over an estate. The packages that read the files make the other findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from provisioner.diagnostics import Diagnostic
from provisioner.rules.channel import (
    channel_active_false,
    channel_create_label,
    channel_create_routing,
    channel_create_unverified,
    channel_issuer_conflict,
    channel_no_usable_configuration,
    channel_of_deployment_unknown,
    channel_removed,
    channel_several_configurations,
    channel_unknown_keyset,
    configuration_name_conflict,
    expiration_invalid,
    expiration_unproven,
    external_and_declared,
    removed_and_declared,
)
from provisioner.rules.context import Context
from provisioner.rules.environment import (
    api_version_invalid,
    chat_url_unknown_host,
    login_url_not_https,
    login_url_unknown_shape,
    org_id_shape,
    production_with_sandbox_login,
    production_without_org_id,
    reference_unset,
    username_without_sandbox_suffix,
    verify_name_invalid,
)
from provisioner.rules.key import (
    key_duplicate,
    key_field_beside_jwk,
    key_source,
)
from provisioner.rules.keyset import (
    issuer_nearly_equal,
    issuer_unknown,
    keyset_duplicate_kid,
    keyset_empty,
    keyset_endpoint_credentials,
    keyset_endpoint_fragment,
    keyset_endpoint_not_https,
    keyset_endpoint_on_salesforce,
    keyset_endpoint_private_host,
    keyset_issuer_missing,
    keyset_kid_conflict,
    keyset_only_inactive_keys,
    keyset_source,
    keyset_unknown_key,
)
from provisioner.rules.names import (
    configuration_name_invalid,
    issuer_name_invalid,
    label_length,
    name_differs_by_case,
    name_invalid,
)
from provisioner.rules.yaml import (
    text_control_character,
    text_placeholder,
    text_quotes,
    text_unusual_character,
    text_whitespace,
)

Check = Callable[[Context], Iterator[Diagnostic]]

CHECKS: tuple[Check, ...] = (
    text_control_character.check,
    text_placeholder.check,
    text_quotes.check,
    text_unusual_character.check,
    text_whitespace.check,
    configuration_name_invalid.check,
    issuer_name_invalid.check,
    label_length.check,
    name_invalid.check,
    name_differs_by_case.check,
    key_duplicate.check,
    key_field_beside_jwk.check,
    key_source.check,
    issuer_nearly_equal.check,
    issuer_unknown.check,
    keyset_duplicate_kid.check,
    keyset_empty.check,
    keyset_endpoint_credentials.check,
    keyset_endpoint_fragment.check,
    keyset_endpoint_not_https.check,
    keyset_endpoint_on_salesforce.check,
    keyset_endpoint_private_host.check,
    keyset_issuer_missing.check,
    keyset_kid_conflict.check,
    keyset_only_inactive_keys.check,
    keyset_source.check,
    keyset_unknown_key.check,
    channel_active_false.check,
    channel_create_label.check,
    channel_create_routing.check,
    channel_create_unverified.check,
    channel_issuer_conflict.check,
    channel_no_usable_configuration.check,
    channel_of_deployment_unknown.check,
    channel_removed.check,
    channel_several_configurations.check,
    channel_unknown_keyset.check,
    configuration_name_conflict.check,
    expiration_invalid.check,
    expiration_unproven.check,
    external_and_declared.check,
    removed_and_declared.check,
    api_version_invalid.check,
    chat_url_unknown_host.check,
    login_url_not_https.check,
    login_url_unknown_shape.check,
    org_id_shape.check,
    production_with_sandbox_login.check,
    production_without_org_id.check,
    reference_unset.check,
    username_without_sandbox_suffix.check,
    verify_name_invalid.check,
)
