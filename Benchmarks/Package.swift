// swift-tools-version:6.2
// A package of its own, so that whoever uses the library does not build this. Times are taken by the library itself
// (`NetworkBenchmark`), which measures the peak of the machine between them; a framework for micro-benchmarks could not.
import PackageDescription

let package = Package(
  name: "octopi-benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [
    .package(name: "octopi", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
  ],
  targets: [
    .executableTarget(
      name: "octopi-benchmarks",
      dependencies: [.product(name: "Octopi", package: "octopi"), .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: [.swiftLanguageMode(.v6)]),
  ]
)
