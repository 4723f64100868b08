"""The networks: extractor, local network, and the body that reference and remote share.

Spatial padding of stride-2 convolutions on the device is TensorFlow's SAME (nothing before, one
after), so that the exported graph needs no padding operator of its own.
"""

import torch
import torch.nn.functional as F
from torch import nn


class Extractor(nn.Module):
    """[B,3,32,32] in [0,1] -> [B,C,16,16] in [0,6]: a stride-2 convolution, then a separable one.

    (Paper 3.1; the published code's two separable convolutions, at the images' native size.)
    """

    def __init__(self, hidden: int, channels: int):
        super().__init__()
        self.conv = nn.Conv2d(3, hidden, 3, stride=2, bias=False)
        self.conv_norm = nn.BatchNorm2d(hidden)
        self.depthwise = nn.Conv2d(hidden, hidden, 3, padding=1, groups=hidden, bias=False)
        self.pointwise = nn.Conv2d(hidden, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        hidden = F.relu6(self.conv_norm(self.conv(F.pad(images, (0, 1, 0, 1)))))
        return F.relu6(self.norm(self.pointwise(self.depthwise(hidden))))


class LocalNetwork(nn.Module):
    """[B,k,16,16] -> logits [B,classes]: two stride-2 convolutions, pooled mean, dense."""

    def __init__(self, channels: int, widths: list[int], classes: int):
        super().__init__()
        self.convs, self.norms = nn.ModuleList(), nn.ModuleList()
        for width in widths:
            self.convs.append(nn.Conv2d(channels, width, 3, stride=2, bias=False))
            self.norms.append(nn.BatchNorm2d(width))
            channels = width
        self.dense = nn.Linear(channels, classes)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        for conv, norm in zip(self.convs, self.norms):
            features = F.relu(norm(conv(F.pad(features, (0, 1, 0, 1)))))
        return self.dense(features.mean(dim=(2, 3)))


class Block(nn.Module):
    """3x3 convolution, batch norm, ReLU; with a skip around all three where shapes allow."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, skip: bool = False):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.skip = skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.norm(self.conv(x)))
        return x + y if self.skip else y


class Body(nn.Module):
    """[B,channels,16,16] -> logits [B,classes]. Plain 3x3 convolutions: for each width one
    convolution into it (stride 2 but for the first) and one residual. Piecewise linear in
    evaluation mode, which `attribution.second_order` relies on.
    """

    def __init__(self, channels: int, widths: list[int], classes: int):
        super().__init__()
        blocks, inputs = [], channels
        for position, width in enumerate(widths):
            blocks.append(Block(inputs, width, stride=2 if position else 1))
            blocks.append(Block(width, width, skip=True))
            inputs = width
        self.blocks = nn.Sequential(*blocks)
        self.dense = nn.Linear(inputs, classes)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.dense(self.blocks(features).mean(dim=(2, 3)))


class ReferenceModel(nn.Module):
    """Stage 1: the extractor and the reference network that will judge its features."""

    def __init__(self, network, classes: int):
        super().__init__()
        self.extractor = Extractor(network.extractorHidden, network.channels)
        self.reference = Body(network.channels, network.remoteWidths, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.reference(self.extractor(images))


class AgileModel(nn.Module):
    """Stage 2: everything that is trained jointly (paper 3.1, figure 5).

    combined = alpha * local + (1 - alpha) * remote on logits, alpha = sigmoid(w / T).
    """

    def __init__(self, network, quantiser: nn.Module, classes: int, alpha: float,
                 temperature: float):
        super().__init__()
        self.k = network.localChannels
        self.temperature = temperature
        self.extractor = Extractor(network.extractorHidden, network.channels)
        self.local = LocalNetwork(self.k, network.localWidths, classes)
        self.quantiser = quantiser
        self.remote = Body(network.channels - self.k, network.remoteWidths, classes)
        start = torch.tensor(alpha).logit() * temperature
        self.mixing = nn.Parameter(start.reshape(()))

    @property
    def alpha(self) -> torch.Tensor:
        return torch.sigmoid(self.mixing / self.temperature)

    def start_from(self, stage1: "ReferenceModel") -> None:
        """Takes over the extractor, and the reference network's weights for what is sent."""
        self.extractor.load_state_dict(stage1.extractor.state_dict())
        weights = {name: tensor.clone() for name, tensor in stage1.reference.state_dict().items()}
        weights["blocks.0.conv.weight"] = weights["blocks.0.conv.weight"][:, self.k :]
        self.remote.load_state_dict(weights)

    def answer(self, features: torch.Tensor):
        """features [B,C,16,16] -> logits combined, local, remote [B,classes]; bits a symbol."""
        local = self.local(features[:, : self.k])
        sent, bits = self.quantiser(features[:, self.k :])
        remote = self.remote(sent)
        alpha = self.alpha
        return alpha * local + (1 - alpha) * remote, local, remote, bits

    def forward(self, images: torch.Tensor):
        return self.answer(self.extractor(images))
