// Fuzzes the readers of files from elsewhere: `make fuzz`.
//
// `FuzzReaders READER [libFuzzer's options] CORPUS...`; READER is one of `readers` below. Every input must be read or
// refused with an error: libFuzzer and AddressSanitizer stop at a crash, a trap, a wild access, a leak, too
// much memory, or an input that takes too long.

import CFuzzer
import Glibc

@main struct FuzzReaders {
  typealias Test = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32

  static let readers: [String: Test] = [
    "zip": { fuzzed($0, $1, readArchive) },
    "pickle": { fuzzed($0, $1, readPickle) },
    "checkpoint": { fuzzed($0, $1, readCheckpoint) },
    "image": { fuzzed($0, $1, readImage) },
    "record": { fuzzed($0, $1, readRecord) },
  ]

  static func main() {
    guard CommandLine.argc > 1, let reader = readers[CommandLine.arguments[1]] else {
      let usage = "usage: FuzzReaders \(readers.keys.sorted().joined(separator: "|")) [options] CORPUS...\n"
      write(STDERR_FILENO, usage, usage.utf8.count)
      exit(64)
    }
    // libFuzzer sees the arguments without the reader's name.
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
    var count = CommandLine.argc - 1
    CommandLine.unsafeArgv[1] = CommandLine.unsafeArgv[0]
    exit(LLVMFuzzerRunDriver(&count, &arguments, reader))
  }

  private static func fuzzed(_ data: UnsafePointer<UInt8>?, _ count: Int, _ read: ([UInt8]) -> Void) -> Int32
  {
    read(Array(UnsafeBufferPointer(start: data, count: count)))
    return 0
  }
}
