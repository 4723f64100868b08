"""The networks that each stage trains."""

import torch
from torch import nn

from .body import plain
from .convolution import DeviceConvolution
from .extractor import Extractor
from .mobilenet import mobile


class LocalNetwork(nn.Module):
    """[B,k,H,W] -> logits [B,classes]: small 3x3 convolutions, pooled mean, dense. With no
    convolutions it is the paper's (paper 3.1)."""

    def __init__(self, network, classes: int):
        super().__init__()
        inputs, convolutions = network.localChannels, []
        for number, (width, stride) in enumerate(zip(network.localWidths, network.localStrides), 1):
            convolutions.append(DeviceConvolution(f"local{number}", inputs, width, 3, stride, "RELU"))
            inputs = width
        self.convolutions = nn.Sequential(*convolutions)
        self.dense = nn.Linear(inputs, classes)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.dense(self.convolutions(features).mean(dim=(2, 3)))


def feature_side(extractor: Extractor, side: int) -> int:
    with torch.no_grad():
        return extractor.eval()(torch.zeros(1, 3, side, side)).shape[-1]


class ReferenceModel(nn.Module):
    """Stage 1: the extractor and the reference network that will judge its features: an adapter
    before the backbone's trunk and dense layer, which stay as they are."""

    def __init__(self, network, side: int, classes: int):
        super().__init__()
        self.extractor = Extractor(network)
        self.reference = plain(network.channels, feature_side(self.extractor, side),
                               network.widths, classes)
        self.kept = [self.reference.trunk, self.reference.dense]
        for part in self.kept:
            part.requires_grad_(False)
        self.train()

    def train(self, mode: bool = True) -> "ReferenceModel":
        super().train(mode)
        for part in self.kept:
            part.eval()
        return self

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.reference(self.extractor(images))


class AgileModel(nn.Module):
    """Stage 2: everything that is trained jointly (paper 3.1, figure 5).

    combined = alpha * local + (1 - alpha) * remote on logits, alpha = sigmoid(w / T).
    """

    def __init__(self, network, side: int, quantiser: nn.Module, classes: int, alpha: float,
                 temperature: float):
        super().__init__()
        self.k = network.localChannels
        self.temperature = temperature
        self.extractor = Extractor(network)
        self.local = LocalNetwork(network, classes)
        self.quantiser = quantiser
        sent, cells = network.channels - self.k, feature_side(self.extractor, side)
        self.starts_from_reference = network.remote == "plain"
        self.remote = (plain(sent, cells, network.widths, classes) if self.starts_from_reference
                       else mobile(sent, cells, classes))
        start = torch.tensor(alpha).logit() * temperature
        self.mixing = nn.Parameter(start.reshape(()))

    @property
    def alpha(self) -> torch.Tensor:
        return torch.sigmoid(self.mixing / self.temperature)

    def start_from(self, stage1: "ReferenceModel") -> None:
        """Takes over the extractor, and the reference network's weights for what is sent where the
        remote network is of its form."""
        self.extractor.load_state_dict(stage1.extractor.state_dict())
        if not self.starts_from_reference:
            return
        weights = {name: tensor.clone() for name, tensor in stage1.reference.state_dict().items()}
        weights["adapter.0.conv.weight"] = weights["adapter.0.conv.weight"][:, self.k :]
        self.remote.load_state_dict(weights)

    def answer(self, features: torch.Tensor):
        """features [B,C,H,W] -> logits combined, local, remote [B,classes]; bits a symbol."""
        local = self.local(features[:, : self.k])
        sent, bits = self.quantiser(features[:, self.k :])
        remote = self.remote(sent)
        alpha = self.alpha
        return alpha * local + (1 - alpha) * remote, local, remote, bits

    def forward(self, images: torch.Tensor):
        return self.answer(self.extractor(images))
