"""Names of files as people give them, made safe to keep, to show and to save under."""

import unicodedata

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
