import Glibc

/// The machine and the running program, from Linux's /proc.
package enum Machine {
  /// The processor's name as the kernel states it.
  package static var processor: String { value("model name", in: "/proc/cpuinfo") ?? "unknown processor" }

  /// Resident bytes of this process; 0 if unknown.
  package static var residentBytes: Int { bytes("VmRSS", in: "/proc/self/status") ?? 0 }

  /// Peak resident bytes of this process; 0 if unknown. `getrusage` would start at the parent's size.
  package static var peakBytes: Int { bytes("VmHWM", in: "/proc/self/status") ?? 0 }

  /// Bytes of memory still available: the kernel's own estimate, reclaimable memory included.
  package static var availableBytes: Int {
    bytes("MemAvailable", in: "/proc/meminfo")
      ?? sysconf(Int32(_SC_AVPHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
  }

  /// The running program's file; empty if unknown.
  package static var programPath: String {
    guard let path = realpath("/proc/self/exe", nil) else { return "" }
    defer { free(path) }
    return String(cString: path)
  }

  /// The value of the first line `name : value` of a file.
  private static func value(_ name: String, in path: String) -> String? {
    guard let bytes = try? File.read(path) else { return nil }
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix(name) {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { return String(parts[1].drop { $0 == " " || $0 == "\t" }) }
    }
    return nil
  }

  /// The value of a line `name: 123 kB`, as bytes.
  private static func bytes(_ name: String, in path: String) -> Int? {
    value(name, in: path)?.split(separator: " ").first.flatMap { Int($0) }.map { $0 * 1024 }
  }
}
