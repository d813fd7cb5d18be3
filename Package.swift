// swift-tools-version: 6.2
import PackageDescription

// Every Swift target: language mode 6 (the default of tools-version 6), warnings are errors.
let swiftSettings: [SwiftSetting] = [.treatAllWarnings(as: .error)]

// C and C++: warnings are errors. The kernels dispatch to wider instruction sets at run time.
let cSettings: [CSetting] = [.treatAllWarnings(as: .error)]
let cxxSettings: [CXXSetting] = [.treatAllWarnings(as: .error)]

// Libraries that need another set of flags than their own pkg-config file gives (or have none on Debian) are described
// by a file here. SwiftPM takes the path of such a file in place of a name; the path must not contain a space.
let pkgConfigFolder = Context.packageDirectory + "/Sources/pkgconfig/"

let package = Package(
  name: "match",
  products: [
    .executable(name: "match", targets: ["match"]),
    .library(name: "Matching", targets: ["Matching"]),
    .library(name: "Geometry", targets: ["Geometry"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
  ],
  targets: [
    // C and C++
    .systemLibrary(
      name: "OpenCVModules", pkgConfig: pkgConfigFolder + "opencv-modules.pc",
      providers: [.apt(["libopencv-calib3d-dev"])]),
    .systemLibrary(
      name: "HDF5Headers", pkgConfig: pkgConfigFolder + "hdf5-headers.pc", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(
      name: "PictureLibraries", pkgConfig: "libjpeg libpng libwebp libtiff-4 libopenjp2",
      providers: [
        .apt(["libjpeg-dev", "libpng-dev", "libwebp-dev", "libtiff-dev", "libopenjp2-7-dev"])
      ]),
    .target(name: "CCodecs", dependencies: ["PictureLibraries"], cSettings: cSettings),
    .target(name: "COpenCV", dependencies: ["OpenCVModules"], cxxSettings: cxxSettings),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CKernels", cSettings: cSettings),
    .target(name: "CModels", exclude: ["compact.safetensors"]),

    // The ground floor: files, digests, text, errors
    .target(name: "Files", dependencies: ["CCrypto", "CZlib"], swiftSettings: swiftSettings),

    // The network
    .target(name: "Tensor", dependencies: ["CKernels", "COpenBLAS"], swiftSettings: swiftSettings),
    .target(name: "Weights", dependencies: ["CZlib", "Files", "Tensor"], swiftSettings: swiftSettings),
    .target(name: "Backbone", dependencies: ["Tensor"], swiftSettings: swiftSettings),
    .target(name: "Matching", dependencies: ["Backbone", "Geometry"], swiftSettings: swiftSettings),

    // Images and geometry
    .target(name: "Imaging", dependencies: ["CCodecs", "COpenCV", "Files"], swiftSettings: swiftSettings),
    .target(name: "Geometry", dependencies: ["COpenCV", "Files"], swiftSettings: swiftSettings),
    .target(
      name: "LeastSquares", dependencies: ["CKernels", "Geometry", "Imaging", "Tensor"],
      swiftSettings: swiftSettings),

    .target(
      name: "Models", dependencies: ["CModels", "Files", "Matching", "Tensor", "Weights"],
      swiftSettings: swiftSettings),

    // Photos in, correspondences out
    .target(
      name: "Pipeline", dependencies: ["Files", "Geometry", "Imaging", "LeastSquares", "Matching", "Tensor"],
      swiftSettings: swiftSettings),
    .target(name: "Export", dependencies: ["Files", "Geometry", "Imaging"], swiftSettings: swiftSettings),
    .target(
      name: "PhotoMatching",
      dependencies: ["Files", "Geometry", "Matching", "Models", "Pipeline", "Tensor", "Weights"],
      swiftSettings: swiftSettings),

    // Many pairs
    .target(name: "PairStore", dependencies: ["Files", "Geometry"], swiftSettings: swiftSettings),
    .target(name: "Tracks", dependencies: ["Geometry"], swiftSettings: swiftSettings),
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CExif", providers: [.apt(["libexif-dev"])]),
    .target(name: "CHDF5", dependencies: ["HDF5Headers"], cSettings: cSettings),
    .target(
      name: "Reconstruction",
      dependencies: [
        "CExif", "CHDF5", "CSQLite", "Export", "Files", "Geometry", "PairStore", "Tracks",
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Batch",
      dependencies: [
        "Files", "Geometry", "Imaging", "LeastSquares", "Matching", "Models", "PairStore", "Pipeline",
        "Tensor",
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Evaluation",
      dependencies: [
        "COpenCV", "Files", "Geometry", "Imaging", "Matching", "Models", "Pipeline", "Tensor",
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "Report",
      dependencies: [
        "Evaluation", "Export", "Files", "Imaging", .product(name: "Mustache", package: "swift-mustache"),
      ],
      resources: [
        "names.mustache", "page.mustache", "script.js", "section.mustache", "style.css",
      ].map { .embedInCode("Resources/\($0)") }, swiftSettings: swiftSettings),
    .executableTarget(
      name: "match",
      dependencies: [
        "Batch", "Evaluation", "Export", "Files", "Models", "PairStore", "PhotoMatching", "Pipeline",
        "Reconstruction", "Report",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: swiftSettings),

    // Tests
    .target(
      name: "TestSupport", dependencies: ["Imaging"], path: "Tests/TestSupport", swiftSettings: swiftSettings),
    .testTarget(
      name: "FilesTests", dependencies: ["Files", "TestSupport"], swiftSettings: swiftSettings),
    .testTarget(
      name: "TensorTests", dependencies: ["CKernels", "Tensor", "TestSupport", "Weights"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "WeightsTests", dependencies: ["CZlib", "Files", "TestSupport", "Weights"], exclude: ["Fixtures"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ImagingTests", dependencies: ["CCodecs", "Imaging", "TestSupport"], swiftSettings: swiftSettings),
    .testTarget(
      name: "GeometryTests", dependencies: ["Geometry", "TestSupport"], swiftSettings: swiftSettings),
    .testTarget(
      name: "LeastSquaresTests",
      dependencies: ["CKernels", "Geometry", "Imaging", "LeastSquares", "Tensor", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "MatchingTests", dependencies: ["Imaging", "Matching", "TestSupport", "Weights"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "BatchTests",
      dependencies: ["Backbone", "Batch", "Geometry", "Imaging", "Matching", "Pipeline", "Tensor"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "PairStoreTests", dependencies: ["Geometry", "PairStore"], swiftSettings: swiftSettings),
    .testTarget(name: "TracksTests", dependencies: ["Geometry", "Tracks"], swiftSettings: swiftSettings),
    .testTarget(
      name: "ReconstructionTests",
      dependencies: [
        "CSQLite", "Files", "Geometry", "Imaging", "PairStore", "Reconstruction", "TestSupport", "Tracks",
      ],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ModelsTests", dependencies: ["Matching", "Models", "Tensor"], swiftSettings: swiftSettings),
    .testTarget(
      name: "PipelineTests", dependencies: ["Matching", "Models", "Pipeline", "Tensor", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ExportTests", dependencies: ["Export", "Geometry", "Imaging", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "PhotoMatchingTests", dependencies: ["Export", "Files", "Geometry", "PhotoMatching"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "EvaluationTests",
      dependencies: [
        "Evaluation", "Files", "Geometry", "Imaging", "Models", "Pipeline", "Tensor",
        "TestSupport",
      ],
      exclude: ["Fixtures"], swiftSettings: swiftSettings),
    .testTarget(
      name: "ReportTests",
      dependencies: ["Evaluation", "Files", "Geometry", "Imaging", "Report", "TestSupport"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "CommandTests", dependencies: ["Imaging", "PairStore", "TestSupport", "Weights", "match"],
      swiftSettings: swiftSettings),
  ]
)

// The fuzzer of the readers links the sanitizers, so it is there only for `make fuzz`.
if Context.environment["MATCH_FUZZ"] != nil {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Fuzz/CFuzzer"),
    .executableTarget(
      name: "FuzzReaders", dependencies: ["CFuzzer", "Imaging", "PairStore", "Weights"],
      path: "Fuzz/Readers", swiftSettings: swiftSettings),
  ]
}

// SwiftPM compiles a target again only if a module that its own line names has changed. But the layout of a type reaches
// further than one line: without this, a program built again after such a change may crash. So every target depends
// on all that the targets that it names depend on.
let named = Dictionary(
  uniqueKeysWithValues: package.targets.map { target in
    let names = target.dependencies.compactMap { dependency -> String? in
      guard case .byNameItem(let name, _) = dependency else { return nil }
      return name
    }
    return (target.name, names)
  })

func reached(from target: String) -> Set<String> {
  (named[target] ?? []).reduce(into: []) { $0.formUnion(reached(from: $1).union([$1])) }
}

// MATCH_TESTS=ATests,BTests: these test targets and what they stand on, for the sanitizers of scripts/sanitize.
if let tests = Context.environment["MATCH_TESTS"]?.split(separator: ",").map(String.init) {
  let needed = tests.reduce(into: Set(tests)) { $0.formUnion(reached(from: $1)) }
  package.targets.removeAll { !needed.contains($0.name) }
  package.products.removeAll()
}

for target in package.targets {
  let missing = reached(from: target.name).subtracting(named[target.name] ?? [])
  target.dependencies += missing.sorted().map { .init(stringLiteral: $0) }
}
