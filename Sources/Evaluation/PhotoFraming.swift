import Geometry
import Imaging
import Pipeline

/// How a stored photo is turned and resized before matching, and what that does to cameras and motion. All points of
/// an evaluation are pixels of framed photos.
package struct PhotoFraming: Equatable, Sendable {
  /// The shorter side after resizing, pixels, as HPatches prescribes; nil keeps the size.
  package var shorterSide: Int?

  /// Throws `ImagingError` naming the file.
  package func frame(_ file: ImageReader, turns: QuarterTurns) throws -> (photo: Photo, frame: PhotoFrame) {
    let stored = try file.gray(minimumSide: 16)
    let turned = turns.turned(stored)
    let scale = shorterSide.map { Double($0) / Double(min(turned.width, turned.height)) } ?? 1
    let size = [turned.width, turned.height].map { max(1, Int((Double($0) * scale).rounded())) }
    let framed = try turned.resized(width: size[0], height: size[1])
    let frame = PhotoFrame(
      storedWidth: stored.width, storedHeight: stored.height, turns: turns, width: size[0], height: size[1])
    return (Photo(path: file.path, image: framed), frame)
  }

  /// The framing's part of the cache key.
  func identity(turns: QuarterTurns) -> String { "turns \(turns.count) shorter-side \(shorterSide ?? 0)" }
}

/// A photo's size before and after framing.
package struct PhotoFrame: Equatable, Sendable {
  package var storedWidth: Int
  package var storedHeight: Int
  package var turns: QuarterTurns
  package var width: Int
  package var height: Int

  /// From framed to turned pixels.
  var scaling: PixelScaling {
    let isUpright = turns.count % 2 == 0
    return PixelScaling(
      originalWidth: isUpright ? storedWidth : storedHeight,
      originalHeight: isUpright ? storedHeight : storedWidth, resizedWidth: width, resizedHeight: height)
  }

  /// From framed to stored pixels.
  package func stored(_ point: SIMD2<Double>) -> SIMD2<Double> {
    let turned = scaling.toOriginal(point)
    let isUpright = turns.count % 2 == 0
    return QuarterTurns(-turns.count).turned(
      turned, width: isUpright ? storedWidth : storedHeight, height: isUpright ? storedHeight : storedWidth)
  }
}

/// A prediction in framed pixels, with both photos' framing.
package struct FramedPrediction: Equatable, Sendable {
  package var prediction: Prediction
  package var frame0: PhotoFrame
  package var frame1: PhotoFrame

  /// The matches in pixels of the stored photos.
  package var storedMatches: Correspondences {
    prediction.correspondences.mapped(frame0.stored, frame1.stored)
  }
}

extension QuarterTurns {
  /// The intrinsics after turning a photo of `width` x `height`.
  package func turned(_ camera: Camera, width: Int, height: Int) -> Camera {
    let center = turned(SIMD2(camera.cx, camera.cy), width: width, height: height)
    return count % 2 == 0
      ? Camera(fx: camera.fx, fy: camera.fy, cx: center.x, cy: center.y)
      : Camera(fx: camera.fy, fy: camera.fx, cx: center.x, cy: center.y)
  }

  /// From the stored photo's camera axes to the turned one's.
  package var rotation: Matrix3 {
    let (cosine, sine): (Double, Double) =
      switch count {
      case 1: (0, -1)
      case 2: (-1, 0)
      case 3: (0, 1)
      default: (1, 0)
      }
    return Matrix3(SIMD3(cosine, -sine, 0), SIMD3(sine, cosine, 0), SIMD3(0, 0, 1))
  }
}

extension PoseTruth {
  /// The truth in framed pixels.
  func framed(_ frame0: PhotoFrame, _ frame1: PhotoFrame) -> PoseTruth {
    var truth = turned(
      frame0.turns, (frame0.storedWidth, frame0.storedHeight), frame1.turns,
      (frame1.storedWidth, frame1.storedHeight))
    truth.camera0 = frame0.scaling.toResized(truth.camera0)
    truth.camera1 = frame1.scaling.toResized(truth.camera1)
    return truth
  }

  /// The truth after turning photos of these stored sizes.
  func turned(
    _ turns0: QuarterTurns, _ size0: (width: Int, height: Int), _ turns1: QuarterTurns,
    _ size1: (width: Int, height: Int)
  ) -> PoseTruth {
    PoseTruth(
      camera0: turns0.turned(camera0, width: size0.width, height: size0.height),
      camera1: turns1.turned(camera1, width: size1.width, height: size1.height),
      rotation: turns1.rotation * rotation * turns0.rotation.transpose,
      translation: turns1.rotation * translation)
  }
}
