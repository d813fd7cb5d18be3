import ArgumentParser
import Files
import Matching
import Models
import Pipeline
import Tensor
import Weights

/// `match model`: lists, shows and converts models.
struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Lists, shows and converts models.",
    subcommands: [List.self, Show.self, Convert.self, TraceCommand.self], defaultSubcommand: List.self)

  /// One line per built-in model.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Lists the built-in models.")

    func run() throws {
      var text = ""
      for name in ModelCatalog.names {
        let file = try ModelCatalog.file(named: name)
        let mark = name == ModelCatalog.defaultName ? " (default)" : ""
        text += "\(name)\(mark): \(file.name), \(file.architecture), \(file.parameterCount) parameters, "
        text += "\(file.license). \(file.description)\n"
      }
      try StandardStream.output.writeAll(text)
    }
  }

  /// Everything that a model's file states.
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shows a model's architecture, settings, tensors, provenance and licence.")

    @Argument(help: "The name of a built-in model, or the path of a weights file.")
    var model: String = ModelCatalog.defaultName
    @OptionGroup var weights: VariantOption

    func run() throws {
      let file = try ModelCatalog.file(namedOrAt: model, variant: weights.variant)
      let fit = Result { try Model(file, source: model) }
      // Incomplete third-party weights are shown with what is missing before the error.
      if file.provenance["weights"] == nil { _ = try fit.get() }
      var lines = [
        ("name", file.name), ("architecture", file.architecture), ("description", file.description),
        ("parameters", "\(file.parameterCount) in \(file.tensors.count) tensors, \(file.byteCount) bytes"),
        ("sha256", file.sha256), ("licence", file.license.isEmpty ? "not stated" : file.license),
      ]
      for (key, value) in file.provenance.sorted(by: { $0.key < $1.key }) { lines.append((key, value)) }
      let described = ["name", "architecture", "description", "provenance", "license"]
      for (key, setting) in file.settings.sorted(by: { $0.key < $1.key }) where !described.contains(key) {
        lines += Self.flattened(setting, path: key)
      }
      lines += Self.account(of: file)
      try StandardStream.output.writeAll(alignedRows(lines, width: nil))
      _ = try fit.get()
    }

    /// Tensors that are missing, left over or of the wrong shape, by their names in a model file.
    private static func account(of file: ModelFile) -> [(String, String)] {
      do {
        _ = try Matcher(settings: Settings(file.settings), parameters: Parameters(file.tensors))
        return [("tensors", "complete, none left over")]
      } catch ParametersError.mismatch(let missing, let unused, let shapes) {
        return missing.map { ("missing", $0) } + unused.map { ("extra", $0) }
          + shapes.map { ("other shape", "\($0.name): expected \($0.expected), found \($0.found)") }
      } catch {
        return []
      }
    }

    /// The leaves of a tree of settings with their paths.
    private static func flattened(_ setting: Setting, path: String) -> [(String, String)] {
      switch setting {
      case .group(let group):
        group.sorted { $0.key < $1.key }.flatMap { flattened($0.value, path: "\(path).\($0.key)") }
      case .list(let list): [(path, list.map(text).joined(separator: " "))]
      default: [(path, text(setting))]
      }
    }

    private static func text(_ setting: Setting) -> String {
      switch setting {
      case .flag(let flag): "\(flag)"
      case .number(let number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
      case .text(let text): text
      case .list, .group: flattened(setting, path: "").map { "\($0.0)=\($0.1)" }.joined(separator: " ")
      }
    }
  }
}
