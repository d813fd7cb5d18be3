// Classical matchers: where keypoints lie, that turning a picture turns them along, that no thread count shows, and
// what they reach on a photo pair with a known homography.

import Glibc
import Imaging
import Testing
import TestSupport

@testable import Evaluation

/// The matchers run one after another here: the number of OpenCV's threads is a setting of the whole process.
@Suite(.serialized) struct ClassicalMatcherTests {
  typealias Kind = ClassicalMatcher.Kind

  // MARK: - Coordinates

  /// Bright blobs at known sub-pixel centres; the nearest keypoint to each must lie there, at every scale.
  @Test(arguments: [1.5, 2.5, 4, 8, 14], [Kind.sift, .akaze])
  func blobsAreFoundAtTheirCentres(sigma: Double, kind: Kind) throws {
    for center in [SIMD2(63, 64.2), SIMD2(63.3, 63.5), SIMD2(64.5, 64.75), SIMD2(63.75, 63.1)] {
      let picture = picture8(128, 127) { x, y in
        let (dx, dy) = (x - center.x, y - center.y)
        return 60 + 180 * exp(-(dx * dx + dy * dy) / (2 * sigma * sigma))
      }
      let matcher = ClassicalMatcher(
        kind, options: ClassicalOptions(contrastThreshold: kind == .sift ? 0.01 : 0.0003, ratio: 1))
      let matches = try matcher.match(picture, picture)
      let offset = matches.correspondences.points0.map { $0 - center }.min { length($0) < length($1) }
      guard let offset else {
        // A lone blob has fewer than two AKAZE keypoints at times: nothing to match, and SIFT always has more.
        #expect(kind == .akaze && matches.keypoints.first < 2)
        continue
      }
      // Broad blobs are sampled coarsely. OpenCV's own offset for SIFT is 0.35 px.
      #expect(length(offset) < (sigma < 8 ? 0.06 : 0.12), "\(kind) \(sigma) \(center) \(offset)")
    }
  }

  /// A constant offset shows doubled between a photo and itself turned by half; sides that do not halve evenly show
  /// wrong ratios of pyramid levels.
  @Test(arguments: Kind.allCases, [("graf1.png", 800, 640), ("graf1.png", 637, 509)])
  func halfATurnTurnsKeypointsAlong(kind: Kind, photo: (String, Int, Int)) throws {
    let picture = try samplePicture(photo.0).resized(width: photo.1, height: photo.2)
    let matches = try ClassicalMatcher(kind).match(picture, picture.turnedByHalf)
    let corner = SIMD2(Double(picture.width - 1), Double(picture.height - 1))
    let sums = zip(matches.correspondences.points0, matches.correspondences.points1).map { $0 + $1 - corner }
      .filter { length($0) < 6 }
    #expect(
      sums.count > 800 && Double(sums.count) > 0.98 * Double(matches.correspondences.points0.count),
      "\(sums.count)")
    let bias = sums.reduce(.zero, +) / Double(2 * max(1, sums.count))
    #expect(abs(bias.x) < 0.01 && abs(bias.y) < 0.01, "\(kind) \(bias)")
    // One level with a wrong ratio may hide in the mean, but not here.
    let far = sums.filter { length($0) > 1 }.count
    #expect(Double(far) < 0.01 * Double(sums.count), "\(far) of \(sums.count)")
  }

  // MARK: - Matching

  @Test(arguments: Kind.allCases)
  func aPictureMatchesItselfExactly(kind: Kind) throws {
    let picture = try samplePicture("graf1.png")
    let matches = try ClassicalMatcher(kind).match(picture, picture)
    #expect(matches.correspondences.points0 == matches.correspondences.points1)
    #expect(matches.correspondences.scores.allSatisfy { $0 == 1 })
    #expect(matches.keypoints.first == matches.keypoints.second)
    #expect(matches.correspondences.points0.count > matches.keypoints.first / 2)
    #expect(
      Set(matches.correspondences.points0.map { [$0.x, $0.y] }).count == matches.correspondences.points0.count
    )
  }

  @Test(arguments: Kind.allCases)
  func scoresFallAndPointsLieInside(kind: Kind) throws {
    let (first, second) = (try samplePicture("graf1.png"), try samplePicture("graf3.png"))
    let matches = try ClassicalMatcher(kind).match(first, second)
    #expect(!matches.correspondences.scores.isEmpty)
    #expect(
      zip(matches.correspondences.scores, matches.correspondences.scores.dropFirst()).allSatisfy { $0 >= $1 })
    let lowest = 1 - ClassicalOptions.tuned(for: kind).ratio
    #expect(matches.correspondences.scores.allSatisfy { $0 >= lowest - 1e-12 && $0 <= 1 })
    for (points, picture) in [
      (matches.correspondences.points0, first), (matches.correspondences.points1, second),
    ] {
      #expect(
        points.allSatisfy {
          $0.x >= -0.5 && $0.y >= -0.5 && $0.x < Double(picture.width) - 0.5
            && $0.y < Double(picture.height) - 0.5
        })
    }
  }

  /// Counts of correct matches (3 px) that the tuned options reach; the photos turn by about 40 degrees of viewpoint.
  @Test(arguments: [(Kind.sift, 550, 0.6), (.orb, 600, 0.5), (.akaze, 550, 0.55)])
  func grafIsMatched(kind: Kind, correct: Int, share: Double) throws {
    let matches = try ClassicalMatcher(kind).match(
      try samplePicture("graf1.png"), try samplePicture("graf3.png"))
    // H1to3p.xml of the same package.
    let h = [
      7.6285898e-01, -2.9922929e-01, 2.2567123e+02, 3.3443473e-01, 1.0143901e+00, -7.6999973e+01,
      3.4663091e-04,
      -1.4364524e-05, 1.0,
    ]
    let good = zip(matches.correspondences.points0, matches.correspondences.points1).filter { p, q in
      let w = h[6] * p.x + h[7] * p.y + h[8]
      let mapped = SIMD2(h[0] * p.x + h[1] * p.y + h[2], h[3] * p.x + h[4] * p.y + h[5]) / w
      return length(mapped - q) < 3
    }.count
    #expect(good > correct, "\(good) of \(matches.correspondences.points0.count)")
    #expect(
      Double(good) > share * Double(matches.correspondences.points0.count),
      "\(good) of \(matches.correspondences.points0.count)")
  }

  // MARK: - Options and edges

  @Test(arguments: Kind.allCases)
  func threadsDoNotShow(kind: Kind) throws {
    let (first, second) = (try samplePicture("aloeL.jpg"), try samplePicture("aloeR.jpg"))
    let results = try [1, 4, 4].map { threads in
      try ClassicalMatcher(kind, threads: threads).match(first, second)
    }
    #expect(results[0] == results[1] && results[1] == results[2])
    #expect(results[0].correspondences.points0.count > 500)
  }

  @Test(arguments: Kind.allCases)
  func emptyAndTinyPicturesHaveNoMatches(kind: Kind) throws {
    let photo = try samplePicture("graf1.png")
    let flat = picture8(320, 240) { _, _ in 90 }
    for (width, height) in [(1, 1), (1, 300), (300, 1), (2, 2), (15, 400), (16, 16), (17, 31)] {
      let small = picture8(width, height) { x, y in
        ((x * 37 + y * 91) * 13).truncatingRemainder(dividingBy: 255)
      }
      _ = try ClassicalMatcher(kind).match(small, photo)
      _ = try ClassicalMatcher(kind).match(photo, small)
    }
    let blank = try ClassicalMatcher(kind).match(flat, photo)
    #expect(
      blank.correspondences.points0.isEmpty && blank.correspondences.points1.isEmpty
        && blank.correspondences.scores.isEmpty && blank.keypoints.first == 0)
    let reversed = try ClassicalMatcher(kind).match(photo, flat)
    #expect(
      reversed.correspondences.points0.isEmpty && reversed.keypoints.first > 0
        && reversed.keypoints.second == 0)
  }

  @Test(arguments: Kind.allCases)
  func optionsAreKept(kind: Kind) throws {
    let (first, second) = (try samplePicture("graf1.png"), try samplePicture("graf3.png"))
    var options = ClassicalOptions.tuned(for: kind)
    options.maxKeypoints = 300
    let few = try ClassicalMatcher(kind, options: options).match(first, second)
    #expect(few.keypoints.first == 300 && few.keypoints.second == 300)
    options.ratio = 1
    options.mutual = false
    let all = try ClassicalMatcher(kind, options: options).match(first, second)
    // Every keypoint has a nearest neighbour; equal pairs of places count once.
    #expect(all.correspondences.points0.count > 250 && all.correspondences.points0.count <= 300)
    options.mutual = true
    let mutual = try ClassicalMatcher(kind, options: options).match(first, second)
    #expect(
      mutual.correspondences.points0.count < all.correspondences.points0.count
        && mutual.correspondences.points0.count > few.correspondences.points0.count)
  }

  @Test func rootSIFTChangesMatches() throws {
    let (first, second) = (try samplePicture("graf1.png"), try samplePicture("graf3.png"))
    var options = ClassicalOptions.tuned(for: .sift)
    options.rootSIFT = false
    let plain = try ClassicalMatcher(.sift, options: options).match(first, second)
    let root = try ClassicalMatcher(.sift).match(first, second)
    #expect(
      plain.keypoints.first == root.keypoints.first && plain.correspondences.points0.count > 300
        && plain != root)
  }

  @Test func sixteenBitsAreRoundedToEight() throws {
    let picture = try samplePicture("graf1.png")
    let values = picture.bytes
    let deep = GrayImage(
      width: picture.width, height: picture.height,
      pixels: .bits16(values.map { UInt16($0) * 257 + UInt16($0 % 2 == 0 ? 100 : 0) }))
    let matcher = ClassicalMatcher(.orb)
    #expect(try matcher.match(picture, picture) == matcher.match(deep, deep))
  }

  @Test func optionsOutOfRangeAreRefused() throws {
    let picture = picture8(64, 64) { x, y in x + y }
    let good = ClassicalOptions(contrastThreshold: 0.01, ratio: 0.9)
    var bad: [ClassicalOptions] = []
    for count in [0, -5, 100_001] {
      bad.append(good)
      bad[bad.count - 1].maxKeypoints = count
    }
    for ratio in [0, -1, 1.01, .nan] { bad.append(ClassicalOptions(contrastThreshold: 0.01, ratio: ratio)) }
    for threshold in [-0.1, .infinity, .nan] {
      bad.append(ClassicalOptions(contrastThreshold: threshold, ratio: 0.9))
    }
    for options in bad {
      #expect {
        try ClassicalMatcher(.sift, options: options).match(picture, picture)
      } throws: {
        guard case ImagingError.operationFailed(let operation, _) = $0 else { return false }
        return operation == "matching by SIFT"
      }
    }
  }

  @Test func descriptionsStateTheOptions() {
    let options = ClassicalOptions(maxKeypoints: 2000, contrastThreshold: 0.02, ratio: 0.85)
    #expect(
      ClassicalMatcher(.sift, options: options).description
        == "SIFT: RootSIFT, up to 2000 keypoints, contrast from 0.02, ratio 0.85, mutual")
    let open = ClassicalOptions(contrastThreshold: 5, ratio: 1, mutual: false)
    #expect(
      ClassicalMatcher(.orb, options: open).description
        == "ORB: 256 bits, up to 8000 keypoints, FAST threshold from 5.0, no ratio test, one way")
  }
}

// MARK: - Pictures

private func samplePicture(_ name: String) throws -> GrayImage {
  try ImageReader(path: SamplePictures.path(name)).gray()
}

/// A grey picture from a formula of pixel coordinates.
private func picture8(_ width: Int, _ height: Int, _ value: (_ x: Double, _ y: Double) -> Double) -> GrayImage
{
  var pixels: [UInt8] = []
  for y in 0..<height {
    for x in 0..<width { pixels.append(UInt8(min(255, max(0, value(Double(x), Double(y)).rounded())))) }
  }
  return GrayImage(width: width, height: height, pixels: .bits8(pixels))
}

private func length(_ vector: SIMD2<Double>) -> Double { (vector * vector).sum().squareRoot() }

extension GrayImage {
  /// 8 bits a pixel; none where the picture is deeper.
  fileprivate var bytes: [UInt8] {
    guard case .bits8(let values) = pixels else { return [] }
    return values
  }

  /// The picture upside down and left to right: pixel p is now at (width - 1, height - 1) - p.
  fileprivate var turnedByHalf: GrayImage {
    GrayImage(width: width, height: height, pixels: .bits8(bytes.reversed()))
  }
}
