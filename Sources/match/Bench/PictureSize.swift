// A size on the command line: 640x480.

import ArgumentParser
import Matching

/// Columns and rows of a picture.
struct PictureSize: Equatable {
  /// Columns.
  let width: Int
  /// Rows.
  let height: Int

  /// The size at which matchers are usually compared.
  static let usual = PictureSize(width: 640, height: 480)

  /// More pixels than any matcher is asked to see at once.
  private static let mostPixels = 1 << 27

  private init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

  /// Parses WIDTHxHEIGHT.
  ///
  /// - Throws: `ValidationError` for anything else, and for sides that are too short or too long.
  init(parsing text: String) throws {
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1] else {
      throw ValidationError("'\(text)' is no size: give WIDTHxHEIGHT, such as 640x480")
    }
    let (pixels, overflows) = width.multipliedReportingOverflow(by: height)
    guard min(width, height) >= Matcher.minimumSide, !overflows, pixels <= Self.mostPixels else {
      throw ValidationError(
        "'\(text)' is out of range: use sides of at least \(Matcher.minimumSide) and at most \(Self.mostPixels) pixels"
      )
    }
    self.init(width: width, height: height)
  }
}
