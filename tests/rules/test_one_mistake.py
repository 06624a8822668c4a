"""One mistake gives one finding: the one that names it, and no other that only follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.running import directory, findings, findings_of

ENDPOINT = "endpoint: https://a.example.com/"
KEYSETS = f"keysets: {{k: {{issuer: a.b, {ENDPOINT}}}}}\n"
SHOP = "certificate: keys/shop.crt"
KEYS = f"keys: {{a: {{{SHOP}, kid: a}}}}\n"
ON = "channels: {C: {user_verification: {enabled: true, configurations: "


def created(create: str) -> str:
    verified = "{enabled: true, configurations: {x: {keyset: k}}}"
    return f"channels:\n  C:\n    create: {create}\n    user_verification: {verified}\n"


#: A declaration with one mistake, the rule of its finding, and a part of the message or the fix.
MISTAKES = {
    "a kid that is a number": (f"keys: {{a: {{{SHOP}, kid: 123456}}}}", "yaml-wrong-type", "Put it in quotes"),
    "a kid without a value": (f"keys: {{a: {{{SHOP}, kid: }}}}", "yaml-null", "`kid` is null"),
    "a certificate that is a number": ("keys: {a: {certificate: 5, kid: a}}", "yaml-wrong-type", "the number 5"),
    "a certificate without a value": ("keys: {a: {certificate: , kid: a}}", "yaml-null", "`certificate` is null"),
    "a misspelt jwk": ("keys: {a: {jkw: keys/shop.jwk.json}}", "yaml-unknown-field", "Did you mean `jwk`?"),
    "a misspelt certificate": ("keys: {a: {certficate: keys/shop.crt, kid: a}}", "yaml-unknown-field", "`certificate`"),
    "a misspelt kid": (f"keys: {{a: {{{SHOP}, kdi: a}}}}", "yaml-unknown-field", "`kid`"),
    "an unknown field": (f"keys: {{a: {{{SHOP}, keyid: a}}}}", "yaml-unknown-field", "`keyid`"),
    "a merge key": (f"keys:\n  a: &a {{{SHOP}, kid: a}}\n  b:\n    <<: *a\n", "yaml-merge-key", "An alias of a whole"),
    "a template as an issuer": (
        f"keysets: {{a: {{issuer: {{{{ url }}}}, {ENDPOINT}}}}}",
        "yaml-wrong-type",
        "`{{ url }}` is an expression of a template language",
    ),
    "a template as a text": ("issuers: {a: {{ url }}}", "yaml-wrong-type", "Write `${var:url}`"),
    "a misspelt endpoint": ("keysets: {a: {issuer: a.b, endpint: https://a.b}}", "yaml-unknown-field", "`endpoint`"),
    "an endpoint that is a number": ("keysets: {a: {issuer: a.b, endpoint: 5}}", "yaml-wrong-type", "the number 5"),
    "a misspelt issuer": (f"keysets: {{a: {{isuer: a.b, {ENDPOINT}}}}}", "yaml-unknown-field", "`issuer`"),
    "an issuer that is a number": (f"keysets: {{a: {{issuer: 5, {ENDPOINT}}}}}", "yaml-wrong-type", "in quotes"),
    "a used issuer that is a number": (
        f"issuers: {{x: 5}}\nkeysets: {{a: {{issuer: x, {ENDPOINT}}}}}",
        "yaml-wrong-type",
        "the number 5",
    ),
    "keys that are no list": (f"keys: {{a: {{{SHOP}, kid: a}}}}\nkeysets: {{a: {{issuer: a.b, keys: a}}}}",
                              "yaml-wrong-type", "must be a list"),
    "a keyset that is a text": ("keysets: {a: foo}\n" + ON + "{x: {keyset: a}}}}}", "yaml-wrong-type", "'foo'"),
    "a key that is a text": ("keys: {a: keys/shop.crt}\nkeysets: {a: {issuer: a.b, keys: [a]}}", "yaml-wrong-type",
                             "must be a mapping"),
    "a configuration that is a text": (KEYSETS + ON + "{x: k}}}}", "yaml-wrong-type", "'k'"),
    "a misspelt keyset": (KEYSETS + ON + "{x: {keset: k}}}}}", "yaml-unknown-field", "`keyset`"),
    "an unknown keyset": (KEYSETS + ON + "{x: {keyset: kk}}}}}", "channel-unknown-keyset", "Did you mean k?"),
    "a flag that is a word": (KEYSETS + ON.replace("true", "yes") + "{x: {keyset: k}}}}}", "yaml-wrong-type", "'yes'"),
    "a misspelt section": (KEYSETS.replace("keysets", "keyset") + ON + "{x: {keyset: k}}}}}", "yaml-unknown-field",
                           "`keysets`"),
    "a misspelt list of external keysets": ("external: {keyset: [k]}\n" + ON + "{x: {keyset: k}}}}}",
                                            "yaml-unknown-field", "`keysets`"),
    "external keysets that are no list": ("external: {keysets: k}\n" + ON + "{x: {keyset: k}}}}}", "yaml-wrong-type",
                                          "must be a list"),
    "a misspelt flow": (KEYSETS + created("{label: C, routing: {flwo: F, fallback_queue: Q}}"), "yaml-unknown-field",
                        "`flow`"),
    "a misspelt fallback queue": (KEYSETS + created("{label: C, routing: {flow: F, falback_queue: Q}}"),
                                  "yaml-unknown-field", "`fallback_queue`"),
    "a queue that is a number": (KEYSETS + created("{label: C, routing: {queue: 5}}"), "yaml-wrong-type", "in quotes"),
    "a misspelt routing": (KEYSETS + created("{label: C, rooting: {queue: Q}}"), "yaml-unknown-field", "`routing`"),
    "a missing routing": (KEYSETS + created("{label: C}"), "yaml-missing-field", "`create` lacks `routing`"),
    "an empty routing": (KEYSETS + created("{label: C, routing: {}}"), "channel-create-routing", "neither"),
    "a misspelt enabled": (KEYSETS + created("{label: C, routing: {queue: Q}}").replace("enabled", "enabeld"),
                           "yaml-unknown-field", "`enabled`"),
    "a file that is missing": ((f"keys: {{a: {{certificate: keys/nowhere.crt, kid: a}}}}\n"
                               f"keysets: {{k: {{issuer: a.b, keys: [a]}}}}\n{ON}{{x: {{keyset: k}}}}}}}}}}"),
                               "key-file-missing", "no such file"),
    "typographic quotes": (f"keysets: {{a: {{issuer: “https://id.example.com”, {ENDPOINT}}}}}", "text-quotes",
                           'write "https://id.example.com"'),
    "quotes in quotes": (f"keys: {{a: {{{SHOP}, kid: '\"shop-1\"'}}}}", "text-quotes", 'write "shop-1"'),
    "a quote at one end": (f"keys: {{a: {{{SHOP}, kid: shop-1’}}}}", "text-quotes", 'write "shop-1"'),
    "a no-break space": (f'keysets: {{a: {{issuer: "https://a.b/\\u00a0c", {ENDPOINT}}}}}', "text-whitespace",
                         "U+00A0"),
    "a space in a URL": (f"keysets: {{a: {{issuer: https://a.b /c, {ENDPOINT}}}}}", "text-whitespace", "white space"),
    "a comment behind a value": (f"keys:\n  a:\n    {SHOP}\n    kid: a // ours\n", "text-whitespace", "with # instead"),
    "a Cyrillic letter": (f'keysets: {{a: {{issuer: "https://ex\\u0430mple.com", {ENDPOINT}}}}}',
                          "text-unusual-character", "U+0430 (Cyrillic small letter a), which looks like `a`"),
    "an en dash": (f'keys: {{a: {{{SHOP}, kid: "shop\\u20131"}}}}', "text-unusual-character", 'Write "shop-1" in '),
    "a letter without a twin": (f"keysets: {{a: {{issuer: https://bücher.example, {ENDPOINT}}}}}",
                                "text-unusual-character", "U+00FC"),
    "an endpoint with a look-alike": ('keysets: {a: {issuer: a.b, endpoint: "https://id.ex\\u0430mple.com/jwks"}}',
                                      "text-unusual-character", "U+0430"),
    "a look-alike in a Configuration Name": (KEYSETS + ON + '{"l\\u043egin": {keyset: k}}}}}',
                                             "configuration-name-invalid", "U+043E"),
    "a placeholder": (f"keysets: {{a: {{issuer: https://YOUR_DOMAIN.auth0.com/, {ENDPOINT}}}}}", "text-placeholder",
                      "`YOUR_DOMAIN`"),
    "a placeholder in braces": (f"keysets: {{a: {{issuer: 'https://a.b/{{tenant}}/v2.0', {ENDPOINT}}}}}",
                                "text-placeholder", "`{tenant}`"),
    "a placeholder in brackets": (f"keys: {{a: {{{SHOP}, kid: <kid>}}}}", "text-placeholder", "`<kid>`"),
    "a quoted template as an issuer": ("issuers: {a: '{{ issuer url }}'}", "text-placeholder", "`{{ issuer url }}`"),
    "a variable of a shell": ("issuers: {a: https://$DOMAIN/}", "text-placeholder", "`$DOMAIN`"),
    "a list item without a value": (f"{KEYS}keysets: {{k: {{issuer: a.b, keys:\n    [a,\n    ~]}}}}", "yaml-null",
                                    "after the dash"),
    "a list item with a colon": (f"{KEYS}keysets: {{k: {{issuer: a.b, keys: [a: x]}}}}\n{ON}{{x: {{keyset: k}}}}}}}}}}",
                                 "yaml-wrong-type", "this is a mapping"),
    "a comment of another language": (f"// ours\n{KEYSETS}", "yaml-syntax", "`//` begins no comment"),
    "a conflict marker": (f"issuers:\n<<<<<<< HEAD\n  a: b\n=======\n  a: c\n>>>>>>> branch\n{KEYSETS}", "yaml-syntax",
                          "conflict marker of git"),
    "an alias without an anchor": ("keys: {a: *b}", "yaml-syntax", "names an anchor that is not defined"),
}  # fmt: skip


def test_a_declaration_that_is_null_is_called_null(tmp_path: Path) -> None:
    config = directory(tmp_path, "")
    (config.directory / "user-verification.yaml").write_text("null\n", encoding="utf-8")
    (found,) = findings_of(config.directory)
    assert (found.rule, found.message) == ("yaml-wrong-type", "The declaration must be a mapping; this is null.")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_one_mistake_gives_one_finding(mistake: str, tmp_path: Path) -> None:
    declared, rule, words = MISTAKES[mistake]
    found = findings(tmp_path, declared)
    assert [each.rule for each in found] == [rule], [each.message for each in found]
    assert words in f"{found[0].message} {found[0].fix}"


def test_a_conflict_marker_is_named_at_its_own_line(tmp_path: Path) -> None:
    declared = "issuers:\n  a: b.c\n<<<<<<< HEAD\n  x: a.b\n=======\n  x: a.c\n>>>>>>> branch\n"
    (found,) = findings(tmp_path, declared)
    assert found.location is not None
    assert (found.location.line, found.location.column) == (4, 1)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1204\n", "git lfs pull"),
        (b'{\n<<<<<<< HEAD\n  "kty": "RSA"\n=======\n>>>>>>> b\n}\n', "shop.jwk.json:2: The file contains a conflict"),
        (b'{\n  // the shop\'s key\n  "kty": "RSA"\n}\n', "shop.jwk.json:2:3 is not JSON: `//` begins a comment"),
        (b'{\n  # ours\n  "kty": "RSA"\n}\n', "`#` begins a comment"),
    ],
)
def test_a_key_file_that_git_or_a_person_left_unreadable(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "config/keys").mkdir(parents=True)
    (tmp_path / "config/keys/shop.jwk.json").write_bytes(content)
    (tmp_path / "config/user-verification.yaml").write_text("version: 1\nkeys: {a: {jwk: keys/shop.jwk.json}}\n")
    (found,) = findings_of(tmp_path / "config")
    assert words in f"{found.message} {found.fix}"


def test_two_mistakes_in_one_value_give_two_findings(tmp_path: Path) -> None:
    found = findings(tmp_path, f'keysets: {{a: {{issuer: "https://ex\\u0430mple.com /x", {ENDPOINT}}}}}')
    assert sorted(each.rule for each in found) == ["text-unusual-character", "text-whitespace"]


def test_an_unknown_field_hides_no_other_missing_one(tmp_path: Path) -> None:
    """`lable` is `label`; the kid is missing all the same."""
    found = findings(tmp_path, f"keys: {{a: {{{SHOP}, lable: Shop}}}}")
    assert sorted(each.rule for each in found) == ["key-kid-missing", "yaml-unknown-field"]


@pytest.mark.parametrize(
    "declared",
    [
        "x-m: &m {verified: 60}\nchannels: {C: {token_expiration_minutes: *m}, D: {token_expiration_minutes: *m}}",
        "x-notes: [1, null, '${var:undefined}', {a: '${env:SECRET}'}]\n" + KEYSETS,
        f"keysets: {{a: {{issuer: https://my-shop.example.com/your-account, {ENDPOINT}}}}}",
        f"keys: {{a: {{{SHOP}, kid: xn--bcher-kva, label: Bücher „groß“ – 日本 👨‍👩‍👧}}}}",
    ],
)
def test_no_mistake_gives_no_finding(declared: str, tmp_path: Path) -> None:
    assert [each.message for each in findings(tmp_path, declared)] == []


LOGIN = """\
login_url: https://acme--uat.sandbox.my.salesforce.com
username: ci@acme.com.uat
consumer_key: ${env:KEY}
private_key: ${env:KEY}
"""


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("acme--uat", "MY_DOMAIN--uat", "text-placeholder"),
        ("ci@acme.com.uat", "<user>@acme.com.uat", "text-placeholder"),
        ("${env:KEY}\np", "YOUR_CONSUMER_KEY\np", "text-placeholder"),
        ("ci@", "ci@", None),
    ],
)
def test_placeholders_of_a_login(before: str, after: str, rule: str | None, tmp_path: Path) -> None:
    found = findings(tmp_path, "", LOGIN.replace(before, after))
    assert [each.rule for each in found] == ([rule] if rule else [])


SANDBOX = "https://acme--uat.sandbox.my.salesforce.com"


@pytest.mark.parametrize(
    ("before", "after", "rule", "words"),
    [
        ("login_url", "login_ur", "yaml-unknown-field", "Did you mean `login_url`?"),
        ("consumer_key", "consumerkey", "yaml-unknown-field", "Did you mean `consumer_key`?"),
        (LOGIN, "embeded_org: .org\n", "yaml-unknown-field", "Did you mean `embedded_org`?"),
        (LOGIN, "sf_orgg: acme\n", "yaml-unknown-field", "Did you mean `sf_org`?"),
        ("ci@acme.com.uat", "5", "yaml-wrong-type", "`username` must be text"),
        ("${env:KEY}\np", "{{ key }}\np", "yaml-wrong-type", "an expression of a template language"),
        (SANDBOX, f"“{SANDBOX}”", "text-quotes", f'write "{SANDBOX}"'),
        (SANDBOX, f"'{SANDBOX} '", "text-whitespace", "ends with white space"),
        (SANDBOX, "“https://me:secret@acme.my.salesforce.com”", "text-quotes", "its value is not printed"),
        ("${env:KEY}\np", "'\"3MVG9abcdefghijklmnopqrstuvwxyz\"'\np", "text-quotes", "its value is not printed"),
        ("${env:KEY}\np", "'  '\np", "text-whitespace", "`consumer_key` begins with white space"),
        ("username: ", "audience: ‘https://test.salesforce.com’\nusername: ", "text-quotes", "`audience`"),
        ("username: ", "chat_url: https://a.my.salesforce-scrt.com /\nusername: ", "text-whitespace", "`chat_url`"),
        ("username: ", "overides: {}\nusername: ", "yaml-unknown-field", "`overrides`"),
        ("username: ", "api_version: vNext\nusername: ", "api-version-invalid", "vNext"),
    ],
)
def test_one_mistake_in_an_environment(before: str, after: str, rule: str, words: str, tmp_path: Path) -> None:
    found = findings(tmp_path, "", LOGIN.replace(before, after, 1))
    assert [each.rule for each in found] == [rule], [each.message for each in found]
    assert words in f"{found[0].message} {found[0].fix}"
    assert "3MVG" not in found[0].message + found[0].fix
    assert "secret@" not in found[0].message + found[0].fix


@pytest.mark.parametrize("written", ["67.0", "67", '"67.0"'])
def test_an_api_version_needs_no_quotes(written: str, tmp_path: Path) -> None:
    assert findings(tmp_path, "", f"{LOGIN}api_version: {written}\nx-mine: true\n") == ()


@pytest.mark.parametrize("written", ["67.5", "61.0", "1e400", "-67", ".inf", "latest"])
def test_an_api_version_that_is_none(written: str, tmp_path: Path) -> None:
    found = findings(tmp_path, "", f"{LOGIN}api_version: {written}\n")
    assert [each.rule for each in found] == ["api-version-invalid"]
