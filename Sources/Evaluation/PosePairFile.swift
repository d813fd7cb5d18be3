import Files
import Geometry
import Imaging

/// Reads the pair files of SuperGlue's evaluation: one pair per line, 38 fields separated by spaces:
///
///     path0 path1 rot0 rot1 K0 (9) K1 (9) T_0to1 (16)
///
/// rot: quarter turns to apply to a photo; K and T (X1 = R X0 + t) hold before the turns. Empty lines and lines that
/// start with # are skipped. A grades.txt beside the file may grade the pairs, one line per pair in the same order:
/// the grade alone, or path0 path1 grade and anything else.
package enum PosePairFile {
  static let fieldCount = 38
  /// Largest deviation of R R' from the identity: files round to five decimals.
  static let rotationTolerance = 1e-3

  /// The pairs of a file; photo paths are relative to `images` unless absolute.
  /// Throws `EvaluationError.unreadable`, `gradeCount`, and `noPairs` if no line is usable.
  package static func dataset(path: String, images: String) throws(EvaluationError) -> EvaluationDataset {
    let lines = try TextFile(path: path).contentLines
    let grades = try grades(besides: path, lines)
    var (entries, seen): ([EvaluationDataset.Entry], [String: Int]) = ([], [:])
    for (index, line) in lines.enumerated() {
      let fields = line.fields
      do throws(EvaluationError) {
        var pair = try pair(fields, images: images) { reason in
          .malformed(path: path, line: line.number, reason: reason)
        }
        pair.grade = grades?[index]
        let key = "\(fields[0])\n\(fields[1])"
        if let first = seen[key] {
          throw .malformed(
            path: path, line: line.number, reason: "duplicate of the pair in line \(first); remove one")
        }
        seen[key] = line.number
        entries.append(.usable(pair))
      } catch {
        let known = fields.count > 1 && Double(fields[1]) == nil
        entries.append(
          .broken(
            BrokenPair(
              image0: known ? fields[0] : "\(path):\(line.number)", image1: known ? fields[1] : "",
              error: error, grade: grades?[index])))
      }
    }
    return try EvaluationDataset(name: path, task: .pose, entries: entries)
  }

  private static func grades(besides path: String, _ lines: [TextFile.Line]) throws(EvaluationError)
    -> [String]?
  {
    let file = Path.folder(of: path) + "grades.txt"
    guard File.exists(file) else { return nil }
    let graded = try TextFile(path: file).contentLines
    guard graded.count == lines.count else {
      throw .gradeCount(path: file, grades: graded.count, pairs: lines.count)
    }
    var grades: [String] = []
    for (line, pair) in zip(graded, lines) {
      let fields = line.fields
      if fields.count == 1 {
        grades.append(fields[0])
      } else if fields.count >= 3, fields.prefix(2) == pair.fields.prefix(2) {
        grades.append(fields[2])
      } else {
        throw .malformed(
          path: file, line: line.number,
          reason: "neither a grade nor 'path0 path1 grade' for line \(pair.number) of the pair file")
      }
    }
    return grades
  }

  private static func pair(
    _ fields: [String], images: String, _ error: (_ reason: String) -> EvaluationError
  ) throws(EvaluationError) -> EvaluationPair {
    guard fields.count == fieldCount else {
      throw error(
        "\(fields.count) fields instead of \(fieldCount); write path0 path1 rot0 rot1 K0(9) K1(9) T_0to1(16)")
    }
    var turns: [QuarterTurns] = []
    for field in fields[2..<4] {
      guard let count = Int(field), (0...3).contains(count) else {
        throw error("\"\(field)\" is not a number of quarter turns; write 0, 1, 2 or 3")
      }
      turns.append(QuarterTurns(count))
    }
    var numbers: [Double] = []
    for (offset, field) in fields[4...].enumerated() {
      guard let number = Double(field), number.isFinite else {
        throw error("field \(offset + 5), \"\(field)\", is not a finite number")
      }
      numbers.append(number)
    }
    let camera0 = try camera(numbers[0..<9], "K0", error)
    let camera1 = try camera(numbers[9..<18], "K1", error)
    let (rotation, translation) = try motion(Array(numbers[18...]), error)
    var pair = EvaluationPair(
      image0: fields[0], image1: fields[1], path0: Path.joined(images, fields[0]),
      path1: Path.joined(images, fields[1]),
      truth: .pose(
        PoseTruth(camera0: camera0, camera1: camera1, rotation: rotation, translation: translation)))
    (pair.turns0, pair.turns1) = (turns[0], turns[1])
    return pair
  }

  private static func camera(
    _ values: ArraySlice<Double>, _ name: String, _ error: (_ reason: String) -> EvaluationError
  ) throws(EvaluationError) -> Camera {
    let k = Array(values)
    guard k[0] * k[4] * k[8] != 0 else { throw error("\(name) is singular; its diagonal is fx, fy, 1") }
    guard k[0] > 0, k[4] > 0 else {
      throw error("\(name) has a negative focal length; fx and fy are positive")
    }
    guard k[1] == 0, k[3] == 0, k[6] == 0, k[7] == 0, k[8] == 1 else {
      throw error("\(name) is not a camera matrix without skew; write fx 0 cx 0 fy cy 0 0 1")
    }
    return Camera(fx: k[0], fy: k[4], cx: k[2], cy: k[5])
  }

  private static func motion(
    _ t: [Double], _ error: (_ reason: String) -> EvaluationError
  ) throws(EvaluationError) -> (Matrix3, SIMD3<Double>) {
    guard Array(t[12...]) == [0, 0, 0, 1] else { throw error("the last row of T_0to1 is not 0 0 0 1") }
    let rotation = Matrix3(rowMajor: [0, 1, 2, 4, 5, 6, 8, 9, 10].map { t[$0] })
    let product = (rotation * rotation.transpose).rowMajor
    let deviation = zip(product, Matrix3.identity.rowMajor).map { abs($0 - $1) }.max() ?? 0
    guard deviation <= rotationTolerance, rotation.determinant > 0 else {
      throw error("the upper left of T_0to1 is not a rotation (orthonormal rows, determinant 1)")
    }
    let translation = SIMD3(t[3], t[7], t[11])
    guard translation != .zero else {
      throw error("T_0to1 has no translation: without a baseline the direction of motion is undefined")
    }
    return (rotation, translation)
  }
}
