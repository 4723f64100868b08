"""Files that are whole or not there, in folders of one run at a time."""

import contextlib
import fcntl
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


@contextlib.contextmanager
def held(folder: Path):
    """Makes the folder where it is missing, and keeps other runs out of it while the block goes on.
    The lock ends with the process, however that ends. Of the processes of one run one holds it."""
    check_writable(folder)
    if int(os.environ.get("RANK", "0")):
        yield
        return
    with open(folder / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(f"{folder}: another run works in there; give another --out",
                            status=73) from None
        yield


def write(path: Path, content: bytes) -> str:
    """Writes beside and renames, in a folder that is made where it is missing; -> the SHA-256."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # What runs share, as a teacher's answers, two may write at once.
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    return hashlib.sha256(content).hexdigest()
