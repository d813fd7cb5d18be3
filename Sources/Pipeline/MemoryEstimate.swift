// How much memory a pair needs, asked before work starts: a clear refusal beats being killed half-way.

import Glibc
import Matching

/// Peak memory of matching, as a function of the pixels that the network sees. Fitted to peaks measured from 640x480
/// to 2560x1920 with both architectures; errs towards too much.
struct MemoryEstimate {
  /// Bytes that one pixel of either image costs at the peak.
  let bytesPerPixel: Double
  /// Bytes that any pair costs: libraries, weights, the threads' scratch.
  private static let fixedBytes = 250e6

  /// The live maps at 1/2 dominate: two images' finest laterals and fine maps, and a layer's input, output and
  /// residual on top. Tokens come with their queries, keys, values and the feed-forward network's channels.
  init(_ matcher: Matcher) {
    let half = Double(matcher.backbone.lateralChannels.first ?? 0) * 5.75 / 4
    let coarse = Double(matcher.backbone.coarseChannels) * 10 / 64
    bytesPerPixel = (half + coarse) * 4
  }

  /// Bytes for images of these sizes.
  func bytes(_ sizes: [(width: Int, height: Int)]) -> Double {
    sizes.map { Double($0.width) * Double($0.height) }.reduce(0, +) * bytesPerPixel + Self.fixedBytes
  }

  /// Throws if the sizes need more than the machine has free.
  func check(_ sizes: [(width: Int, height: Int)]) throws {
    let (needed, available) = (bytes(sizes), Self.availableBytes)
    guard needed > available else { return }
    let largest = sizes.max { $0.width * $0.height < $1.width * $1.height } ?? (0, 0)
    let side = Double(max(largest.width, largest.height)) * (available / needed * 0.8).squareRoot()
    throw PipelineError.notEnoughMemory(
      width: largest.width, height: largest.height, neededMegabytes: Int(needed / 1e6),
      availableMegabytes: Int(available / 1e6), fitting: max(16, Int(side) / 16 * 16))
  }

  /// Memory that the system says it can still give, bytes.
  static var availableBytes: Double {
    let free = Double(sysconf(Int32(_SC_AVPHYS_PAGES))) * Double(sysconf(Int32(_SC_PAGESIZE)))
    // The kernel's own estimate counts what it can reclaim; it is the better one where it is given.
    guard let file = fopen("/proc/meminfo", "r") else { return free }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      var kilobytes: Int = 0
      let found = withUnsafeMutablePointer(to: &kilobytes) { pointer in
        withVaList([pointer]) { vsscanf(line, "MemAvailable: %ld kB", $0) }
      }
      if found == 1 { return Double(kilobytes) * 1024 }
    }
    return free
  }
}
