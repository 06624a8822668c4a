"""Experiments with keys and keysets only."""

from __future__ import annotations

import json
from dataclasses import replace

from provisioner.components import xml
from provisioner.components.meaning import digest
from provisioner.components.snapshot import Unreadable
from provisioner.experiments import parts
from provisioner.experiments.bench import Bench
from provisioner.experiments.experiment import Experiment, Found, Side, UndecidedError
from provisioner.model.jwk import Jwk
from provisioner.model.types import MetadataType

_KEY, _KEYSET = MetadataType.KEY, MetadataType.KEYSET
#: A member of RFC 7517 that no page about user verification lists.
_UNKNOWN_MEMBER = {"x5t": "dXZwcm9iZQ"}
#: The words for each side of a JWK's text.
_TEXTS = {"verbatim": "as it was sent", "compact": "compact JSON", "otherwise": "JSON with white space"}


def _key_in_same_package(bench: Bench) -> Found:
    key, keyset = parts.key(bench.material.first.to_json()), parts.keyset(parts.KEY)
    if bench.send("Deployed a key and a keyset that holds it in one package.", key, keyset).success:
        return Found("found")
    bench.finds_same_package = False
    bench.must("Deployed the key alone.", key)
    bench.must("Deployed the keyset alone.", keyset)
    return Found("not-found")


def _delete_key_in_use(bench: Bench) -> Found:
    bench.keys_in_use()
    status = bench.send("Deleted the key, which the keyset still holds.", delete=((_KEY, parts.KEY),))
    return deletion(bench, status.success, _KEY, parts.KEY)


def deletion(bench: Bench, success: bool, kind: MetadataType, name: str) -> Found:
    """Return whether the org deleted a component. Raises :class:`UndecidedError` if it shows something else."""
    there = bench.read(kind, name) is not None
    if success and there:
        raise UndecidedError("The deletion succeeded, but the component still exists.")
    if not success and not there:
        raise UndecidedError("The deletion failed, but the component no longer exists.")
    return Found("deleted" if success else "refused")


def _keyset_type(bench: Bench) -> Found:
    bench.keys_in_use()
    changed = parts.keyset(endpoint=parts.ENDPOINT)
    if bench.send("Changed the keyset's type from JWKS to JWKS_URL in place.", changed).success:
        found = xml.text_of(bench.must_read(_KEYSET, parts.KEYSET), "type")
        bench.note("Read the keyset back.", f"Its type is {found}.")
        return Found("changes" if found == "JWKS_URL" else "kept")
    control = parts.keyset(name=parts.OTHER_KEYSET, endpoint=parts.ENDPOINT)
    bench.must("Deployed the same as a new keyset.", control)
    return Found("refused")


def _jwk_replaced(bench: Bench) -> Found:
    first, second = bench.material.first, bench.material.second
    bench.must("Deployed a key.", parts.key(first.to_json()))
    if bench.send("Deployed another JWK under the key's name.", parts.key(second.to_json())).success:
        kid = _members(bench)["kid"]
        bench.note("Read the key back.", "It holds the new JWK." if kid == second.kid else "It holds the old JWK.")
        return Found("replaced" if kid == second.kid else "kept")
    bench.must("Deployed the other JWK as a new key.", parts.key(second.to_json(), parts.OTHER_KEY))
    return Found("refused")


def _members(bench: Bench) -> dict[str, object]:
    """Return the members of the key's JWK, as the org returns them."""
    members = json.loads(_jwk_text(bench))
    assert isinstance(members, dict)
    return members


def _jwk_text(bench: Bench) -> str:
    text = xml.text_of(bench.must_read(_KEY, parts.KEY), "jsonWebKey")
    try:
        members = json.loads(text or "")
    except ValueError:
        members = None
    if text is None or not isinstance(members, dict):
        raise UndecidedError("The JWK that the org returns is not a JSON object.")
    return text


def _jwk_text_returned(bench: Bench) -> Found:
    members = bench.material.first.members()
    sent = json.dumps(dict(sorted(members.items(), key=lambda pair: pair[0] != "kid")), indent=4)
    bench.must("Deployed a key with an indented JWK.", parts.key(sent))
    read = _jwk_text(bench)
    rewritten = "compact" if read == _compact(read) else "otherwise"
    side = "verbatim" if read == sent else rewritten
    order = ", ".join(json.loads(read))
    bench.note("Read the key back.", f"The members are in the order {order}; the text is {_TEXTS[side]}.")
    return Found(side)


def _compact(text: str) -> str:
    return json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)


def _jwk_unknown_member(bench: Bench) -> Found:
    plain, richer = bench.material.first, replace(bench.material.first, other=_UNKNOWN_MEMBER)
    if not bench.send("Deployed a key with the member x5t.", parts.key(richer.to_json())).success:
        bench.must("Deployed the key without the member.", parts.key(plain.to_json()))
        return Found("refused")
    survives = _members(bench).get("x5t") == _UNKNOWN_MEMBER["x5t"]
    bench.note("Read the key back.", "It has the member." if survives else "It does not have the member.")
    return Found("survives" if survives else "dropped")


def _inactive_key_in_use(bench: Bench) -> Found:
    jwk = bench.material.first.to_json()
    bench.keys_in_use()
    if bench.send("Deployed the key of the keyset as inactive.", parts.key(jwk, active=False)).success:
        active = xml.flag_of(bench.must_read(_KEY, parts.KEY), "isActive")
        bench.note("Read the key back.", f"It is {'active' if active else 'inactive'}.")
        return Found("kept" if active else "taken")
    other = bench.material.second.to_json()
    bench.must("Deployed a key that no keyset holds as inactive.", parts.key(other, parts.OTHER_KEY, active=False))
    return Found("refused")


def _x5c(bench: Bench) -> Found:
    bare: Jwk = replace(bench.material.first, x5c=())
    if bench.send("Deployed a key without x5c.", parts.key(bare.to_json())).success:
        bench.must_read(_KEY, parts.KEY)
        return Found("not-required")
    bench.must("Deployed the same key with x5c.", parts.key(bench.material.first.to_json()))
    return Found("required")


def _element_order(bench: Bench) -> Found:
    bench.keys_in_use()
    read = bench.must_read(_KEYSET, parts.KEYSET)
    names = [xml.name_of(each) for each in xml.elements(read)]
    bench.note("Read the keyset back.", f"The elements are in the order {', '.join(names)}.")
    return Found("alphabetical" if names == sorted(names) else "another")


def _read_and_retrieve(bench: Bench) -> Found:
    bench.keys_in_use()
    names = {_KEY: [parts.KEY], _KEYSET: [parts.KEYSET]}
    read, retrieved = bench.org.read(names), bench.org.retrieve(names)
    differ = []
    for name, one in read.items():
        other = retrieved[name]
        if one is None or other is None or isinstance(one, Unreadable) or isinstance(other, Unreadable):
            raise UndecidedError("One of the two ways does not show a component that was just deployed.")
        if digest(one.xml) != digest(other.xml):
            differ.append(name[0].xml_name)
    bench.note("Compared readMetadata with retrieve.", f"Differences in: {', '.join(differ) or 'nothing'}.")
    return Found("differ" if differ else "same")


def _name_length(bench: Bench) -> Found:
    jwk = bench.material.first.to_json()
    if bench.send("Deployed a key with a name of 81 characters.", parts.key(jwk, parts.LONG_KEY)).success:
        bench.must_read(_KEY, parts.LONG_KEY)
        return Found("taken")
    bench.must("Deployed the same key with a name of 80 characters.", parts.key(jwk, parts.LONG_KEY[:-1]))
    return Found("refused")


def _delete_together(bench: Bench) -> Found:
    bench.keys_in_use()
    both = ((_KEYSET, parts.KEYSET), (_KEY, parts.KEY))
    if bench.send("Deleted the keyset and its key in one package, the keyset first.", delete=both).success:
        for each in both:
            deletion(bench, True, *each)
        return Found("deleted")
    for each in both:
        bench.must(f"Deleted the {each[0].word} alone.", delete=(each,))
    return Found("refused")


EXPERIMENTS = (
    Experiment(
        "key-in-same-package", 1, "Is a keyset's key found in the same package?",
        (Side("found", "A keyset's key is found in the same package."),
         Side("not-found", "A keyset's key must be deployed before the keyset.", ("key-same-package",))),
        _key_in_same_package,
    ),
    Experiment(
        "delete-key-in-use", 2, "Is the deletion of a key that a keyset holds refused?",
        (Side("refused", "The org refuses to delete a key that a keyset holds."),
         Side("deleted", "The org deletes a key although a keyset holds it.", ("delete-in-use",))),
        _delete_key_in_use,
    ),
    Experiment(
        "keyset-type", 3, "Can a keyset's type change in place?",
        (Side("changes", "A keyset's type can change in place."),
         Side("refused", "The org refuses to change a keyset's type.", ("keyset-type-fixed",)),
         Side("kept", "The org accepts another type and keeps the old one.", None)),
        _keyset_type,
    ),
    Experiment(
        "jwk-replaced", 4, "Can the JWK of an existing key be replaced?",
        (Side("replaced", "The JWK of an existing key can be replaced."),
         Side("refused", "The org refuses another JWK for an existing key.", ("jwk-fixed",)),
         Side("kept", "The org accepts another JWK and keeps the old one.", None)),
        _jwk_replaced,
    ),
    Experiment(
        "jwk-text", 5, "Does a JWK come back re-serialised?",
        (Side("compact", "JWKs come back re-serialised, in compact JSON."),
         Side("verbatim", "JWKs come back exactly as they were sent.", ("jwk-verbatim",)),
         Side("otherwise", "JWKs come back re-serialised, with white space.", ("jwk-reserialised-otherwise",))),
        _jwk_text_returned,
    ),
    Experiment(
        "jwk-unknown-member", 6, "Does a JWK member survive that the org does not know?",
        (Side("survives", "Unknown members of a JWK survive."),
         Side("dropped", "The org drops unknown members of a JWK.", ("jwk-drops-unknown-members",)),
         Side("refused", "The org refuses a JWK with an unknown member.", None)),
        _jwk_unknown_member,
    ),
    Experiment(
        "inactive-key-in-use", 12, "Can a key that a keyset holds be made inactive?",
        (Side("taken", "A key in use can be made inactive."),
         Side("refused", "The org refuses to make a key in use inactive.", ("inactive-key-in-use-refused",)),
         Side("kept", "The org accepts the change and keeps the key active.", None)),
        _inactive_key_in_use,
    ),
    Experiment(
        "x5c", 13, "Does an uploaded key need x5c?",
        (Side("required", "The org refuses a key without x5c."),
         Side("not-required", "The org accepts a key without x5c.", ("x5c-not-required",))),
        _x5c,
    ),
    Experiment(
        "element-order", 17, "In which order do elements come back?",
        (Side("alphabetical", "Elements come back in the order of their names."),
         Side("another", "Elements come back in another order.", ("elements-reordered",))),
        _element_order,
    ),
    Experiment(
        "read-and-retrieve", 19, "Does readMetadata show what retrieve shows?",
        (Side("same", "readMetadata and retrieve show the same."),
         Side("differ", "readMetadata and retrieve show different values.", ("read-differs",))),
        _read_and_retrieve,
    ),
    Experiment(
        "name-length", 23, "Is a name of 81 characters refused?",
        (Side("refused", "Names of keys have at most 80 characters."),
         Side("taken", "Names of keys may have more than 80 characters.", ("long-names",))),
        _name_length,
    ),
    Experiment(
        "delete-together", 44, "Can a keyset and its key be deleted in one package?",
        (Side("deleted", "A keyset and its key can be deleted in one package."),
         Side("refused", "A keyset must be deleted before its key.", ("delete-together-refused",))),
        _delete_together,
    ),
)  # fmt: skip
