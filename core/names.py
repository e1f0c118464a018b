"""Names of files as people give them, made safe to keep, to show and to save under."""

import re
import unicodedata

from core.fold import fold

MOST_NAME_BYTES = 255  # in UTF-8: what a Linux file system takes (NAME_MAX)
MOST_EXTENSION_BYTES = 16
NAMELESS = "file"

# Separators of paths, and what Windows does not take in a name.
_TO_DASH = str.maketrans(dict.fromkeys('/\\<>:"|?*', "-"))
_DEVICES = {
    "con",
    "prn",
    "aux",
    "nul",
    *(f"{port}{n}" for port in ("com", "lpt") for n in "123456789"),
}


def clean_name(name: str) -> str:
    """The same name without what could harm: NFC, one line, no path, at most 255 bytes.

    Directions of writing and unseen letters go, as they can make "exe.pdf" of "fdp.exe".
    """
    shown = "".join(map(_seen, unicodedata.normalize("NFC", name)))
    line = unicodedata.normalize("NFC", " ".join(shown.split())).translate(_TO_DASH)
    return _shorten(_no_device(line.strip(" .-")))


def _seen(letter: str) -> str:
    category = unicodedata.category(letter)
    if category[0] == "Z" or letter in "\t\r\n":
        return " "
    return "" if category[0] == "C" else letter


def _no_device(name: str) -> str:
    """Windows opens a device under these names, whatever the extension."""
    return f"_{name}" if name.partition(".")[0].strip().lower() in _DEVICES else name


def _shorten(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > MOST_EXTENSION_BYTES:
        stem, dot, extension = name, "", ""
    room = MOST_NAME_BYTES - len((dot + extension).encode())
    kept = stem.encode()[:room].decode(errors="ignore").rstrip(" .-")
    return (kept or NAMELESS) + dot + extension


def bound_name(unit_code: str, duty_code: str, period: str, version: int, number: int = 1) -> str:
    """Of the PDF of a report's pages, in ASCII alone, such as THQT_BC6T_2018_v1.pdf.

    number: which of the report's PDFs it is; the first bears none.
    """
    parts = [_plain(unit_code).upper(), short_code(duty_code), _plain(period), f"v{version}"]
    which = f"-{number}" if number > 1 else ""
    return "_".join(part for part in parts if part) + f"{which}.pdf"


def short_code(code: str) -> str:
    """The first letters of a code's words: "bc-6-thang" is BC6T.

    Numbers stay whole, and so do words without a vowel, which are abbreviations already, and a
    code of one word.
    """
    words = [word for word in re.split("[^a-z0-9]+", fold(code)) if word]
    if len(words) == 1:
        return words[0].upper()
    return "".join(word if _stays(word) else word[0] for word in words).upper()


def _stays(word: str) -> bool:
    return word[0].isdigit() or not re.search("[aeiouy]", word)


def _plain(text: str) -> str:
    return re.sub("[^A-Za-z0-9-]+", "-", fold(text)).strip("-").upper()
