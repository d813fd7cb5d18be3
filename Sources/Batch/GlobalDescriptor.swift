import Backbone

/// Coarse features of an image as unit vectors.
struct LocalFeatures: Sendable {
  /// Row-major, [count, channels].
  let values: [Float]
  let channels: Int
  var count: Int { values.count / channels }

  init(_ pyramid: Pyramid) {
    let channels = pyramid.coarse.shape[2]
    self.channels = channels
    values = pyramid.coarse.withElements { elements in
      var values = Array(elements)
      for start in stride(from: 0, to: values.count, by: channels) {
        normalize(&values, start..<start + channels)
      }
      return values
    }
  }
}

/// A visual vocabulary for VLAD (Jegou et al. 2010): one vector per image, similar for images of the same place. It is
/// built from the images' own coarse features, so nothing is trained, and in a fixed order, so runs are reproducible.
struct Vocabulary: Sendable {
  /// Row-major, [wordCount, channels].
  private let words: [Float]
  private let channels: Int

  /// 16 words did as well as 64 on the sets measured.
  static let wordCount = 16
  private static let iterations = 10

  /// k-means over all features, started from evenly spaced ones.
  init(_ images: [LocalFeatures]) {
    channels = images.first?.channels ?? 1
    let channels = channels
    let rows = images.flatMap { image in
      (0..<image.count).map { Array(image.values[$0 * channels..<($0 + 1) * channels]) }
    }
    var words: [Float] = []
    for word in 0..<Self.wordCount {
      words +=
        rows.isEmpty ? [Float](repeating: 0, count: channels) : rows[word * rows.count / Self.wordCount]
    }
    for _ in 0..<Self.iterations {
      var sums = [Float](repeating: 0, count: words.count)
      var counts = [Int](repeating: 0, count: Self.wordCount)
      for row in rows {
        let word = nearestWord(row[...], words, channels)
        counts[word] += 1
        for channel in 0..<channels { sums[word * channels + channel] += row[channel] }
      }
      for word in 0..<Self.wordCount where counts[word] > 0 {
        for channel in 0..<channels {
          words[word * channels + channel] = sums[word * channels + channel] / Float(counts[word])
        }
      }
    }
    self.words = words
  }

  /// The summed residuals of each word's features, normalised per word and as a whole.
  func descriptor(_ image: LocalFeatures) -> [Float] {
    var result = [Float](repeating: 0, count: words.count)
    for index in 0..<image.count {
      let row = image.values[index * channels..<(index + 1) * channels]
      let start = nearestWord(row, words, channels) * channels
      for channel in 0..<channels {
        result[start + channel] += row[row.startIndex + channel] - words[start + channel]
      }
    }
    for start in stride(from: 0, to: result.count, by: channels) {
      normalize(&result, start..<start + channels)
    }
    normalize(&result, 0..<result.count)
    return result
  }
}

private func nearestWord(_ row: ArraySlice<Float>, _ words: [Float], _ channels: Int) -> Int {
  var (best, bestDistance) = (0, Float.infinity)
  row.withUnsafeBufferPointer { row in
    words.withUnsafeBufferPointer { words in
      for word in 0..<words.count / channels {
        var distance: Float = 0
        for channel in 0..<channels {
          let difference = row[channel] - words[word * channels + channel]
          distance += difference * difference
        }
        if distance < bestDistance { (best, bestDistance) = (word, distance) }
      }
    }
  }
  return best
}

func dotProduct(_ left: [Float], _ right: [Float]) -> Float {
  left.withUnsafeBufferPointer { left in
    right.withUnsafeBufferPointer { right in
      var sums = SIMD8<Float>.zero
      var index = 0
      while index + 8 <= left.count {
        let (a, b) = (UnsafeRawPointer(left.baseAddress), UnsafeRawPointer(right.baseAddress))
        guard let a, let b else { break }
        sums +=
          a.loadUnaligned(fromByteOffset: 4 * index, as: SIMD8<Float>.self)
          * b.loadUnaligned(fromByteOffset: 4 * index, as: SIMD8<Float>.self)
        index += 8
      }
      var sum = sums.sum()
      while index < left.count {
        sum += left[index] * right[index]
        index += 1
      }
      return sum
    }
  }
}

/// Scales a slice to unit length, unless it is zero.
private func normalize(_ values: inout [Float], _ range: Range<Int>) {
  var sum: Float = 0
  for index in range { sum += values[index] * values[index] }
  guard sum > 0 else { return }
  let factor = 1 / sum.squareRoot()
  for index in range { values[index] *= factor }
}
