import ArgumentParser
import Files
import Imaging
import Models
import Pipeline
import Tensor
import Weights

extension ModelCommand {
  /// `match model convert`: writes a model file that states what the original leaves open.
  struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Converts third-party weights to a model file.",
      discussion: """
        Every tensor keeps its values, as float32. A model file states its architecture, its settings and where its \
        weights come from, so nothing has to be guessed when it is read.
        """)

    @Argument(help: "A PyTorch checkpoint or a safetensors file.")
    var weights: String
    @Option(
      name: [.short, .long],
      help: ArgumentHelp("The model file, such as model.safetensors.", valueName: "file"))
    var output: String
    @OptionGroup var options: VariantOption

    func run() throws {
      let file = try ModelCatalog.file(at: weights, variant: options.variant)
      // Refuses weights that do not fit their network.
      _ = try Model(file, source: weights)
      var settings = file.settings
      var provenance = file.provenance.mapValues { Setting.text($0) }
      if provenance["original"] == nil {
        let name = weights.split(separator: "/").last.map(String.init) ?? weights
        provenance["original"] = .text("\(name), SHA-256 \(file.sha256)")
      }
      settings["provenance"] = .group(provenance)
      let bytes = try ModelFile.bytes(settings: settings, tensors: file.tensors)
      try AtomicFile.write(bytes, to: output)
      let line =
        "\(output): \(file.architecture), \(file.parameterCount) parameters in \(file.tensors.count) tensors\n"
      try StandardStream.output.writeAll(line)
    }
  }
}
