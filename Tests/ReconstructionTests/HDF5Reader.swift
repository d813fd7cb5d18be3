// Reading HDF5 files back through the library's C API, apart from the code under test.

import CHDF5
import Foundation
import Glibc
import Testing

/// A file that is read.
final class HDF5Reader {
  private typealias OpenFile = @convention(c) (UnsafePointer<CChar>, UInt32, Int64) -> Int64
  private typealias OpenTable = @convention(c) (Int64, UnsafePointer<CChar>, Int64) -> Int64
  private typealias One = @convention(c) (Int64) -> Int64
  private typealias Close = @convention(c) (Int64) -> Int32
  private typealias Extents =
    @convention(c) (Int64, UnsafeMutablePointer<UInt64>, UnsafeMutablePointer<UInt64>?)
    -> Int32
  private typealias Read =
    @convention(c) (Int64, Int64, Int64, Int64, Int64, UnsafeMutableRawPointer?) -> Int32

  private let library: UnsafeMutableRawPointer
  private let file: Int64

  /// Opens a file. The library is the one that the code under test has loaded by now.
  init(_ path: String) throws {
    let names = ["libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5_serial.so", "libhdf5.so"]
    library = try #require(names.lazy.compactMap { dlopen($0, RTLD_NOW) }.first)
    let place = try #require(dlsym(library, "H5Fopen"))
    // A copy: a process that another test started while the file was written holds libhdf5's lock on it.
    let copy = path + ".copy"
    try Data(contentsOf: URL(fileURLWithPath: path)).write(to: URL(fileURLWithPath: copy))
    defer { unlink(copy) }
    // Other tests write meanwhile.
    chdf5_lock()
    file = unsafeBitCast(place, to: OpenFile.self)(copy, 0, 0)
    chdf5_unlock()
    try #require(file >= 0, "\(path)")
  }

  deinit {
    chdf5_lock()
    defer { chdf5_unlock() }
    if let place = dlsym(library, "H5Fclose") { _ = unsafeBitCast(place, to: Close.self)(file) }
  }

  private func function<Signature>(_ name: String, as type: Signature.Type) throws -> Signature {
    unsafeBitCast(try #require(dlsym(library, name), "\(name)"), to: type)
  }

  func floats(_ path: String) throws -> (values: [Float], extents: [Int]) {
    try table(path, "H5T_NATIVE_FLOAT_g", 0)
  }

  func integers(_ path: String) throws -> (values: [Int32], extents: [Int]) {
    try table(path, "H5T_NATIVE_INT32_g", 0)
  }

  private func table<Value>(_ path: String, _ type: String, _ zero: Value) throws -> ([Value], [Int]) {
    chdf5_lock()
    defer { chdf5_unlock() }
    let table = try function("H5Dopen2", as: OpenTable.self)(file, path, 0)
    try #require(table >= 0, "\(path)")
    let space = try function("H5Dget_space", as: One.self)(table)
    var extents = [UInt64](repeating: 0, count: 8)
    let rank = try function("H5Sget_simple_extent_dims", as: Extents.self)(space, &extents, nil)
    let sizes = extents[..<Int(rank)].map { Int($0) }
    var values = [Value](repeating: zero, count: sizes.reduce(1, *))
    let place = try #require(dlsym(library, type))
    let status = try values.withUnsafeMutableBytes { buffer in
      try function("H5Dread", as: Read.self)(table, place.load(as: Int64.self), 0, 0, 0, buffer.baseAddress)
    }
    try #require(status >= 0, "\(path)")
    _ = try function("H5Sclose", as: Close.self)(space)
    _ = try function("H5Dclose", as: Close.self)(table)
    return (values, sizes)
  }
}
