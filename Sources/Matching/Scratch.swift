// Working memory of parallel loops.

/// Elements that threads write at disjoint positions; freed with the object.
final class Scratch<Element: BitwiseCopyable> {
  let start: UnsafeMutablePointer<Element>
  let count: Int

  init(repeating value: Element, count: Int) {
    start = .allocate(capacity: max(count, 1))
    start.initialize(repeating: value, count: count)
    self.count = count
  }

  deinit { start.deallocate() }

  subscript(index: Int) -> Element { start[index] }

  var values: [Element] { Array(UnsafeBufferPointer(start: start, count: count)) }
}
