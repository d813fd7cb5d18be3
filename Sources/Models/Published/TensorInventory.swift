// The tensor names and shapes of a weights file, by which networks are recognised.

import Weights

struct TensorInventory {
  /// Lower case, without folders.
  let fileName: String
  /// Floating-point tensors only.
  let shapes: [String: [Int]]

  init(fileName: String, shapes: [String: [Int]]) {
    self.fileName = fileName
    self.shapes = shapes
  }

  init(_ file: WeightsFile) {
    let name = file.source.split(separator: "/").last.map(String.init) ?? file.source
    self.init(
      fileName: name.lowercased(),
      shapes: Dictionary(
        file.entries.filter(\.isFloatingPoint).map { ($0.name, $0.shape) },
        uniquingKeysWith: { first, _ in first }))
  }

  func has(prefix: String) -> Bool { shapes.keys.contains { $0.hasPrefix(prefix) } }

  func has(part: String) -> Bool { shapes.keys.contains { $0.contains(part) } }

  /// Extent of a tensor along `axis`; if it is missing, that of the published networks.
  func extent(_ name: String, _ axis: Int, published: Int) -> Int {
    guard let shape = shapes[name], axis < shape.count else { return published }
    return shape[axis]
  }

  /// One more than the largest N such that a name begins with `prefix` and N; 0 if there is none.
  func count(below prefix: String) -> Int {
    let numbers = shapes.keys.compactMap { name -> Int? in
      guard name.hasPrefix(prefix) else { return nil }
      return Int(name.dropFirst(prefix.count).prefix { $0.isNumber })
    }
    // Settings allow at most 256 layers.
    return min((numbers.max() ?? -1) + 1, 256)
  }
}
