import Files
import Geometry

/// Reads sequences in the HPatches layout: one folder per sequence with photos 1, 2, ... n (any image type) and files
/// H_1_2 ... H_1_n, each a 3x3 matrix as text, x_n ~ H x_1. HPatches prefixes folders with i_ (illumination) or v_
/// (viewpoint), this project with the difficulty.
package enum HomographyFolders {
  /// HPatches sequences that the field excludes because their photos are too large: 108 of 116 remain.
  package static let excludedSequences: Set<String> = [
    "i_contruction", "i_crownnight", "i_dc", "i_pencils", "i_whitebuilding", "v_artisans", "v_astronautis",
    "v_talent",
  ]

  /// Grades by folder prefix, up to the first underscore.
  static let grades = [
    "i": "illumination", "v": "viewpoint", "easy": "easy", "medium": "medium", "moderate": "moderate",
    "hard": "hard",
  ]

  /// The pairs (1, n) of all sequences. Throws `EvaluationError.unreadable`, and `noPairs` if no pair is usable.
  package static func dataset(path: String) throws(EvaluationError) -> EvaluationDataset {
    let sequences = try names(in: path).filter { Folder.exists(Path.joined(path, $0)) }
    guard !sequences.isEmpty else {
      throw .noPairs(
        path: path, reason: "no folder in it; each sequence folder needs photos 1, 2, ... and H_1_2, ...")
    }
    let excluded = sequences.filter { excludedSequences.contains($0) }
    var entries: [EvaluationDataset.Entry] = []
    for sequence in sequences where !excludedSequences.contains(sequence) {
      entries += try pairs(of: sequence, in: path)
    }
    let remarks = excluded.isEmpty ? [] : ["excluded, as is usual: \(excluded.joined(separator: ", "))"]
    return try EvaluationDataset(name: path, task: .homography, entries: entries, remarks: remarks)
  }

  private static func names(in folder: String) throws(EvaluationError) -> [String] {
    do { return try Folder.names(in: folder) } catch { throw EvaluationError(error) }
  }

  private static func pairs(
    of sequence: String, in path: String
  ) throws(EvaluationError) -> [EvaluationDataset.Entry] {
    let folder = Path.joined(path, sequence)
    let contents = try names(in: folder)
    let grade = sequence.firstIndex(of: "_").flatMap { grades[String(sequence[..<$0])] }
    var photos: [Int: [String]] = [:]
    var numbers: Set<Int> = []
    for name in contents {
      if let number = number(afterPrefix: "H_1_", of: name) { numbers.insert(number) }
      // Photos are named NUMBER.EXTENSION; HPatches folders hold other files and folders too.
      if let dot = name.firstIndex(of: "."), let number = number(afterPrefix: "", of: String(name[..<dot])) {
        photos[number, default: []].append(name)
      }
    }
    numbers.formUnion(photos.keys)
    numbers.remove(1)
    func broken(_ image1: String, _ error: EvaluationError) -> EvaluationDataset.Entry {
      .broken(BrokenPair(image0: "\(sequence)/1", image1: image1, error: error, grade: grade))
    }
    guard !numbers.isEmpty else {
      return [broken("", .noPairs(path: folder, reason: "it needs photos 1, 2, ... and H_1_2, ..."))]
    }
    var entries: [EvaluationDataset.Entry] = []
    for number in numbers.sorted() {
      do throws(EvaluationError) {
        let (name0, name1) = (try photo(1, photos, folder), try photo(number, photos, folder))
        let matrix = try MatrixFile.homography(path: "\(folder)/H_1_\(number)")
        entries.append(
          .usable(
            EvaluationPair(
              image0: "\(sequence)/\(name0)", image1: "\(sequence)/\(name1)",
              path0: Path.joined(folder, name0),
              path1: Path.joined(folder, name1), truth: .homography(matrix), grade: grade)))
      } catch {
        entries.append(broken("\(sequence)/\(number)", error))
      }
    }
    return entries
  }

  private static func photo(
    _ number: Int, _ photos: [Int: [String]], _ folder: String
  ) throws(EvaluationError) -> String {
    let names = photos[number] ?? []
    guard let name = names.first else {
      throw .unreadable(path: "\(folder)/\(number).*", reason: "no such photo")
    }
    guard names.count == 1 else {
      throw .malformed(
        path: folder, line: nil,
        reason: "photo \(number) exists as \(names.joined(separator: " and ")); keep one")
    }
    return name
  }

  private static func number(afterPrefix prefix: String, of name: String) -> Int? {
    guard name.hasPrefix(prefix) else { return nil }
    let digits = name.dropFirst(prefix.count)
    guard let first = digits.first, first != "0", digits.allSatisfy({ $0.isASCII && $0.isNumber }) else {
      return nil
    }
    return Int(digits)
  }
}

/// Reads homographies from text files.
enum MatrixFile {
  /// Reads three lines of three numbers.
  static func homography(path: String) throws(EvaluationError) -> Matrix3 {
    let lines = try TextFile(path: path).contentLines
    for line in lines where line.fields.count != 3 {
      throw .malformed(
        path: path, line: line.number, reason: "\(line.fields.count) numbers instead of 3")
    }
    guard lines.count == 3 else {
      throw .malformed(path: path, line: nil, reason: "a matrix of \(lines.count) x 3; a homography is 3 x 3")
    }
    var values: [Double] = []
    for line in lines { values += try numbers(line.fields, path: path, line: line.number) }
    return try homography(values, path: path)
  }

  /// Reads the `<data>` element of an XML file that OpenCV's FileStorage wrote.
  static func homographyXML(path: String) throws(EvaluationError) -> Matrix3 {
    let text = try TextFile(path: path).text
    // With exactly one such element, the pieces are what is before, inside and after it.
    let pieces = text.split(separator: "data>", omittingEmptySubsequences: false)
    guard pieces.count == 3, pieces[1].hasSuffix("</") else {
      throw .malformed(path: path, line: nil, reason: "expected one <data> element with nine numbers")
    }
    let values = try numbers(
      pieces[1].dropLast(2).split(whereSeparator: \.isWhitespace).map(String.init), path: path, line: nil)
    guard values.count == 9 else {
      throw .malformed(path: path, line: nil, reason: "\(values.count) numbers instead of 9 in <data>")
    }
    return try homography(values, path: path)
  }

  private static func numbers(_ fields: [String], path: String, line: Int?) throws(EvaluationError)
    -> [Double]
  {
    var values: [Double] = []
    for field in fields {
      guard let value = Double(field), value.isFinite else {
        throw .malformed(path: path, line: line, reason: "\"\(field)\" is not a finite number")
      }
      values.append(value)
    }
    return values
  }

  private static func homography(_ values: [Double], path: String) throws(EvaluationError) -> Matrix3 {
    let matrix = Matrix3(rowMajor: values)
    // Relative to the product of the row norms, so scale does not matter.
    let lengths = [matrix.rows.0, matrix.rows.1, matrix.rows.2].map { ($0 * $0).sum().squareRoot() }
    guard abs(matrix.determinant) > 1e-12 * lengths.reduce(1, *) else {
      throw .malformed(path: path, line: nil, reason: "the matrix is singular; a homography is invertible")
    }
    return matrix
  }
}
