// The JSON record: what it holds, that it survives reading back, and that the documentation shows the real thing.

import Export
import Files
import Foundation
import Geometry
import Testing

@testable import PhotoMatching

@Suite struct RunRecordTests {
  private func record(
    _ geometry: TwoViewGeometry?, camera: Camera? = nil, maxMatches: Int? = nil
  ) -> RunRecord {
    RunRecord(
      version: "0.1.0",
      options: RunOptions(
        maxSize: 640, threshold: 0.2, maxMatches: maxMatches, geometry: geometry?.kind.rawValue ?? "none",
        estimator: Estimator.magsac.rawValue, inlierThreshold: 1.25, confidence: 0.9999,
        maxIterations: 10_000, camera0: camera, camera1: camera, threads: 4, seed: .max, refine: false,
        model: "compact"),
      images: [
        ImageRecord(path: "photos/a.jpg", width: 800, height: 640, networkWidth: 640, networkHeight: 512),
        ImageRecord(path: "b \"2\".png", width: 641, height: 480, networkWidth: 640, networkHeight: 480),
      ],
      model: ModelRecord(
        name: "compact", architecture: "compact", sha256: "00ff", parameters: 1_234_567,
        license: "Apache-2.0"),
      geometry: GeometryRecord(geometry, threshold: 1.25),
      counts: CountRecord(
        coarseCells0: 5120, coarseCells1: 4800, coarseMatches: 3, matches: 3,
        refined: 2, inliers: geometry?.estimate?.inlierCount ?? 0),
      timings: [TimingRecord(stage: "backbone", seconds: 0.25)], totalSeconds: 0.375)
  }

  private var essential: TwoViewGeometry {
    let pose = RelativePose(
      rotation: .identity, translation: SIMD3(0.6, 0, -0.8), inFrontCount: 1)
    return .estimated(
      TwoViewEstimate(
        kind: .essential, matrix: Matrix3(SIMD3(1, 2, 3), SIMD3(4, 5, 6), SIMD3(7, 8, 0.1)), pose: pose,
        inlierMask: [true, false, true]))
  }

  private func object(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  private func group(_ object: [String: Any], _ key: String) throws -> [String: Any] {
    try #require(object[key] as? [String: Any], "\(key)")
  }

  @Test func survivesReadingBack() throws {
    let written = record(essential, camera: Camera(fx: 800.5, fy: 801, cx: 320, cy: 240), maxMatches: 1500)
    let read = try JSONDecoder().decode(RunRecord.self, from: Data(try written.encoded()))
    #expect(read == written)
    #expect(read.options.seed == .max)
  }

  @Test func everyFieldHasItsName() throws {
    let camera = Camera(fx: 800.5, fy: 801, cx: 320, cy: 240)
    let json = try object(try record(essential, camera: camera, maxMatches: 1500).encoded())
    #expect(
      Set(json.keys) == [
        "counts", "format", "geometry", "images", "model", "options", "timings", "totalSeconds", "version",
      ])
    #expect(json["format"] as? String == "match-run/1")
    let options = try group(json, "options")
    #expect(
      Set(options.keys) == [
        "camera0", "camera1", "confidence", "estimator", "geometry", "inlierThreshold", "maxIterations",
        "maxMatches", "maxSize", "model", "precision", "refine", "rotations", "scales", "seed",
        "threads", "threshold",
      ])
    #expect(options["refine"] as? Bool == false)
    #expect(try group(options, "camera0")["fx"] as? Double == 800.5)
    let image = try #require((json["images"] as? [[String: Any]])?.first)
    #expect(image["name"] as? String == "a.jpg")
    #expect(image["path"] as? String == "photos/a.jpg")
    #expect(image["width"] as? Int == 800 && image["height"] as? Int == 640)
    #expect(image["networkWidth"] as? Int == 640 && image["networkHeight"] as? Int == 512)
    let geometry = try group(json, "geometry")
    #expect(geometry["kind"] as? String == "essential")
    #expect(geometry["estimated"] as? Bool == true)
    #expect(geometry["matrix"] as? [[Double]] == [[1, 2, 3], [4, 5, 6], [7, 8, 0.1]])
    #expect(geometry["rotation"] as? [[Double]] == [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    #expect(geometry["translation"] as? [Double] == [0.6, 0, -0.8])
    #expect(geometry["inFront"] as? Int == 1)
    #expect(geometry["inliers"] as? Int == 2)
    #expect(geometry["threshold"] as? Double == 1.25)
    #expect(try group(json, "counts")["coarseCells1"] as? Int == 4800)
  }

  @Test func whatIsMissingIsLeftOutAndExplained() throws {
    let reason = NotEstimatedReason.tooFewMatches(found: 3, needed: 8)
    let json = try object(try record(.notEstimated(.fundamental, reason)).encoded())
    #expect(
      NSDictionary(dictionary: try group(json, "geometry"))
        == [
          "kind": "fundamental", "estimated": false, "inliers": 0, "threshold": 1.25,
          "reason": "3 matches, at least 8 are needed",
        ])
    #expect(try group(json, "options")["camera0"] == nil)
    #expect(try group(json, "options")["maxMatches"] == nil)
  }

  @Test func noGeometryAskedForIsNotAFailure() throws {
    let json = try object(try record(nil).encoded())
    #expect(
      NSDictionary(dictionary: try group(json, "geometry"))
        == ["kind": "none", "estimated": false, "inliers": 0])
  }

  @Test func keysAreSortedAndTextReadable() throws {
    let text = String(decoding: try record(essential).encoded(), as: UTF8.self)
    #expect(text.hasPrefix("{\n  \"counts\""))
    #expect(text.hasSuffix("}\n"))
    #expect(text.contains(#""photos/a.jpg""#))
    #expect(text.contains(#""b \"2\".png""#))
    let top = text.split(separator: "\n").filter { $0.hasPrefix("  \"") }.map { $0.prefix { $0 != ":" } }
    #expect(top == top.sorted() && top.count == 9)
  }

  @Test func numbersThatAreNotFiniteAreRefusedByName() throws {
    var broken = record(essential)
    broken.timings.append(TimingRecord(stage: "fine", seconds: .nan))
    #expect(throws: RecordError.notFinite(field: "timings.1.seconds")) { try broken.encoded() }
    broken = record(essential)
    broken.options.inlierThreshold = .infinity
    let error = #expect(throws: RecordError.self) { try broken.encoded() }
    #expect(error?.description.contains("options.inlierThreshold") == true)
  }

  /// The examples of docs/formats.md are what the program writes.
  @Test func documentationShowsRealOutput() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/formats.md")
    let document = try String(contentsOf: file, encoding: .utf8)
    func example(_ language: String) throws -> String {
      let start = try #require(document.range(of: "```\(language)\n"))
      let rest = document[start.upperBound...]
      return String(rest[..<(try #require(rest.range(of: "```"))).lowerBound])
    }
    let json = try example("json")
    let record = try JSONDecoder().decode(RunRecord.self, from: Data(json.utf8))
    #expect(String(decoding: try record.encoded(), as: UTF8.self) == json)
    #expect(record.format == RunRecord.currentFormat)
    #expect(try example("csv").hasPrefix(CorrespondenceCSV.header + CorrespondenceCSV.precisionHeader + "\n"))
  }
}
