"""`scripts/bytes`: what a codec needs for an accuracy, and the tables and pictures of saved measurements."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "bytes_curve.py"
sys.path.insert(0, str(SCRIPT.parent))

import bytes_curve  # noqa: E402
from bytes_curve import Point  # noqa: E402

POINTS = [Point(0, 0.0, 60.0, None, 60.0, None, None), Point(50, 48.5, 70.0, 70.0, 60.0, 65.0, 0.5),
          Point(400, 395.25, 92.5, 92.5, 60.0, 92.0, 1.25)]


@pytest.mark.parametrize("accuracy, size", [
    (50, 100), (60, 150), (70, 200), (75, 300), (49, None), (80.5, None)])
def test_a_codec_needs_what_lies_between_its_points(accuracy, size):
    # The third point has more bytes for less, and is passed over.
    found = bytes_curve.bytes_for(accuracy, [(100, 50), (200, 70), (250, 65), (400, 80)])
    assert found == (pytest.approx(size) if size else None)


def test_saved_measurements_come_back(tmp_path):
    bytes_curve.save(POINTS, tmp_path / "a.csv")
    assert bytes_curve.saved(tmp_path / "a.csv") == POINTS


def test_the_table_says_what_codecs_need(tmp_path, monkeypatch):
    monkeypatch.setattr(bytes_curve, "RESULTS", tmp_path)
    (tmp_path / "codecs-cifar10.csv").write_text(
        "# by some command\ncodec,quality,bytes,accuracy,tuned\n"
        "WEBP,5,140,40,65\nWEBP,90,560,80,90\nPNG,,2000,94,\n")
    lines = bytes_curve.table("cifar10", POINTS).splitlines()
    assert lines[0].endswith("| WEBP for as much | PNG for as much |")
    assert "| - | below 140 | below 2000 |" in lines[2]
    assert "| 0.50 ms | 224 | below 2000 |" in lines[3]
    assert "| not reached | below 2000 |" in lines[4]


def test_saved_measurements_are_drawn(tmp_path):
    bytes_curve.save(POINTS, tmp_path / "cifar10-agilenn.csv")
    run = [sys.executable, SCRIPT, "--lab", "none", "--saved", "--out", tmp_path]
    result = subprocess.run([*run, "cifar10/agilenn"], capture_output=True, text=True)
    assert result.returncode == 0 and "| 400 bytes | 395 | 92.50 % |" in result.stdout
    assert (tmp_path / "bytes-cifar10.png").stat().st_size > 10_000
    result = subprocess.run([*run, "cifar10/agilenn-paper"], capture_output=True, text=True)
    assert result.returncode == 1 and result.stderr.count("\n") == 1
    result = subprocess.run([*run, "no/bundle"], capture_output=True, text=True)
    assert result.stderr == "bytes: no bundle Config/models/no/bundle\n"
