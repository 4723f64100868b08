"""The feature extractors: what the device computes of an image before anything is sent."""

from torch import nn

from .convolution import DeviceConvolution


def separable(network) -> list[DeviceConvolution]:
    """At the images' native size: a stride-2 convolution, then a separable one. 32x32 -> 16x16."""
    hidden, (first, second) = network.extractorHidden, network.extractorStrides
    return [
        DeviceConvolution("extract", 3, hidden, 3, first, "RELU6"),
        DeviceConvolution("mixSpace", hidden, hidden, 3, second, depthwise=True, norm=False),
        DeviceConvolution("mixChannels", hidden, network.channels, 1, 1, "RELU6"),
    ]


def block(network) -> list[DeviceConvolution]:
    """A learned block transform: one linear convolution whose stride is its kernel. 32x32 -> 8x8 by
    blocks of 4x4."""
    side = getattr(network, "block", 4)
    return [DeviceConvolution("transform", 3, network.channels, side, side, norm=False, bias=True)]


def published(network) -> list[DeviceConvolution]:
    """The published code's: two separable 3x3 convolutions, 4 then 24 channels, ReLU6, the first of
    stride 3. 96x96 -> 32x32."""
    hidden, (first, second) = network.extractorHidden, network.extractorStrides
    return [
        DeviceConvolution("extractSpace", 3, 3, 3, first, depthwise=True, norm=False),
        DeviceConvolution("extractChannels", 3, hidden, 1, 1, "RELU6"),
        DeviceConvolution("mixSpace", hidden, hidden, 3, second, depthwise=True, norm=False),
        DeviceConvolution("mixChannels", hidden, network.channels, 1, 1, "RELU6"),
    ]


KINDS = {"separable": separable, "block": block, "published": published}


class Extractor(nn.Sequential):
    """Images [B,3,S,S] in [0,1] -> features [B,C,H,W] (paper 3.1). Its last convolution yields the
    channels, so that their order is the order of its filters."""

    def __init__(self, network):
        super().__init__(*KINDS[network.extractor](network))
