// The names and shapes of a weights file: all that a network is recognised by.

import Weights

/// What tensors a file holds.
struct TensorInventory {
  /// The file's name without folders, in lower case.
  let fileName: String
  /// Shapes of the floating-point tensors by name.
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

  /// True if a tensor's name begins so.
  func has(prefix: String) -> Bool { shapes.keys.contains { $0.hasPrefix(prefix) } }

  /// True if a tensor's name contains this.
  func has(part: String) -> Bool { shapes.keys.contains { $0.contains(part) } }

  /// Extent `axis` of the tensor of that name, or what the published networks have where it is missing.
  func extent(_ name: String, _ axis: Int, published: Int) -> Int {
    guard let shape = shapes[name], axis < shape.count else { return published }
    return shape[axis]
  }

  /// One more than the largest number N for which a name begins with `prefix` and N; 0 if there is none.
  func count(below prefix: String) -> Int {
    let numbers = shapes.keys.compactMap { name -> Int? in
      guard name.hasPrefix(prefix) else { return nil }
      return Int(name.dropFirst(prefix.count).prefix { $0.isNumber })
    }
    // Settings allow at most 256 layers of any kind.
    return min((numbers.max() ?? -1) + 1, 256)
  }
}
