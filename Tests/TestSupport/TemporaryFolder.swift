// A folder for one test.

import Foundation

/// A folder that is removed with its contents when the test is over; its path ends with a slash.
package func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let name = "match-test-\(UUID().uuidString)"
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path + "/")
}
