import torch

from trainkit import losses

I = torch.tensor([[0.5, 0.3, 0.1, 0.1], [0.1, 0.2, 0.4, 0.3]])


def test_skewness():
    torch.testing.assert_close(losses.skewness(I, 2), torch.tensor([0.8, 0.3]))
    torch.testing.assert_close(losses.skewness_loss(I, 2, 0.6), torch.tensor([0.0, 0.3]))


def test_disorder():
    torch.testing.assert_close(losses.disorder_loss(I, 2), torch.tensor([0.0, 0.3]))


def test_only_right_samples_count():
    loss = losses.importance_loss(2, 0.9)
    torch.testing.assert_close(loss(I, torch.tensor([True, False])), torch.tensor(0.1))
    torch.testing.assert_close(loss(I, torch.tensor([True, True])), torch.tensor((0.1 + 0.9) / 2))
    assert float(loss(I, torch.tensor([False, False]))) == 0.0


def test_disorder_may_count_for_more():
    loss = losses.importance_loss(2, 0.9, disorder_weight=4.0)
    torch.testing.assert_close(loss(I, torch.tensor([False, True])), torch.tensor(0.6 + 4 * 0.3))
