"""Augmentation: what it does to an image, and that any step can be had again."""

import pytest
import torch

from trainkit import config, data, targets
from trainkit.layouts import DIGIT_NAMES, Split


@pytest.fixture
def dataset():
    torch.manual_seed(3)
    images = torch.randint(0, 256, (40, 32, 32, 3), dtype=torch.uint8)
    split = Split(images, torch.arange(40) % 10)
    return data.Dataset("digits", DIGIT_NAMES, split, split, 32)


def batches(dataset, **settings):
    return data.Batches(dataset, 8, config.DatasetConfig("digits", **settings), 1)


def test_batches_depend_on_their_address_alone(dataset):
    first, second = batches(dataset, pad=4), batches(dataset, pad=4)
    second(0, 0), second(3, 2)
    assert torch.equal(first(1, 2).images, second(1, 2).images)
    assert not torch.equal(first(1, 2).images, first(2, 2).images)


def test_an_epoch_holds_each_image_once(dataset):
    made = batches(dataset, augment="none")
    index = torch.cat([made(2, step).index for step in range(made.steps)])
    assert sorted(index.tolist()) == list(range(40))
    batch = made(2, 0)
    assert torch.equal(batch.pixels, dataset.train.images[batch.index])
    assert torch.equal(batch.labels, dataset.train.labels[batch.index])


def test_a_crop_is_a_shift_of_the_image_by_at_most_the_padding(dataset):
    shifts = set()
    for batch in (batches(dataset, augment="crop", pad=3)(0, step) for step in range(5)):
        for pixels, index in zip(batch.pixels, batch.index):
            image = dataset.train.images[index]
            found = [(dy, dx) for dy in range(-3, 4) for dx in range(-3, 4) if torch.equal(
                pixels[3 : 29, 3 : 29], image[3 + dy : 29 + dy, 3 + dx : 29 + dx])]
            assert len(found) == 1
            shifts.update(found)
    assert len(shifts) > 15


def test_every_other_epoch_mirrors(dataset):
    made = batches(dataset, augment="crop-flip", pad=0)
    for image in range(40):
        seen = []
        for epoch in (4, 5):
            for step in range(made.steps):
                batch = made(epoch, step)
                seen += [pixels for pixels, index in zip(batch.pixels, batch.index) if index == image]
        first, second = seen
        assert torch.equal(first, second.flip(1)) and not torch.equal(first, second)
        own = dataset.train.images[image]
        assert torch.equal(first, own) or torch.equal(second, own)


@pytest.mark.parametrize("side", [1, 7, 8])
def test_cutout_blanks_a_square_of_its_side(dataset, side):
    whole = 0
    for batch in (batches(dataset, augment="crop", pad=0, cutout=side)(0, step) for step in range(5)):
        for pixels, index in zip(batch.pixels, batch.index):
            changed = (pixels != dataset.train.images[index]).any(2)
            rows, columns = changed.any(1).nonzero(), changed.any(0).nonzero()
            height = int(rows.max() - rows.min()) + 1
            width = int(columns.max() - columns.min()) + 1
            assert height <= side and width <= side  # less at an edge
            whole += height == side and width == side
            inside = pixels[changed]
            assert torch.equal(inside, inside[:1].expand_as(inside))
    assert whole > 0


def test_cutmix_takes_a_part_of_another_image_and_of_its_label(dataset):
    plain = batches(dataset, augment="crop", pad=1)
    made = batches(dataset, augment="crop", pad=1, cutmix=1.0)
    shares = []
    for step in range(5):
        whole, batch = plain(0, step), made(0, step)
        others, share = batch.mixed
        assert torch.equal(batch.index, whole.index) and torch.equal(others, whole.labels.roll(-1))
        for place in range(8):
            own = (batch.pixels[place] == whole.pixels[place]).all(2)
            theirs = (batch.pixels[place] == whole.pixels[(place + 1) % 8]).all(2)
            assert bool((own | theirs).all())
            assert float(own.float().mean()) == pytest.approx(float(share[place]), abs=0.02)
        shares += share.tolist()
    assert min(shares) < 0.3 and max(shares) > 0.7


def test_cutmix_is_as_probable_as_it_says(dataset):
    made = batches(dataset, augment="none", cutmix=0.5)
    shares = torch.cat([made(epoch, step).mixed[1] for epoch in range(20) for step in range(5)])
    assert 0.4 < float((shares < 1).float().mean()) < 0.55


def test_mixed_images_have_mixed_answers():
    batch = data.Batch(torch.zeros(2, 4, 4, 3), torch.tensor([0, 1]), torch.tensor([0, 1]), 4,
                       (torch.tensor([2, 1]), torch.tensor([0.25, 0.5])))
    found = targets.Targets(3, 0.0)(batch)
    assert torch.equal(found, torch.tensor([[0.25, 0.0, 0.75], [0.0, 1.0, 0.0]]))
