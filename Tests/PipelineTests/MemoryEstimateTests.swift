// The memory that a pair needs: what was measured fits, what is refused fits as advised, and no size overflows.

import Models
import Testing

@testable import Pipeline

@Suite struct MemoryEstimateTests {
  private func estimate() throws -> MemoryEstimate {
    MemoryEstimate(try ModelCatalog.model(named: ModelCatalog.defaultName).matcher)
  }

  /// Peaks of whole processes, MB, measured with the default model.
  @Test(arguments: [
    (320, 240, 123.0), (640, 480, 195), (1280, 960, 422), (1600, 1200, 585), (3840, 2160, 1772),
  ])
  func isAboveWhatWasMeasured(width: Int, height: Int, megabytes: Double) throws {
    let needed = try estimate().bytes([(width, height), (width, height)])
    #expect(needed > megabytes * 1e6)
    if width >= 1600 { #expect(needed < megabytes * 1e6 * 4 / 3) }
  }

  @Test func whatIsAdvisedFits() throws {
    let estimate = try estimate()
    for available in [0.35e9, 1e9, 7.7e9] {
      let sizes = [(width: 12000, height: 9000), (width: 4000, height: 8000)]
      let error = #expect(throws: PipelineError.self) { try estimate.check(sizes, available: available) }
      guard case .notEnoughMemory(let width, let height, let needed, let free, let fitting) = error else {
        Issue.record("another error")
        continue
      }
      #expect(width == 12000 && height == 9000 && Double(needed) > available / 1e6)
      #expect(free == Int(available / 1e6) && fitting > 16)
      let scaled = sizes.map { size in
        let scale = min(1, Double(fitting) / Double(max(size.width, size.height)))
        return (width: Int(Double(size.width) * scale), height: Int(Double(size.height) * scale))
      }
      try estimate.check(scaled, available: available)
    }
  }

  @Test func noSizeOverflows() throws {
    let estimate = try estimate()
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      // As many bits as there are, each number of them alike.
      let extents = (0..<4).map { _ in
        Int.random(in: 0...Int.max, using: &random) >> Int.random(in: 0...62, using: &random)
      }
      let sizes = [(width: extents[0], height: extents[1]), (width: extents[2], height: extents[3])]
      let available = Double.random(in: 0...1e18, using: &random)
      do {
        try estimate.check(sizes, available: available)
        #expect(estimate.bytes(sizes) <= available)
      } catch let error as PipelineError {
        guard case .notEnoughMemory(_, _, let needed, _, let fitting) = error else { throw error }
        #expect(needed > 0 && fitting >= 16)
      }
    }
  }
}
