"""The resize against its formula in docs/plan.md, written plainly."""

import pytest
import torch

from trainkit.resize import bilinear, resized


def by_formula(image, side):
    source = image.shape[0]
    places = [min(max((2 * i + 1) * source * 1024 // side - 1024, 0), (source - 1) * 2048)
              for i in range(side)]
    result = torch.zeros(side, side, 3, dtype=torch.uint8)
    for row, vertical in enumerate(places):
        for column, horizontal in enumerate(places):
            total = 0
            for y, wy in ((vertical // 2048, 2048 - vertical % 2048),
                          (min(vertical // 2048 + 1, source - 1), vertical % 2048)):
                for x, wx in ((horizontal // 2048, 2048 - horizontal % 2048),
                              (min(horizontal // 2048 + 1, source - 1), horizontal % 2048)):
                    total = total + image[y, x].long() * wy * wx
            result[row, column] = (total + 2**21) // 2**22
    return result


@pytest.mark.parametrize("source, target", [(4, 12), (5, 7), (8, 3), (1, 4)])
def test_bilinear_is_the_devices(source, target):
    torch.manual_seed(source)
    images = torch.randint(0, 256, (2, source, source, 3), dtype=torch.uint8)
    for image, found in zip(images, bilinear(images, target)):
        assert torch.equal(found, by_formula(image, target))


def test_the_native_size_is_left_alone():
    images = torch.zeros(1, 4, 4, 3, dtype=torch.uint8)
    assert resized(images, 4) is images
