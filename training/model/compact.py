"""The compact network: a semi-dense matcher after EfficientLoFTR (Wang et al., CVPR 2024), of 1.1 M parameters.

Reads top-down: backbone, transformer, coarse matching, and `Compact`, which joins them and `fine_matching`.
Maps are [batch, channels, height, width], tokens [batch, tokens, channels]; image values lie in [0, 1].
The centre of the first pixel is (0, 0): coarse cell i is centred at 8 i + 3.5, fine pixel k at 2 k + 0.5.
Parameter names are those of the model file, which the Swift side reads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.model.configuration import COARSE_STRIDE, CompactConfiguration
from training.model.fine_matching import FineMatching
from training.model.operations import Aggregation, folded_convolution, upsample_double

CENTRE = (COARSE_STRIDE - 1) / 2  # of coarse cell 0, in pixels
DEVIATION_FLOOR = 0.02  # added to the images' standard deviation: flat images stay finite


# Backbone


def normalize(image: Tensor) -> Tensor:
    """Images [batch, 1, height, width] less their mean, over their (unbiased) standard deviation plus a floor."""
    pixels = image.flatten(1)
    # One pixel has no unbiased deviation (0 / 0); it counts as flat.
    deviation = pixels.std(1) if pixels.shape[1] > 1 else torch.zeros_like(pixels[:, 0])
    return (image - pixels.mean(1)[:, None, None, None]) / (deviation[:, None, None, None] + DEVIATION_FLOOR)


def pad_to_multiple(image: Tensor, multiple: int) -> Tensor:
    """Repeats the last row and column until both sides are multiples of `multiple`."""
    height, width = image.shape[-2:]
    return F.pad(image, (0, -width % multiple, 0, -height % multiple), mode="replicate")


class ConvolutionBlock(nn.Module):
    """Convolution without bias, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, padding: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        if self.training and not self.norm.training:
            return folded_convolution(x, self.conv, self.norm)
        return F.relu(self.norm(self.conv(x)))


class RepVGGBlock(nn.Module):
    """3x3 convolution beside a batch-normed identity; both fold into one convolution for inference."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.identity_norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        if self.training and not self.norm.training:
            return folded_convolution(x, self.conv, self.norm, self.identity_norm)
        return F.relu(self.norm(self.conv(x)) + self.identity_norm(x))


@dataclass
class Pyramid:
    """The backbone's maps of one batch of images."""

    half: Tensor
    quarter: Tensor
    coarse: Tensor  # at 1/8


class Backbone(nn.Module):
    """Three stages down to 1/8, and the way back up to the fine map at 1/2."""

    def __init__(self, configuration: CompactConfiguration) -> None:
        super().__init__()
        half, quarter, eighth = configuration.channels
        fine = configuration.fine_channels
        blocks = configuration.blocks
        self.stem = ConvolutionBlock(1, half, kernel=6, stride=2, padding=2)
        self.stage1 = nn.Sequential(*[RepVGGBlock(half) for _ in range(blocks[0])])
        self.down2 = ConvolutionBlock(half, quarter, kernel=4, stride=2, padding=1)
        self.stage2 = nn.Sequential(*[RepVGGBlock(quarter) for _ in range(blocks[1])])
        self.down3 = ConvolutionBlock(quarter, eighth, kernel=4, stride=2, padding=1)
        self.stage3 = nn.Sequential(*[RepVGGBlock(eighth) for _ in range(blocks[2])])
        self.coarse_proj = nn.Conv2d(eighth, eighth, 1)
        self.up3 = nn.Conv2d(eighth, quarter, 1)
        self.lateral2 = nn.Conv2d(quarter, quarter, 1)
        self.smooth2 = ConvolutionBlock(quarter, quarter, kernel=3, stride=1, padding=1)
        self.up2 = nn.Conv2d(quarter, fine, 1)
        self.lateral1 = nn.Conv2d(half, fine, 1)
        self.smooth1 = ConvolutionBlock(fine, fine, kernel=3, stride=1, padding=1)
        self.fine_proj = nn.Conv2d(fine, fine, 1)

    def forward(self, image: Tensor) -> Pyramid:
        """Maps of normalised images whose sides are multiples of 8."""
        half = self.stage1(self.stem(image))
        quarter = self.stage2(self.down2(half))
        return Pyramid(half, quarter, self.coarse_proj(self.stage3(self.down3(quarter))))

    def fine(self, pyramid: Pyramid, coarse: Tensor) -> Tensor:
        """The fine map, from the coarse map after attention and the laterals."""
        quarter = self.smooth2(self.lateral2(pyramid.quarter) + upsample(self.up3(coarse), 2))
        return self.fine_proj(self.smooth1(self.lateral1(pyramid.half) + upsample(self.up2(quarter), 2)))


def upsample(x: Tensor, factor: int) -> Tensor:
    """Bilinear, cell centres at half-integers (`align_corners=False`)."""
    if factor == 2 and x.dtype == torch.bfloat16 and x.device.type == "cpu":
        return upsample_double(x)
    return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)


# Transformer


def rotary_angles(
    height: int, width: int, head_channels: int, shortest: float, longest: float, device: torch.device | None = None
) -> Tensor:
    """Angles [tokens, 2 n] for n = head_channels / 8 geometric wavelengths: n along x, then n along y."""
    count = head_channels // 8
    exponents = torch.arange(count, device=device) / max(count - 1, 1)
    frequencies = 2 * math.pi / (shortest * (longest / shortest) ** exponents)
    rows, columns = (torch.arange(side, device=device).float() for side in (height, width))
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    return torch.cat([x.flatten()[:, None] * frequencies, y.flatten()[:, None] * frequencies], 1)


def rotate(tokens: Tensor, angles: Tensor) -> Tensor:
    """Rotates channel k against channel k + 2 n by angle k, for k < 2 n; the channels from 4 n on stay."""
    count = angles.shape[1]
    first, second, rest = tokens[..., :count], tokens[..., count : 2 * count], tokens[..., 2 * count :]
    cosine, sine = angles.cos().to(tokens), angles.sin().to(tokens)
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine, rest], -1)


class AttentionLayer(nn.Module):
    """Softmax attention between aggregated tokens, merged back into the full map by a small network.

    Queries are gathered by a strided depthwise convolution, keys and values by max pooling.
    """

    def __init__(self, channels: int, heads: int, aggregation: int) -> None:
        super().__init__()
        self.heads = heads
        self.aggregation = aggregation
        self.aggregate = nn.Conv2d(channels, channels, aggregation, aggregation, groups=channels, bias=False)
        self.norm1 = nn.LayerNorm(channels)
        self.q_proj = nn.Linear(channels, channels, bias=False)
        self.k_proj = nn.Linear(channels, channels, bias=False)
        self.v_proj = nn.Linear(channels, channels, bias=False)
        self.merge = nn.Linear(channels, channels, bias=False)
        self.mlp = nn.Sequential(
            nn.Linear(2 * channels, 2 * channels, bias=False),
            nn.LeakyReLU(0.01),
            nn.Linear(2 * channels, channels, bias=False),
        )
        self.norm2 = nn.LayerNorm(channels)
        # Starts as the mean of the cells, and as a small update of the map.
        nn.init.constant_(self.aggregate.weight, 1 / aggregation**2)
        nn.init.constant_(self.norm2.weight, 0.1)

    def forward(self, x: Tensor, source: Tensor, angles: Tensor | None = None) -> Tensor:
        """Updates map `x` from map `source`; `angles` rotate queries and keys, for maps of equal size only."""
        is_cpu_training = self.training and x.device.type == "cpu"
        queries = Aggregation.apply(x, self.aggregate.weight) if is_cpu_training else self.aggregate(x)
        height, width = queries.shape[-2:]
        query_tokens = self.norm1(tokens_of(queries))
        source_tokens = self.norm1(tokens_of(F.max_pool2d(source, self.aggregation)))
        query = self.split(self.q_proj(query_tokens))
        key, value = self.split(self.k_proj(source_tokens)), self.split(self.v_proj(source_tokens))
        if angles is not None:
            query, key = rotate(query, angles), rotate(key, angles)
        message = self.attend(query, key, value).transpose(1, 2).flatten(2)
        message = upsample(map_of(self.merge(message), height, width), self.aggregation)
        update = self.norm2(self.mlp(torch.cat([x, message], 1).permute(0, 2, 3, 1)))
        return x + update.permute(0, 3, 1, 2)

    def attend(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Softmax attention; on a CPU in training by its definition, as the fused kernel's backward is slow there."""
        if not (self.training and query.device.type == "cpu"):
            return F.scaled_dot_product_attention(query, key, value)
        products = (query * query.shape[-1] ** -0.5) @ key.transpose(-1, -2)
        return products.softmax(-1, dtype=products.dtype) @ value

    def split(self, tokens: Tensor) -> Tensor:
        """[batch, tokens, channels] to [batch, heads, tokens, channels / heads]."""
        return tokens.unflatten(-1, (self.heads, -1)).transpose(1, 2)


def tokens_of(x: Tensor) -> Tensor:
    """The cells of a map, row by row: [batch, height * width, channels]."""
    return x.flatten(2).transpose(1, 2)


def map_of(tokens: Tensor, height: int, width: int) -> Tensor:
    """The map whose cells `tokens` are."""
    return tokens.transpose(1, 2).unflatten(2, (height, width))


class Transformer(nn.Module):
    """Self and cross layers in turn; a cross layer updates both maps from their state before it."""

    def __init__(self, configuration: CompactConfiguration) -> None:
        super().__init__()
        self.configuration = configuration
        channels = configuration.channels[2]
        self.layers = nn.ModuleList(
            AttentionLayer(channels, configuration.heads, configuration.aggregation) for _ in configuration.layers
        )

    def angles(self, x: Tensor) -> Tensor:
        """Rotary angles of the aggregated tokens of map `x`."""
        c = self.configuration
        height, width = (side // c.aggregation for side in x.shape[-2:])
        head_channels = x.shape[1] // c.heads
        return rotary_angles(height, width, head_channels, c.shortest_wavelength, c.longest_wavelength, x.device)

    def forward(self, x0: Tensor, x1: Tensor) -> tuple[Tensor, Tensor]:
        """Both maps after all layers."""
        angles0, angles1 = self.angles(x0), self.angles(x1)
        for kind, layer in zip(self.configuration.layers, self.layers):
            if kind == "self":
                x0, x1 = layer(x0, x0, angles0), layer(x1, x1, angles1)
            else:
                x0, x1 = layer(x0, x1), layer(x1, x0)
        return x0, x1

    def paired(self, x: Tensor) -> Tensor:
        """As `forward` for maps of one size, image 0 of all pairs before image 1: one call of a layer does both."""
        angles = self.angles(x)
        for kind, layer in zip(self.configuration.layers, self.layers):
            x = layer(x, x, angles) if kind == "self" else layer(x, x.roll(len(x) // 2, 0))
        return x


# Coarse matching


class CoarseMatching(nn.Module):
    """Dual softmax with a learned scale, times the matchability of both cells."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.proj = nn.Linear(channels, channels)
        self.matchability = nn.Linear(channels, 1)
        self.log_scale = nn.Parameter(torch.tensor(math.log(10.0)))

    def similarity(self, projection0: Tensor, projection1: Tensor) -> Tensor:
        """[batch, tokens0, tokens1]: products over the channel count, times the scale."""
        channels = projection0.shape[-1]
        return (projection0.float() / channels) @ projection1.float().transpose(1, 2) * self.log_scale.exp()

    def confidence(self, features0: Features, features1: Features) -> Tensor:
        """[batch, tokens0, tokens1]; zero where a cell is not valid."""
        valid = features0.valid[:, None] & features1.valid[None, :]
        similarity = self.similarity(features0.projection, features1.projection).masked_fill(~valid, -math.inf)
        both = similarity.softmax(2) * similarity.softmax(1)
        both = both * features0.matchability.sigmoid()[:, :, None] * features1.matchability.sigmoid()[:, None, :]
        # A row of nothing but -inf has a softmax of NaN.
        return both.masked_fill(~valid, 0)


def mutual_matches(confidence: Tensor, threshold: float) -> tuple[Tensor, Tensor, Tensor]:
    """Cells and scores of the mutual maxima of [tokens0, tokens1] above the threshold; the first of equals wins."""
    scores, best1 = confidence.max(1)
    best0 = confidence.argmax(0)
    cells = torch.arange(len(scores), device=scores.device)
    kept = (best0[best1] == cells) & (scores > threshold)
    return cells[kept], best1[kept], scores[kept]


def inside(image: Tensor, coarse: Tensor, border: int) -> Tensor:
    """[tokens] of the map `coarse` of the padded `image`: whether a cell's centre is on the image and off its border.

    The centre 8 i + 3.5 may lie up to half a pixel beyond the last pixel's centre: 8 i + 4 <= size.
    """

    def along(size: int, count: int) -> Tensor:
        index = torch.arange(count, device=coarse.device)
        usable = (COARSE_STRIDE * index + COARSE_STRIDE // 2 <= size).sum()
        return (index >= border) & (index < usable - border)

    rows, columns = (along(size, count) for size, count in zip(image.shape[-2:], coarse.shape[-2:]))
    return (rows[:, None] & columns[None, :]).flatten()


# The whole


@dataclass
class Features:
    """What matching needs of one batch of images of one size."""

    projection: Tensor  # [batch, tokens, channels]
    matchability: Tensor  # [batch, tokens], logits
    fine: Tensor  # [batch, fine channels, height / 2, width / 2]
    valid: Tensor  # [tokens]: cells that take part in matching
    coarse_width: int  # cells in a row


@dataclass
class Matches:
    """Matches of one pair, in pixels of the images the network saw."""

    keypoints0: Tensor  # [matches, 2]: x, y; centres of coarse cells
    keypoints1: Tensor  # [matches, 2]
    scores: Tensor  # [matches]
    cells0: Tensor  # [matches]: indices of coarse cells, row by row
    cells1: Tensor


class Compact(nn.Module):
    """The compact matcher."""

    def __init__(self, configuration: CompactConfiguration) -> None:
        super().__init__()
        self.configuration = configuration
        self.backbone = Backbone(configuration)
        self.transformer = Transformer(configuration)
        self.coarse_matching = CoarseMatching(configuration.channels[2])
        self.fine_matching = FineMatching(configuration.fine_channels, configuration.window, configuration.patch)

    def freeze_statistics(self) -> None:
        """From now on batch norms keep their statistics also in training, which makes a step a quarter cheaper.

        Then the size of a batch and what is in it do not matter to the others; call it again after `train`.
        """
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()

    def prepare(self, image: Tensor) -> Tensor:
        """Normalises images by their own statistics, then pads them to what the strides need."""
        return pad_to_multiple(normalize(image), COARSE_STRIDE * self.configuration.aggregation)

    def features(self, image0: Tensor, image1: Tensor) -> tuple[Features, Features]:
        """Features of pairs of images [batch, 1, height, width]; the two may differ in size."""
        pyramid0, pyramid1 = self.backbone(self.prepare(image0)), self.backbone(self.prepare(image1))
        coarse0, coarse1 = self.transformer(pyramid0.coarse, pyramid1.coarse)
        return self.head(image0, pyramid0, coarse0), self.head(image1, pyramid1, coarse1)

    def paired_features(self, image0: Tensor, image1: Tensor) -> tuple[Features, Features]:
        """As `features` for images of one size, all in one batch: faster, and batch norm sees both at once."""
        images = torch.cat([image0, image1])
        pyramid = self.backbone(self.prepare(images).contiguous(memory_format=torch.channels_last))
        both = self.head(images, pyramid, self.transformer.paired(pyramid.coarse))
        halves = zip(both.projection.chunk(2), both.matchability.chunk(2), both.fine.chunk(2))
        first, second = (Features(*half, both.valid, both.coarse_width) for half in halves)
        return first, second

    def head(self, image: Tensor, pyramid: Pyramid, coarse: Tensor) -> Features:
        """Projections, matchability and fine map from the coarse map after attention."""
        tokens = tokens_of(coarse)
        return Features(
            projection=self.coarse_matching.proj(tokens),
            matchability=self.coarse_matching.matchability(tokens)[..., 0].float(),
            fine=self.backbone.fine(pyramid, coarse),
            valid=inside(image, coarse, self.configuration.border),
            coarse_width=coarse.shape[-1],
        )

    @torch.no_grad()
    def match(self, image0: Tensor, image1: Tensor, threshold: float | None = None) -> Matches:
        """Matches of one pair of images [1, 1, height, width] of any sizes, in the order of `cells0`."""
        features0, features1 = self.features(image0, image1)
        threshold = self.configuration.threshold if threshold is None else threshold
        # Features may be of 16 bits; what is told from them is not.
        with torch.autocast(image0.device.type, enabled=False):
            confidence = self.coarse_matching.confidence(features0, features1)[0]
            cells0, cells1, scores = mutual_matches(confidence, threshold)
            pairs = torch.zeros_like(cells0)
            offsets = self.fine_matching(features0.fine, features1.fine, pairs, cells0, cells1).final
        keypoints0 = cell_centres(cells0, features0.coarse_width)
        keypoints1 = cell_centres(cells1, features1.coarse_width) + offsets
        kept = on_image(keypoints0, image0) & on_image(keypoints1, image1)
        return Matches(keypoints0[kept], keypoints1[kept], scores[kept], cells0[kept], cells1[kept])


def cell_centres(cells: Tensor, width: int) -> Tensor:
    """[cells, 2]: x, y in pixels, of cells of a map `width` cells wide."""
    return torch.stack([cells % width, cells // width], 1) * float(COARSE_STRIDE) + CENTRE


def on_image(points: Tensor, image: Tensor) -> Tensor:
    """Whether points lie on the image, to the outer edge of its border pixels."""
    height, width = image.shape[-2:]
    limit = torch.tensor([width - 0.5, height - 0.5], device=points.device)
    return ((points >= -0.5) & (points <= limit)).all(1)
