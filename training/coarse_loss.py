"""The coarse loss, and on a CPU its gradient in the same pass over the similarity matrix, a pair at a time.

There the matrix of a pair stays in the processor's cache; written with separate operations, each reads and writes those
of the whole batch in memory, forward and backward. A GPU has them in one go: `by_definition`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class CoarseLoss:
    """Negative log-likelihoods of the true cells, and what else the matrix says."""

    rows: Tensor  # mean over the visible cells of image 0
    columns: Tensor  # of image 1
    along_rows: Tensor  # [pairs, tokens0], detached: log-likelihood of each cell's true partner
    exact: Tensor  # share of image 0's visible cells whose best partner is the true one


class DualSoftmaxLoss(torch.autograd.Function):
    """rows + columns of `CoarseLoss`, of projections [pairs, tokens, channels] and the factor of their products."""

    @staticmethod
    def forward(  # noqa: ANN205
        context,  # noqa: ANN001
        projection0: Tensor,
        projection1: Tensor,
        factor: Tensor,
        cells1: Tensor,
        visible0: Tensor,
        cells0: Tensor,
        visible1: Tensor,
    ):
        share0 = visible0.float() / visible0.sum().clamp_min(1)
        share1 = visible1.float() / visible1.sum().clamp_min(1)
        of0, of1 = torch.empty_like(projection0), torch.empty_like(projection1)
        of_factor = torch.zeros_like(factor)
        along_rows, along_columns, best = [], [], []
        for pair, (first, second) in enumerate(zip(projection0.float(), projection1.float())):
            products = first @ second.T
            similarity = products * factor
            true_row = similarity.gather(1, cells1[pair, :, None])[:, 0]
            true_column = similarity.gather(0, cells0[pair, None])[0]
            highest = similarity.amax(1)
            by_row = (similarity - highest[:, None]).exp_()
            total = by_row.sum(1)
            along_rows.append(true_row - highest - total.log())
            best.append(true_row >= highest)
            highest = similarity.amax(0)
            by_column = similarity.sub_(highest).exp_()
            total_column = by_column.sum(0)
            along_columns.append(true_column - highest - total_column.log())
            # The gradient of both means by the similarities.
            gradient = by_row.mul_((share0[pair] / total)[:, None])
            gradient.addcmul_(by_column, share1[pair] / total_column)
            gradient.scatter_add_(1, cells1[pair, :, None], -share0[pair, :, None])
            gradient.scatter_add_(0, cells0[pair, None], -share1[pair, None])
            of_factor += torch.dot(gradient.flatten(), products.flatten())
            gradient = (gradient * factor).to(projection0.dtype)
            torch.mm(gradient, projection1[pair], out=of0[pair])
            torch.mm(gradient.T, projection0[pair], out=of1[pair])
        along_rows, along_columns = torch.stack(along_rows), torch.stack(along_columns)
        context.save_for_backward(of0, of1, of_factor)
        rows, columns = -(along_rows * share0).sum(), -(along_columns * share1).sum()
        exact = (torch.stack(best).float() * share0).sum()
        context.mark_non_differentiable(rows, columns, along_rows, exact)
        return rows + columns, rows, columns, along_rows, exact

    @staticmethod
    def backward(context, gradient: Tensor, *_: Tensor):  # noqa: ANN001, ANN205
        of0, of1, of_factor = context.saved_tensors
        return of0 * gradient, of1 * gradient, of_factor * gradient, None, None, None, None


def coarse_loss(
    projection0: Tensor,
    projection1: Tensor,
    log_scale: Tensor,
    cells1: Tensor,
    visible0: Tensor,
    cells0: Tensor,
    visible1: Tensor,
) -> tuple[Tensor, CoarseLoss]:
    """The loss to minimise, rows + columns, and its parts; `cells1` [pairs, tokens0] are the true partners."""
    factor = log_scale.float().exp() / projection0.shape[-1]
    if projection0.device.type != "cpu":
        return by_definition(projection0, projection1, factor, cells1, visible0, cells0, visible1)
    total, *parts = DualSoftmaxLoss.apply(projection0, projection1, factor, cells1, visible0, cells0, visible1)
    return total, CoarseLoss(*parts)


def by_definition(
    projection0: Tensor,
    projection1: Tensor,
    factor: Tensor,
    cells1: Tensor,
    visible0: Tensor,
    cells0: Tensor,
    visible1: Tensor,
) -> tuple[Tensor, CoarseLoss]:
    """`coarse_loss` by separate operations on the whole batch."""
    similarity = projection0.float() @ projection1.float().transpose(1, 2) * factor
    along_rows = similarity.gather(2, cells1[..., None])[..., 0] - similarity.logsumexp(2)
    along_columns = similarity.gather(1, cells0[:, None])[:, 0] - similarity.logsumexp(1)
    rows, columns = (
        -(values * visible).sum() / visible.sum().clamp_min(1)
        for values, visible in ((along_rows, visible0), (along_columns, visible1))
    )
    with torch.no_grad():
        exact = ((similarity.argmax(2) == cells1) & visible0).sum() / visible0.sum().clamp_min(1)
    return rows + columns, CoarseLoss(rows.detach(), columns.detach(), along_rows.detach(), exact)
