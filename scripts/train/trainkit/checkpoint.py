"""Checkpoints that survive a kill at any moment: written beside, then renamed over."""

import io
from pathlib import Path

import torch

from . import files
from .errors import UserError

FORMAT = 1


def save(path: Path, content: dict) -> None:
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, **content}, buffer)
    files.write(path, buffer.getvalue())


def cached(path: Path, fingerprint: str) -> dict | None:
    """The checkpoint, or None where there is none that can be read and is this one."""
    try:
        return load(path, fingerprint)
    except UserError:
        return None


def load(path: Path, fingerprint: str) -> dict | None:
    """The checkpoint, or None where there is none. Another configuration's is refused."""
    if not path.is_file():
        return None
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise UserError(f"{path}: not a readable checkpoint ({type(error).__name__})") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise UserError(f"{path}: not a checkpoint of this program")
    if content.get("fingerprint") != fingerprint:
        raise UserError(
            f"{path}: belongs to another configuration; move it away or give another --out"
        )
    return content
