"""Operations of the network whose stock kernels are slow to train on a CPU, in forms that are not.

Same values as the ones they stand for, up to rounding: matrix products run on a processor's matrix units in bfloat16,
where strided depthwise convolutions and interpolation run element by element. Maps are [batch, channels, height,
width].
"""

from __future__ import annotations

import functools

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@functools.cache
def doubling_matrix(count: int, dtype: torch.dtype) -> Tensor:
    """[2 count, count]: bilinear interpolation of a row to twice its length, cell centres at half-integers."""
    unit = torch.eye(count)[None]
    return F.interpolate(unit, scale_factor=2, mode="linear", align_corners=False)[0].T.contiguous().to(dtype)


def upsample_double(x: Tensor) -> Tensor:
    """A map twice as high and wide, bilinear, by a matrix product a direction: the gradient is one too."""
    x = x.permute(0, 2, 3, 1)  # free where the channels come last
    batch, height, width, channels = x.shape
    rows, columns = doubling_matrix(height, x.dtype), doubling_matrix(width, x.dtype)
    with torch.autocast(x.device.type, enabled=False):
        x = (rows @ x.reshape(batch, height, width * channels)).view(batch * 2 * height, width, channels)
        x = (columns @ x).view(batch, 2 * height, 2 * width, channels)
    return x.permute(0, 3, 1, 2)


class Aggregation(torch.autograd.Function):
    """Depthwise convolution whose kernel is as large as its stride, `weight` [channels, 1, side, side]."""

    @staticmethod
    def forward(context, x: Tensor, weight: Tensor) -> Tensor:  # noqa: ANN001
        context.save_for_backward(x, weight)
        channels_last = x.permute(0, 2, 3, 1)
        total = None
        for row, column, factor in taps(weight, x.dtype):
            part = strided(channels_last, row, column, weight.shape[-1])
            total = part * factor if total is None else total.addcmul_(part, factor)
        return total.permute(0, 3, 1, 2)

    @staticmethod
    def backward(context, gradient: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ANN001
        x, weight = context.saved_tensors
        side = weight.shape[-1]
        gradient, channels_last = gradient.permute(0, 2, 3, 1), x.permute(0, 2, 3, 1)
        of_x = (
            torch.zeros_like(channels_last) if any(s % side for s in x.shape[2:]) else torch.empty_like(channels_last)
        )
        of_weight = torch.empty_like(weight)
        for row, column, factor in taps(weight, x.dtype):
            torch.mul(gradient, factor, out=strided(of_x, row, column, side))
            products = gradient * strided(channels_last, row, column, side)
            of_weight[:, 0, row, column] = products.flatten(0, 2).sum(0, dtype=weight.dtype)
        return of_x.permute(0, 3, 1, 2), of_weight


def taps(weight: Tensor, dtype: torch.dtype) -> list[tuple[int, int, Tensor]]:
    """Row, column and factors [channels] of each place of a depthwise kernel."""
    side = weight.shape[-1]
    return [(row, column, weight[:, 0, row, column].to(dtype)) for row in range(side) for column in range(side)]


def strided(x: Tensor, row: int, column: int, step: int) -> Tensor:
    """Every `step`-th cell of a map [batch, height, width, channels] from a place on, whole steps only."""
    height, width = (side // step * step for side in x.shape[1:3])
    return x[:, row:height:step, column:width:step]


def folded(
    convolution: nn.Conv2d, norm: nn.BatchNorm2d, identity: nn.BatchNorm2d | None = None
) -> tuple[Tensor, Tensor]:
    """Kernel and bias that do what a convolution without bias and a batch norm of fixed statistics do.

    With `identity`, also what that batch norm adds of the input itself. Gradients reach the parameters of all.
    """
    scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
    bias = norm.bias - norm.running_mean * scale
    kernel = convolution.weight * scale[:, None, None, None]
    if identity is not None:
        own = identity.weight * (identity.running_var + identity.eps).rsqrt()
        bias = bias + identity.bias - identity.running_mean * own
        middle = kernel.shape[-1] // 2
        kernel = kernel + F.pad(own.diag()[:, :, None, None], (middle,) * 4)
    return kernel, bias


def folded_convolution(
    x: Tensor, convolution: nn.Conv2d, norm: nn.BatchNorm2d, identity: nn.BatchNorm2d | None = None
) -> Tensor:
    """The convolution with its batch norms, as one operation, and ReLU."""
    kernel, bias = folded(convolution, norm, identity)
    return F.relu(F.conv2d(x, kernel, bias, convolution.stride, convolution.padding), inplace=True)
