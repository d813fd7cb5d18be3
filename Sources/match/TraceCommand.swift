import ArgumentParser
import Files
import Imaging
import Matching
import Models
import Pipeline
import Tensor
import Weights

/// `match model trace`: writes a model's intermediate tensors for comparison with another implementation (see
/// training/goldens).
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace", abstract: "Writes every stage's tensors for one pair, to compare implementations.")

  @Argument(help: "A built-in model's name, or the path of a weights file.") var model: String
  @Argument(help: "A safetensors file with image0 and image1, [height, width] in [0, 1].") var images: String
  @Argument(help: "The safetensors file to write.") var output: String
  @OptionGroup var weights: VariantOption
  @Option(help: "Minimum score of a match (default: the model's own).") var threshold: Float?
  @Option(help: "Maximum number of threads (default: all processors).") var threads: Int?

  func run() throws {
    let model = try ModelCatalog.model(namedOrAt: model, variant: weights.variant)
    let tensors = try SafetensorsFile(path: images).tensors
    let inputs = try ["image0", "image1"].map { name in
      guard let image = tensors[name], image.shape.count == 2,
        image.shape.allSatisfy({ $0 >= Matcher.minimumSide })
      else {
        throw ValidationError(
          "\(images): needs a tensor '\(name)' [height, width] with sides of at least \(Matcher.minimumSide)")
      }
      return image
    }
    let compute = Compute(threads: threads)
    let trace = StageTrace(model.matcher, inputs[0], inputs[1], threshold: threshold, on: compute)
    try AtomicFile.write(try SafetensorsFile.bytes(tensors: trace.stages, metadata: [:]), to: output)
  }
}
