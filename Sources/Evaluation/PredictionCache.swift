import Files
import Geometry
import Glibc
import Imaging

/// Predictions on disk, so that a second protocol needs no second matching and an interrupted evaluation resumes.
///
/// One file per prediction, named by the SHA-256 of everything it depends on: program, matcher with options, both
/// photos' bytes and framing. Files are written atomically and end with a digest; damaged ones count as missing.
///
/// Little-endian: "match-prediction/2\n"; 14 x Int64: matches, keypoints0, keypoints1, for each photo stored width and
/// height, quarter turns, width, height, and whether matches have precisions; seconds; then of each match as Double
/// x0 y0 x1 y1 score, and with precisions the covariance (xx xy yy), 1 if refined, the map row by row; 64 hex digits.
package struct PredictionCache: Sendable {
  package let folder: String
  private let program: String

  private static let magic = Array("match-prediction/2\n".utf8)
  private static let integers = 14
  private static let digestCount = 64

  /// Opens a folder, creating it if needed. `program` is part of the cache key: name and version.
  /// Throws `EvaluationError.cacheUnusable`.
  package init(folder: String, program: String) throws(EvaluationError) {
    self.folder = folder
    self.program = program
    do { try Folder.make(folder) } catch { throw .cacheUnusable(path: folder, reason: error.reason) }
    guard access(folder, R_OK | W_OK | X_OK) == 0 else {
      throw .cacheUnusable(path: folder, reason: SystemError().reason)
    }
  }

  /// `$XDG_CACHE_HOME/match/predictions`, else `~/.cache/match/predictions`; nil without a home.
  package static var defaultFolder: String? {
    func variable(_ name: String) -> String? {
      // The XDG base directory specification says to ignore relative paths.
      getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    return (variable("XDG_CACHE_HOME") ?? variable("HOME").map { $0 + "/.cache" }).map {
      $0 + "/match/predictions"
    }
  }

  func key(matcher: any PairMatcher, photos: [(bytes: [UInt8], framing: String)]) -> String {
    var text = "\(program)\n\(matcher.identity)\n"
    for photo in photos { text += SHA256.hexadecimal(of: photo.bytes) + " \(photo.framing)\n" }
    return SHA256.hexadecimal(of: text.utf8)
  }

  /// nil if missing or damaged.
  func prediction(_ key: String) -> FramedPrediction? {
    guard let bytes = try? File.read(path(key)) else { return nil }
    return Self.decoded(bytes)
  }

  /// Throws `FileError.cannotWrite`.
  func store(_ prediction: FramedPrediction, _ key: String) throws(FileError) {
    try AtomicFile.write(Self.encoded(prediction), to: path(key))
  }

  func path(_ key: String) -> String { Path.joined(folder, key) }

  static func encoded(_ framed: FramedPrediction) -> [UInt8] {
    let prediction = framed.prediction
    var writer = ByteWriter(magic)
    writer.bytes.reserveCapacity(magic.count + (integers + 1 + 13 * prediction.count) * 8 + digestCount)
    let frames = [framed.frame0, framed.frame1].flatMap {
      [$0.storedWidth, $0.storedHeight, $0.turns.count, $0.width, $0.height]
    }
    let hasPrecisions = prediction.correspondences.precisions == nil ? 0 : 1
    for value in [prediction.count] + prediction.keypoints.both + frames + [hasPrecisions] {
      writer.append(value)
    }
    writer.append(prediction.seconds.bitPattern)
    let matches = prediction.correspondences
    for index in matches.indices {
      let (point0, point1) = (matches.points0[index], matches.points1[index])
      for value in [point0.x, point0.y, point1.x, point1.y, matches.scores[index]] {
        writer.append(value.bitPattern)
      }
      guard let precision = matches.precisions?[index] else { continue }
      let (covariance, map) = (precision.covariance, precision.map)
      for value in [
        covariance.xx, covariance.xy, covariance.yy, precision.source == .refined ? 1 : 0, map.xx, map.xy,
        map.yx, map.yy,
      ] { writer.append(value.bitPattern) }
    }
    return writer.bytes + SHA256.hexadecimal(of: writer.bytes).utf8
  }

  static func decoded(_ bytes: [UInt8]) -> FramedPrediction? {
    let head = magic.count + (integers + 1) * 8
    guard bytes.count >= head + digestCount, bytes.starts(with: magic) else { return nil }
    let body = bytes.count - digestCount
    guard bytes[body...].elementsEqual(SHA256.hexadecimal(of: bytes[..<body]).utf8) else { return nil }
    var reader = ByteReader(bytes[magic.count..<body])
    let values = (0..<integers).compactMap { _ in reader.integer(Int.self) }
    // The digest rules out damage: this only catches a format that changed without a new name.
    guard values.allSatisfy({ $0 >= 0 && $0 < 1 << 40 }), values[13] <= 1 else { return nil }
    let length = values[13] == 0 ? 5 : 13
    guard body == head + values[0] * 8 * length else { return nil }
    func frame(_ start: Int) -> PhotoFrame {
      PhotoFrame(
        storedWidth: values[start], storedHeight: values[start + 1], turns: QuarterTurns(values[start + 2]),
        width: values[start + 3], height: values[start + 4])
    }
    var prediction = Prediction(
      correspondences: Correspondences(), keypoints: Pair(values[1], values[2]),
      seconds: reader.double() ?? 0)
    for _ in 0..<values[0] {
      let match = (0..<length).compactMap { _ in reader.double() }
      var precision: PointPrecision?
      if length == 13 {
        precision = PointPrecision(
          covariance: PointCovariance(xx: match[5], xy: match[6], yy: match[7]),
          source: match[8] == 1 ? .refined : .network, map: Map2(match[9], match[10], match[11], match[12]))
      }
      prediction.correspondences.append(
        SIMD2(match[0], match[1]), SIMD2(match[2], match[3]), score: match[4], precision: precision)
    }
    return FramedPrediction(prediction: prediction, frame0: frame(3), frame1: frame(8))
  }
}
