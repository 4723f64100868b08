"""What is learned from: smoothed labels, and a backbone's answers."""

import pytest
import torch

from trainkit import backbone, data, teacher
from trainkit.layouts import DIGIT_NAMES, Split


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_teacher_answers_for_each_training_image(tiny_backbone, tmp_path, monkeypatch, mirrored):
    torch.manual_seed(5)
    images = torch.randint(0, 256, (12, 32, 32, 3), dtype=torch.uint8)
    train = Split(images, torch.arange(12) % 10)
    dataset = data.Dataset("digits", DIGIT_NAMES, train, train, 32)
    answers = teacher.ask("tiny", dataset, mirrored, tmp_path)
    with torch.no_grad():
        planar, body = images.permute(0, 3, 1, 2).float() / 255, backbone.rebuild("tiny")
        expected = body(planar).softmax(1)
        if mirrored:
            expected = (expected + body(planar.flip(3)).softmax(1)) / 2
    torch.testing.assert_close(answers.float(), expected, rtol=1e-2, atol=1e-3)

    # Kept, but not for other images, nor where the file is torn.
    rebuilt = []
    original = backbone.rebuild
    monkeypatch.setattr(backbone, "rebuild", lambda name: rebuilt.append(name) or original(name))
    assert torch.equal(teacher.ask("tiny", dataset, mirrored, tmp_path), answers) and not rebuilt
    (tmp_path / "teacher-tiny.pt").write_bytes(b"torn")
    assert torch.equal(teacher.ask("tiny", dataset, mirrored, tmp_path), answers)
    other = Split(255 - images, train.labels)
    teacher.ask("tiny", data.Dataset("digits", DIGIT_NAMES, other, train, 32), mirrored, tmp_path)
    assert len(rebuilt) == 2


def test_targets_mix_smoothed_labels_and_the_teacher():
    from trainkit.targets import Targets

    teacher = torch.tensor([[0.2, 0.8], [0.5, 0.5]])
    batch = data.Batch(torch.zeros(1), torch.tensor([0]), torch.tensor([0]), 32)
    torch.testing.assert_close(Targets(2, 0.1)(batch), torch.tensor([[0.95, 0.05]]))
    torch.testing.assert_close(
        Targets(2, 0.1, teacher, 0.5)(batch), torch.tensor([[0.575, 0.425]]))
