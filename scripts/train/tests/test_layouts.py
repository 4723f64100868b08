"""The publishers' layouts, on files of their form."""

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import savemat

from trainkit import data
from trainkit.errors import MissingInput, UserError


def write_svhn(folder, labels=None):
    folder.mkdir()
    random = np.random.default_rng(0)
    made = {}
    for name, count in (("train", 12), ("test", 10)):
        images = random.integers(0, 256, (32, 32, 3, count), dtype=np.uint8)
        digits = (np.arange(count) % 10 + 1 if labels is None else labels).astype(np.uint8)
        savemat(folder / f"{name}_32x32.mat", {"X": images, "y": digits[:, None]},
                do_compression=True)
        made[name] = (images, digits)
    return made


def test_svhn_keeps_pixels_in_place_and_calls_ten_zero(tmp_path):
    made = write_svhn(tmp_path / "svhn")
    dataset = data.load("svhn", tmp_path)
    for split, name in ((dataset.train, "train"), (dataset.test, "test")):
        images, digits = made[name]
        assert split.labels.tolist() == [int(d) % 10 for d in digits]
        for i in range(len(split)):
            assert np.array_equal(split.images[i].numpy(), images[:, :, :, i])
    assert dataset.labels == [str(d) for d in range(10)] and dataset.side == 32


@pytest.mark.parametrize("change, words", [
    ({"X": np.zeros((32, 32, 3, 2), np.float64)}, "not uint8"),
    ({"X": np.zeros((32, 31, 3, 2), np.uint8)}, "not uint8"),
    ({"y": np.array([[1], [11]], np.uint8)}, "labels from 1 to 11"),
    ({"y": np.array([[0], [3]], np.uint8)}, "labels from 0 to 3"),
    ({"y": np.array([[1]], np.uint8)}, "1 labels for 2 images"),
    ({"y": np.array([[1.5], [2]])}, "no whole numbers"),
    ({"y": np.array([["1"], ["2"]])}, "not a column of numbers"),
    ({"y": np.array([[1, 2], [1, 2]], np.uint8)}, "not a column of numbers"),
    ({"y": np.array([[1j], [2]])}, "not a column of numbers"),
])
def test_svhn_files_of_another_form(tmp_path, change, words):
    write_svhn(tmp_path / "svhn")
    good = {"X": np.zeros((32, 32, 3, 2), np.uint8), "y": np.array([[1], [2]], np.uint8)}
    savemat(tmp_path / "svhn" / "test_32x32.mat", {**good, **change})
    with pytest.raises(UserError, match=words):
        data.load("svhn", tmp_path)


def test_svhn_torn_and_missing(tmp_path):
    write_svhn(tmp_path / "svhn")
    file = tmp_path / "svhn" / "train_32x32.mat"
    file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(UserError, match="not a MATLAB file with X and y"):
        data.load("svhn", tmp_path)
    file.unlink()
    with pytest.raises(MissingInput, match="train_32x32.mat"):
        data.load("svhn", tmp_path)


def write_tiny_imagenet(folder):
    classes = {"n01": "goldfish, Carassius auratus", "n02": "salamander"}
    random = np.random.default_rng(1)
    folder.mkdir()
    (folder / "wnids.txt").write_text("n02\nn01\n")
    (folder / "words.txt").write_text("".join(f"{w}\t{t}\n" for w, t in classes.items()))
    for wnid in classes:
        images = folder / "train" / wnid / "images"
        images.mkdir(parents=True)
        for i in range(3):
            pixels = random.integers(0, 256, (64, 64, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(images / f"{wnid}_{i}.JPEG")
    (folder / "val" / "images").mkdir(parents=True)
    lines = []
    for i, wnid in enumerate(("n01", "n02", "n01")):
        # A grey image, which the published set has some of.
        Image.new("L", (64, 64), 50 * i).save(folder / "val" / "images" / f"val_{i}.JPEG")
        lines.append(f"val_{i}.JPEG\t{wnid}\t0\t0\t62\t62\n")
    (folder / "val" / "val_annotations.txt").write_text("".join(lines))


def test_tiny_imagenet(tmp_path):
    write_tiny_imagenet(tmp_path / "tiny-imagenet-200")
    dataset = data.load("tinyimagenet", tmp_path)
    assert dataset.labels == ["salamander", "goldfish"] and dataset.side == 64
    # Not class by class, and each image with its own label.
    assert sorted(dataset.train.labels.tolist()) == [0, 0, 0, 1, 1, 1]
    assert dataset.train.labels.tolist() not in ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0])
    again = data.load("tinyimagenet", tmp_path)
    assert torch.equal(again.train.images, dataset.train.images)
    for image, label in zip(dataset.train.images, dataset.train.labels):
        wnid = ("n02", "n01")[label]
        files = (tmp_path / "tiny-imagenet-200" / "train" / wnid / "images").iterdir()
        assert any(np.array_equal(np.asarray(Image.open(file)), image.numpy()) for file in files)
    assert dataset.test.labels.tolist() == [1, 0, 1]
    assert dataset.test.images.shape == (3, 64, 64, 3)
    assert torch.equal(dataset.test.images[1].float().mean(dim=(0, 1)), torch.full((3,), 50.0))


def test_tiny_imagenet_torn(tmp_path):
    root = tmp_path / "tiny-imagenet-200"
    write_tiny_imagenet(root)
    file = root / "train" / "n01" / "images" / "n01_0.JPEG"
    Image.new("RGB", (32, 64)).save(file)
    with pytest.raises(UserError, match="n01_0.JPEG: 32x64 pixels, not 64x64"):
        data.load("tinyimagenet", tmp_path)
    file.write_bytes(b"torn")
    with pytest.raises(UserError, match="not a readable image"):
        data.load("tinyimagenet", tmp_path)
    Image.new("RGB", (64, 64)).save(file)
    (root / "val" / "images" / "val_1.JPEG").unlink()
    with pytest.raises(MissingInput, match="val_1.JPEG"):
        data.load("tinyimagenet", tmp_path)


@pytest.mark.parametrize("name, content, words", [
    ("wnids.txt", "n02\nn01\nn01\n", "there twice"),
    ("wnids.txt", "n02\nn01\nn03\n", "no JPEG files in .*n03"),
    ("train/n01/images/n01_3.JPEG", b"one more", "n01/images: 4 JPEG files, where n02 has 3"),
    ("val/val_annotations.txt", "", "no images"),
    ("words.txt", b"\xff\xfe", "not a text file"),
])
def test_tiny_imagenet_incomplete(tmp_path, name, content, words):
    root = tmp_path / "tiny-imagenet-200"
    write_tiny_imagenet(root)
    (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError, match=words):
        data.load("tinyimagenet", tmp_path)


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "digits" / "digits-train.bin"
    path.parent.mkdir()
    (path.parent / "digits-test.bin").write_bytes(bytes(3073))
    with open(path, "wb") as file:
        file.truncate(3073 << 30)
    with pytest.raises(UserError, match="is more than any of these data sets has"):
        data.load("digits", tmp_path)


def test_cifar_with_a_short_file(tmp_path):
    root = tmp_path / "cifar-10-batches-bin"
    root.mkdir()
    names = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
    for name in names:
        np.zeros((3, 3073), np.uint8).tofile(root / name)
    with pytest.raises(MissingInput, match="batches.meta.txt"):
        data.load("cifar10", tmp_path)
    (root / "batches.meta.txt").write_text("cat\ncat\n")
    with pytest.raises(UserError, match="2 names, not 10"):
        data.load("cifar10", tmp_path)
    (root / "batches.meta.txt").write_text("\n".join("abcdefghij"))
    with pytest.raises(UserError, match="15 images in .*, not 50000"):
        data.load("cifar10", tmp_path)
