import CExif
import Files

/// A photo's orientation and focal length from its EXIF data, read with libexif from the head of the file.
package struct PhotoMetadata: Equatable, Sendable {
  /// EXIF tag 0x0112: 1 as stored, 3 upside down, 6 and 8 turned by a quarter, even ones mirrored.
  package var orientation = 1
  /// The focal length in units of the photo's diagonal; nil: unknown.
  package var focalPerDiagonal: Double?

  /// The diagonal of a 35 mm film frame (36 mm x 24 mm), mm.
  private static let filmDiagonal = 43.2666153
  /// EXIF data is in the first segments of a JPEG file, 64 kB each.
  private static let headByteCount = 1 << 18

  package init() {}

  /// Throws `photoUnreadable` if the file cannot be read; missing or unreadable EXIF data is no error.
  package init(path: String) throws(ReconstructionError) {
    let bytes = try Self.head(of: path)
    guard let data = exif_data_new_from_data(bytes, UInt32(bytes.count)) else { return }
    defer { exif_data_unref(data) }
    let order = exif_data_get_byte_order(data)
    let (image, exif) = (data.pointee.ifd.0, data.pointee.ifd.2)
    if let value = Self.integer(image, EXIF_TAG_ORIENTATION, order), (1...8).contains(value) {
      orientation = value
    }
    if let focal = Self.integer(exif, EXIF_TAG_FOCAL_LENGTH_IN_35MM_FILM, order), focal > 0 {
      focalPerDiagonal = Double(focal) / Self.filmDiagonal
    } else if let focal = Self.rational(exif, EXIF_TAG_FOCAL_LENGTH, order),
      let resolution = Self.rational(exif, EXIF_TAG_FOCAL_PLANE_X_RESOLUTION, order),
      let width = Self.integer(exif, EXIF_TAG_PIXEL_X_DIMENSION, order),
      let height = Self.integer(exif, EXIF_TAG_PIXEL_Y_DIMENSION, order), width > 0, height > 0
    {
      // Pixels per unit on the sensor, for the photo as taken: 2 inch (default), 3 cm, 4 mm, 5 um.
      let millimetres = [3: 10.0, 4: 1, 5: 0.001]
      let unit = Self.integer(exif, EXIF_TAG_FOCAL_PLANE_RESOLUTION_UNIT, order) ?? 2
      let pixels = focal * resolution / (millimetres[unit] ?? 25.4)
      focalPerDiagonal = pixels / Double(width * width + height * height).squareRoot()
    }
    // A field of view of 3 to 160 degrees, corner to corner; anything else is a mistake in the file.
    if let focal = focalPerDiagonal, !(0.09...20).contains(focal) { focalPerDiagonal = nil }
  }

  private static func integer(
    _ content: UnsafeMutablePointer<ExifContent>?, _ tag: ExifTag, _ order: ExifByteOrder
  ) -> Int? {
    guard let entry = exif_content_get_entry(content, tag)?.pointee, let data = entry.data else { return nil }
    switch entry.format {
    case EXIF_FORMAT_SHORT where entry.size >= 2: return Int(exif_get_short(data, order))
    case EXIF_FORMAT_LONG where entry.size >= 4: return Int(exif_get_long(data, order))
    default: return nil
    }
  }

  private static func rational(
    _ content: UnsafeMutablePointer<ExifContent>?, _ tag: ExifTag, _ order: ExifByteOrder
  ) -> Double? {
    guard let entry = exif_content_get_entry(content, tag)?.pointee, let data = entry.data,
      entry.format == EXIF_FORMAT_RATIONAL, entry.size >= 8
    else { return nil }
    let value = exif_get_rational(data, order)
    guard value.numerator > 0, value.denominator > 0 else { return nil }
    return Double(value.numerator) / Double(value.denominator)
  }

  private static func head(of path: String) throws(ReconstructionError) -> [UInt8] {
    do { return try OpenFile(path).bytes(count: headByteCount) } catch {
      throw .photoUnreadable(path: path, reason: error.reason)
    }
  }
}
