import Files
import Tensor

extension SafetensorsFile {
  /// The bytes of a safetensors file of F32 tensors; equal content gives equal bytes. Names are sorted, and the header
  /// is padded so that the data is aligned to eight bytes. Throws `WeightsError.notFinite` for values that could not be
  /// read back, and `WeightsError.duplicateName` for a tensor named like the metadata.
  package static func bytes(tensors: [String: Tensor], metadata: [String: String]) throws(WeightsError)
    -> [UInt8]
  {
    let source = "weights to be written"
    let metadataName = "__metadata__"
    guard tensors[metadataName] == nil else { throw .duplicateName(source: source, name: metadataName) }
    let ordered = tensors.sorted { $0.key < $1.key }
    var header: [String: Setting] = [metadataName: .group(metadata.mapValues { .text($0) })]
    var end = 0
    for (name, tensor) in ordered {
      guard tensor.isFinite else { throw .notFinite(source: source, tensor: name) }
      let begin = end
      end += tensor.count * 4
      header[name] = .group([
        "dtype": .text(ElementType.float32.rawValue),
        "shape": .list(tensor.shape.map { .number(Double($0)) }),
        "data_offsets": .list([.number(Double(begin)), .number(Double(end))]),
      ])
    }
    var text = Array(Setting.group(header).json.utf8)
    text += Array(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
    var writer = ByteWriter()
    writer.bytes.reserveCapacity(8 + text.count + end)
    writer.append(UInt64(text.count))
    writer.bytes += text
    for (_, tensor) in ordered {
      // Supported machines are little-endian, like the format.
      tensor.withElements { writer.bytes += UnsafeRawBufferPointer($0) }
    }
    return writer.bytes
  }
}
