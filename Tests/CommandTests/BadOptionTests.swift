// Command lines that make no sense: refused before any work, with the option's name and what it takes.

import Foundation
import Testing
import TestSupport

@Suite struct BadOptionTests {
  /// The command line is refused; its pictures exist, so nothing else can be at fault.
  private func refuses(
    _ arguments: [String], mentioning: [String], at location: SourceLocation = #_sourceLocation
  ) throws {
    let workplace = try Workplace()
    try workplace.write(blocks(), to: "a.png")
    try workplace.refuses(arguments, Exit.usage, mentioning: mentioning, at: location)
  }

  private func refusesOptions(
    _ options: [String], mentioning: [String], at location: SourceLocation = #_sourceLocation
  ) throws {
    try refuses(["a.png", "a.png"] + options, mentioning: mentioning, at: location)
  }

  @Test(arguments: [
    ("--max-size", ["-1", "1", "15", "65537", "999999999999"], "use 0 or 16 to 65536"),
    ("--threshold", ["-0.1", "1.1", "nan", "inf"], "use 0 to 1"),
    ("--max-matches", ["0", "-5"], "use 1 or more"),
    ("--threads", ["0", "-1", "1025"], "use 1 to 1024"),
    ("--inlier-threshold", ["0", "-1", "nan", "inf", "1e7"], "use a positive number"),
  ])
  func outOfRange(option: String, values: [String], advice: String) throws {
    for value in values {
      try refusesOptions(["\(option)=\(value)"], mentioning: [option, "out of range", advice])
      try refusesOptions(
        [option, value], mentioning: [value.hasPrefix("-") ? "\(option) -" : option, "out of range", advice])
    }
  }

  @Test(arguments: [
    "--max-size", "--threshold", "--max-matches", "--threads", "--inlier-threshold", "--seed", "--geometry",
    "--estimator", "--camera0", "--camera1",
  ])
  func notUnderstood(option: String) throws {
    for value in ["abc", "", "1;2", "99999999999999999999999999x"] {
      try refusesOptions(["\(option)=\(value)"], mentioning: [option, "see 'match"])
    }
    try refusesOptions([option], mentioning: [option, "see 'match"])
  }

  @Test func seeds() throws {
    for seed in ["-1", "18446744073709551616", "1.5"] {
      try refusesOptions(["--seed=\(seed)"], mentioning: ["--seed", seed, "see 'match"])
    }
  }

  /// The advice names the command that was called.
  @Test(arguments: [
    (["bench", "--repeats", "0"], "match help bench'"), (["bench", "--size", "x"], "match help bench'"),
    (["batch", ".", "-o", "out", "--sequential", "-2"], "match help batch'"),
    (["export", "."], "match help export'"),
    (["evaluate", "pose"], "match help evaluate pose'"),
    (["evaluate", "--repeats", "0"], "match help evaluate"),
    (["model", "convert"], "match help model convert'"), (["a.png"], "match help pair'"),
    (["a.png", "a.png", "--threads", "0"], "match help pair'"),
  ])
  func advice(arguments: [String], advice: String) throws {
    try refuses(arguments, mentioning: [advice])
  }

  @Test func unknownOption() throws {
    try refusesOptions(["--colour", "red"], mentioning: ["--colour", "see 'match"])
    try refusesOptions(["-x"], mentioning: ["-x", "see 'match"])
  }

  @Test func arguments() throws {
    try refuses([], mentioning: ["<first>", "see 'match"])
    try refuses(["a.png"], mentioning: ["<second>", "see 'match"])
    try refuses(["a.png", "a.png", "a.png"], mentioning: ["a.png", "see 'match"])
    try refuses(["model", "forget"], mentioning: ["forget", "see 'match"])
    try refuses(["model", "show", "compact", "extra"], mentioning: ["extra", "see 'match"])
    try refuses(["model", "trace", "compact"], mentioning: ["<images>", "see 'match"])
  }

  @Test func unknownModel() throws {
    try refusesOptions(["--model", "huge"], mentioning: ["'huge'", "known: compact", "--weights"])
    try refusesOptions(["--model", "two\nlines"], mentioning: ["known: compact"])
  }

  @Test func unknownEstimator() throws {
    try refusesOptions(
      ["--estimator", "guess"], mentioning: ["--estimator", "guess", "magsac", "usac-default"])
    try refusesOptions(["--geometry", "spherical"], mentioning: ["--geometry", "spherical", "homography"])
  }

  @Test func exclusiveOptions() throws {
    try refusesOptions(["-q", "-v"], mentioning: ["--quiet", "--verbose", "use one"])
    try refusesOptions(
      ["--model", "compact", "--weights", Samples.compact], mentioning: ["--model", "--weights", "use one"])
  }

  @Test func cameras() throws {
    for text in ["1,2,3", "1,2,3,4,5", "0,800,320,240", "-800,800,320,240", "800,nan,320,240", "a,b,c,d"] {
      for option in ["--camera0", "--camera1"] {
        try refusesOptions(["\(option)=\(text)"], mentioning: [option, text, "fx,fy,cx,cy"])
      }
    }
    let camera = "800,800,80,80"
    try refusesOptions(["--camera0", camera], mentioning: ["--camera1", "both photos"])
    try refusesOptions(["--camera1", camera], mentioning: ["--camera0", "both photos"])
    try refusesOptions(
      ["--geometry", "essential"], mentioning: ["--geometry essential", "--camera0", "--camera1"])
    try refusesOptions(
      ["--camera0", camera, "--camera1", camera, "--estimator", "lmeds"],
      mentioning: ["--estimator lmeds", "essential", "use another"])
  }

  @Test func outputNames() throws {
    for option in ["--output", "--json"] {
      try refusesOptions([option, ""], mentioning: [option, "empty", "name a file"])
      try refusesOptions(["\(option)="], mentioning: [option, "see 'match"])
    }
    for name in ["", "picture", "picture.xyz"] {
      try refusesOptions(["--draw", name], mentioning: ["--draw", ".png or .jpg"])
    }
    try refusesOptions(["--json", "-"], mentioning: ["--json", "standard output", "name a file"])
  }
}
