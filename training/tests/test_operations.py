"""Operations that stand for slower ones: the same values, the same gradients."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from training.model.compact import Compact, ConvolutionBlock, RepVGGBlock
from training.model.operations import Aggregation, upsample_double
from training.tests.test_losses import small_network


def random_map(seed: int, *shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator).contiguous(memory_format=torch.channels_last)


def assert_close(found: torch.Tensor, expected: torch.Tensor, tolerance: float = 1e-5) -> None:
    assert found.shape == expected.shape
    assert (found - expected).abs().max() <= tolerance * expected.abs().max()


@pytest.mark.parametrize("shape", [(2, 3, 6, 5), (1, 4, 1, 9), (2, 8, 12, 16)])
def test_doubling_is_bilinear(shape: tuple[int, ...]) -> None:
    found, expected = (random_map(1, *shape).requires_grad_() for _ in range(2))
    results = upsample_double(found), F.interpolate(expected, scale_factor=2, mode="bilinear", align_corners=False)
    assert_close(*results)
    weights = random_map(2, *results[0].shape)
    for result in results:
        (result * weights).sum().backward()
    assert_close(found.grad, expected.grad)


@pytest.mark.parametrize(("side", "height", "width"), [(2, 8, 6), (2, 7, 5), (3, 9, 10)])
def test_aggregation_is_a_depthwise_convolution(side: int, height: int, width: int) -> None:
    found, expected = ([random_map(1, 2, 4, height, width), random_map(2, 4, 1, side, side)] for _ in range(2))
    leaves = [tensor.requires_grad_() for tensor in found + expected]
    results = Aggregation.apply(*leaves[:2]), F.conv2d(*leaves[2:], stride=side, groups=4)
    assert_close(*results)
    weights = random_map(3, *results[0].shape)
    for result in results:
        (result * weights).sum().backward()
    assert_close(leaves[0].grad, leaves[2].grad)
    assert_close(leaves[1].grad, leaves[3].grad)


@pytest.mark.parametrize("block", [ConvolutionBlock(6, 6, 4, 2, 1), RepVGGBlock(6)])
def test_folding_is_fixed_batch_norm(block: torch.nn.Module) -> None:
    """In training with fixed statistics, and in evaluation: one output, and one gradient of every parameter."""
    torch.manual_seed(4)
    norms = [module for module in block.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
        torch.nn.init.normal_(norm.weight)
        torch.nn.init.normal_(norm.bias)
    results = []
    for training in (True, False):
        block.train(training)
        for norm in norms:
            norm.eval()
        block.zero_grad()
        output = block(random_map(5, 2, 6, 8, 10))
        (output * random_map(6, *output.shape)).sum().backward()
        results.append([output.detach(), *(p.grad.clone() for p in block.parameters())])
    for found, expected in zip(*results):
        assert_close(found, expected, 1e-4)


def test_frozen_statistics_stay() -> None:
    """Training moves the weights, not the statistics, and is what evaluation does."""
    network: Compact = small_network()
    network.freeze_statistics()
    before = {n: b.clone() for n, b in network.named_buffers()}
    images = torch.rand(2, 1, 64, 96, generator=torch.Generator().manual_seed(0))
    trained, _ = network.paired_features(images, images.flip(0))
    evaluated, _ = network.eval().paired_features(images, images.flip(0))
    assert_close(trained.projection, evaluated.projection, 1e-4)
    assert_close(trained.fine, evaluated.fine, 1e-4)
    assert all(torch.equal(b, before[n]) for n, b in network.named_buffers())
