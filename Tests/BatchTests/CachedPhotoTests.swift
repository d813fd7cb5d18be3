// Masks, and features on disk: the same bits come back, and nothing from a file that was cut or changed.

import Backbone
import Geometry
import Imaging
import Matching
import Pipeline
import Tensor
import Testing

@testable import Batch

@Suite struct CachedPhotoTests {
  private func tensor(_ shape: [Int], _ start: Float) -> Tensor {
    Tensor(shape) { elements in
      for index in elements.indices { elements[index] = start + Float(index) * 0.37 }
    }
  }

  private func photo(mask: Mask?) -> CachedPhoto {
    let frame = SeenFrame(
      photoWidth: 1000, photoHeight: 700, view: .upright,
      size: NetworkSize(width: 33, height: 17, maxSize: 0),
      scaling: PixelScaling(originalWidth: 1000, originalHeight: 700, resizedWidth: 33, resizedHeight: 17))
    let pyramid = Pyramid(
      coarse: tensor([2, 4, 3], 1), laterals: [tensor([8, 16, 2], 2), tensor([4, 8, 5], 3)])
    let features = ImageFeatures(height: 17, width: 33, pyramid: pyramid, coarse: tensor([2, 4, 3], -4))
    return CachedPhoto(photo: PhotoFeatures(frame: frame, features: features), mask: mask)
  }

  @Test func roundTrip() throws {
    let masks = [nil, Mask(width: 10, height: 13, ignored: [0x1234_5678_9ABC_DEF0, 42, 1])]
    for mask in masks {
      let kept = photo(mask: mask)
      let read = try #require(CachedPhoto.decoded(kept.encoded))
      #expect(read.photo.frame == kept.photo.frame)
      #expect(read.mask == mask)
      let (new, old) = (read.photo.features, kept.photo.features)
      #expect((new.height, new.width) == (17, 33))
      #expect(new.coarse.values == old.coarse.values && new.coarse.shape == old.coarse.shape)
      #expect(new.pyramid.coarse.values == old.pyramid.coarse.values)
      #expect(new.pyramid.laterals.map(\.shape) == old.pyramid.laterals.map(\.shape))
      #expect(new.pyramid.laterals.map(\.values) == old.pyramid.laterals.map(\.values))
    }
  }

  @Test func cutOrChangedFilesGiveNothing() {
    let bytes = photo(mask: nil).encoded
    for end in 0..<bytes.count {
      #expect(CachedPhoto.decoded(Array(bytes[..<end])) == nil)
    }
    for place in stride(from: 0, to: bytes.count, by: 7) {
      var changed = bytes
      changed[place] ^= 4
      #expect(CachedPhoto.decoded(changed) == nil)
    }
  }

  @Test func masksOfAnotherSize() {
    // 4 x 2 pixels for an image of 40 x 10: the left half of the upper row is black, and nearly black at the right.
    let mask = Mask(GrayImage(width: 4, height: 2, pixels: .bits8([0, 0, 1, 255, 9, 9, 9, 9])))
    func ignores(_ x: Double, _ y: Double) -> Bool {
      mask.ignores(SIMD2(x, y), imageWidth: 40, imageHeight: 10)
    }
    #expect(ignores(-0.5, -0.5))
    #expect(ignores(19.4, 4.4))
    #expect(!ignores(19.6, 4.4))
    #expect(!ignores(19.4, 4.6))
    #expect(!ignores(39.5, 9.5))
    let deep = Mask(GrayImage(width: 2, height: 1, pixels: .bits16([0, 1])))
    #expect(deep.ignored == [1])
  }
}
