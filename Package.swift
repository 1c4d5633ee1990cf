// swift-tools-version:6.2
// The kernels are written once, in Sources/Kernels/Source; each ISA target reaches them through a symbolic link and compiles
// them with its own flags. Sources/Octopi and Sources/octopi differ in case only: both list their folders, so that a checkout on a
// case-insensitive file system, which merges them, still builds (Scripts/check_case_merge.sh).
import PackageDescription

let swift6: [SwiftSetting] = [.swiftLanguageMode(.v6)]

#if arch(x86_64)
let isas: [(name: String, flags: [String])] = [
  ("Portable", []), ("AVX2", ["-Xcc", "-march=x86-64-v3"]), ("AVX512", ["-Xcc", "-march=x86-64-v4", "-Xcc", "-mprefer-vector-width=512"]),
]
#elseif arch(arm64)
let isas: [(name: String, flags: [String])] = [("Portable", []), ("NEON", [])]
#else
let isas: [(name: String, flags: [String])] = [("Portable", [])]
#endif

func systemLibrary(_ name: String, _ pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

let package = Package(
  name: "octopi",
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "Octopi", targets: ["Octopi"]),
    .executable(name: "octopi", targets: ["OctopiCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
  ],
  targets: [
    systemLibrary("CProtobufC", "libprotobuf-c", apt: "libprotobuf-c-dev", brew: "protobuf-c"),
    systemLibrary("CBlosc", "blosc", apt: "libblosc-dev", brew: "c-blosc"),
    systemLibrary("CZstd", "libzstd", apt: "libzstd-dev", brew: "zstd"),
    systemLibrary("CZlib", "zlib", apt: "zlib1g-dev", brew: "zlib"),
    systemLibrary("CPNG", "libpng", apt: "libpng-dev", brew: "libpng"),
    .systemLibrary(name: "CMalloc", path: "Sources/System/CMalloc"),
    .systemLibrary(name: "CRename", path: "Sources/System/CRename"),
    .target(name: "COnnxProto", dependencies: ["CProtobufC"], path: "Sources/System/COnnxProto", exclude: ["onnx.proto"]),

    .target(name: "Graph", exclude: ["Operators/README.md"], swiftSettings: swift6),
    .target(
      name: "ONNXImport",
      dependencies: ["Graph", "COnnxProto", "CProtobufC", .product(name: "SystemPackage", package: "swift-system")], swiftSettings: swift6),

    .target(name: "CCPU", path: "Sources/Kernels/CPU"),
    .target(name: "CVector", path: "Sources/Kernels/CVector"),
    .target(name: "KernelTable", path: "Sources/Kernels/Table", swiftSettings: swift6),
    .target(
      name: "Kernels", dependencies: ["CCPU", "KernelTable"] + isas.map { .target(name: "Kernels\($0.name)") },
      path: "Sources/Kernels/Dispatch", swiftSettings: swift6),

    .target(
      name: "OctopiEngine", dependencies: ["Graph", "ONNXImport", "Kernels"], path: "Sources/Octopi/Engine", exclude: ["README.md"], swiftSettings: swift6),
    .target(
      name: "Octopi",
      dependencies: [
        "OctopiEngine", "Graph", "ONNXImport", "Kernels", "CBlosc", "CMalloc", "CZstd", "CZlib", "CPNG", "CRename", "Yams",
        .product(name: "DequeModule", package: "swift-collections"), .product(name: "OrderedCollections", package: "swift-collections"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/Octopi", exclude: ["Engine"] + ["Copick", "Evaluate", "Localize", "Pick", "Preview", "Segment", "Support", "Volume", "Zarr"].map { "\($0)/README.md" },
      sources: ["Volume", "Zarr", "Copick", "Segment", "Localize", "Extract", "Pick", "Evaluate", "Model", "Info", "Report", "Preview", "Support"],
      resources: [.embedInCode("PreviewPage/page.js"), .embedInCode("PreviewPage/page.css")],
      swiftSettings: swift6),
    .executableTarget(
      name: "OctopiCommand",
      dependencies: [
        "Octopi", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "SystemPackage", package: "swift-system"),
      ],
      path: "Sources/octopi", sources: ["Commands", "Terminal"], swiftSettings: swift6),

    .target(name: "TestSupport", path: "Tests/Support", swiftSettings: swift6),
    .testTarget(name: "GraphTests", dependencies: ["Graph", "TestSupport"], swiftSettings: swift6),
    .testTarget(name: "ONNXImportTests", dependencies: ["ONNXImport", "Graph", "TestSupport"], swiftSettings: swift6),
    .target(name: "CLibm", path: "Tests/CLibm"),
    .target(name: "KernelChecks", dependencies: ["KernelTable", "CLibm", "TestSupport"], path: "Tests/KernelChecks", swiftSettings: swift6),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels", "KernelChecks", "TestSupport"], swiftSettings: swift6),
    .testTarget(name: "EngineTests", dependencies: ["OctopiEngine", "ONNXImport", "TestSupport"], swiftSettings: swift6),
    .executableTarget(name: "OutputHolder", dependencies: ["Octopi"], path: "Tests/OutputHolder", swiftSettings: swift6),
    .executableTarget(name: "PreviewCheck", path: "Tests/PreviewCheck", swiftSettings: swift6),
    .testTarget(
      name: "OctopiTests", dependencies: ["Octopi", "OutputHolder", "TestSupport", .product(name: "Subprocess", package: "swift-subprocess")],
      swiftSettings: swift6),
    .testTarget(
      name: "CommandTests", dependencies: ["OctopiCommand", "TestSupport", .product(name: "Subprocess", package: "swift-subprocess")],
      swiftSettings: swift6),
  ] + isas.map { isa in
    .target(
      name: "Kernels\(isa.name)", dependencies: ["KernelTable", "CVector"], path: "Sources/Kernels/\(isa.name)",
      swiftSettings: swift6 + [.unsafeFlags(["-Ounchecked"] + isa.flags), .define("ISA_\(isa.name.uppercased())")])
  }
)
