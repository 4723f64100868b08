"""How near an adapter's maps come to those that the backbone's trunk was trained on.

The trunk is strong already. To give it, from features, what it had from images costs a small part of
a step on the task, for the trunk itself is not computed.
"""

import torch

from . import backbone
from .fold import folded_body


class Matching:
    """`adapter`: the backbone's own, from whole images [B,3,S,S] to [B,width,16,16], frozen."""

    def __init__(self, name: str):
        self.adapter = folded_body(backbone.rebuild(name)).adapter

    def distance(self, maps: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
        """The squared error of `maps` as a share of the variance of what they should be."""
        with torch.no_grad():
            wanted = self.adapter(images)
        return (maps - wanted).square().mean() / wanted.var()
