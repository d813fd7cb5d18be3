// The report: what it says agrees with the result, nothing from a file name becomes markup, and no pair is lost.
// That it works in a browser is shown by `make check-report`.

import Files
import Foundation
import Imaging
import Testing

@testable import Evaluation
@testable import Report

@Suite struct ReportTests {
  private func pair(
    _ errors: [Double?], matcher: String = "one", image: String = "a.png", matches: Int = 100,
    failure: String? = nil
  ) -> PairOutcome {
    PairOutcome(
      matcher: matcher, image0: image, image1: "b.png", path0: "none/a.png", path1: "none/b.png", grade: nil,
      errors: errors, rotationError: errors.first ?? nil, translationError: nil, precision: 0.5,
      matches: matches, inliers: 50, seconds: 0.1, failure: failure)
  }

  /// The text between two others, each time they occur in this order.
  private func pieces(_ text: String, from start: String, to end: String) -> [String] {
    text.components(separatedBy: start).dropFirst().map { $0.components(separatedBy: end)[0] }
  }

  /// The table of figures in the page of a result.
  private func table(_ result: EvaluationResult) throws -> String {
    pieces(try ReportPage(results: [result]).html(), from: "<table class=\"summary\">", to: "</table>")[0]
  }

  // MARK: The parts of the page

  @Test func everyOpenedElementIsClosedInOrder() throws {
    let page = try ReportPage(results: [SampleResult.make(.pose), SampleResult.make(.homography)]).html()
    let markup = ["style", "script"].reduce(page) { text, name in
      text.components(separatedBy: "<\(name)>")[0] + text.components(separatedBy: "</\(name)>")[1]
    }
    let void: Set = ["meta", "link", "img", "br", "wbr", "!DOCTYPE"]
    var open: [String] = []
    for piece in markup.components(separatedBy: "<").dropFirst() {
      let tag = try #require(piece.components(separatedBy: ">").first)
      #expect(piece.components(separatedBy: ">").count == 2, "a bare > after <\(tag)")
      let name = String(tag.prefix { !$0.isWhitespace && $0 != "/" || $0 == "!" })
      if tag.hasPrefix("/") {
        #expect(open.popLast() == String(tag.dropFirst()))
      } else if !tag.hasSuffix("/") && !void.contains(name) {
        open.append(name)
      }
    }
    #expect(open.isEmpty)
    let ids = pieces(page, from: " id=\"", to: "\"")
    #expect(Set(ids).count == ids.count && ids.count >= 8)
  }

  @Test func recipeIsComplete() throws {
    let result = SampleResult.make(.pose)
    let page = try ReportPage(results: [result]).html()
    let expected = [
      "fixtures/pose/pairs.txt", "modern", "magsac, refined", "1 px (original pixels)", "0.99999",
      "at most 10000", "5 on shuffled matches; figures are means", "<dd>7</dd>", "longer side at most 640 px",
      "epipolar error below 0.0005", "AMD EPYC 9554 64-Core Processor", "<dd>4</dd>", "match 0.2.0",
    ]
    for text in expected { #expect(page.contains(text), "\(text) is missing") }
    for row in result.matchers { #expect(page.contains(row.description)) }
  }

  @Test func tableShowsTheFiguresAndTheBestInBold() throws {
    func row(_ name: String, _ auc: [Double], failures: Int, seconds: Double) -> MatcherSummary {
      MatcherSummary(
        matcher: name, description: "", grade: nil, pairs: 9, auc: auc, aucSpread: [0.44, 0.6, 1],
        precision: 70,
        matchingScore: .nan, matches: 812.4, inliers: 99.5, failures: failures, secondsPerPair: seconds)
    }
    var result = SampleResult.make(.pose)
    result.matchers = [
      row("one", [40.04, 50, 60.96], failures: 0, seconds: 0.349),
      row("two", [40.01, 51.25, 3], failures: 2, seconds: 0.2),
    ]
    let table = try self.table(result)
    let rows = pieces(table, from: "<th scope=\"row\">", to: "</tr>")
      .map { pieces($0, from: "<td>", to: "</td>").map { $0.components(separatedBy: "<small>")[0] } }
    // 40.04 and 40.01 are shown alike, so neither is better; nor is a column without figures.
    #expect(rows[0] == ["40.0", "50.0", "<b>61.0</b>", "70.0", "–", "812", "100", "<b>0</b>", "0.35"])
    #expect(rows[1] == ["40.0", "<b>51.3</b>", "3.0", "70.0", "–", "812", "100", "2", "<b>0.20</b>"])
    #expect(table.contains("<small>\u{2195} 0.4</small>"))
    #expect(table.contains("All 9 pairs"))
    result.recipe.repeats = 1
    #expect(try !self.table(result).contains("\u{2195}"))
  }

  @Test func gradesFollowAllPairsInTheirOrder() throws {
    let table = try self.table(SampleResult.make(.pose))
    #expect(
      pieces(table, from: "<span>", to: "</span>")
        == ["All 48 pairs", "easy, 16 pairs", "medium, 16 pairs", "hard, 16 pairs"])
  }

  @Test func headlineNamesTheFirstByTheMiddleThreshold() {
    var result = SampleResult.make(.pose)
    result.matchers = Array(result.matchers.prefix(2))
    result.matchers[0].auc = [90, 10, 90]
    result.matchers[1].auc = [0, 20.25, 0]
    #expect(
      ReportSection(result, index: 0).headline
        == "sift leads with an AUC@10\u{B0} of 20.3 on 48 pairs; compact 10.0.")
  }

  // MARK: Text from outside

  @Test func namesBecomeNoMarkup() throws {
    // Browsers see the quote in front of the accent, although both make one character.
    let evil = "<img src=x onerror=alert(1)>&\"'\u{1}</script>\"\u{301}"
    var result = SampleResult.make(.pose)
    result.version = evil
    result.recipe.dataset = evil
    result.recipe.machine = evil
    result.recipe.estimator = evil
    result.recipe.thresholdMeaning = evil
    for index in result.matchers.indices {
      result.matchers[index].matcher += evil
      result.matchers[index].description = evil
      if result.matchers[index].grade != nil { result.matchers[index].grade = evil }
    }
    for index in result.pairs.indices {
      result.pairs[index].matcher += evil
      result.pairs[index].image0 = evil
      result.pairs[index].image1 = evil
      result.pairs[index].grade = index % 2 == 0 ? evil : evil + "2"
      if result.pairs[index].failure != nil { result.pairs[index].failure = evil }
    }
    let page = try ReportPage(results: [result]).html()
    #expect(!page.contains("<img src=x"))
    #expect(!page.contains("\u{1}"))
    let scalars = Array(page.unicodeScalars)
    #expect(!zip(scalars, scalars.dropFirst()).contains { $0 == "\"" && $1 == "\u{301}" })
    #expect(page.contains("&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;\u{FFFD}&lt;/script&gt;"))
    // Only the script's own end.
    #expect(page.components(separatedBy: "</script>").count == 2)
    #expect(
      pieces(page, from: "data-grade=\"", to: "\"").allSatisfy { !$0.contains("<") && $0.contains("&quot;") })
  }

  @Test func nothingIsLoadedFromElsewhere() throws {
    let page = try ReportPage(results: [SampleResult.make(.pose)]).html()
    #expect(page.contains("default-src 'none'"))
    for text in ["http:", "https:", "url(", "@import", "src=\"/", "<iframe", "fetch("] {
      #expect(!page.contains(text), "\(text) is in the page")
    }
  }

  @Test func numbersAreRoundedAsSchoolTeaches() {
    #expect(HTMLText.decimal(0.125, 2) == "0.13")
    #expect(HTMLText.decimal(-0.04, 1) == "0.0")
    #expect(HTMLText.decimal(-1.25, 1) == "-1.3")
    #expect(HTMLText.decimal(9.996, 2) == "10.00")
    #expect(HTMLText.decimal(3.05, 0) == "3")
    #expect(HTMLText.decimal(.infinity, 1) == "\u{2013}")
    #expect(HTMLText.decimal(1e300, 1) == "\u{2013}")
    #expect(HTMLText.short(10) == "10" && HTMLText.short(0.0005) == "0.0005")
  }

  // MARK: Curves and histograms

  @Test func curveRunsThroughTheErrors() {
    // Four pairs: two repeats, one of them failed; one beyond the limit; one exact; one that was never estimated.
    let pairs = [pair([4, nil]), pair([25]), pair([2]), pair([])]
    let curve = ErrorCurve(pairs: pairs, limit: 10)
    let expected: [ErrorCurve.Point] = [
      .init(error: 0, share: 0), .init(error: 2, share: 0.25), .init(error: 4, share: 0.375),
      .init(error: 10, share: 0.375),
    ]
    #expect(curve.points == expected)
    // 2 x 0.125, 2 x 0.3125, 6 x 0.375, over 10.
    #expect(abs(curve.area - 0.3125) < 1e-12)
    #expect(ErrorCurve(pairs: [pair([10]), pair([.nan])], limit: 10).endShare == 0)
  }

  @Test(arguments: EvaluationTask.allCases)
  func areaBelowTheCurveIsTheAUC(task: EvaluationTask) {
    let result = SampleResult.make(task, repeats: 1)
    for row in result.matchers {
      let own = result.pairs.filter {
        $0.matcher == row.matcher && (row.grade == nil || $0.grade == row.grade)
      }
      for (threshold, auc) in zip(task.thresholds, row.auc) {
        #expect(abs(100 * ErrorCurve(pairs: own, limit: threshold).area - auc) < 1e-9)
      }
    }
  }

  @Test func linesOfTheChartRunThroughTheErrors() throws {
    let curve = ErrorCurve(pairs: [pair([2]), pair([8])], limit: 10)
    let chart = CurveChart(
      title: "curves", axisLabel: "Pose error (degrees)", marks: [5, 10],
      lines: [.init(series: Series(0), name: "one", curve: curve)])
    let svg = chart.svg(.narrow, cssClass: "x")
    let list = try #require(pieces(svg, from: "points=\"", to: "\"").first)
    let points = list.split(separator: " ").map { $0.split(separator: ",").compactMap { Double($0) } }
    #expect(points.count == 4)
    // The grid says where errors and shares lie: lines of shares 0...100 %, then of errors 0, 5, 10.
    let grid = pieces(svg, from: "class=\"grid\" ", to: "/>")
    func value(_ name: String, _ text: String) throws -> Double {
      try #require(pieces(" " + text, from: " \(name)=\"", to: "\"").first.flatMap { Double($0) })
    }
    let (bottom, top) = (try value("y1", grid[0]), try value("y1", grid[4]))
    let (left, right) = (try value("x1", grid[5]), try value("x1", grid[7]))
    for (point, truth) in zip(points, [(0.0, 0.0), (0.2, 0.5), (0.8, 1.0), (1.0, 1.0)]) {
      #expect(abs(point[0] - (left + (right - left) * truth.0)) <= 0.11)
      #expect(abs(point[1] - (bottom + (top - bottom) * truth.1)) <= 0.11)
    }
    let leader = try #require(pieces(svg, from: "class=\"leader s0\"", to: "/>").first)
    #expect(try value("x1", leader) == right && value("y1", leader) == points[3][1])
    #expect(svg.contains(">Pose error (degrees)</text>"))
    #expect(svg.contains(">one</text>"))
  }

  @Test func labelsKeepTheirDistanceAndOrder() {
    let placed = CurveChart.spread([50, 52, 10, 99, 98], distance: 15, from: 0, to: 100)
    #expect(placed[2] == 10)
    let order = [2, 0, 1, 4, 3].map { placed[$0] }
    for (first, second) in zip(order, order.dropFirst()) { #expect(second - first >= 15 - 1e-9) }
    #expect(order.last == 100)
  }

  @Test func thousandsOfPairsMakeNoLargerALine() {
    let points = (0...100_000).map { SIMD2(Double($0) / 100, 5.0) }
    let thinned = CurveChart.thinned(points)
    #expect(thinned.count <= 1001)
    #expect(thinned.first == points.first && thinned.last == points.last)
  }

  @Test func histogramCountsEveryPairOnce() {
    let pairs = [pair([0]), pair([1]), pair([1.01]), pair([20]), pair([20.1]), pair([nil]), pair([])]
    let histogram = ErrorBins(pairs: pairs, bounds: ErrorBins.bounds(of: .pose))
    #expect(histogram.counts == [2, 1, 0, 0, 1, 1, 2])
    #expect(histogram.labels.first == "0\u{2013}1" && histogram.labels.suffix(2) == ["> 20", "none"])
  }

  // MARK: Pairs

  @Test func everyPairHasItsRow() throws {
    let result = SampleResult.make(.pose)
    let page = try ReportPage(results: [result]).html()
    let table = pieces(page, from: "<table class=\"pairs", to: "</table>")[0]
    let rows = pieces(table, from: "<tr data-matcher=\"", to: "</tr>")
    #expect(rows.count == result.pairs.count)
    let cells = pieces(rows[0], from: "<td>", to: "</td>")
    let first = result.pairs[0]
    #expect(cells[0] == "compact" && cells[9] == "easy")
    #expect(cells[1] == "<bdi>room-0/<wbr>left.png</bdi> \u{2192} <bdi>right.png</bdi>")
    #expect(cells[2] == HTMLText.decimal(first.medianError, 2))
    #expect(cells[6] == String(first.matches) && cells[7] == String(first.inliers))
    #expect(table.components(separatedBy: "aria-sort=\"none\"><button type=\"button\">").count == 11)
  }

  @Test func aSharedFolderIsNamedOnce() {
    func names(_ first: String, _ second: String) -> [[String]] {
      var pair = pair([1], image: first)
      pair.image1 = second
      let names = PairNames(pair)
      return [names.first, names.second]
    }
    #expect(names("a.png", "b.png") == [["a.png"], ["b.png"]])
    #expect(names("s/t/a.png", "s/t/b.png") == [["s", "t", "a.png"], ["b.png"]])
    #expect(names("s/t/a.png", "s/u/b.png") == [["s", "t", "a.png"], ["s", "u", "b.png"]])
    #expect(names("s/a.png", "s/t/b.png") == [["s", "a.png"], ["s", "t", "b.png"]])
  }

  @Test func failedPairsAreListedWithTheirReason() throws {
    let result = SampleResult.make(.pose)
    let page = try ReportPage(results: [result]).html()
    let failed = pieces(page, from: "<table class=\"failures\">", to: "</table>")[0]
    let count = result.pairs.count { $0.failure != nil }
    #expect(count > 5)
    #expect(failed.components(separatedBy: "<tr><td>").count == count + 1)
    #expect(failed.contains("cannot read room &lt;old&gt; &amp; &quot;new&quot;/left.png: no such file"))
    var none = result
    // One of three repeats failed: there is an error, and yet a reason to tell.
    none.pairs = [pair([1, 2, nil], failure: "one repeat gave no pose")]
    #expect(try ReportPage(results: [none]).html().contains("<td>one repeat gave no pose</td>"))
    none.pairs = [pair([1, nil, nil])]
    #expect(try ReportPage(results: [none]).html().contains("most of the 3 repeats gave no estimate"))
    none.pairs = [pair([1])]
    #expect(try ReportPage(results: [none]).html().contains("No pair failed."))
  }

  @Test func bestAndWorstPairsAreThoseOfTheFirstMatcher() {
    var result = SampleResult.make(.pose)
    result.matchers = []
    result.pairs = [
      pair([5], image: "5"), pair([1], image: "1"), pair([nil], image: "failed", failure: "why"),
      pair([nil], image: "unread", matches: 0, failure: "unread"), pair([3], image: "3"),
      pair([0.1], matcher: "two", image: "other"), pair([9], image: "9"),
    ]
    let drawn = DrawnPairs(of: result, count: 2)
    #expect(drawn.best.map(\.image0) == ["1", "3"])
    #expect(drawn.worst.map(\.image0) == ["failed", "9"])
    result.pairs = [pair([5], image: "5")]
    #expect(DrawnPairs(of: result).best.count == 1 && DrawnPairs(of: result).worst.isEmpty)
  }

  @Test func pairsAreDrawnAndThePageStaysSmall() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/report-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try SampleResult.writePhotos(into: folder)
    let results = EvaluationTask.allCases.map { SampleResult.make($0, folder: folder) }
    let page = try ReportPage(results: results, matches: SampleResult.matches).html()
    let pictures = pieces(page, from: "data:image/jpeg;base64,", to: "\"")
    #expect(pictures.count == 12)
    for picture in pictures {
      let bytes = try #require(Data(base64Encoded: picture))
      let image = try ImageReader(path: "picture.jpg", bytes: Array(bytes)).color()
      #expect(image.width >= 640)
    }
    #expect(page.utf8.count < 3_000_000)
    // Photos side by side, no caption: 1280 pixels of width, of a 4 : 3 pair with the gap between.
    #expect(page.contains("width=\"1280\" height=\"478\""))

    // Pictures shrink where there is less room.
    let small = try ReportPage(results: results, matches: SampleResult.matches).html(
      targetBytes: 1_200_000)
    #expect(small.utf8.count < 1_200_000)
    #expect(pieces(small, from: "data:image/jpeg;base64,", to: "\"").count == 12)

    // For the check in a browser.
    if let path = ProcessInfo.processInfo.environment["MATCH_SAMPLE_REPORT"] {
      try AtomicFile.write(page.utf8, to: path)
    }
  }

  @Test func photosThatCannotBeReadAreSaidToBe() throws {
    let result = SampleResult.make(.pose, folder: "/nowhere")
    let page = try ReportPage(results: [result], matches: SampleResult.matches).html()
    #expect(!page.contains("data:image/jpeg"))
    #expect(page.components(separatedBy: "Not drawn: ").count == 7)
    #expect(page.contains("/nowhere/left.png"))
    #expect(try ReportPage(results: [result]).html().contains("the matches of this pair were not kept"))
  }

  @Test func emptyResultsMakeAPage() throws {
    #expect(try ReportPage(results: []).html().contains("Nothing was evaluated."))
    var result = SampleResult.make(.pose)
    result.pairs = []
    result.matchers = []
    let page = try ReportPage(results: [result]).html()
    #expect(page.contains("No matcher was evaluated.") && page.contains("No pairs, no curves."))
  }
}
