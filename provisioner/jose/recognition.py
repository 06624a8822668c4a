"""The answer of the recogniser of key material, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum


class Kind(StrEnum):
    """The kind of a file's content: the word in JSON."""

    JSON = "json"
    CERTIFICATE = "certificate"
    PRIVATE_KEY = "private-key"
    PUBLIC_KEY = "public-key"
    CERTIFICATE_REQUEST = "certificate-request"
    REVOCATION_LIST = "revocation-list"
    PKCS12 = "pkcs12"
    PKCS7 = "pkcs7"
    KEYSTORE = "keystore"
    JWT = "jwt"
    METADATA = "metadata"
    ENCRYPTED = "encrypted"
    PLACEHOLDER = "placeholder"
    OTHER = "other"


class Form(StrEnum):
    """The shape of a file, inside its wrappings: a row of the table of cures."""

    PRIVATE_KEY = "private-key"
    OPENSSH_KEY = "openssh-key"
    PRIVATE_JWK = "private-jwk"
    PKCS12 = "pkcs12"
    JAVA_KEYSTORE = "java-keystore"
    PUTTY_KEY = "putty-key"
    SSH2_KEY = "ssh2-key"
    DROPBEAR_KEY = "dropbear-key"
    XML_KEY = "xml-key"
    PGP_KEY = "pgp-key"
    FOREIGN_KEY = "foreign-key"
    MICROSOFT_KEY = "microsoft-key"
    PRINTED_KEY = "printed-key"
    YAML_JWK = "yaml-jwk"
    UNFIT_KEY = "unfit-key"
    PRIVATE_JSON = "private-json"
    CUT_KEY = "cut-key"
    DAMAGED_KEY = "damaged-key"
    CERTIFICATE = "certificate"
    PUBLIC_KEY = "public-key"
    SSH_PUBLIC_KEY = "ssh-public-key"
    REQUEST = "request"
    REVOCATION_LIST = "revocation-list"
    PKCS7 = "pkcs7"
    PARAMETERS = "parameters"
    JSON = "json"
    METADATA = "metadata"
    COMPONENT = "component"
    KMS = "kms"
    CERTIFICATE_MAP = "certificate-map"
    JWT = "jwt"
    AGE = "age"
    PGP_MESSAGE = "pgp-message"
    CMS_MESSAGE = "cms-message"
    SMIME_MESSAGE = "smime-message"
    GIT_CRYPT = "git-crypt"
    EYAML = "eyaml"
    VAULT_CIPHERTEXT = "vault-ciphertext"
    SEALED = "sealed-secret"
    ANSIBLE_VAULT = "ansible-vault"
    SOPS = "sops"
    OPENSSL_ENC = "openssl-enc"
    JWE = "jwe"
    LFS_POINTER = "lfs-pointer"
    COMPRESSED = "compressed"
    WEB_PAGE = "web-page"
    MASK = "mask"
    VARIABLE = "variable"
    PATH = "path"
    CREDENTIAL = "credential"
    SAMPLE = "sample"
    EMPTY = "empty"
    OTHER = "other"


class Wrapping(Enum):
    """A wrapping of key material: its description, and the step that removed it."""

    BYTE_ORDER_MARK = "after a byte order mark", "its byte order mark was dropped"
    UTF16 = "saved as UTF-16, not as UTF-8", "its UTF-16 was decoded"
    CRLF = "with the line ends of Windows", "its line ends of Windows (CRLF) were read as line breaks"
    QUOTES = "in quotation marks", "the quotation marks around it were removed"
    ESCAPES = "with the two characters \\n for line breaks", "the two characters \\n were read as line breaks"
    CONTINUED = "with a backslash at the end of its lines", "the backslashes at the end of its lines were removed"
    NO_BREAK_SPACES = "with no-break spaces", "its no-break spaces were read as blanks"
    LABEL = (
        "between the BEGIN and END lines of another form",
        "its BEGIN and END lines, which name another form, were corrected",
    )
    FRAME = (
        "with BEGIN and END lines that are damaged",
        "its damaged BEGIN and END lines were corrected",
    )
    EDGES = "with other characters around its lines", "the characters around its lines were removed"
    PERCENT = "with percent escapes", "its percent escapes were decoded"
    JSON_ESCAPES = "with the escapes of JSON for characters", "its escapes of JSON were decoded"
    HTML_ESCAPES = "with the escapes of HTML for characters", "its escapes of HTML were decoded"
    ONE_LINE = "without its line breaks", "its lost line breaks were put back"
    BASE64 = "in base64", "its base64 was decoded"
    HEXADECIMAL = "in hexadecimal", "its hexadecimal was decoded"
    NUMBERS = "as a list of bytes in numbers", "its list of bytes was read"
    EMBEDDED = "among other text", "the text around it was left out"
    INSIDE = "inside another binary file", "the rest of the binary file was left out"
    NO_PEM_LINES = "without its PEM lines", "its missing PEM lines (BEGIN and END) were added"

    @property
    def state(self) -> str:
        """Return the description, which follows the name of the content."""
        return self.value[0]

    @property
    def repair(self) -> str:
        """Return the step that removed the wrapping, as a clause."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Recognition:
    """A recognised file.

    ``what`` follows "holds" in a sentence. ``certificates`` are DER, the key's own first; ``public`` is (n, e) of an
    RSA key beside or instead of a certificate. ``json`` is the JSON text as UTF-8, with blanks for other text so that
    lines and columns stay; ``around`` describes that other text. ``is_private``: anyone with the file can sign, or
    needs only its passphrase. ``algorithm`` is the key's (``RSA``, ``EC``, ``Ed25519``), None if unknown, as is
    ``bits``. ``owners`` are the names that the file itself gives to its keys: aliases of a keystore, the comment of an
    SSH key, the kid of a key in a KMS. ``core`` is what is inside the wrappings: PEM of one block, DER, a keystore,
    JSON; it may be private and is never shown. ``private_keys`` is the number of private keys, if it is known.
    ``string_wrappings`` are those of a key inside the string of a JSON text. ``is_broken``: the JSON cannot be parsed.
    """

    kind: Kind
    what: str
    form: Form = Form.OTHER
    certificates: tuple[bytes, ...] = ()
    public: tuple[int, int] | None = None
    json: bytes | None = field(default=None, repr=False)
    around: str | None = None
    is_private: bool = False
    algorithm: str | None = None
    bits: int | None = None
    owners: tuple[str, ...] = ()
    has_passphrase: bool = False
    wrappings: tuple[Wrapping, ...] = ()
    core: bytes = field(default=b"", repr=False)
    private_keys: int = 0
    string_wrappings: tuple[Wrapping, ...] = ()
    is_broken: bool = False
