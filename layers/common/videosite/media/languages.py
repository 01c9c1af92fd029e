"""Languages: what files call them, as RFC 5646 tags and as names for menus."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

UNKNOWN = "und"
_NOT_A_LANGUAGE = frozenset({"und", "mis", "mul", "zxx", "unk", "xxx"})
"""ISO 639-2's codes for none, several and unknown, and what is written in their place."""


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files(__package__).joinpath("languages.toml").read_text("utf-8"))


@cache
def _short_codes() -> dict[str, str]:
    return {code: short for short, entry in _table().items() for code in entry["codes"]}


def language_tag(value: object) -> str:
    """A file's language tag as RFC 5646 has it, safe to print in a playlist; "und" when there is none.

    >>> language_tag("GER"), language_tag("pt_BR"), language_tag("x"), language_tag(None)
    ('de', 'pt-BR', 'und', 'und')
    """
    if not isinstance(value, str):
        return UNKNOWN
    tag = value.strip().replace("_", "-")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", tag, re.ASCII):
        return UNKNOWN
    language, *rest = tag.split("-")
    language = language.lower()
    if language in _NOT_A_LANGUAGE:
        return UNKNOWN
    return "-".join([_short_codes().get(language, language), *rest])


def canonical(tag: str) -> str:
    """A tag with the case that RFC 5646 section 2.1.1 gives its parts.

    >>> canonical("ZH-hans-cn"), canonical("DE"), canonical("es-419"), canonical("de-CH-1996")
    ('zh-Hans-CN', 'de', 'es-419', 'de-CH-1996')
    """
    language, *rest = tag.lower().split("-")
    cased = (part.title() if len(part) == 4 and part.isalpha() else part for part in rest)
    return "-".join([language, *(part.upper() if len(part) == 2 else part for part in cased)])


def language_name(tag: str) -> str:
    """What speakers call a language; the tag itself for one not listed; "" for an unknown one.

    >>> language_name("de"), language_name("pt-BR"), language_name("tlh"), language_name("und")
    ('Deutsch', 'Português (BR)', 'tlh', '')
    """
    if tag == UNKNOWN:
        return ""
    language, _, rest = tag.partition("-")
    name = _table().get(language, {}).get("name", language)
    return f"{name} ({rest})" if rest else str(name)
