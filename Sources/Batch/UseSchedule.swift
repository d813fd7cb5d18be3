/// When each image is used: the pair order is known in advance, so a full cache can drop the image needed last, which
/// is optimal (Belady 1966).
struct UseSchedule: Sendable {
  private let uses: [[Int32]]

  init(_ pairs: some Sequence<ImagePair>, imageCount: Int) {
    var uses = [[Int32]](repeating: [], count: imageCount)
    for (position, pair) in pairs.enumerated() {
      uses[pair.first].append(Int32(position))
      uses[pair.second].append(Int32(position))
    }
    self.uses = uses
  }

  /// The first use at or after a position, if any.
  func nextUse(of image: Int, from position: Int) -> Int? {
    let places = uses[image]
    var (low, high) = (0, places.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(places[middle]) < position { low = middle + 1 } else { high = middle }
    }
    return low < places.count ? Int(places[low]) : nil
  }

  func count(of image: Int) -> Int { uses[image].count }
}
