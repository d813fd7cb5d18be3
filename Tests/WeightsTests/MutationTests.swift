// Random damage to a sound file: it must load or be refused, never crash.

import Tensor
import Testing
import TestSupport

@testable import Weights

@Suite struct MutationTests {
  /// What a hostile writer would put in the place of a number or a mark.
  private static let inserts = [
    "-", "0", "9", "99999999999999999999", "9223372036854775807", "1e308", "\"", "\\", "\\u0000", "[", "]",
    "{", "}",
    ",", ":", "null", "[[[[", "F16", "BF16", "F64", "I64", "\u{0}", "é", "data_offsets", "shape",
  ].map { Array($0.utf8) }

  @Test(arguments: 0..<4 as Range<UInt64>) func mutations(seed: UInt64) throws {
    var generator = SeededGenerator(seed)
    let sound = try ModelFile.bytes(settings: smallSettings, tensors: smallTensors)
    let header = sound.count - smallTensors.values.reduce(0) { $0 + $1.count * 4 }
    var (loaded, refused) = (0, 0)
    for _ in 0..<6000 {
      var bytes = sound
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<min(header, bytes.count), using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1:
          bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
        case 2: bytes.remove(at: place)
        case 3: bytes.removeLast(Int.random(in: 0..<min(16, bytes.count - 1), using: &generator))
        case 4: bytes.append(contentsOf: bytes[..<min(place, 9)])
        default:
          let insert = Self.inserts[Int.random(in: 0..<Self.inserts.count, using: &generator)]
          bytes.replaceSubrange(max(8, place)..<max(8, place), with: insert)
          // Half of the time the length fits again, so that the parser sees the insert.
          if Bool.random(using: &generator) {
            let length = UInt64(header - 8 + insert.count)
            withUnsafeBytes(of: length.littleEndian) { bytes.replaceSubrange(0..<8, with: $0) }
          }
        }
      }
      do {
        let model = try readModel(bytes)
        for (_, tensor) in model.tensors {
          #expect(tensor.values.allSatisfy(\.isFinite) && tensor.count == Tensor.elementCount(tensor.shape))
        }
        loaded += 1
      } catch {
        #expect(!error.description.isEmpty)
        refused += 1
      }
    }
    // Most damage is noticed; some (in a text or a number of the data) cannot be.
    #expect(loaded > 50 && refused > 3000, "\(loaded) loaded, \(refused) refused")
  }
}
