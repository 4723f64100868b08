"""What the training programs share: folders, options, one line for a failure."""

import argparse
import os
import sys
from pathlib import Path
from typing import Callable

from .errors import UserError

ROOT = Path(__file__).resolve().parents[3]
CACHE = Path(os.environ.get("AGILENN_CACHE") or Path.home() / ".cache" / "agilenn")
ALLOCATOR = ("glibc.malloc.mmap_threshold=17179869184:"
             "glibc.malloc.trim_threshold=17179869184:glibc.malloc.hugetlb=1")


def tune_allocator() -> None:
    """Starts over with an allocator that keeps big tensors' memory: a third of the time saved."""
    if sys.platform == "linux" and "GLIBC_TUNABLES" not in os.environ:
        os.environ["GLIBC_TUNABLES"] = ALLOCATOR
        os.execv(sys.executable, [sys.executable, *sys.argv])


def number(text: str, most: int) -> int:
    """From 1 to `most`, which has fewer than ten digits."""
    if not text.isdecimal() or not 1 <= int(text[:10]) <= most:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no number from 1 to {most}")
    return int(text)


def threads(text: str) -> int:
    """`--threads`: from 1 to 1024."""
    return number(text, 1024)


def count(text: str) -> int:
    """Of images: from 1 to a million."""
    return number(text, 1_000_000)


class Parser(argparse.ArgumentParser):
    """One that ends with the status of the project's other programs for a wrong command line."""

    def error(self, message: str):
        self.print_usage(sys.stderr)
        self.exit(64, f"{self.prog}: {message}\n")


def parser(description: str | None) -> argparse.ArgumentParser:
    result = Parser(description=description)
    result.add_argument("config", type=Path)
    add_data(result)
    result.add_argument("--out", type=Path,
                        help="checkpoints and logs (default: ~/.cache/agilenn/training/NAME)")
    add_machine(result)
    return result


def add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, default=Path(
        os.environ.get("AGILENN_DATA") or CACHE / "datasets"),
        help="folder of the data sets (default: $AGILENN_DATA, else ~/.cache/agilenn/datasets)")


def add_machine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", type=threads, metavar="N", help="PyTorch's threads")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto",
                        help="auto: a GPU where PyTorch finds one")


def prepare(options: argparse.Namespace) -> None:
    """Threads, and the device that tensors are made on from here on."""
    import torch

    if options.threads is not None:
        torch.set_num_threads(options.threads)
    has_gpu = torch.cuda.is_available()
    if options.device == "cuda" and not has_gpu:
        raise UserError("--device cuda: PyTorch finds no GPU")
    from . import distributed

    torch.set_default_device(distributed.begin(has_gpu and options.device != "cpu"))


def shown(path: Path) -> str:
    """A path as a person would type it, without this machine's folders."""
    path = path.resolve()
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path.name)


def guarded(program: str, work: Callable[[], None]) -> int:
    """Runs `work`; -> the exit status, after one line for a failure of the user's."""
    try:
        work()
    except UserError as error:
        print(f"{program}: {' '.join(str(error).split())}", file=sys.stderr)
        return error.status
    except ImportError as error:
        print(f"{program}: a Python package is missing or broken: {' '.join(str(error).split())} "
              "(scripts/setup train installs all)", file=sys.stderr)
        return 69
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(f"{program}: {where}{error.strerror or error}", file=sys.stderr)
        return 74
    except KeyboardInterrupt:
        print(f"{program}: interrupted; the same command goes on from the last checkpoint",
              file=sys.stderr)
        return 130
    return 0
