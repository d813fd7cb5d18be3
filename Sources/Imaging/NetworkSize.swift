/// The size, in pixels, at which the network sees a picture. Both sides are rounded to what the network divides by, so
/// no padding is needed; the axes then differ slightly in scale, which `PixelScaling` undoes exactly.
package struct NetworkSize: Equatable, Sendable {
  package let width: Int
  package let height: Int

  /// `width` x `height` unchanged if `maxSize` is 0. Otherwise the longer side becomes at most `maxSize`, and both
  /// sides are rounded to the nearest multiple of `multiple` (at least one, and never beyond `maxSize`).
  package init(width: Int, height: Int, maxSize: Int, multiple: Int = 16) {
    precondition(width > 0 && height > 0 && maxSize >= 0 && multiple > 0, "sizes must be positive")
    guard maxSize > 0 else {
      self.width = width
      self.height = height
      return
    }
    let scale = min(1, Double(maxSize) / Double(max(width, height)))
    let most = max(1, maxSize / multiple)
    func rounded(_ side: Int) -> Int {
      let multiples = Int((Double(side) * scale / Double(multiple)).rounded())
      return min(most, max(1, multiples)) * multiple
    }
    self.width = rounded(width)
    self.height = rounded(height)
  }
}
