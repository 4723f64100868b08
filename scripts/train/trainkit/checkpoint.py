"""Checkpoints that survive a kill at any moment: written beside, then renamed over.

A file: `MAGIC`, the SHA-256 of what follows, and that as PyTorch saves it.
"""

import hashlib
import io
from pathlib import Path

import torch

from . import files
from .errors import UserError

MAGIC = b"AgileNN checkpoint 2\n"
HEAD = len(MAGIC) + hashlib.sha256().digest_size


def save(path: Path, content: dict) -> None:
    buffer = io.BytesIO()
    torch.save(content, buffer)
    body = buffer.getvalue()
    files.write(path, MAGIC + hashlib.sha256(body).digest() + body)


def cached(path: Path, fingerprint: str) -> dict | None:
    """The checkpoint, or None where there is none that can be read and is this one."""
    try:
        return load(path, fingerprint)
    except UserError:
        return None


def load(path: Path, fingerprint: str) -> dict | None:
    """The checkpoint, or None where there is none. Another configuration's is refused."""
    if not path.exists():
        return None
    content = read(path)
    if content.get("fingerprint") != fingerprint:
        raise UserError(
            f"{path}: belongs to another configuration; move it away or give another --out"
        )
    return content


def read(path: Path) -> dict:
    """A checkpoint, whosever it is."""
    whole = path.read_bytes()
    if not whole.startswith(MAGIC):
        raise UserError(f"{path}: not a checkpoint of this program")
    body = whole[HEAD:]
    if whole[len(MAGIC):HEAD] != hashlib.sha256(body).digest():
        raise UserError(f"{path}: damaged; remove it to start this stage over")
    try:
        content = torch.load(io.BytesIO(body), map_location="cpu", weights_only=True)
    except Exception as error:
        raise UserError(f"{path}: not a readable checkpoint ({type(error).__name__})") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: not a checkpoint of this program")
    return content
