// The pipeline, top to bottom (LoFTR, Sun et al. 2021, figure 2):
//
//   image -> ImageFeatures -> CoarseFeatures -> CoarseMatches -> FineRefinements -> Matches
//
// The model's settings choose the component of each stage. Images and points are in pixels of the network's input;
// callers scale to and from photos.

import Backbone
import Geometry
import Tensor

/// What is computed from an image before it meets another; worth keeping when it is matched with several.
package struct ImageFeatures: Sendable {
  /// Pixels, without padding.
  package let height: Int
  package let width: Int
  package let pyramid: Pyramid
  /// [rows, columns, channels], position-encoded.
  package let coarse: Tensor

  package init(height: Int, width: Int, pyramid: Pyramid, coarse: Tensor) {
    self.height = height
    self.width = width
    self.pyramid = pyramid
    self.coarse = coarse
  }
}

package struct Matcher: Sendable {
  package let backbone: any Backbone
  package let positionEncoding: any PositionEncoding
  package let transformer: Transformer
  package let coarseMatcher: any CoarseMatcher
  package let fineMatcher: any FineMatcher

  /// In pixels. Callers must refuse images with a shorter side: they have no two coarse cells.
  package static let minimumSide = 16

  /// Builds the components that the settings name; `parameters` must hold exactly their tensors.
  ///
  /// - Throws: `SettingsError`, or `ParametersError` if the tensors do not fit.
  package init(settings: Settings, parameters: Parameters) throws {
    backbone = try makeBackbone(try settings.group("backbone"), from: parameters.scope("backbone"))
    transformer = try Transformer(try settings.group("transformer"), from: parameters.scope("transformer"))
    guard transformer.channels == backbone.coarseChannels else {
      throw SettingsError.outOfRange(
        path: "transformer.channels", value: Double(transformer.channels),
        allowed: "the backbone's \(backbone.coarseChannels)")
    }
    let channels = transformer.channels
    let encoding = try settings.group("positionEncoding")
    positionEncoding = try encoding.choice("kind", from: positionEncodings).init(encoding, channels: channels)
    let coarse = try settings.group("coarseMatching")
    coarseMatcher = try coarse.choice("kind", from: coarseMatchers)
      .init(coarse, channels: channels, from: parameters.scope("coarse_matching"))
    let fine = try settings.group("fineMatching")
    fineMatcher = try fine.choice("kind", from: fineMatchers)
      .init(fine, backbone: backbone, from: parameters.scope("fine_matching"))
    try parameters.verify()
  }

  /// Matches two grey images [height, width] in [0, 1] of any size with sides of at least `minimumSide`.
  package func callAsFunction(
    _ first: Tensor, _ second: Tensor, options: MatchingOptions = MatchingOptions(), on compute: Compute
  ) -> Matches {
    var statistics = MatchingStatistics()
    let images = statistics.measure("backbone", on: compute) {
      [first, second].map { features(of: $0, on: compute) }
    }
    return matches(consume images, options: options, statistics: statistics, on: compute)
  }

  package func matches(
    _ first: ImageFeatures, _ second: ImageFeatures, options: MatchingOptions = MatchingOptions(),
    statistics: MatchingStatistics = MatchingStatistics(), on compute: Compute
  ) -> Matches {
    matches([first, second], options: options, statistics: statistics, on: compute)
  }

  /// Drops each image's features as soon as they have been used: they are most of the memory.
  private func matches(
    _ images: consuming [ImageFeatures], options: MatchingOptions, statistics: MatchingStatistics,
    on compute: Compute
  ) -> Matches {
    var (images, statistics) = (images, statistics)
    let sizes = Pair(images[0], images[1]).map { (height: $0.height, width: $0.width) }
    let (coarse0, coarse1) = statistics.measure("transformer", on: compute) {
      attended(images[0], images[1], on: compute)
    }
    statistics.cells = Pair(coarse0, coarse1).map { $0.validRows * $0.validColumns }
    let coarse = statistics.measure("coarse matching", on: compute) {
      let threshold = options.threshold ?? coarseMatcher.defaultThreshold
      let all = coarseMatcher.matches(coarse0, coarse1, threshold: threshold, on: compute)
      return options.maximumMatches.map { all.best($0) } ?? all
    }
    statistics.coarseMatches = coarse.count
    var result = statistics.measure("fine matching", on: compute) {
      let fine1 = fineFeatures(images.removeLast(), coarse1, on: compute)
      let fine0 = fineFeatures(images.removeLast(), coarse0, on: compute)
      return refined(coarse, fine0, fine1, sizes: sizes, on: compute)
    }
    result.statistics = statistics
    return result
  }

  package func features(of image: Tensor, on compute: Compute) -> ImageFeatures {
    let pyramid = backbone.pyramid(of: prepared(image), on: compute)
    return ImageFeatures(
      height: image.shape[0], width: image.shape[1], pyramid: pyramid,
      coarse: positionEncoding(pyramid.coarse, on: compute))
  }

  /// Normalised, then padded at the bottom and on the right to sides the network takes.
  func prepared(_ image: Tensor) -> Tensor { padded(backbone.normalized(image)) }

  package func attended(
    _ first: ImageFeatures, _ second: ImageFeatures, on compute: Compute
  ) -> (CoarseFeatures, CoarseFeatures) {
    let sequences = Pair(first, second).map { $0.coarse.reshaped([1] + $0.coarse.shape) }
    let tokens = transformer(sequences.first, sequences.second, on: compute)
    return (coarseFeatures(first, tokens.first), coarseFeatures(second, tokens.second))
  }

  /// Tokens [1, rows, columns, channels] of an image as coarse features with the padding marked.
  package func coarseFeatures(_ image: ImageFeatures, _ tokens: Tensor) -> CoarseFeatures {
    let map = tokens.reshaped(Array(tokens.shape.dropFirst()))
    return CoarseFeatures(
      map: map, validRows: min(map.shape[0], backbone.coarseGrid.elements(within: image.height)),
      validColumns: min(map.shape[1], backbone.coarseGrid.elements(within: image.width)))
  }

  package func fineFeatures(
    _ image: ImageFeatures, _ coarse: CoarseFeatures, on compute: Compute
  ) -> FineFeatures {
    FineFeatures(
      map: backbone.fineMap(from: image.pyramid, attended: coarse.map, on: compute), coarse: coarse)
  }

  private func refined(
    _ coarse: CoarseMatches, _ first: FineFeatures, _ second: FineFeatures,
    sizes: Pair<(height: Int, width: Int)>, on compute: Compute
  ) -> Matches {
    let refinements = fineMatcher.refinements(of: coarse, first, second, on: compute)
    var result = Matches()
    for index in 0..<coarse.count {
      let point0 = centre(coarse.cells0[index], first.coarse) + refinements.first[index]
      let point1 = centre(coarse.cells1[index], second.coarse) + refinements.second[index]
      // Refinement may move a point off the image, where callers cannot look up its pixel.
      guard contains(sizes.first, point0), contains(sizes.second, point1) else { continue }
      result.correspondences.append(
        SIMD2<Double>(point0), SIMD2<Double>(point1), score: Double(coarse.scores[index]))
      result.cells0.append(coarse.cells0[index])
      result.cells1.append(coarse.cells1[index])
    }
    return result
  }

  /// Centre of a coarse cell in pixels.
  private func centre(_ cell: Int, _ features: CoarseFeatures) -> SIMD2<Float> {
    SIMD2(
      backbone.coarseGrid.position(cell % features.columns),
      backbone.coarseGrid.position(cell / features.columns))
  }

  private func contains(_ size: (height: Int, width: Int), _ point: SIMD2<Float>) -> Bool {
    point.x >= -0.5 && point.y >= -0.5 && point.x <= Float(size.width) - 0.5
      && point.y <= Float(size.height) - 0.5
  }

  /// Images are padded to sides that are multiples of this, in pixels.
  package var sideMultiple: Int {
    transformer.gridMultiple == 1
      ? backbone.sideMultiple : backbone.coarseGrid.stride * transformer.gridMultiple
  }

  private func padded(_ image: Tensor) -> Tensor {
    let (height, width) = (image.shape[0], image.shape[1])
    let roundUp = { (extent: Int) in (extent + sideMultiple - 1) / sideMultiple * sideMultiple }
    let (rows, columns) = (roundUp(height), roundUp(width))
    guard rows != height || columns != width else { return image }
    return image.withElements { source in
      Tensor([rows, columns]) { target in
        for y in 0..<rows {
          for x in 0..<columns {
            target[y * columns + x] =
              (y >= height || x >= width) && backbone.padsWithZeros
              ? 0 : source[min(y, height - 1) * width + min(x, width - 1)]
          }
        }
      }
    }
  }
}
