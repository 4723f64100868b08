"""Files that are whole or not there."""

import hashlib
import os
from pathlib import Path


def write(path: Path, content: bytes) -> str:
    """Writes beside and renames, in a folder that is made where it is missing; -> the SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(content)
    os.replace(temporary, path)
    return hashlib.sha256(content).hexdigest()
