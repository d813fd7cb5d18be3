import Files

/// What the terminal shows of a measurement: one row per stage, in milliseconds.
struct BenchTable {
  let record: BenchRecord

  var text: String {
    let model = record.model
    let images = record.images.map { image in
      let seen = "\(image.networkWidth)x\(image.networkHeight)"
      return "\(image.path) \(image.width)x\(image.height)"
        + (seen == "\(image.width)x\(image.height)" ? "" : ", seen at \(seen)")
    }
    let head = alignedRows([
      ("pair", images.joined(separator: " and ") + ", \(record.matches) matches"),
      (
        "model",
        "\(model.name), \(model.parameters) parameters, read in \(Self.milliseconds(record.modelSeconds)) ms"
      ),
      ("machine", "\(record.machine), \(record.threads) threads; match \(record.version)"),
      ("times", "of \(counted(record.repeats, "run")) after a warm-up, in milliseconds"),
      ("memory", "\(record.peakBytes / 1_000_000) MB at the peak of the process"),
    ])
    let titles = ["median", "least", "most", "GFLOP", "GFLOP/s"]
    var rows = ["stage".left(18) + titles.map { $0.right(10) }.joined()]
    for stage in record.stages + [record.total] {
      let times = [stage.medianSeconds, stage.minimumSeconds, stage.maximumSeconds].map(Self.milliseconds)
      let work = stage.multiplyAdds.map { (2e-9 * Double($0)).text(decimals: 2) } ?? ""
      let rate = stage.gigaflopsPerSecond.map { $0.text(decimals: 1) } ?? ""
      var row = stage.stage.left(18) + (times + [work, rate]).map { $0.right(10) }.joined()
      while row.last == " " { row.removeLast() }
      rows.append(row)
    }
    return head + "\n" + rows.joined(separator: "\n") + "\n"
  }

  private static func milliseconds(_ seconds: Double) -> String { (1e3 * seconds).text(decimals: 1) }
}
