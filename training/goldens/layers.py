"""Fixtures of single layers, from torch itself, at small and odd sizes.

Tensors are named `OP/CASE/ROLE`. ROLE is `input` (or `query`, `key`, `value`), `output`, or a parameter: `weight`,
`bias`, `mean`, `variance`. Maps are [height, width, channels], tokens [tokens, channels]; weights have torch's layout
(a convolution [outputs, inputs / groups, kernel, kernel], a linear layer [outputs, inputs]). Settings are part of CASE:
`conv2d/k3s2p1-9x7-6to9` has kernel 3, stride 2, padding 1, an input of 9 rows and 7 columns, 6 channels in, 9 out.
Attention: heads split the channels in order; `h4-7to30x16` has 4 heads, 7 queries, 30 keys, 16 channels.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from kornia.feature.loftr.loftr_module.linear_attention import LinearAttention
from kornia.feature.loftr.utils.position_encoding import PositionEncodingSine
from torch import Tensor

from training.model.compact import rotary_angles, rotate

EPSILON = 1e-5  # of batch norm and layer norm


class LayerFixtures:
    """Collects cases; inputs come from one seeded generator, in the order of the calls."""

    def __init__(self, seed: int) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.tensors: dict[str, Tensor] = {}

    def random(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self.generator)

    def add(self, case: str, **roles: Tensor) -> None:
        """Stores one case; 4-D inputs and outputs are maps [1, channels, height, width] and turned channels-last."""
        for role, tensor in roles.items():
            is_map = role in ("input", "output") and tensor.dim() == 4
            self.tensors[f"{case}/{role}"] = tensor[0].permute(1, 2, 0) if is_map else tensor

    def convolutions(self) -> None:
        for kernel, stride, padding in [(3, 1, 1), (3, 2, 1), (7, 2, 3), (1, 1, 0), (6, 2, 2), (4, 2, 1), (1, 2, 0)]:
            for height, width in [(9, 7), (8, 10)]:
                for inputs, outputs in [(1, 5), (6, 9)]:
                    x, weight = self.random(1, inputs, height, width), self.random(outputs, inputs, kernel, kernel)
                    bias = self.random(outputs)
                    case = f"conv2d/k{kernel}s{stride}p{padding}-{height}x{width}-{inputs}to{outputs}"
                    self.add(case, input=x, weight=weight, bias=bias, output=F.conv2d(x, weight, bias, stride, padding))
        # As aggregation of tokens; an odd row or column is left over.
        for height, width in [(6, 8), (7, 5)]:
            x, weight = self.random(1, 5, height, width), self.random(5, 1, 2, 2)
            output = F.conv2d(x, weight, stride=2, groups=5)
            self.add(f"depthwise_conv2d/k2s2-{height}x{width}", input=x, weight=weight, output=output)
            self.add(f"max_pool2d/k2s2-{height}x{width}", input=x, output=F.max_pool2d(x, 2))

    def pointwise(self) -> None:
        x = self.random(1, 5, 3, 4)
        mean, variance = self.random(5), self.random(5).square() + 0.1
        weight, bias = self.random(5), self.random(5)
        output = F.batch_norm(x, mean, variance, weight, bias, eps=EPSILON)
        self.add("batch_norm/eval", input=x, mean=mean, variance=variance, weight=weight, bias=bias, output=output)
        x = self.random(7, 12) * 5
        weight, bias = self.random(9, 12), self.random(9)
        self.add("linear/bias", input=x, weight=weight, bias=bias, output=F.linear(x, weight, bias))
        self.add("linear/plain", input=x, weight=weight, output=F.linear(x, weight))
        weight, bias = self.random(12), self.random(12)
        self.add("layer_norm/affine", input=x, weight=weight, bias=bias, output=F.layer_norm(x, (12,), weight, bias))
        self.add("softmax/rows", input=x, output=x.softmax(1))
        self.add("softmax/columns", input=x, output=x.softmax(0))
        large = x * 100
        self.add("softmax/rows-large", input=large, output=large.softmax(1))

    def interpolation(self) -> None:
        for height, width in [(5, 7), (1, 6), (4, 1), (1, 1), (2, 3)]:
            x = self.random(1, 3, height, width)
            for corners in (False, True):
                output = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=corners)
                case = f"upsample2/{'corners' if corners else 'centers'}-{height}x{width}"
                self.add(case, input=x, output=output)

    def attention(self) -> None:
        linear = LinearAttention()
        for heads, channels, queries, keys in [(1, 8, 5, 5), (4, 16, 7, 30), (4, 16, 30, 3), (2, 6, 1, 1)]:
            query, key, value = self.random(queries, channels), self.random(keys, channels), self.random(keys, channels)
            split = [tokens.unflatten(1, (heads, -1))[None] for tokens in (query, key, value)]
            case = f"h{heads}-{queries}to{keys}x{channels}"
            output = linear(*split)[0].flatten(1)
            self.add(f"linear_attention/{case}", query=query, key=key, value=value, output=output)
            output = F.scaled_dot_product_attention(*[tokens.transpose(1, 2) for tokens in split])[0]
            output = output.transpose(0, 1).flatten(1)
            self.add(f"softmax_attention/{case}", query=query, key=key, value=value, output=output)

    def encodings(self) -> None:
        # Input and output [tokens, heads * head channels]; the wavelengths are 4 to 64 tokens.
        for heads, head_channels, height, width in [(4, 24, 3, 5), (1, 8, 4, 2), (2, 20, 1, 3)]:
            tokens = self.random(height * width, heads * head_channels)
            angles = rotary_angles(height, width, head_channels, 4, 64)
            output = rotate(tokens.unflatten(1, (heads, -1)).transpose(0, 1), angles).transpose(0, 1).flatten(1)
            self.add(f"rotary/h{heads}-{height}x{width}x{head_channels}", input=tokens, output=output)
        for corrected in (False, True):
            for channels, height, width in [(32, 3, 5), (256, 2, 3)]:
                x = torch.zeros(1, channels, height, width)
                output = PositionEncodingSine(channels, temp_bug_fix=corrected)(x)
                form = "corrected" if corrected else "published"
                # What is added to a map; no input.
                self.add(f"sinusoidal/{form}-{height}x{width}x{channels}", output=output)


def layer_fixtures(seed: int = 0) -> dict[str, Tensor]:
    """All cases."""
    fixtures = LayerFixtures(seed)
    fixtures.convolutions()
    fixtures.pointwise()
    fixtures.interpolation()
    fixtures.attention()
    fixtures.encodings()
    return fixtures.tensors
