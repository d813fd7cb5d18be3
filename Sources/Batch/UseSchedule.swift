// When each image is used next: the order of pairs is known beforehand, so a full cache can drop the image that is
// needed last (Belady 1966), which no rule does better.

/// For each image, the places in a list of pairs at which it is used.
struct UseSchedule: Sendable {
  private let uses: [[Int32]]

  /// - Parameters:
  ///   - pairs: the pairs in the order in which they are matched.
  ///   - imageCount: number of images.
  init(_ pairs: some Sequence<ImagePair>, imageCount: Int) {
    var uses = [[Int32]](repeating: [], count: imageCount)
    for (position, pair) in pairs.enumerated() {
      uses[pair.first].append(Int32(position))
      uses[pair.second].append(Int32(position))
    }
    self.uses = uses
  }

  /// The first use at or after a position; nil where there is none.
  func nextUse(of image: Int, from position: Int) -> Int? {
    let places = uses[image]
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(places[middle]) < position { low = middle + 1 } else { high = middle }
    }
    return low < places.count ? Int(places[low]) : nil
  }

  /// How often an image is used.
  func count(of image: Int) -> Int { uses[image].count }
}
