"""The codecs' network: a backbone that has learned what a codec leaves of a picture, at one quality or at
several."""

from pathlib import Path

import torch
import torch.nn.functional as F

from . import backbone, codecs, loop
from .body import Body
from .config import BackboneConfig, TaskConfig
from .data import Batch, Batches, Dataset, seeded
from .targets import Targets

RATE = 0.01


class CodedBatches:
    """Batches of which each image went through the codec, at a quality that is drawn for it."""

    def __init__(self, batches: Batches, settings: list[codecs.Setting], seed: int):
        self.batches, self.settings, self.seed = batches, settings, seed
        self.steps = batches.steps

    def __call__(self, epoch: int, step: int) -> Batch:
        batch = self.batches(epoch, step)
        drawn = torch.randint(0, len(self.settings), (len(batch.labels),), device="cpu",
                              generator=seeded(self.seed, 4, epoch, step))
        images = [codecs.coded(image, self.settings[place])[0]
                  for image, place in zip(batch.pixels.cpu().numpy(), drawn.tolist())]
        return Batch(codecs.stacked(images), batch.labels, batch.index, batch.side)


def stage_of(planned: BackboneConfig, epochs: int) -> TaskConfig:
    return TaskConfig(epochs=epochs, batch=planned.training.batch, peakRate=RATE, muonRate=0,
                      warmup=0.05, weightDecay=0.0001, labelSmoothing=0.1)


def tuned(planned: BackboneConfig, dataset: Dataset, settings: list[codecs.Setting],
          stage: TaskConfig, out: Path) -> Body:
    """The backbone after a stage on what a codec leaves at these settings, in evaluation mode; goes on
    from `out`'s checkpoint."""
    body = backbone.rebuild(planned.name)
    codec = settings[0].codec
    targets = Targets(len(dataset.labels), stage.labelSmoothing)
    batches = CodedBatches(Batches(dataset, stage.batch, planned.dataset, planned.seed), settings,
                           planned.seed)

    def loss(batch):
        logits = body(batch.images)
        right = (logits.detach().argmax(1) == batch.labels).float().mean()
        return F.cross_entropy(logits, targets(batch)), {"trainAccuracy": 100.0 * float(right)}

    mark = "-".join([backbone.digest(planned.name), dataset.train.digest, codec, str(stage.epochs),
                     *(str(setting.quality) for setting in settings)])
    if stage != stage_of(planned, stage.epochs) or any(s.chroma != codecs.HALF for s in settings):
        mark += f"-{stage}-{settings}"
    middle = settings[len(settings) // 2]
    watched = dataset.held or dataset.test
    loop.run(loop.Stage(
        name=codec.lower(), module=body, batches=batches, loss=loss,
        evaluate=lambda: {f"accuracy{middle.quality}": codecs.measure(body, watched, middle).accuracy},
        epochs=stage.epochs, rates=loop.Rates.of(stage), fingerprint=mark), out)
    return body.eval()
