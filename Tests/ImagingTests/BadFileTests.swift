// What the reader says about bad files: the right case of ImagingError, in one line, and never a partial picture.

import Foundation
import TestSupport
import Testing
import TestSupport

@testable import Imaging

@Suite struct BadFileTests {
  private func failure(_ bytes: [UInt8]) -> ImagingError? {
    do {
      _ = try ImageReader(path: "test", bytes: bytes).gray()
      return nil
    } catch {
      return error
    }
  }

  private func isTruncated(_ error: ImagingError?) -> Bool {
    if case .truncated = error { true } else { false }
  }

  private func isNotAnImage(_ error: ImagingError?) -> Bool {
    if case .notAnImage = error { true } else { false }
  }

  /// Busy pixels, so that most of a file is compressed data.
  private let picture = gray8(160, 120) { ($0 * $0 * 31 + $1 * $1 * 17 + $0 * $1 * 7) % 251 }

  @Test(arguments: ["a.jpg", "a.png", "a.bmp", "a.tif", "a.webp"], [0.999, 0.9, 0.5, 0.2])
  func cutFilesAreTruncated(name: String, share: Double) throws {
    let file = try ImageEncoder.encode(picture, as: name)
    #expect(failure(file) == nil)
    #expect(isTruncated(failure(Array(file.prefix(Int(Double(file.count) * share))))))
  }

  @Test func everyCutOfAProgressiveJPEGIsRefused() {
    #expect(failure(progressiveJPEG) == nil)
    for count in 1..<progressiveJPEG.count {
      #expect(failure(Array(progressiveJPEG.prefix(count))) != nil, "\(count) bytes")
    }
  }

  @Test func everyCutOfABaselineJPEGIsRefused() throws {
    let file = try ImageEncoder.encode(gray8(40, 24) { $0 * 6 + $1 }, as: "a.jpg")
    for count in 1..<file.count {
      #expect(failure(Array(file.prefix(count))) != nil, "\(count) bytes")
    }
  }

  /// A thumbnail's end of image inside an application segment must not pass for the picture's.
  @Test func markersInsideSegmentsDoNotCount() throws {
    let file = try ImageEncoder.encode(picture, as: "a.jpg")
    let segment: [UInt8] = [0xFF, 0xEF, 0, 6, 0xFF, 0xD9, 0xFF, 0xD9]
    let withSegment = file[..<2] + segment + file[2...]
    #expect(failure(Array(withSegment)) == nil)
    #expect(isTruncated(failure(Array(withSegment.prefix(withSegment.count / 2)))))
  }

  /// Flipped bytes anywhere must end in a picture or an error, never in a crash.
  @Test(arguments: ["a.jpg", "a.png", "a.bmp", "a.tif", "a.webp"])
  func damagedFilesDoNotCrash(name: String) throws {
    let file = try ImageEncoder.encode(gray8(24, 16) { $0 * 9 + $1 }, as: name)
    for position in 0..<min(file.count, 200) {
      for mask: UInt8 in [0x01, 0x80, 0xFF] {
        var damaged = file
        damaged[position] ^= mask
        _ = failure(damaged)
      }
    }
  }

  @Test func damagedPixelDataOfPNGAreRefused() throws {
    var file = try ImageEncoder.encode(picture, as: "a.png")
    for index in 60..<90 { file[index] ^= 0x5A }
    #expect(isNotAnImage(failure(file)))
  }

  @Test func textIsNoImage() {
    #expect(isNotAnImage(failure(Array("x0,y0,x1,y1\n1,2,3,4\n".utf8))))
    #expect(isNotAnImage(failure([0])))
    #expect(isTruncated(failure([0xFF, 0xD8, 0xFF])))
  }

  @Test func sizesThatTheDataCannotFillAreRefused() throws {
    var bitmap = try ImageEncoder.encode(gray8(24, 16) { $0 + $1 }, as: "a.bmp")
    bitmap[19] = 0x70  // 28696 columns
    bitmap[23] = 0x70
    #expect(isTruncated(failure(bitmap)))
  }

  @Test func absurdSizesAreRefusedBeforeAllocation() {
    for side in [40_000, 2_000_000, 0x7FFF_FFFF] {
      let file = PNGFile(width: side, height: side, bitDepth: 8, colorType: 0, rows: [[0]]).bytes
      guard case .tooLarge = failure(file) else {
        Issue.record("\(side) x \(side) was not refused as too large")
        continue
      }
    }
  }

  @Test func smallPicturesAreRefusedOnDemand() throws {
    let file = try ImageEncoder.encode(gray8(40, 15) { _, _ in 9 }, as: "a.png")
    let reader = ImageReader(path: "a.png", bytes: file)
    #expect(throws: ImagingError.tooSmall(path: "a.png", width: 40, height: 15, minimum: 16)) {
      try reader.gray(minimumSide: 16)
    }
    #expect(throws: Never.self) { try reader.gray(minimumSide: 15) }
  }

  @Test func floatingPointIsUnsupported() {
    // A TIFF of one pixel of 32-bit floating point: header, eleven fields, the value 0.5.
    func field(_ tag: UInt16, _ kind: UInt16, _ value: UInt32) -> [UInt8] {
      let short = kind == 3
      let bytes: [UInt8] = [
        UInt8(tag & 255), UInt8(tag >> 8), UInt8(kind), 0, 1, 0, 0, 0, UInt8(value & 255),
        UInt8(value >> 8 & 255),
      ]
      return bytes + (short ? [0, 0] : [UInt8(value >> 16 & 255), UInt8(value >> 24)])
    }
    let fields = [
      field(256, 4, 1), field(257, 4, 1), field(258, 3, 32), field(259, 3, 1), field(262, 3, 1),
      field(273, 4, 8 + 2 + 12 * 10 + 4), field(277, 3, 1), field(278, 4, 1), field(279, 4, 4),
      field(339, 3, 3),
    ]
    let file: [UInt8] =
      [0x49, 0x49, 42, 0, 8, 0, 0, 0, 10, 0] + fields.flatMap { $0 } + [0, 0, 0, 0, 0, 0, 0, 0x3F]
    guard case .unsupported = failure(file) else {
      Issue.record("\(String(describing: failure(file)))")
      return
    }
  }

  @Test func filesThatCannotBeReadAreNamed() throws {
    try withTemporaryFolder { folder in
      #expect(throws: ImagingError.missing(path: folder + "none.jpg")) {
        try ImageReader(path: folder + "none.jpg")
      }
      #expect(throws: ImagingError.missing(path: "")) { try ImageReader(path: "") }
      #expect(throws: ImagingError.isDirectory(path: folder)) { try ImageReader(path: folder) }
      try Data().write(to: URL(fileURLWithPath: folder + "empty.jpg"))
      #expect(throws: ImagingError.empty(path: folder + "empty.jpg")) {
        try ImageReader(path: folder + "empty.jpg")
      }
      try Data("hello".utf8).write(to: URL(fileURLWithPath: folder + "text.jpg"))
      let text = try ImageReader(path: folder + "text.jpg")
      #expect(throws: ImagingError.self) { try text.gray() }
    }
    do {
      _ = try ImageReader(path: "/proc/self/mem")
      Issue.record("/proc/self/mem cannot be read from its start")
    } catch {
      guard case .unreadable = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func messagesAreOneLine() {
    let path = "a\nb.jpg"
    let errors: [ImagingError] = [
      .missing(path: path), .isDirectory(path: path), .empty(path: path),
      .unreadable(path: path, reason: "x\ny"),
      .notAnImage(path: path, reason: "x"), .truncated(path: path, reason: "x"),
      .unsupported(path: path, reason: "x"), .tooSmall(path: path, width: 1, height: 2, minimum: 3),
      .tooLarge(path: path, reason: "x"), .outOfMemory(path: path), .cannotEncode(path: path, reason: "x"),
      .operationFailed(operation: "x", reason: "y"),
    ]
    for error in errors { #expect(!error.description.contains("\n")) }
  }
}
