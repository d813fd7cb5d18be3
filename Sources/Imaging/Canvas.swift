import COpenCV

/// A colour picture to draw on. Coordinates are sub-pixel accurate; the centre of the first pixel is (0, 0).
package struct Canvas: Sendable {
  package private(set) var image: ColorImage

  package init(width: Int, height: Int, color: Color) {
    image = ColorImage(width: width, height: height, color: color)
  }

  package init(_ image: ColorImage) { self.image = image }

  /// An anti-aliased line with round ends; lengths are pixels.
  package struct Segment: Equatable, Sendable {
    package var start: SIMD2<Double>
    package var end: SIMD2<Double>
    package var width: Double
    package var color: Color
    /// 0 (invisible) to 1 (opaque).
    package var opacity: Double

    package init(
      start: SIMD2<Double>, end: SIMD2<Double>, width: Double = 1, color: Color, opacity: Double = 1
    ) {
      self.start = start
      self.end = end
      self.width = width
      self.color = color
      self.opacity = opacity
    }
  }

  /// An anti-aliased filled circle; lengths are pixels.
  package struct Circle: Equatable, Sendable {
    package var center: SIMD2<Double>
    package var radius: Double
    package var color: Color
    /// 0 (invisible) to 1 (opaque).
    package var opacity: Double

    package init(center: SIMD2<Double>, radius: Double, color: Color, opacity: Double = 1) {
      self.center = center
      self.radius = radius
      self.color = color
      self.opacity = opacity
    }
  }

  /// Draws lines, later ones over earlier ones. Throws `operationFailed` for coordinates that are not finite.
  package mutating func draw(_ segments: [Segment]) throws(ImagingError) {
    try draw(
      segments.map {
        cocv_stroke(
          x0: Float($0.start.x), y0: Float($0.start.y), x1: Float($0.end.x), y1: Float($0.end.y),
          radius: Float($0.width / 2), blue: $0.color.blue, green: $0.color.green, red: $0.color.red,
          opacity: Float($0.opacity))
      })
  }

  /// Draws filled circles, in the same order and with the same errors.
  package mutating func draw(_ circles: [Circle]) throws(ImagingError) {
    try draw(
      circles.map {
        cocv_stroke(
          x0: Float($0.center.x), y0: Float($0.center.y), x1: Float($0.center.x), y1: Float($0.center.y),
          radius: Float($0.radius), blue: $0.color.blue, green: $0.color.green, red: $0.color.red,
          opacity: Float($0.opacity))
      })
  }

  private mutating func draw(_ strokes: [cocv_stroke]) throws(ImagingError) {
    let (width, height) = (Int32(clamping: image.width), Int32(clamping: image.height))
    do {
      try callShim { reason, size in
        image.pixels.withUnsafeMutableBufferPointer { canvas in
          strokes.withUnsafeBufferPointer {
            cocv_draw_strokes(canvas.baseAddress, width, height, $0.baseAddress, $0.count, reason, size)
          }
        }
      }
    } catch {
      throw error.failed("drawing")
    }
  }

  /// The size of a line of text in pixels: width, height above the baseline, depth below it.
  package static func textSize(
    _ text: String, scale: Double = 0.5, thickness: Int = 1
  ) throws(ImagingError) -> (width: Int, height: Int, baseLine: Int) {
    var (width, height, baseLine) = (Int32(0), Int32(0), Int32(0))
    do {
      try callShim {
        cocv_text_size(text, scale, Int32(clamping: thickness), &width, &height, &baseLine, $0, $1)
      }
    } catch {
      throw error.failed("measuring text")
    }
    return (Int(width), Int(height), Int(baseLine))
  }

  /// Draws a line of ASCII text (other characters show as "?"); (x, y) is the left end of its baseline. Capitals are
  /// 22 pixels high at scale 1.
  package mutating func draw(
    text: String, x: Int, y: Int, scale: Double = 0.5, thickness: Int = 1, color: Color
  ) throws(ImagingError) {
    let (width, height) = (Int32(clamping: image.width), Int32(clamping: image.height))
    do {
      try callShim { reason, size in
        image.pixels.withUnsafeMutableBufferPointer {
          cocv_draw_text(
            $0.baseAddress, width, height, text, Int32(clamping: x), Int32(clamping: y), scale,
            Int32(clamping: thickness), color.blue, color.green, color.red, reason, size)
        }
      }
    } catch {
      throw error.failed("drawing text")
    }
  }

  /// Copies a picture onto the canvas with its first pixel at (x, y), clipped to the canvas.
  package mutating func paste(_ picture: ColorImage, x: Int, y: Int) throws(ImagingError) {
    let (width, height) = (Int32(clamping: image.width), Int32(clamping: image.height))
    do {
      try callShim { reason, size in
        image.pixels.withUnsafeMutableBufferPointer { canvas in
          picture.pixels.withUnsafeBufferPointer {
            cocv_paste(
              canvas.baseAddress, width, height, $0.baseAddress, Int32(clamping: picture.width),
              Int32(clamping: picture.height), Int32(clamping: x), Int32(clamping: y), reason, size)
          }
        }
      }
    } catch {
      throw error.failed("pasting")
    }
  }

  /// Encodes the canvas in the format that the extension of `path` names.
  package func encoded(as path: String, quality: Int = 92) throws(ImagingError) -> [UInt8] {
    try ImageEncoder.encode(image, as: path, quality: quality)
  }
}
