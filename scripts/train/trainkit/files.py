"""Files that are whole or not there."""

import hashlib
import os
import tempfile
from pathlib import Path

from .errors import UserError


def text(path: Path) -> str:
    """What a text file holds."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UserError(f"{path}: not a text file in UTF-8") from None


def check_writable(folder: Path) -> None:
    """Makes the folder where it is missing, and refuses one that nothing can be written into."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(f"cannot write into {folder}: {error.strerror}", status=73) from error


def write(path: Path, content: bytes) -> str:
    """Writes beside and renames, in a folder that is made where it is missing; -> the SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    return hashlib.sha256(content).hexdigest()
