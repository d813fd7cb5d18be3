import Files
import Tensor

/// Why a weights file was not read or written. `source` is the path as the user gave it, or an embedded model's name.
/// Names and paths are untrusted, so messages show them truncated and without control characters.
package enum WeightsError: Error, Equatable, Sendable {
  // The file
  case notFound(source: String)
  case isDirectory(source: String)
  case notRegularFile(source: String)
  case unreadable(source: String, reason: String)
  case tooLarge(source: String, bytes: Int, limit: Int)
  case tooShort(source: String, bytes: Int)
  case pyTorchCheckpoint(source: String)
  case foreignFile(source: String, kind: ForeignFile)

  // The header
  case headerLength(source: String, length: UInt64, available: Int)
  case headerNotJSON(source: String, offset: Int, problem: String)
  case headerTooComplex(source: String, limit: String)
  case duplicateName(source: String, name: String)
  case metadataNotText(source: String, name: String)

  // One tensor's entry
  case entryMalformed(source: String, tensor: String, problem: String)
  case offsetCount(source: String, tensor: String, found: Int)
  case offsetsReversed(source: String, tensor: String, begin: Int, end: Int)
  case negativeExtent(source: String, tensor: String, shape: [Int])
  case shapeOverflow(source: String, tensor: String, shape: [Int])
  case unsupportedType(source: String, tensor: String, type: String)
  case sizeMismatch(source: String, tensor: String, expected: Int, found: Int)

  // The data
  case overlap(source: String, tensor: String, expectedBegin: Int, begin: Int)
  case hole(source: String, tensor: String, expectedBegin: Int, begin: Int)
  case truncated(source: String, expected: Int, found: Int)
  case trailingBytes(source: String, count: Int)
  case notFinite(source: String, tensor: String)

  // A PyTorch checkpoint
  case archive(source: String, member: String?, problem: ZipProblem)
  case foreignArchive(source: String, kind: String)
  case byteOrder(source: String)
  case pickle(source: String, problem: PickleProblem)
  case noStateDictionary(source: String, keys: [String])
  case wholeObject(source: String, key: String?, global: String)
  case foreignObject(source: String, name: String, global: String)
  case unnamedTensor(source: String)
  case tooManyElements(source: String, tensor: String, limit: Int)

  // What makes it a model of this project
  case noModelDescription(source: String)
  case unknownFormat(source: String, format: String)
  case modelNotJSON(source: String, problem: String)
  case modelDescription(source: String, problem: SettingsError)
}

extension WeightsError: ReportedError {
  /// One line: the file, what is wrong, what to do.
  package var description: String {
    let parts = self.parts
    return "\(printable(parts.source)): \(parts.problem); \(parts.remedy)"
  }

  typealias Parts = (source: String, problem: String, remedy: String)

  static let downloadAgain = "the file is damaged: download or convert it again"

  private var parts: Parts {
    switch self {
    case .notFound(let source): (source, "no such file", "check the path")
    case .isDirectory(let source): (source, "is a directory", "give the weights file inside it")
    case .notRegularFile(let source):
      (source, "is not a regular file", "give a safetensors file or a checkpoint")
    case .unreadable(let source, let reason):
      (source, "cannot be read: \(reason)", "check the file and its permissions")
    case .tooLarge(let source, let bytes, let limit):
      (source, "is \(bytes) bytes long, the limit is \(limit)", "give the weights of a matcher")
    case .tooShort(let source, let bytes):
      (source, "is \(bytes) bytes long, too short for a safetensors file", "download or convert it again")
    case .pyTorchCheckpoint(let source):
      (
        source, "is a PyTorch checkpoint where a safetensors file is needed",
        "convert it: match model convert"
      )
    case .foreignFile(let source, let kind): (source, kind.problem, kind.remedy)
    case .unsupportedType(let source, let tensor, let type):
      (
        source, "tensor '\(printable(tensor))' has type \(printable(type))",
        "convert it to F32, F16, BF16 or F64"
      )
    default: headerParts ?? checkpointParts ?? modelParts
    }
  }

  /// The parts if the header or data is at fault.
  private var headerParts: Parts? {
    let (source, problem): (String, String)
    switch self {
    case .headerLength(let at, let length, let available):
      return (
        at, "is not a safetensors file (a header of \(length) bytes, \(available) are there)",
        "give a safetensors file, or download it again"
      )
    case .headerNotJSON(let at, let offset, let problem):
      return (
        at, "the header is not JSON (\(problem) at byte \(offset))",
        "give a safetensors file, or download it again"
      )
    case .headerTooComplex(let at, let limit): (source, problem) = (at, "the header has more than \(limit)")
    case .duplicateName(let at, let name):
      (source, problem) = (at, "the name '\(printable(name))' occurs twice")
    case .metadataNotText(let at, let name):
      (source, problem) = (at, "the metadata '\(printable(name))' is not a string")
    case .entryMalformed(let at, let tensor, let text):
      (source, problem) = (at, "tensor '\(printable(tensor))' \(text)")
    case .offsetCount(let at, let tensor, let found):
      (source, problem) = (at, "tensor '\(printable(tensor))' has \(found) data offsets instead of 2")
    case .offsetsReversed(let at, let tensor, let begin, let end):
      (source, problem) = (at, "tensor '\(printable(tensor))' begins at \(begin), after its end at \(end)")
    case .negativeExtent(let at, let tensor, let shape):
      (source, problem) = (at, "tensor '\(printable(tensor))' has a negative extent: \(printable(shape))")
    case .shapeOverflow(let at, let tensor, let shape):
      (source, problem) = (at, "tensor '\(printable(tensor))' is larger than any memory: \(printable(shape))")
    case .sizeMismatch(let at, let tensor, let expected, let found):
      (source, problem) = (
        at, "tensor '\(printable(tensor))' takes \(found) bytes, its shape and type call for \(expected)"
      )
    case .overlap(let at, let tensor, let expected, let begin):
      (source, problem) = (
        at, "tensor '\(printable(tensor))' begins at \(begin), inside the one that ends at \(expected)"
      )
    case .hole(let at, let tensor, let expected, let begin):
      (source, problem) = (
        at, "no tensor owns the bytes \(expected)..<\(begin) before '\(printable(tensor))'"
      )
    case .truncated(let at, let expected, let found):
      (source, problem) = (at, "holds \(found) bytes of data, the header calls for \(expected)")
    case .trailingBytes(let at, let count):
      (source, problem) = (at, "has \(count) bytes after its last tensor")
    case .notFinite(let at, let tensor):
      (source, problem) = (at, "tensor '\(printable(tensor))' holds a value that is not finite in float32")
    default: return nil
    }
    return (source, problem, Self.downloadAgain)
  }

  /// The parts if the file is valid but not a model of this project.
  private var modelParts: Parts {
    switch self {
    case .noModelDescription(let source):
      (
        source, "is a safetensors file without this project's model description",
        "give a file made for this program (metadata 'format' and 'model')"
      )
    case .unknownFormat(let source, let format):
      (
        source, "has the format '\(printable(format))', this version reads '\(ModelFile.format)'",
        "update the program or convert the file"
      )
    case .modelNotJSON(let source, let problem):
      (source, "the model description is not a JSON object (\(problem))", "convert the file again")
    case .modelDescription(let source, let problem):
      (source, printable(problem.description), "convert the file again")
    default: ("weights", "are damaged", "download them again")
    }
  }

  package var exitStatus: ExitStatus { .weightsUnreadable }
}

/// Untrusted text, made fit for one line of a message.
func printable(_ text: String) -> String {
  let limit = 200
  let shown = String(
    String.UnicodeScalarView(text.unicodeScalars.prefix(limit).map { isControl($0) ? "\u{FFFD}" : $0 }))
  return text.unicodeScalars.count > limit ? shown + "..." : shown
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator: true
  default: false
  }
}

func printable(_ shape: [Int]) -> String { shape.count > 8 ? "\(shape.prefix(8))..." : "\(shape)" }
