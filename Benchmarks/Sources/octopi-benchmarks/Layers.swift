import ArgumentParser
import Foundation
import Graph
import Kernels
import Octopi
import OctopiEngine

/// `layers`: every convolution of the files, by itself.
struct Layers: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time convolutions, one a line of the files, with GFLOP/s and shares of the peaks.",
    discussion: "A line: kind (conv, transposed), channels in and out, size of the input, kernel, stride, groups, how often. # begins a comment.")

  @Argument(help: "Files with layers; without: Benchmarks/Shapes/*.txt.") var files: [String] = []
  @Flag(help: "Direct convolution only.") var exact = false
  @OptionGroup var common: Common

  func run() throws {
    let files = try files.isEmpty ? Layers.shapeFiles() : files
    let kernels = try JobKernels.forJob(), pool = common.pool, bandwidth = kernels.measuredReadBandwidth(on: pool)
    print("\(kernels.name), \(pool.threads) threads; bandwidth \(decimals(bandwidth / 1e9)) GB/s\n")
    for file in files {
      print("\n\(file)\n\n| layer | kernel | best ms | GFLOP/s | of peak | of bandwidth |\n|---|---|---|---|---|---|")
      for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
        guard let layer = Layer(line) else { throw ValidationError("\(file): '\(line)' is no layer") }
        try show(layer, kernels, pool, bandwidth)
      }
    }
  }

  /// The convolution's own step; packing of its input is not counted.
  private func show(_ layer: Layer, _ kernels: JobKernels, _ pool: JobThreads, _ bandwidth: Double) throws {
    let result = try NetworkBenchmark(
      try layer.graph(), inputShapes: [layer.inputShape], rounds: common.rounds, options: NetworkOptions(exact: exact), kernels: kernels, pool: pool)
    let steps = result.layers.filter { $0.step.flops > 0 }, seconds = steps.reduce(0) { $0 + $1.seconds }
    let rate = result.flops / seconds, bytes = steps.reduce(0) { $0 + $1.step.bytes } / seconds
    let kernel = steps.map(\.step.kernel).joined(separator: " + ")
    print(
      "| \(layer.text) | \(kernel) | \(decimals(1e3 * seconds, 2)) | \(decimals(rate / 1e9, 0)) | \(decimals(100 * rate / result.peak, 0)) % "
        + "| \(decimals(100 * bytes / bandwidth, 0)) % |")
  }

  private static func shapeFiles() throws -> [String] {
    var folder = URL(filePath: FileManager.default.currentDirectoryPath)
    while folder.path != "/" {
      let shapes = folder.appending(path: "Benchmarks/Shapes").path
      if let names = try? FileManager.default.contentsOfDirectory(atPath: shapes) { return names.filter { $0.hasSuffix(".txt") }.sorted().map { "\(shapes)/\($0)" } }
      folder.deleteLastPathComponent()
    }
    throw ValidationError("Benchmarks/Shapes is not above the current folder: name the files")
  }
}

/// One convolution as a line says it.
struct Layer {
  let text: String
  private let isTransposed: Bool
  private let input: Int, output: Int, groups: Int
  private let size: [Int], kernel: [Int], stride: [Int]

  init?(_ line: Substring) {
    let words = line.split(separator: " ")
    guard words.count >= 7, ["conv", "transposed"].contains(words[0]), let input = Int(words[1]), let output = Int(words[2]), let groups = Int(words[6]) else {
      return nil
    }
    let axes = words[3...5].map { $0.split(separator: "x").compactMap { Int($0) } }
    let numbers = [input, output, groups] + axes.flatMap(\.self)
    guard axes.allSatisfy({ $0.count == 3 }), numbers.allSatisfy((1...4096).contains), input % groups == 0, output % groups == 0 else { return nil }
    (isTransposed, self.input, self.output, self.groups) = (words[0] == "transposed", input, output, groups)
    (size, kernel, stride) = (axes[0], axes[1], axes[2])
    text = words.prefix(7).joined(separator: " ")
  }

  var inputShape: [Int] { [1, input] + size }

  /// A graph of this layer alone, with weights of size 1 / sqrt(inputs) and padding that keeps a size of stride 1.
  func graph() throws -> Graph {
    let name = isTransposed ? "ConvTranspose" : "Conv"
    let pads = zip(kernel, stride).map { $0 > $1 || $1 == 1 ? ($0 - 1) / 2 : 0 }
    var attributes: [String: Attribute] = [
      "strides": .ints(stride.map { Int64($0) }), "pads": .ints((pads + pads).map { Int64($0) }), "group": .int(Int64(groups)),
    ]
    if isTransposed { attributes["output_padding"] = .ints(stride.indices.map { Int64(kernel[$0] > stride[$0] ? stride[$0] - 1 : 0) }) }
    guard let declaration = Operators.declaration(of: name), let opset = declaration.opsets.last else { throw ValidationError("\(name) is not declared") }
    let operation = try declaration.make(AttributeReader(node: name, opset: opset, inputCount: 2, outputCount: 1, attributes: attributes))
    let shape = (isTransposed ? [input, output / groups] : [output, input / groups]) + kernel
    let scale = 1 / Float(input * kernel.reduce(1, *)).squareRoot()
    let weights = (0..<shape.reduce(1, *)).map { Float(($0 * 7919) % 2001 - 1000) / 1000 * scale }

    var graph = Graph()
    let x = graph.add(Value(name: "x", declared: (.float32, inputShape.map(Dimension.known))))
    let w = graph.add(Value(name: "w", constant: Tensor(TensorType(.float32, shape), .floats(weights)))), y = graph.add(Value(name: "y"))
    (graph.inputs, graph.outputs) = ([x], [y])
    var inputs: [ValueID?] = [x, w]
    inputs += [ValueID?](repeating: nil, count: declaration.inputs.upperBound - 2)
    graph.nodes = [Node(name: name, operation: operation, inputs: inputs, outputs: [y])]
    return graph
  }
}
