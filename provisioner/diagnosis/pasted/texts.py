"""Messages of clients, as data: about their key, the network, the host, and later calls.

They occur only in pasted output. The first row that fits counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from provisioner.diagnosis.catalogue import Grade, KnownText, first_fit, normal
from provisioner.diagnosis.catalogue import known_text_row as _text
from provisioner.salesforce.refused_certificates import FORM_FLAWS, OLDER_PYTHON

_O, _D, _X, _N = Grade.OBSERVED, Grade.DOCUMENTED, Grade.REPRODUCED, Grade.INVENTED
_TO_PKCS8 = (
    "openssl pkcs8 -topk8 -nocrypt -in FILE -out PKCS8.pem rewrites the key as PKCS #8; provisioner keys inspect FILE "
    "shows the kind of the file."
)
_CHECK_PATH = "Check the path and the folder that the client runs in; provisioner keys inspect FILE checks the file."

#: The parts of the names of key files.
_KEY_FILES = ".key .pem privatekey private_key .p8 .jks .p12 .pfx"
#: What a program says that could not do something, with what it wanted to do; for lines about a private key.
_NOT_READ = " ".join(
    f"{failure}+{task}"
    for failure in ("failed", "unable", "cannot", "can't", "could+not", "couldn't")
    for task in ("pars", "load", "decod", "read", "deserializ", "import", "open")
)
#: Signs of a private key in another line of a CI log, for the words of tools that decode any text.
_DECODED_KEYS = f"{_KEY_FILES} private+key server_key jwt_key jwt-key pkcs8"
#: Parts of a line about the connection to an org.
_TO_AN_ORG = "salesforce.com force.com oauth2/token"

#: Messages of signing libraries and key tools: nothing was sent. The most specific ones come first.
KEY_TEXTS: tuple[KnownText, ...] = (
    _text("F31", "reading 'setcontentsfromobject'", "", _O, client_crash=90,
          note="It is a fault of the official CLI."),
    _text("F31", "do you have cryptography installed", "", _X, client_setup=95,
          remedy="Install the library that PyJWT signs RS256 with: python -m pip install cryptography"),
    _text("F31", "illegal key size", "", _O, client_setup=80,
          note="The Java installation does not allow keys of this size, or decryption with them.",
          remedy="Use a current Java: versions before 8u161 need Oracle's unlimited policy files."),
    _text("F29", "minimum key size", "", _X, key_too_small=95),
    _text("F29", "must have a bit size", "", _D, key_too_small=90),
    _text("F29", "key too small", "", _O, key_too_small=85),
    _text("F29", "key is too small", "", _O, key_too_small=85),
    _text("F29", "key is too short", "", _O, key_too_small=60, key_unreadable=55),
    _text("F29", "is not an rsa key", "", _D, key_not_rsa=95),
    _text("F29", "is not an rsa private key", "", _O, key_not_rsa=90),
    _text("F29", "key size must be", "", _O, key_too_small=90, near="rsa 2048 bits"),
    _text("F29", "key type must be one of", "", _X, key_not_rsa=95),
    _text("F29", "got ecprivatekey", "", _X, key_not_rsa=95),
    _text("F29", "got ed25519privatekey", "", _X, key_not_rsa=95),
    _text("F29", "private key is encrypted", "", _X, key_encrypted=95),
    _text("F29", "interrupted or cancelled", "", _O, key_encrypted=85, near="libcrypto",
          note="OpenSSL asked for the passphrase of the key, and nobody could give it."),
    _text("F29", "encrypted key was found", "", _O, key_encrypted=95, near="password passphrase"),
    _text("F29", "specified network password is not correct", "", _O, key_encrypted=90,
          note=".NET means the password of the PKCS #12 file (.pfx): it is wrong, or missing."),
    _text("F29", "idx10653", "", _O, key_too_small=95),
    _text("F29", "idx10630", "", _O, key_too_small=95),
    _text("F29", "idx10638", "", _O, key_unreadable=90,
          note="The certificate was loaded without its private key."),
    _text("F29", "keyset does not exist", "", _O, key_unreadable=85,
          note="Windows has the certificate, and not its private key; or the account of the program may not read it."),
    _text("F31", "unable to cast object of type 'system.security.cryptography.rsa", "", _O, client_setup=95,
          note=".NET and .NET Framework have different classes for the key.",
          remedy="Get the key with certificate.GetRSAPrivateKey(), which works with both, in place of a cast."),
    _text("F29", "bad decrypt", "", _O, key_encrypted=90, note="The passphrase is wrong."),
    _text("F29", "bad password read", "", _O, key_encrypted=90, note="The key needs a passphrase, and none was given."),
    _text("F29", "incorrect password, could not decrypt key", "", _X, key_encrypted=95,
          note="The passphrase is wrong."),
    _text("F29", "passphrase required for encrypted key", "", _O, key_encrypted=95),
    _text("F29", "maybe wrong password", "", _O, key_encrypted=85, near="key pkcs p12 pfx mac"),
    _text("F29", "mac verify error", "", _O, key_encrypted=85, note="The password of the PKCS #12 file is wrong."),
    _text("F29", "mac could not be verified", "", _O, key_encrypted=85,
          note="The password of the PKCS #12 file is wrong."),
    _text("F29", "keystore password was incorrect", "", _O, key_encrypted=90, note="The keystore's password is wrong."),
    _text("F29", "password was incorrect", "", _O, key_encrypted=90, near="keystore",
          note="The keystore's password is wrong, or the file is damaged."),
    _text("F29", "unrecoverablekeyexception", "", _O, key_encrypted=85,
          note="The password of the key in the keystore is wrong; it may differ from the keystore's own."),
    _text("F29", "cannot recover key", "", _O, key_encrypted=85,
          note="The password of the key in the keystore is wrong; it may differ from the keystore's own."),
    _text("F29", "secretorprivatekey must have a value", "", _X, key_unreadable=95,
          note="The key is empty: the variable or secret has no value, or is not set in this job."),
    _text("F29", "no key was provided", "", _O, key_unreadable=90, note="The key is empty: the variable is not set."),
    _text("F29", "must be an asymmetric key", "", _X, key_unreadable=60, key_encrypted=50,
          note="jsonwebtoken prints this for every key that it cannot read: a certificate, an encrypted key, a key on "
               "one line, in quotes, or with \\n in place of line breaks."),
    _text("F29", "could not parse the provided public key", "", _X, key_unreadable=85,
          note="PyJWT means the private key, although its message names the public key: it cannot be read."),
    _text("F29", "no attribute 'sign'", "", _X, key_unreadable=85, note="This is a public key, not the private one."),
    _text("F29", "must match the jwk type and public parameters", "", _O, certificate_mismatch=95,
          note="Key and certificate do not belong together: they are no pair.",
          remedy="provisioner keys inspect FILE shows the public key of each file; use the certificate of this key, "
                 "or make one: openssl req -new -x509 -key FILE -days 730 -subj /CN=provisioner -out provisioner.crt"),
    *(
        _text("F29", words, "", _D, certificate_mismatch=90,
              note="Key and certificate do not belong together: they are no pair.",
              remedy="provisioner keys inspect FILE shows the public key of each file; use the certificate of this "
                     "key.")
        for words in ("private key does not match", "certificate does not match the private key",
                      "certificate and private key do not match")
    ),
    _text("F29", "per key password", "", _D, key_encrypted=90,
          note="The password of the key in the keystore differs from the keystore's own. Salesforce asks for one "
               "password, and opens both with it.",
          remedy="Give the key the password of its keystore: keytool -keypasswd -alias ALIAS -keystore FILE."),
    _text("F29", "key values mismatch", "", _O, certificate_mismatch=90,
          note="Key and certificate do not belong together: they are no pair.",
          remedy="provisioner keys inspect FILE shows the public key of each file; use the certificate of this key."),
    _text("F29", "algorithm (rc2-40-cbc", "", _O, key_unreadable=90,
          note="The PKCS #12 file is encrypted with an old cipher, which OpenSSL 3 reads with -legacy only.",
          remedy="openssl pkcs12 -legacy -in FILE -nodes -out KEY.pem reads the file; provisioner keys inspect KEY.pem "
          "checks the result."),
    _text("F29", '"pkcs8" must be pkcs#8 formatted string', "", _O, key_unreadable=90,
          note="jose reads only PKCS #8 (BEGIN PRIVATE KEY); this is PKCS #1 (BEGIN RSA PRIVATE KEY), or not PEM.",
          remedy=_TO_PKCS8),
    _text("F29", "algid parse error", "", _O, key_unreadable=90,
          note="Java reads only PKCS #8 (BEGIN PRIVATE KEY); this is PKCS #1 (BEGIN RSA PRIVATE KEY).",
          remedy=_TO_PKCS8),
    _text("F29", "enametoolong", "", _O, key_unreadable=92,
          note="The key itself was given in place of its path.",
          remedy="Write the key to a file, and pass the path of that file to the client; provisioner keys inspect FILE "
          "checks the file."),
    _text("F31", "enoent: no such file", "", _O, client_crash=85, near=".sfdx/ .sfdx\\ .sf/ .sf\\",
          note="The missing file is one of the official CLI's own.",
          remedy="Log in again with the client: it makes its own files then. In CI: check that HOME is the same folder "
          "in every step."),
    _text("F29", "enoent: no such file", "", _O, key_unreadable=90,
          near=".key .pem privatekey private_key secretfile jwt .p8 .crt keyfile",
          note="No file of that name exists: the path is wrong, or the file was deleted. Jenkins deletes a secret file "
          "when its block ends; the official CLI stores the path and reads it again later.",
          remedy="Pass the path of a key file that exists as long as the login is used (in Jenkins: run every "
          "command inside withCredentials, and log in again there); provisioner keys inspect FILE checks the file."),
    _text("F29", "enoent: no such file or directory, open '***", "", _O, key_unreadable=80,
          note="The log masks the path; most likely it is that of the key file. The file does not exist.",
          remedy=_CHECK_PATH),
    _text("F29", "the file at path", "", _O, key_unreadable=90,
          near="found missing exist", note="The client finds no key file at that path.",
          remedy=_CHECK_PATH),
    *(
        _text("F29", words, "", _O, key_unreadable=85, near=_KEY_FILES,
              note="No file of that name exists: the path is wrong, or the file was deleted.",
              remedy=_CHECK_PATH)
        for words in ("cannot find the file specified", "cannot find the path specified", "cannot find path",
                      "could not find file", "failed to open stream")
    ),
    _text("F29", "no such file or directory", "", _O, key_unreadable=85,
          near=_KEY_FILES,
          note="No file of that name exists: the path is wrong, or the file was deleted.",
          remedy=_CHECK_PATH),
    *(
        _text("F29", words, "", _O, key_unreadable=85, near=_KEY_FILES,
              note="The account that the program runs under may not read the key file.",
              remedy="Give that account the right to read the file, and no other account; provisioner keys inspect "
                     "FILE checks the file.")
        for words in ("permission denied", "access to the path")
    ),
    _text("F29", "cannot be opened because it does not exist", "", _O, key_unreadable=85, near=_KEY_FILES,
          note="No file of that name exists: the path is wrong, or the file was deleted.", remedy=_CHECK_PATH),
    _text("F29", "could not open file or uri for loading", "", _O, key_unreadable=85, near="key certificate",
          note="No file of that name exists: the path is wrong, or the file was deleted.", remedy=_CHECK_PATH),
    *(
        _text("F29", words, "", _O, key_unreadable=90, near="keyobject cryptokey",
              note="The client got no key object: often the variable or secret with the key is not set, or its text "
                   "was given in place of an object.")
        for words in ('the "key.key" property must be', 'the "key" argument must be', "key must be one of type")
    ),
    _text("F29", "password was given but private key is not encrypted", "", _X, key_unreadable=90,
          note="A passphrase was given, and the key has none.",
          remedy="Omit the passphrase: for this program remove private_key_passphrase."),
    _text("F29", "final block not properly padded", "", _O, key_encrypted=80, near="ioexception keystore pkcs",
          note="The password of the keystore is wrong."),
    _text("F29", "alias <", "", _O, key_unreadable=85, near="does+not+exist",
          note="The keystore has no entry with that alias.",
          remedy="provisioner keys inspect FILE lists the aliases of the keystore: give the client one of these."),
    _text("F29", 'load key "', "", _O, key_unreadable=80, key_encrypted=25, near="invalid+format libcrypto"),
    _text("F29", "incorrect passphrase supplied", "", _O, key_encrypted=90, note="The passphrase is wrong."),
    _text("F29", "passphrase protected", "", _O, key_encrypted=90, near="key"),
    _text("F29", "not *rsa.privatekey", "", _O, key_not_rsa=60, key_unreadable=50),
    *(
        _text("F29", words, "", _O, key_unreadable=85, near=near)
        for words, near in (("no pem data", ""), ("find any pem data", "key"),
                            ("pem block", "failed no+found containing missing invalid"))
    ),
    _text("F29", "pem type", "", _O, key_unreadable=85, near="unexpected unknown unsupported",
          note="The library does not know this kind of PEM file (its BEGIN line)."),
    _text("F29", "no start line", "", _O, key_unreadable=85,
          note="OpenSSL finds no BEGIN line: the line breaks are lost, or this is no PEM file."),
    _text("F29", "err_ossl_unsupported", "", _O, key_unreadable=85, key_encrypted=40),
    _text("F29", "decoder routines", "", _O, key_unreadable=85, key_encrypted=40),
    _text("F29", "could not deserialize key data", "", _X, key_unreadable=85, key_encrypted=30),
    _text("F29", "unable to load pem file", "", _X, key_unreadable=85),
    _text("F29", "malformedframing", "", _X, key_unreadable=85),
    _text("F29", "invalidbyte(", "", _X, key_unreadable=80, near="pem base64 key"),
    _text("F29", "valid pem but no begin/end delimiters", "", _X, key_unreadable=85),
    _text("F29", "expecting a pem-formatted key", "", _X, key_unreadable=85,
          note="PyJWT got something other than text or bytes: often None, because a variable is not set."),
    _text("F29", "valid unencrypted rsa private key", "", _O, key_unreadable=80, key_encrypted=40),
    _text("F29", "neither pub key nor priv key", "", _O, key_unreadable=85, key_encrypted=30),
    _text("F29", "could not parse pkey", "", _O, key_unreadable=85, key_encrypted=30),
    _text("F29", "invalid keystore format", "", _O, key_unreadable=85,
          note="The file is no Java keystore of the kind that the program asks for (JKS, PKCS #12)."),
    _text("F29", "unrecognized keystore format", "", _O, key_unreadable=85,
          note="The file is no Java keystore of the kind that the program asks for (JKS, PKCS #12)."),
    *(
        _text("F29", words, "", _O, key_unreadable=85,
              note="The keystore has a certificate under that alias, or no entry, and not the private key.",
              remedy="provisioner keys inspect FILE lists the entries of the keystore: it must hold a private key.")
        for words in ("does not identify a key entry", "contain a privatekey entry")
    ),
    _text("F29", "rejects tag type", "", _O, key_unreadable=85,
          note="Java expects a binary keystore (PKCS #12): the file is text, often PEM, or of another kind."),
    _text("F29", "pem_read_bio", "", _O, key_unreadable=85),
    *(_text("F29", number, "", _O, key_unreadable=80) for number in ("error:0906d06c", "error:0909006c")),
    _text("F29", "invalid privatekey", "", _O, key_unreadable=85, key_encrypted=25),
    _text("F29", "unsupported key format", "", _O, key_unreadable=80, key_encrypted=40, near="privatekey private"),
    _text("F29", "unable to deserialize", "", _O, key_unreadable=80, key_encrypted=30, near="key"),
    _text("F29", "could not read private key from", "", _O, key_unreadable=85, key_encrypted=30),
    _text("F29", "could not read key from", "", _O, key_unreadable=85, key_encrypted=30),
    _text("F29", "could not find private key", "", _O, key_unreadable=85, key_encrypted=30),
    _text("F29", "unable to load private key", "", _O, key_unreadable=85, key_encrypted=30),
    _text("F29", "unable to load key", "", _O, key_unreadable=80, key_encrypted=30),
    _text("F29", "cannot be coerced into a private key", "", _O, key_unreadable=85, key_encrypted=30),
    _text("F29", "unable to validate key", "", _O, key_unreadable=80, key_encrypted=30,
          near="openssl lcobucci jwt private"),
    _text("F29", "pem encoded", "", _O, key_unreadable=85, near="key"),
    _text("F29", "is not yet implemented", "", _O, key_unreadable=80, near="format",
          note="The library does not know this kind of PEM file (its BEGIN line)."),
    _text("F29", "key format is not supported", "", _O, key_unreadable=80, key_encrypted=30),
    _text("F29", "invalidkeyformat", "", _O, key_unreadable=80, key_encrypted=40),
    _text("F29", "unable to sign data", "", _O, key_unreadable=80, key_encrypted=30, near="openssl jwt"),
    _text("F29", "undefined method `sign' for", "", _O, key_unreadable=80,
          note="The client got the text of the key, or nothing, in place of a key object."),
    _text("F29", "is in pkcs#1 format", "", _O, key_unreadable=90, note="The client reads only PKCS #8.",
          remedy=_TO_PKCS8),
    _text("F29", "data provided to an operation does not meet requirements", "", _O, key_unreadable=80,
          note="WebCrypto reads only PKCS #8 (BEGIN PRIVATE KEY); this is another kind of key.",
          remedy=_TO_PKCS8),
    _text("F29", "secret must be a string or buffer", "", _O, key_unreadable=75, key_encrypted=40,
          note="jsonwebtoken got no key, or a key with a passphrase in a form that it does not accept."),
    _text("F29", "invalid crypto key", "", _O, key_unreadable=85,
          note="Apex reads only PKCS #8 without a passphrase, as base64 without its BEGIN and END lines.",
          remedy=_TO_PKCS8),
    _text("F29", "invalid private key", "", _O, key_unreadable=80,
          near="securityexception auth.jws crypto pkcs rsa pem jwt"),
    _text("F29", "could not find a key with alias", "", _O, key_unreadable=85,
          note="The keystore has no private key with that alias.",
          remedy="provisioner keys inspect FILE lists the aliases of the keystore: give the client one of these."),
    _text("F29", "unsupported key curve", "", _O, key_not_rsa=90),
    _text("F29", "unsupported key type", "", _O, key_not_rsa=60, key_unreadable=50, near="cryptography jwk jose"),
    _text("F29", "key for the rs256 algorithm must be", "", _O, key_unreadable=85,
          note="jose got the text of the key in place of a key object.",
          remedy="Read the key with importPKCS8(text, 'RS256'); provisioner keys inspect FILE shows its kind."),
    _text("F29", "failed to execute 'importkey'", "", _O, key_unreadable=85,
          note="WebCrypto reads only PKCS #8 (BEGIN PRIVATE KEY), as binary; this is another kind of key.",
          remedy=_TO_PKCS8),
    _text("F29", "unable to decode key", "", _O, key_unreadable=85, near="invalidkey"),
    _text("F29", "derinputstream", "", _O, key_unreadable=85,
          note="Java expects the binary of a PKCS #8 key: often the text of a PEM file was given without decoding it.",
          remedy=_TO_PKCS8),
    _text("F29", "decodingexception", "", _O, key_unreadable=70, near="base64 baseencoding",
          note="The text of the key is not base64: often the file is in another encoding, such as UTF-16."),
    _text("F29", "alg expects key to be", "", _O, key_unreadable=80, key_not_rsa=50, near="rsa",
          note="jose-jwt got another type of key object: the text of the key, an EC key, or a disposed one."),
    _text("F31", "buffer supplied to a function was too small", "", _O, client_crash=80,
          note="It is a fault of Windows' cryptography with some keys. Another version of the library helps."),
    _text("F29", "key is invalid", "", _O, key_unreadable=70, near="rsa private jwt sign"),
    _text("F29", "key is of invalid type", "", _O, key_unreadable=75,
          note="The Go library got a key of another type than the algorithm requires, often the file's text unparsed."),
    _text("F29", "asn1: structure error", "", _O, key_unreadable=80,
          note="It is another kind of key than the program reads."),
    _text("F29", "failed to parse private key", "", _O, key_unreadable=85, key_encrypted=30),
    _text("F29", "failed to decode pem", "", _O, key_unreadable=85),
    _text("F29", "use parsepkcs8privatekey instead", "", _O, key_unreadable=85),
    _text("F29", "use parsepkcs1privatekey instead", "", _O, key_unreadable=85),
    _text("F29", "use parseecprivatekey instead", "", _O, key_not_rsa=90),
    _text("F29", "asn1 corrupted data", "", _O, key_unreadable=85, key_encrypted=25),
    _text("F29", "no supported key formats were found", "", _O, key_unreadable=85,
          note=".NET finds no PEM block of a private key in the text."),
    _text("F29", "not a valid base-64 string", "", _O, key_unreadable=70, near="key pem rsa frombase64",
          note="The text of the key is not only base64: often its BEGIN and END lines are still there."),
    _text("F29", "illegal base64 character", "", _O, key_unreadable=80,
          note="The text of the key is not only base64: often its BEGIN and END lines or its line breaks are in it."),
    _text("F29", "invalidkeyspecexception", "", _O, key_unreadable=80, key_encrypted=25),
    _text("F29", "invalid key format", "", _O, key_unreadable=75, near="private pkcs rsa pem java.security jwt"),
    _text("F29", "invalid keydata", "", _O, key_unreadable=80),
    _text("F29", "wrong tag", "", _O, key_unreadable=80, near="asn1 key pem"),
    _text("F29", "not enough data", "", _O, key_unreadable=75, near="asn1 key pem"),
    _text("F29", "bad base64 decode", "", _O, key_unreadable=85),
    _text("F29", "invalidpemdocument", "", _O, key_unreadable=85,
          note="Swift finds no PEM block with line breaks in the text."),
    *(
        _text("F29", words, "", _O, key_unreadable=70, near=_DECODED_KEYS, spread=True,
              note="The text is not base64: the variable or secret has blanks, line breaks or other signs in it.",
              remedy="base64 -w0 FILE (macOS: base64 -i FILE) prints the key on one line: store that as the secret.")
        for words in ("base64: invalid input", "decode base64: invalid", "unable to decode base64 string",
                      "string to be decoded is not correctly encoded")
    ),
    _text("F29", "bad end line", "", _O, key_unreadable=85),
    _text("F29", "invalid pem formatted message", "", _O, key_unreadable=85),
    _text("F29", "invalid character", "", _O, key_unreadable=60, near="importpkcs8 pkcs8 privatekey atob"),
    _text("F29", "asn.1 parsing error", "", _O, key_unreadable=80),
    _text("F29", "asn1 encoding routines", "", _O, key_unreadable=80, key_encrypted=25),
    _text("F29", "does not contain a private key", "", _O, key_unreadable=85),
    *(
        _text("F29", f"error {task} private key", "", _O, key_unreadable=75, key_encrypted=30)
        for task in ("parsing", "loading", "reading", "decoding")
    ),
    _text("F29", "private key", "", _O, key_unreadable=75, key_encrypted=30, near=_NOT_READ),
    _text("F29", "pem routines", "", _O, key_unreadable=80, key_encrypted=30),
    _text("F29", "invalidkeyexception", "", _O, key_unreadable=60, key_encrypted=20),
    _text("F29", "cryptographicexception", "", _O, key_unreadable=55, key_encrypted=20, near="key rsa pem pfx asn"),
)  # fmt: skip

#: Messages of clients without an answer of a token endpoint: the network, the host, the page. Only for pasted output.
CLIENT_TEXTS: tuple[KnownText, ...] = (
    _text("F27", "enotfound", "", _O, host_not_found=95),
    _text("F27", "getaddrinfo", "", _O, host_not_found=95),
    _text("F27", "nxdomain", "", _O, host_not_found=95),
    _text("F27", "name or service not known", "", _O, host_not_found=95),
    _text("F27", "failed to resolve", "", _O, host_not_found=95),
    _text("F27", "could not resolve host", "", _O, host_not_found=95),
    _text("F27", "couldn't resolve host", "", _O, host_not_found=95),
    _text("F27", "no such host", "", _O, host_not_found=95),
    _text("F27", "unknownhostexception", "", _O, host_not_found=95),
    _text("F27", "eai_again", "", _O, host_not_found=90),
    _text("F27", "temporary failure in name resolution", "", _O, host_not_found=90),
    _text("F28", "could not resolve proxy", "", _O, proxy=95),
    _text("F28", "407 from proxy", "", _O, proxy=95),
    _text("F28", "407 proxy", "", _O, proxy=90),
    _text("F28", "response 407", "", _O, proxy=90),
    _text("F28", "proxy authentication", "", _O, proxy=90),
    _text("F28", "tunnel connection failed", "", _O, proxy=85),
    _text("F28", "tunneling socket could not be established", "", _O, proxy=90),
    *(_text("F28", words, "", _O, proxy=90) for words in ("statuscode=407", "status code 407", "http 407")),
    *(_text("F28", words, "", _O, proxy=85) for words in ("cannot connect to proxy", "unable to connect to proxy")),
    *(
        _text("F28", flaw.words.lower(), "", _X, tls_untrusted=95, note=f"It means: {flaw.what}.",
              remedy=f"{flaw.cure}. {OLDER_PYTHON}.")
        for flaw in FORM_FLAWS.values()
    ),
    _text("F28", "self signed certificate", "", _O, tls_untrusted=95),
    _text("F28", "self-signed certificate", "", _O, tls_untrusted=95),
    _text("F28", "unable_to_get_issuer_cert_locally", "", _O, tls_untrusted=95),
    _text("F28", "unable to get local issuer certificate", "", _O, tls_untrusted=95),
    _text("F28", "unable_to_verify_leaf_signature", "", _O, tls_untrusted=95),
    _text("F28", "certificate_verify_failed", "", _O, tls_untrusted=95),
    _text("F24", "only post allowed", "", _O, not_a_login_host=90),
    _text("F24", "should not be a lightning domain", "", _O, not_a_login_host=95),
    _text("F24", "url no longer exists", "", _O, not_a_login_host=80),
    _text("F25", "the data you were trying to access could not be found", "", _D, maintenance=75, not_a_login_host=20),
    _text("F25", "data not available", "", _D, maintenance=75, not_a_login_host=20,
          near="<title webpage html salesforce"),
    _text("F25", "down for maintenance", "", _D, maintenance=90),
    _text("F25", "service unavailable", "", _O, maintenance=60, transient=40),
    _text("F26", "unexpected end of json input", "", _O, not_a_login_host=60, proxy=40),
    _text("F26", "unexpected token '<'", "", _O, not_a_login_host=60, proxy=40,
          note="The client got a web page in place of JSON."),
    _text("F26", "unexpected token < in json", "", _O, not_a_login_host=60, proxy=40,
          note="The client got a web page in place of JSON."),
    _text("F26", "expecting value: line 1 column 1", "", _O, not_a_login_host=60, proxy=40),
    _text("F30", "not valid for use with the", "", _O, missing_api_scope=70, ip_restricted=45, app_blocked=40,
          note="The login succeeded. Public reports found a missing scope (api), IP restrictions of the app, or API "
               "Access Control."),
    _text("F30", "api_currently_disabled", "", _O, api_not_enabled=85),
    _text("F30", "api_disabled_for_org", "", _O, api_not_enabled=80),
    _text("F30", "url_not_reset", "", _O, wrong_login_host=70),
    _text("F30", "destination url not reset", "", _O, wrong_login_host=70),
    _text("F30", "modifymetadata permissions", "", _D, metadata_permission_missing=85),
    _text("F30", "use of the metadata api requires a user with the modify", "", _O, metadata_permission_missing=85),
    _text("F30", "high assurance", "", _N, session_level_policy=45),
    _text("F27", "econnrefused", "", _O, proxy=60, wrong_login_host=20, near=f"{_TO_AN_ORG} :443 :3128"),
    _text("F27", "connection refused", "", _O, proxy=60, wrong_login_host=20, near="salesforce oauth token login"),
    _text("F28", "unable to verify the first certificate", "", _O, tls_untrusted=95),
    *(
        _text("F28", words, "", _O, tls_untrusted=90)
        for words in ("certificate verify failed", "certificate verification failed",
                      "unable to find valid certification", "untrustedroot", "partialchain",
                      "remotecertificatechainerrors", "invalid peer certificate",
                      "alert unknown ca")
    ),
    _text("F28", "pkix path building failed", "", _O, tls_untrusted=95),
    _text("F28", "x509: certificate signed by unknown authority", "", _O, tls_untrusted=95),
    _text("F28", "remote certificate is invalid", "", _O, tls_untrusted=90),
    _text("F28", "no subject alternative dns name", "", _O, tls_untrusted=90),
    _text("F28", "does not match certificate's altnames", "", _O, tls_untrusted=90),
    _text("F28", "cert_has_expired", "", _O, tls_untrusted=95,
          note="The certificate that the host, or a proxy in its place, shows has expired."),
    _text("F28", "certificate has expired", "", _O, tls_untrusted=90, near="ssl tls x509",
          note="The certificate that the host, or a proxy in its place, shows has expired."),
    _text("F28", "could not establish trust relationship", "", _O, tls_untrusted=95),
    _text("F28", "ssl certificate problem", "", _O, tls_untrusted=90),
    _text("F28", "wrong version number", "", _O, proxy=85, near="ssl eproto",
          note="The other side does not use TLS: often HTTPS_PROXY has https://, and the proxy expects http://."),
    _text("F20", "tls handshake timeout", "", _O, proxy=50, transient=45),
    _text("F20", "forcibly closed by the remote host", "", _O, proxy=50, transient=45),
    _text("F20", "connection reset by peer", "", _O, transient=50, proxy=45),
    _text("F20", "before secure tls connection was established", "", _O, proxy=55, transient=45),
    *(
        _text("F20", words, "", _O, proxy=50, transient=45, near=_TO_AN_ORG)
        for words in ("ssl_error_syscall", "eof occurred in violation of protocol", "unexpected eof while reading",
                      "remote end closed connection", "network is unreachable", "no route to host", "enetunreach",
                      "ehostunreach")
    ),
    _text("F20", "connecttimeouterror", "", _O, proxy=50, transient=45),
    _text("F20", "und_err_connect_timeout", "", _O, proxy=50, transient=45),
    _text("F20", "etimedout", "", _O, proxy=50, transient=45),
    *(
        _text("F20", words, "", _O, proxy=50, transient=45, near=f"{_TO_AN_ORG} salesforce", spread=True)
        for words in ("connection timed out", "connect timed out", "operation timed out", "read timed out",
                      "i/o timeout", "failed to connect to")
    ),
    _text("F20", "econnreset", "", _O, transient=50, proxy=45),
    _text("F20", "socket hang up", "", _O, transient=50, proxy=45),
    _text("F22", "soap api login() is disabled", "", _O, wrong_flow=90,
          note="The client logs in with a username and a password over SOAP."),
    *(
        _text("F22", words, "", _O, wrong_flow=90, note="The client logs in with a username and a password.")
        for words in ("invalid_login", "invalid username, password, security token")
    ),
    _text("F22", "login_must_use_security_token", "", _O, wrong_flow=90,
          note="The client logs in with a username and a password."),
    _text("F09", "missing consumer key parameter", "", _O, wrong_consumer_key=85),
    *KEY_TEXTS,
    _text("F30", "invalid_header_type", "", _O, access_token_refused=85, near="invalid_auth_header salesforce",
          note="The header has no token in the form `Bearer TOKEN`. In public reports the client had not logged in: a "
               "part of its settings was empty, or its version did not know JWT bearer.",
          remedy="Check that the client logs in before this call: it needs the username, the consumer key and the "
                 "private key, and a version that knows JWT bearer."),
    _text("F30", "invalid_jwt_format", "", _O, access_token_refused=80, near="invalid_auth_header",
          note="The API reads the token in the header as a JWT, and cannot."),
    _text("F30", "session expired or invalid", "", _O, access_token_refused=80, near="invalid_session_id salesforce"),
    _text("F30", "invalid session id found in sessionheader", "", _O, access_token_refused=65, jwt_format_token=40,
          note="SOAP answers so to an expired session, and to an access token in JWT format."),
    _text("F30", "bad_oauth_token", "", _O, access_token_refused=80),
    _text("F31", "cannot read properties of", "", _O, client_crash=80),
    _text("F31", "cannot read property '", "", _O, client_crash=80),
)  # fmt: skip


def known_client_text(words: str) -> KnownText | None:
    """Return the row for a client's message about its key, the network, the host or a later call."""
    return first_fit(CLIENT_TEXTS, words)


def client_text_in(lines: Sequence[str]) -> str | None:
    """Return the line with the most specific message of a client: the order of the rows decides."""
    said = [normal(line) for line in lines]
    whole = "\n".join(said)
    for row in CLIENT_TEXTS:
        if row.words not in whole:
            continue
        for line, words in zip(lines, said, strict=True):
            if row.fits(words):
                return line
    return None


def spread_lines_in(lines: Sequence[str]) -> str | None:
    """Return the line with a client's message behind the line that names its subject; None if there are none."""
    said = [normal(line) for line in lines]
    for row in (row for row in CLIENT_TEXTS if row.spread):
        words = next((number for number, line in enumerate(said) if row.words in line), None)
        subject = next((number for number, line in enumerate(said) if row.is_near(line)), None)
        if words is not None and subject is not None:
            return f"{lines[subject]} {lines[words]}"
    return None


def broken_line_in(lines: Sequence[str], rows: Sequence[KnownText]) -> str | None:
    """Return two lines, joined, if the break between them divides the words of a row; None if no words are divided."""
    said = [normal(line) for line in lines]
    whole = " ".join(said)
    for row in rows:
        if not row.words or row.words not in whole:
            continue
        for number, (first, second) in enumerate(pairwise(said)):
            joined = f"{first} {second}"
            if row.fits(joined) and row.words not in first and row.words not in second:
                return f"{lines[number]} {lines[number + 1]}"
    return None
