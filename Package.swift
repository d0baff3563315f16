// swift-tools-version: 6.2
import PackageDescription

// The house, bottom to top. A target imports only what stands before it (docs/architecture.md; ArchitectureTests).

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error), .strictMemorySafety()]
let hot: [SwiftSetting] = [.treatAllWarnings(as: .error)]
// C and C++ targets build at -O0 in debug otherwise, which makes kernels a hundred times slower in tests.
let fastC: [CSetting] = [.unsafeFlags(["-O3", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror"])]
let fastCxx: [CXXSetting] = [.unsafeFlags(["-O2", "-std=c++17"])]

let package = Package(
  name: "cortado",
  products: [
    .executable(name: "cortado", targets: ["cortado"]),
    // The original toolkit's calls, for programs of one's own: docs/from-amct.md.
    .library(name: "QuantEngine", targets: ["QuantEngine"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    // C shims
    .target(name: "CProtobuf", cxxSettings: fastCxx, linkerSettings: [.linkedLibrary("protobuf")]),
    .target(
      name: "CKernels", cSettings: fastC,
      linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp"), .linkedLibrary("m")]),
    .target(
      name: "CImages", cSettings: fastC, linkerSettings: [.linkedLibrary("turbojpeg"), .linkedLibrary("spng")]),
    .target(name: "CHash", cSettings: fastC),
    .target(name: "CLMDB", cSettings: fastC, linkerSettings: [.linkedLibrary("lmdb")]),
    .target(name: "CHDF5", cSettings: fastC, linkerSettings: [.linkedLibrary("hdf5_serial")]),
    .target(name: "CDigest", cSettings: fastC, linkerSettings: [.linkedLibrary("crypto")]),
    .target(name: "CPlugin", cSettings: fastC),
    .target(name: "CCurses", cSettings: fastC, linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),

    // Engine library
    .target(name: "Diagnostics", swiftSettings: strict),
    .target(name: "Tensors", dependencies: ["Diagnostics", "CHash"], swiftSettings: hot),
    .target(
      name: "CaffeFormat", dependencies: ["CProtobuf", "Tensors"],
      resources: ["core", "layers", "forks", "amct", "legacy", "caffe", "calibration"].map {
        .embedInCode("Schema/\($0).proto")
      }, swiftSettings: hot),
    .target(name: "Kernels", dependencies: ["Tensors", "CKernels"], swiftSettings: hot),
    .target(name: "LayerGraph", dependencies: ["CaffeFormat", "Kernels"], swiftSettings: strict),
    .target(name: "Layers", dependencies: ["LayerGraph"], swiftSettings: strict),
    .target(name: "Plugins", dependencies: ["LayerGraph", "CPlugin"], swiftSettings: hot),
    .target(name: "Passes", dependencies: ["Layers"], swiftSettings: strict),
    .target(name: "Engine", dependencies: ["LayerGraph"], swiftSettings: strict),
    .target(name: "Datasets", dependencies: ["CaffeFormat", "CImages", "CLMDB", "CHDF5"], swiftSettings: hot),
    .target(name: "Quantization", dependencies: ["Engine", "Passes"], swiftSettings: strict),
    .target(name: "Writers", dependencies: ["Quantization"], swiftSettings: strict),
    .target(name: "QuantEngine", dependencies: ["Writers", "Datasets", "Plugins", "CDigest"], swiftSettings: strict),

    // Faces
    .target(
      name: "WorkbenchUI", dependencies: ["QuantEngine", "Diagnostics"],
      resources: ["dark", "light", "contrast", "cvd-dark", "cvd-light", "mono", "terminal"].map {
        .embedInCode("Resources/\($0).theme")
      }, swiftSettings: strict),
    .target(name: "Terminal", dependencies: ["WorkbenchUI", "CCurses"], swiftSettings: hot),
    .executableTarget(
      name: "cortado",
      dependencies: ["Terminal", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: strict),

    // As a program outside this package sees the library: what is public, nothing else.
    .executableTarget(
      name: "library-example", dependencies: ["QuantEngine"], path: "Samples/library", packageAccess: false,
      swiftSettings: strict),

    // Tests
    .target(name: "TestSupport", dependencies: ["Layers", "Engine"], path: "Tests/TestSupport", swiftSettings: hot),
    .testTarget(name: "LayersTests", dependencies: ["Layers", "TestSupport"], swiftSettings: hot),
    .testTarget(name: "LayerGraphTests", dependencies: ["LayerGraph", "TestSupport"], swiftSettings: hot),
    .testTarget(name: "PassesTests", dependencies: ["Passes", "TestSupport"], swiftSettings: hot),
    .testTarget(name: "EngineTests", dependencies: ["Engine", "TestSupport"], swiftSettings: hot),
    .testTarget(name: "WritersTests", dependencies: ["Writers", "TestSupport"], swiftSettings: hot),
    .testTarget(name: "CaffeFormatTests", dependencies: ["CaffeFormat"], swiftSettings: hot),
    .testTarget(
      name: "QuantizationTests", dependencies: ["Quantization", "Kernels", "Tensors", "TestSupport"],
      exclude: ["Goldens"], swiftSettings: hot),
    .target(
      name: "CPtyKit", path: "Tests/Support/CPtyKit", cSettings: fastC,
      linkerSettings: [.linkedLibrary("vterm"), .linkedLibrary("util")]),
    .target(
      name: "ScreenTesting", dependencies: ["CPtyKit", "WorkbenchUI"], path: "Tests/Support/ScreenTesting",
      swiftSettings: hot),
    .executableTarget(
      name: "terminal-probe", dependencies: ["Terminal"], path: "Tests/Support/terminal-probe", swiftSettings: hot),
    .executableTarget(
      name: "cortado-fuzz", dependencies: ["QuantEngine", "TestSupport"], path: "Tests/Fuzzing", swiftSettings: hot),
    .testTarget(
      name: "WorkbenchUITests", dependencies: ["WorkbenchUI", "ScreenTesting", "TestSupport"], exclude: ["Goldens"],
      swiftSettings: hot),
    .testTarget(
      name: "TerminalTests", dependencies: ["Terminal", "ScreenTesting", "CPtyKit", "terminal-probe"],
      swiftSettings: hot),
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"], swiftSettings: hot),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors"], swiftSettings: hot),
    .testTarget(
      name: "QuantEngineTests", dependencies: ["QuantEngine", "Writers", "TestSupport"], swiftSettings: hot),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["cortado", "cortado-fuzz", "CaffeFormat", "Tensors", "ScreenTesting", "CPtyKit"],
      swiftSettings: hot),
    .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "CLMDB"], exclude: ["Fixtures"], swiftSettings: hot),
    .testTarget(name: "ArchitectureTests", dependencies: ["Layers", "QuantEngine", "cortado"], swiftSettings: hot),
  ],
  swiftLanguageModes: [.v6]
)
