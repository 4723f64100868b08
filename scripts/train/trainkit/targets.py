"""What the networks are to answer: smoothed labels, mixed with what a backbone says.

The backbone is asked once for each training image, and for its mirror image where training has
those, before training: its answer moves little under the small shifts of augmentation, and so
distillation (Hinton and others, 2015) costs nothing in the steps.
"""

import torch
import torch.nn.functional as F

from .data import Batch


class Targets:
    """Called with a batch: probabilities [B,classes]. `teacher`: probabilities of every training
    image, of which `share` goes into the target."""

    def __init__(self, classes: int, smoothing: float, teacher: torch.Tensor | None = None,
                 share: float = 0.0):
        self.classes, self.smoothing = classes, smoothing
        self.teacher, self.share = teacher, share

    def __call__(self, batch: Batch) -> torch.Tensor:
        hard = F.one_hot(batch.labels, self.classes).float()
        if batch.mixed:
            labels, share = batch.mixed
            hard = share[:, None] * hard + (1 - share[:, None]) * F.one_hot(labels, self.classes)
        smooth = hard * (1 - self.smoothing) + self.smoothing / self.classes
        if self.teacher is None or not self.share:
            return smooth
        return (1 - self.share) * smooth + self.share * self.teacher[batch.index].to(hard)
