// Pair files and folders of sequences: what is read, and what each kind of damage is called. A broken pair never
// takes the others with it.

import Geometry
import Testing

@testable import Evaluation

@Suite struct PosePairFileTests {
  private func dataset(_ lines: [String], ends: String = "\n", grades: String? = nil) throws
    -> EvaluationDataset
  {
    let folder = try DatasetFolder()
    try folder.write(lines.map { $0 + ends }.joined(), to: "pairs.txt")
    if let grades { try folder.write(grades, to: "grades.txt") }
    return try PosePairFile.dataset(path: folder.file("pairs.txt"), images: "photos")
  }

  /// The reason of the second line, of which the first and third are right.
  private func reason(_ line: String) throws -> String {
    let dataset = try dataset([PairLine().text, line, PairLine(images: "c d").text])
    try #require(dataset.entries.count == 3)
    #expect(dataset.pairs.map(\.image0) == ["a.png", "c"])
    let broken = try #require(dataset.brokenPairs.first)
    guard case .malformed(let path, let number, let reason) = broken.error else {
      Issue.record("\(broken.error)")
      return ""
    }
    #expect(path.hasSuffix("/pairs.txt") && number == 2)
    #expect("\(broken.error)".contains("pairs.txt:2: "))
    return reason
  }

  @Test(arguments: ["\n", "\r\n"]) func readsEveryField(ends: String) throws {
    let dataset = try dataset(
      ["\u{FEFF}# a comment", "", "  \t", PairLine(turns: "1 3").text, "#", PairLine(images: "/x/c d").text],
      ends: ends, grades: "easy\(ends)hard\(ends)")
    #expect(dataset.task == .pose && dataset.brokenPairs.isEmpty)
    try #require(dataset.pairs.count == 2)
    let pair = dataset.pairs[0]
    #expect(pair.image0 == "a.png" && pair.path1 == "photos/b.png" && pair.grade == "easy")
    #expect(pair.turns0.count == 1 && pair.turns1.count == 3)
    guard case .pose(let truth) = pair.truth else { return #expect(Bool(false), "no pose") }
    #expect(truth.camera0 == Camera(fx: 500, fy: 510, cx: 320, cy: 240))
    #expect(truth.camera1 == Camera(fx: 600, fy: 600, cx: 300, cy: 200))
    #expect(truth.rotation == Matrix3(SIMD3(0, -1, 0), SIMD3(1, 0, 0), SIMD3(0, 0, 1)))
    #expect(truth.translation == SIMD3(1, 2, 3))
    #expect(dataset.pairs[1].path0 == "/x/c" && dataset.pairs[1].grade == "hard")
  }

  @Test func namesWhatIsWrong() throws {
    #expect(try reason(PairLine(images: "a.png").text).contains("37 fields instead of 38"))
    #expect(try reason(PairLine().text + " 1").contains("39 fields instead of 38"))
    #expect(
      try reason(PairLine(images: "e f", turns: "4 0").text).contains(
        "\"4\" is not a number of quarter turns"))
    #expect(
      try reason(PairLine(images: "e f", turns: "0 x").text).contains(
        "\"x\" is not a number of quarter turns"))
    for bad in ["nan", "inf", "1,5", "0x"] {
      let camera = "\(bad) 0 320 0 500 240 0 0 1"
      #expect(
        try reason(PairLine(images: "e f", camera0: camera).text).contains(
          "field 5, \"\(bad)\", is not a finite"))
    }
    #expect(try reason(PairLine(images: "e f", camera1: "0 0 1 0 5 1 0 0 1").text).contains("K1 is singular"))
    #expect(
      try reason(PairLine(images: "e f", camera0: "-5 0 1 0 5 1 0 0 1").text).contains("K0 has a negative"))
    #expect(
      try reason(PairLine(images: "e f", camera0: "5 1 1 0 5 1 0 0 1").text).contains("K0 is not a camera"))
    let stretched = "0 -1.01 0 1 1 0 0 2 0 0 1 3 0 0 0 1"
    #expect(try reason(PairLine(images: "e f", motion: stretched).text).contains("not a rotation"))
    let mirrored = "0 1 0 1 1 0 0 2 0 0 1 3 0 0 0 1"
    #expect(try reason(PairLine(images: "e f", motion: mirrored).text).contains("not a rotation"))
    let projective = "0 -1 0 1 1 0 0 2 0 0 1 3 0 0 1 1"
    #expect(try reason(PairLine(images: "e f", motion: projective).text).contains("last row"))
    let still = "0 -1 0 0 1 0 0 0 0 0 1 0 0 0 0 1"
    #expect(try reason(PairLine(images: "e f", motion: still).text).contains("no translation"))
    #expect(try reason(PairLine().text).contains("duplicate of the pair in line 1;"))
  }

  @Test func gradesMayNameTheirPairs() throws {
    let dataset = try dataset(
      [PairLine().text, PairLine(images: "c d").text],
      grades: "# path0 path1 grade\na.png b.png easy wide 3\nhard\n")
    #expect(dataset.pairs.map(\.grade) == ["easy", "hard"])
  }

  @Test func roundedRotationsAreTaken() throws {
    // ScanNet's pairs have five decimals.
    let motion =
      "0.78593 -0.35128 0.50884 -1.51061 0.39215 0.91944 0.02904 -0.05367 -0.47805 0.17672 0.86037 0.056 0. 0. 0. 1."
    #expect(try dataset([PairLine(motion: motion).text]).brokenPairs.isEmpty)
  }

  @Test func refusesFilesWithoutPairs() throws {
    #expect(throws: EvaluationError.self) { try dataset(["# nothing"]) }
    do {
      _ = try dataset(["a b", "c d"])
      Issue.record("a file of broken lines was taken")
    } catch let error as EvaluationError {
      #expect("\(error)".contains("pairs.txt:1: 2 fields instead of 38"))
    }
    #expect(throws: EvaluationError.self) { try PosePairFile.dataset(path: "/nowhere/pairs.txt", images: "") }
    do {
      _ = try dataset([PairLine().text], grades: "easy\nhard\n")
      Issue.record("two grades for one pair were taken")
    } catch let error as EvaluationError {
      #expect("\(error)".contains("2 grades for 1 pairs"))
    }
    do {
      _ = try dataset([PairLine().text], grades: "b.png a.png easy\n")
      Issue.record("the grade of another pair was taken")
    } catch let error as EvaluationError {
      #expect("\(error)".contains("grades.txt:1: neither a grade"))
    }
  }
}

@Suite struct HomographyFoldersTests {
  private static let matrix = "1 0 5\n0 1 -3\n0 0 1\n"

  @Test func readsSequences() throws {
    let folder = try DatasetFolder()
    // Photos are not read before they are matched.
    for name in ["i_wall/1.ppm", "i_wall/2.ppm", "i_wall/10.ppm", "i_dc/1.ppm", "v_box/1.png", "v_box/2.jpg"]
    {
      try folder.write("", to: name)
    }
    for name in ["i_wall/H_1_2", "i_wall/H_1_10", "v_box/H_1_2"] {
      try folder.write(Self.matrix.split(separator: "\n").joined(separator: "\r\n"), to: name)
    }
    try folder.write("", to: "v_box/readme.txt")
    let dataset = try HomographyFolders.dataset(path: folder.path)
    #expect(dataset.task == .homography && dataset.brokenPairs.isEmpty)
    #expect(dataset.pairs.map(\.image1) == ["i_wall/2.ppm", "i_wall/10.ppm", "v_box/2.jpg"])
    #expect(dataset.pairs.map(\.grade) == ["illumination", "illumination", "viewpoint"])
    #expect(dataset.pairs[0].truth == .homography(Matrix3(SIMD3(1, 0, 5), SIMD3(0, 1, -3), SIMD3(0, 0, 1))))
    #expect(dataset.remarks == ["excluded, as is usual: i_dc"])
  }

  @Test func namesWhatIsWrong() throws {
    let folder = try DatasetFolder()
    for number in 1...8 where number != 5 { try folder.writePicture("s/\(number).png") }
    try folder.writePicture("s/7.jpg")
    try folder.write(Self.matrix, to: "s/H_1_2")
    try folder.write("1 0 5\n0 1 -3\n", to: "s/H_1_3")
    try folder.write("1 0 5\n2 0 10\n0 0 1\n", to: "s/H_1_4")
    try folder.write(Self.matrix, to: "s/H_1_5")
    try folder.write("1 0 5\n0 1\n0 0 1\n", to: "s/H_1_6")
    try folder.write(Self.matrix, to: "s/H_1_7")
    try folder.write("", to: "empty/readme")
    let dataset = try HomographyFolders.dataset(path: folder.path)
    #expect(dataset.pairs.map(\.image1) == ["s/2.png"])
    let reasons = dataset.brokenPairs.map { "\($0.error)" }
    try #require(reasons.count == 7)
    #expect(reasons[0].contains("/empty: ") && reasons[0].contains("needs photos 1, 2"))
    #expect(reasons[1].contains("/s/H_1_3: ") && reasons[1].contains("2 x 3"))
    #expect(reasons[2].contains("/s/H_1_4: ") && reasons[2].contains("singular"))
    #expect(reasons[3].contains("/s/5.*: ") && reasons[3].contains("no such photo"))
    #expect(reasons[4].contains("/s/H_1_6:2: ") && reasons[4].contains("2 numbers instead of 3"))
    #expect(reasons[5].contains("7.jpg and 7.png"))
    #expect(reasons[6].contains("/s/H_1_8: "))
  }

  @Test func refusesFoldersWithoutSequences() throws {
    let folder = try DatasetFolder()
    do {
      _ = try HomographyFolders.dataset(path: folder.path)
      Issue.record("an empty folder was taken")
    } catch {
      #expect("\(error)".contains("no folder in it"))
    }
    #expect(throws: EvaluationError.self) { try HomographyFolders.dataset(path: "/nowhere") }
  }
}

@Suite struct RealPairsTests {
  @Test func readsBothKinds() throws {
    let folder = try DatasetFolder()
    try folder.write(
      "<?xml version=\"1.0\"?><x><rows>3</rows><data>\n 1 0 5. 0 1 -3\n0 0 1e0 </data></x>", to: "H.xml")
    try folder.writePicture("d.png", width: 20, height: 10, brightness: 7)
    try folder.write("homography a b H.xml\ndisparity a b d.png\nstereo a b c\nhomography a b\n", to: "list")
    let dataset = try RealPairs.dataset(path: folder.file("list"), images: folder.path)
    try #require(dataset.pairs.count == 2)
    #expect(dataset.pairs[0].truth == .homography(Matrix3(SIMD3(1, 0, 5), SIMD3(0, 1, -3), SIMD3(0, 0, 1))))
    guard case .disparity(let map) = dataset.pairs[1].truth else {
      return #expect(Bool(false), "no disparity")
    }
    #expect(map.partner(of: SIMD2(12.25, 3)) == SIMD2(5.25, 3))
    #expect(map.partner(of: SIMD2(20, 3)) == nil)
    #expect("\(dataset.brokenPairs[0].error)".contains("list:3: \"stereo\" is not a kind"))
    #expect("\(dataset.brokenPairs[1].error)".contains("list:4: 3 fields instead of 4"))
  }
}
