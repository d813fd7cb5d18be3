// match model convert: weights that others publish, as a model file of this program.

import ArgumentParser
import Files
import Imaging
import Models
import Pipeline
import Tensor
import Weights

extension ModelCommand {
  /// Writes a model file that says of itself what the original left open.
  struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes weights of others as a model file of this program.",
      discussion: """
        Every tensor keeps its values, as float32. A model file needs no recognition: it states its architecture and \
        settings, and where its weights come from.
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
      // Builds the network: what does not fit is not written.
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
