// What is done with one input of the fuzzer: all that the program would do with such a file.

import Imaging
import PairStore
import Tensor

@testable import Weights

/// A picture of any kind, in grey and in colour.
func readImage(_ bytes: [UInt8]) {
  let reader = ImageReader(path: "input", bytes: bytes)
  do {
    let (gray, color) = (try reader.gray(), try reader.color())
    precondition(gray.width == color.width && gray.height == color.height, "two sizes of one picture")
  } catch {
    precondition(!error.description.contains { $0.isNewline }, "an error of several lines")
  }
}

/// A pair as it is stored, behind the checksum, which an input that is made up would hardly pass.
func readRecord(_ bytes: [UInt8]) {
  guard let pair = PairRecord.decode(bytes) else { return }
  precondition(PairRecord.decode(PairRecord.encode(pair)) != nil, "a pair that is not read again")
}

/// The list of members, and every member's content.
func readArchive(_ bytes: [UInt8]) {
  guard let archive = try? ZipArchive(MemorySource(name: "input", bytes: bytes)) else { return }
  for name in archive.names {
    let content = try? archive.content(of: name)
    precondition(content == nil || content?.count == archive.count(of: name), "a member of another size")
  }
}

/// The pickle, the state dictionary in it, and the elements of each of its tensors.
func readPickle(_ bytes: [UInt8]) {
  let document = bytes.withUnsafeBytes { try? PickleReader.read($0) }
  guard let document, let dictionary = try? StateDictionary(document, source: "input") else { return }
  let names = TensorNames(dictionary.tensors.map(\.name))
  precondition(names.names.count == dictionary.tensors.count, "names were lost")
  for (_, view) in dictionary.tensors {
    let storage = view.storage
    let (size, overflow) = storage.count.multipliedReportingOverflow(by: storage.type.byteCount)
    // A file of this size would not be there; small ones show whether the bounds are right.
    guard !overflow, size <= 1 << 16, view.count ?? .max <= 1 << 16 else { continue }
    guard let type = view.type.element, type.isFloatingPoint else { continue }
    let bytes = [UInt8](repeating: 0, count: size)
    let tensor = bytes.withUnsafeBytes { bytes in
      Tensor(view.shape) { type.convert(bytes, view: view, to: $0) }
    }
    precondition(tensor.values.allSatisfy { $0 == 0 }, "an element from outside of the storage")
  }
}

/// The whole file, of whatever kind, and its tensors.
func readCheckpoint(_ bytes: [UInt8]) {
  do {
    let file = try WeightsFile(bytes: bytes, source: "input")
    let tensors = try file.tensors()
    for entry in file.entries where entry.isFloatingPoint {
      precondition(tensors[entry.name]?.shape == entry.shape, "a tensor of another shape")
    }
  } catch {
    precondition(!error.description.contains { $0.isNewline }, "an error of several lines")
  }
}
