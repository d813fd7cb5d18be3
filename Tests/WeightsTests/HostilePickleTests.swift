// Pickles that are damaged, hostile or no state dictionary, and the exact error that each must give.

import Testing

@testable import Weights

@Suite struct HostilePickleTests {
  /// A state dictionary of one tensor [2, 3] that views a storage of six.
  private static let soundTensor = Pickled.tensor([2, 3], [3, 1], count: 6)
  private static let sound = Pickled.head + Pickled.dictionary([("w", soundTensor)]) + Pickled.stop
  private static let data = (0..<6).flatMap { littleEndian(Float($0).bitPattern) }

  private func check(
    _ pickle: [UInt8], _ error: WeightsError, storages: [(String, [UInt8])] = [("0", data)],
    at location: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: location) {
      try WeightsFile(bytes: checkpoint(pickle, storages), source: source).tensors()
    }
    #expect(!error.description.contains("\n"), sourceLocation: location)
  }

  /// A pickle of `body` as it is.
  private func check(
    _ body: [UInt8], _ problem: PickleProblem, at location: SourceLocation = #_sourceLocation
  ) {
    check(Pickled.head + body + Pickled.stop, .pickle(source: source, problem: problem), at: location)
  }

  /// A state dictionary whose tensor `w` is made by `tensor`.
  private func checkTensor(
    _ tensor: [UInt8], _ problem: String, at location: SourceLocation = #_sourceLocation
  ) {
    check(
      Pickled.head + Pickled.dictionary([("w", tensor)]) + Pickled.stop,
      .entryMalformed(source: source, tensor: "w", problem: problem), at: location)
  }

  @Test func soundCheckpointIsRead() throws {
    let file = try WeightsFile(bytes: checkpoint(Self.sound, [("0", Self.data)]), source: source)
    #expect(try file.tensors()["w"]?.values == [0, 1, 2, 3, 4, 5])
    #expect(file.entries == [WeightsEntry(name: "w", type: "F32", shape: [2, 3], isFloatingPoint: true)])
  }

  @Test func truncatedAnywhere() throws {
    for count in 0..<Self.sound.count {
      #expect("\(count)") {
        try WeightsFile(
          bytes: checkpoint(Array(Self.sound.prefix(count)), [("0", Self.data)]), source: source)
      } throws: { error in
        if case .pickle(source, .endsEarly)? = error as? WeightsError { true } else { false }
      }
    }
    check(Self.sound + [0x4E], .pickle(source: source, problem: .trailingBytes(count: 1)))
  }

  @Test func protocols() {
    check([0x80, 1] + Self.sound.dropFirst(2), .pickle(source: source, problem: .protocolVersion(1)))
    check([0x80, 6] + Self.sound.dropFirst(2), .pickle(source: source, problem: .protocolVersion(6)))
    check(Array(Self.sound.dropFirst(2)), .pickle(source: source, problem: .noProtocol))
  }

  /// INST, OBJ, EXT1, PERSID, NEXT_BUFFER and what is no operation at all.
  @Test(arguments: [0x69, 0x6F, 0x82, 0x50, 0x97, 0x00, 0xFF] as [UInt8]) func operations(code: UInt8) {
    check([code], .operation(code: code, offset: 2))
  }

  @Test(arguments: [
    ("os", "system"), ("posix", "system"), ("nt", "system"), ("subprocess", "Popen"), ("os.path", "join"),
    ("builtins", "eval"), ("builtins", "exec"), ("__builtin__", "eval"), ("__builtin__", "open"),
    ("builtins", "__import__"), ("runpy", "_run_code"), ("sys", "exit"), ("importlib", "import_module"),
  ])
  func commands(module: String, name: String) {
    let problem = PickleProblem.hostile(global: "\(module).\(name)", offset: 2)
    let command = [Pickled.text("touch owned")]
    check(Pickled.call(Pickled.global(module, name), command), problem)
    // The same by the other spelling.
    check(
      Pickled.text(module) + Pickled.text(name) + [0x93] + Pickled.tuple(command) + [0x52],
      .hostile(global: "\(module).\(name)", offset: 2 + 10 + module.utf8.count + name.utf8.count))
    // Beside a sound state dictionary.
    let state = Pickled.dictionary([("w", Self.soundTensor)])
    let pickle = Pickled.dictionary([
      ("state_dict", state), ("hook", Pickled.call(Pickled.global(module, name), command)),
    ])
    #expect {
      try WeightsFile(
        bytes: checkpoint(Pickled.head + pickle + Pickled.stop, [("0", Self.data)]), source: source)
    } throws: { error in
      "\(error)".contains("\(module).\(name), which runs commands") && "\(error)".contains("nothing was run")
    }
  }

  @Test func unknownClasses() throws {
    let unknown = Pickled.call(Pickled.global("yacs.config", "CfgNode"), [])
    let filled =
      unknown + [0x28] + Pickled.text("a") + Pickled.integer(1) + [0x75] + Pickled.text("state") + [0x62]
    let state = Pickled.dictionary([("w", Self.soundTensor)])
    // Beside the state dictionary they are inert,
    let beside = Pickled.dictionary([("hyper_parameters", filled), ("state_dict", state)])
    let file = try WeightsFile(
      bytes: checkpoint(Pickled.head + beside + Pickled.stop, [("0", Self.data)]), source: source)
    #expect(file.nesting == ["state_dict"] && file.entries.count == 1)
    // inside of it they are an error,
    let inside = Pickled.dictionary([("w", Self.soundTensor), ("x", filled)])
    check(
      Pickled.head + inside + Pickled.stop,
      .foreignObject(source: source, name: "x", global: "yacs.config.CfgNode"))
    check(
      Pickled.head + Pickled.dictionary([("w", Self.soundTensor), ("x", Pickled.global("a", "b"))])
        + Pickled.stop,
      .foreignObject(source: source, name: "x", global: "a.b"))
    // and in its place.
    check(
      Pickled.head + Pickled.dictionary([("state_dict", filled)]) + Pickled.stop,
      .wholeObject(source: source, key: "state_dict", global: "yacs.config.CfgNode"))
    check(
      Pickled.head + filled + Pickled.stop,
      .wholeObject(source: source, key: nil, global: "yacs.config.CfgNode"))
  }

  @Test func stackAndMemo() {
    check([0x30], .stackEmpty(offset: 2))
    check([], .stackEmpty(offset: 2))
    check([0x4E, 0x28], .stackEmpty(offset: 4))
    check([0x4E, 0x28, 0x85], .stackEmpty(offset: 4))  // the value lies below the mark
    check([0x4E, 0x4E, 0x87], .stackEmpty(offset: 4))
    check([0x74], .noMark(offset: 2))
    check([0x68, 3], .memoEmpty(index: 3, offset: 2))
    check([0x6A, 0xFF, 0xFF, 0xFF, 0xFF], .memoEmpty(index: 0xFFFF_FFFF, offset: 2))
    check([0x71, 0], .stackEmpty(offset: 2))
  }

  @Test func kinds() {
    check([0x4E, 0x4E, 0x61], .wrongKind(expected: "a list", offset: 4))
    check([0x29, 0x4E, 0x61], .wrongKind(expected: "a list", offset: 4))
    check([0x5D, 0x4E, 0x4E, 0x73], .wrongKind(expected: "a dictionary", offset: 5))
    check([0x7D, 0x28, 0x4E, 0x75], .wrongKind(expected: "a value for each key", offset: 5))
    check([0x4E, 0x29, 0x52], .wrongKind(expected: "a class or function", offset: 4))
    check(Pickled.global("a", "b") + [0x4E, 0x52], .wrongKind(expected: "a tuple of arguments", offset: 8))
    check([0x4E, 0x4E, 0x62], .wrongKind(expected: "an object that takes a state", offset: 4))
    check([0x29, 0x4E, 0x62], .wrongKind(expected: "an object that takes a state", offset: 4))
    check([0x4E, 0x4E, 0x93], .wrongKind(expected: "the name of a class", offset: 4))
    check([0x58, 1, 0, 0, 0, 0xFF], .textNotUTF8(offset: 2))
  }

  @Test func calls() {
    let rebuild = Pickled.global("torch._utils", "_rebuild_tensor_v2")
    let end = { (arguments: [[UInt8]]) in 2 + rebuild.count + Pickled.tuple(arguments).count }
    let storage = Pickled.storage(count: 6)
    for arguments in [
      [], [storage], [[0x4E], [0x4E], [0x4E], [0x4E], [0x4E], [0x4E]],
      [storage, Pickled.text("0"), Pickled.integers([2]), Pickled.integers([1]), [0x89], [0x4E]],
      [storage, [0x4B, 0], Pickled.tuple([Pickled.text("2")]), Pickled.integers([1]), [0x89], [0x4E]],
    ] as [[[UInt8]]] {
      check(
        Pickled.call(rebuild, arguments),
        .arguments(of: "torch._utils._rebuild_tensor_v2", offset: end(arguments)))
    }
    let parameter = Pickled.global("torch._utils", "_rebuild_parameter")
    check(
      Pickled.call(parameter, [[0x4E], [0x88], [0x4E]]),
      .arguments(of: "torch._utils._rebuild_parameter", offset: 2 + parameter.count + 5))
    let typed = Pickled.global("torch._tensor", "_rebuild_from_type_v2")
    let inner = [typed, [0x4E], [0x29], [0x4E]]
    check(
      Pickled.call(typed, inner),
      .arguments(
        of: "torch._tensor._rebuild_from_type_v2", offset: 2 + typed.count + inner.joined().count + 2))
    for identifier in [
      [], [Pickled.text("storage")],
      [Pickled.text("storage"), [0x4E], Pickled.text("0"), Pickled.text("cpu"), [0x4B, 6]],
      [
        Pickled.text("module"), Pickled.global("torch", "FloatStorage"), Pickled.text("0"), Pickled.text(""),
        [0x4B, 6],
      ],
      [
        Pickled.text("storage"), Pickled.global("torch", "QInt8Storage"), Pickled.text("0"), Pickled.text(""),
        [0x4B, 6],
      ],
      [
        Pickled.text("storage"), Pickled.global("torch", "FloatStorage"), Pickled.text("0"), Pickled.text(""),
        Pickled.integer(-1),
      ],
    ] as [[[UInt8]]] {
      let tuple = Pickled.tuple(identifier)
      check(tuple + [0x51], .storageReference(offset: 2 + tuple.count))
    }
  }

  // MARK: what would exhaust stack or memory

  @Test func depth() throws {
    check(
      [UInt8](repeating: 0x28, count: 1001), .tooComplex(limit: "1000 levels"))
    // Tuples of one need no mark. A hundred thousand levels are read and taken apart without recursion.
    let deep = [0x4E] + [UInt8](repeating: 0x85, count: 100_000)
    let pickle = Pickled.dictionary([
      ("deep", deep), ("state_dict", Pickled.dictionary([("w", Self.soundTensor)])),
    ])
    let bytes = checkpoint(Pickled.head + pickle + Pickled.stop, [("0", Self.data)])
    #expect(try WeightsFile(bytes: bytes, source: source).entries.count == 1)
    check([0x4E] + [UInt8](repeating: 0x85, count: 500_001), .tooComplex(limit: "500000 objects"))
  }

  @Test func cycles() throws {
    // A dictionary that holds itself, and a list that does, beside the state dictionary.
    let list: [UInt8] = [0x5D, 0x71, 1, 0x68, 1, 0x61]
    let pickle =
      [0x7D, 0x71, 0] + Pickled.text("self") + [0x68, 0, 0x73] + Pickled.text("list") + list + [0x73]
      + Pickled.text("w") + Self.soundTensor + [0x73]
    let file = try WeightsFile(
      bytes: checkpoint(Pickled.head + pickle + Pickled.stop, [("0", Self.data)]), source: source)
    #expect(file.entries.map(\.name) == ["w"] && file.skipped == ["self", "list"])
    // A dictionary that is its own state dictionary.
    check(
      Pickled.head + [0x7D, 0x71, 0] + Pickled.text("state_dict") + [0x68, 0, 0x73] + Pickled.stop,
      .noStateDictionary(source: source, keys: ["state_dict"]))
  }

  @Test func memoBombs() {
    // Each list holds the one before ten times: 10^30 values for whoever walks through all.
    var laughs: [UInt8] = [0x5D, 0x71, 0]
    for index in 1...30 as ClosedRange<UInt8> {
      laughs += [0x5D, 0x71, index, 0x28] + Array(repeating: [0x68, index - 1], count: 10).joined() + [0x65]
    }
    check(Pickled.head + laughs + Pickled.stop, .noStateDictionary(source: source, keys: []))
    // One list that grows by copies of a large tuple of the memo.
    let tuple = [0x28] + [UInt8](repeating: 0x4E, count: 100_000) + [0x74, 0x71, 0, 0x30]
    let size = Pickled.global("torch", "Size")
    let copies = Array(repeating: size + [0x68, 0, 0x85, 0x52, 0x30], count: 30).joined()
    check(tuple + copies, .tooComplex(limit: "2000000 values"))
    check([UInt8](repeating: 0x4E, count: 2_000_001), .tooComplex(limit: "2000000 values"))
    check([0x4E] + [UInt8](repeating: 0x94, count: 1_000_001), .tooComplex(limit: "1000000 stored values"))
    check(
      Pickled.global(String(repeating: "m", count: 257), "b"),
      .tooComplex(limit: "256 bytes in the name of a class"))
  }

  @Test func lengths() {
    check([0x8D] + littleEndian(UInt64.max), .endsEarly(offset: 2))
    check([0x58] + littleEndian(UInt32.max), .endsEarly(offset: 2))
    check([0x8B] + littleEndian(UInt32.max), .endsEarly(offset: 2))
    let pickle = [UInt8](repeating: 0x4E, count: 1 << 25 + 1)
    check(pickle, .pickle(source: source, problem: .tooComplex(limit: "33554432 bytes")))
  }

  // MARK: views

  @Test func views() {
    let shape = { (shape: [Int], strides: [Int], offset: Int) in
      Pickled.tensor(shape, strides, offset: offset, count: 6)
    }
    checkTensor(shape([2, 3], [1], 0), "has 1 strides for 2 extents")
    checkTensor(shape([-1], [1], 0), "has the impossible shape [-1]")
    checkTensor(shape([1 << 62, 4], [0, 0], 0), "has the impossible shape [4611686018427387904, 4]")
    checkTensor(
      shape([1 << 62, 4, 0], [0, 0, 0], 0), "has the impossible shape [4611686018427387904, 4, 0]")
    checkTensor(shape([2], [1], -1), "begins at element -1")
    checkTensor(shape([2], [-1], 1), "has a negative stride: [-1]")
    checkTensor(shape([2], [6], 0), "reaches element 6 of a storage of 6")
    checkTensor(shape([2], [1], 5), "reaches element 6 of a storage of 6")
    checkTensor(shape([], [], 6), "reaches element 6 of a storage of 6")
    checkTensor(shape([2], [1], .max), "reaches beyond any memory: strides [1]")
    checkTensor(shape([3], [.max], 0), "reaches beyond any memory: strides [9223372036854775807]")
    checkTensor(shape([2, 2], [.max, .max], 0), "reaches beyond any memory: strides \([Int.max, Int.max])")
    let many = [Int](repeating: 1, count: 65)
    checkTensor(shape(many, many, 0), "has 65 extents")
  }

  @Test func expandedBomb() {
    // Four bytes that are shown 2^40 times.
    check(
      Pickled.head + Pickled.dictionary([("w", Pickled.tensor([1 << 20, 1 << 20], [0, 0], count: 6))])
        + Pickled.stop, .tooManyElements(source: source, tensor: "w", limit: 1 << 27))
    // Many tensors of one storage, each within the limit.
    let items = (0..<9).map { ("w\($0)", Pickled.tensor([1 << 24], [0], count: 6)) }
    check(
      Pickled.head + Pickled.dictionary(items) + Pickled.stop,
      .tooManyElements(source: source, tensor: "w8", limit: 1 << 27))
  }

  @Test func storages() {
    check(
      Self.sound, .entryMalformed(source: source, tensor: "w", problem: "has no data ('data/0')"),
      storages: [])
    check(
      Self.sound, .sizeMismatch(source: source, tensor: "w", expected: 24, found: 20),
      storages: [("0", Array(Self.data.dropLast(4)))])
    check(
      Self.sound, .sizeMismatch(source: source, tensor: "w", expected: 24, found: 28),
      storages: [("0", Self.data + [0, 0, 0, 0])])
    let huge = Pickled.tensor([1], [1], count: .max)
    check(
      Pickled.head + Pickled.dictionary([("w", huge)]) + Pickled.stop,
      .sizeMismatch(source: source, tensor: "w", expected: .max, found: 24))
    var data = Self.data
    data.replaceSubrange(20..<24, with: [0, 0, 0x80, 0x7F])
    check(Self.sound, .notFinite(source: source, tensor: "w"), storages: [("0", data)])
  }

  // MARK: state dictionaries

  @Test func duplicateNames() {
    let twice = Pickled.dictionary([("w", Self.soundTensor), ("w", Self.soundTensor)])
    check(Pickled.head + twice + Pickled.stop, .duplicateName(source: source, name: "w"))
    let state = Pickled.dictionary([("w", Self.soundTensor)])
    check(
      Pickled.head + Pickled.dictionary([("state_dict", state), ("state_dict", state)]) + Pickled.stop,
      .duplicateName(source: source, name: "state_dict"))
  }

  @Test func notAStateDictionary() {
    for body in [[0x4E], [0x5D], Self.soundTensor, Pickled.text("w"), [0x4B, 1]] as [[UInt8]] {
      check(Pickled.head + body + Pickled.stop, .noStateDictionary(source: source, keys: []))
    }
    check(
      Pickled.head + Pickled.dictionary([("epoch", [0x4B, 1]), ("lr", [0x4E])]) + Pickled.stop,
      .noStateDictionary(source: source, keys: ["epoch", "lr"]))
    check(
      Pickled.head + [0x7D, 0x4B, 1] + Self.soundTensor + [0x73] + Pickled.stop,
      .unnamedTensor(source: source))
  }

  @Test func archives() {
    func check(_ members: [TestMember], _ error: WeightsError, at location: SourceLocation = #_sourceLocation)
    {
      #expect(throws: error, sourceLocation: location) {
        try WeightsFile(bytes: zip(members), source: source)
      }
    }
    let pickle = TestMember("a/data.pkl", Self.sound)
    check([pickle, TestMember("a/byteorder", Array("big".utf8))], .byteOrder(source: source))
    check(
      [pickle, TestMember("b/data.pkl", Self.sound)],
      .foreignArchive(source: source, kind: "is a zip archive of several PyTorch checkpoints"))
    check(
      [pickle, TestMember("a/code/x.py", [])],
      .foreignArchive(source: source, kind: "is a TorchScript program, not a checkpoint"))
    check(
      [TestMember("x.npy", [])], .foreignArchive(source: source, kind: "is an archive of NumPy arrays"))
    check(
      [TestMember("word/document.xml", [])],
      .foreignArchive(
        source: source, kind: "is a zip archive, but not a PyTorch checkpoint (data.pkl is missing)"))
  }

  @Test func foreignFiles() {
    let files: [(ForeignFile, [UInt8])] = [
      (
        .legacyPyTorch,
        [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
      ),
      (.pickle, Self.sound), (.torchTar, [UInt8](repeating: 0x61, count: 257) + Array("ustar\u{0}00".utf8)),
      (.hdf5, [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0]),
      (.numpy, [0x93] + Array("NUMPY\u{1}".utf8)),
      (.gguf, Array("GGUF\u{3}\u{0}\u{0}\u{0}".utf8)),
      (.tensorFlowLite, [0x1C, 0, 0, 0] + Array("TFL3".utf8)),
      (.onnx, [8, 8, 0x12, 7] + Array("pytorch".utf8)), (.gzip, [0x1F, 0x8B, 8, 0]),
      (.zstandard, [0x28, 0xB5, 0x2F, 0xFD]), (.sevenZip, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
      (.picture, [0xFF, 0xD8, 0xFF, 0xE0]),
      (.gitLFS, Array("version https://git-lfs.github.com/spec/v1".utf8)),
      (.webPage, Array("<!DOCTYPE html>".utf8)),
    ]
    #expect(files.map(\.0) == ForeignFile.allCases)
    for (kind, bytes) in files {
      #expect(throws: WeightsError.foreignFile(source: source, kind: kind)) {
        try WeightsFile(bytes: bytes, source: source)
      }
    }
  }

  @Test func wrappersPrefixes() {
    #expect(TensorNames(["matcher.a", "matcher.b", "loss.c"]).names == ["a", "b", "loss.c"])
    #expect(TensorNames(["matcher.a", "b"]).stripped == [])
    // The prefix is all that tells two tensors apart.
    #expect(TensorNames(["matcher.a", "matcher.b", "a"]).names == ["matcher.a", "matcher.b", "a"])
    #expect(TensorNames(["module._orig_mod.model.a"]).names == ["a"])
    #expect(TensorNames(["model."]).names == ["model."])
    #expect(TensorNames([]).names == [])
  }
}
