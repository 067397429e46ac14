"""What a new password must be: long enough and not one that everybody guesses (NIST SP 800-63B-4, 3.1.1.2).

No composition rules and no expiry. The blocklist is zxcvbn's list of 30,000 common passwords, together with the
words that belong to this account: the e-mail, its local part, the client and the product, and those that the client
has listed itself.
"""

import re
from collections.abc import Sequence
from functools import cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.users import passwords
from app.users.errors import PasswordRefused

MAX_LENGTH = 128
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_SEPARATORS = re.compile(r"[\s._-]+")
_REPEATED = re.compile(r"(.+?)\1+")


def check(
    password: str, *, field: str, min_length: int, email: str, client_name: str, blocklist: Sequence[str] = ()
) -> None:
    """Raise PasswordRefused (422 with a `reason`) unless the password is acceptable."""
    plain = passwords.normalized(password)
    if len(plain) < min_length:
        raise PasswordRefused(field, "too_short", f"Use at least {min_length} characters.")
    forms = _forms(plain)
    if forms & _personal(email, client_name):
        raise PasswordRefused(field, "too_personal", "Do not use your address or the name of the service.")
    if forms & _listed(blocklist):
        raise PasswordRefused(field, "blocklisted", "Your organisation does not take this password.")
    if forms & _common() or min(map(len, forms)) <= 1:
        raise PasswordRefused(field, "too_common", "This password is among the first that are guessed.")


def _forms(password: str) -> set[str]:
    """Return the password and what is left without separators, digits and marks at its ends, and repetition."""
    whole = password.casefold()
    spellings = {whole, _SEPARATORS.sub("", whole) or whole}
    cores = {_EDGES.sub("", spelling) for spelling in spellings}
    forms = spellings | {core for core in cores if len(core) > 1}
    for form in tuple(forms):
        repeated = _REPEATED.fullmatch(form)
        if repeated:
            forms.add(repeated[1])
    return forms


def _personal(email: str, client_name: str) -> set[str]:
    local, _, domain = email.partition("@")
    name = passwords.normalized(client_name).casefold()
    words = {email, local, domain, domain.partition(".")[0], name, re.sub(r"[\W_]+", "", name), "rowlock"}
    words |= {_SEPARATORS.sub("", word) for word in words} | {_EDGES.sub("", local) or local}
    return {word for word in words if len(word) > 1}


def _listed(blocklist: Sequence[str]) -> set[str]:
    """Return the words of a client's own list, in the forms that a password is compared in."""
    words = {passwords.normalized(word).casefold() for word in blocklist}
    return words | {_SEPARATORS.sub("", word) or word for word in words}


@cache
def _common() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])
