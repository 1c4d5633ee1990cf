import Foundation
import Graph
import ONNXImport

/// A folder in ONNX's test layout: a network, and what it gives for recorded inputs.
///
///     folder/model.onnx or model.octopi
///           /tolerance.json                        optional: {"rtol": 1e-3, "atol": 1e-7}
///           /test_data_set_0/input_0.pb, ..., output_0.pb, ...
public struct ModelTest: Sendable, Hashable {
  /// As the user named it, with the names below.
  public let folder: String
  /// Its networks; all must give the recorded outputs.
  public let models: [String]

  private static let modelNames = ["model.onnx", "model.octopi"]
  /// Folders within folders that are looked into.
  private static let deepest = 6

  /// The tests at `path`: the folder itself, or all in folders below it, in the order of their names; or one model file in such a folder.
  ///
  /// - Throws: `InputError` if there is nothing, or no test.
  public static func find(at path: String) throws(InputError) -> [ModelTest] {
    if try InputFile.isFile(path) { return [ModelTest(folder: OutputPath(path).folder, models: [path])] }
    guard try InputFile.isFolder(path) else { throw .missing(what: "folder", path: path, remedy: "give a folder with model.onnx and test_data_set_0") }
    let tests = try find(in: OutputPath(path).text.isEmpty ? "/" : OutputPath(path).text, depth: 0)
    guard !tests.isEmpty else {
      throw .missing(what: "model.onnx or model.octopi in", path: path, remedy: "a test is a folder with model.onnx and test_data_set_0; see 'octopi verify --help'")
    }
    return tests
  }

  private static func find(in folder: String, depth: Int) throws(InputError) -> [ModelTest] {
    let names = try InputFile.names(in: folder) ?? []
    let models = modelNames.filter(names.contains).map { folder + "/" + $0 }
    if !models.isEmpty { return [ModelTest(folder: folder, models: models)] }
    var tests: [ModelTest] = []
    for name in names where depth < deepest && !name.hasPrefix(".") {
      let path = folder + "/" + name
      if try InputFile.isFolder(path) { tests += try find(in: path, depth: depth + 1) }
    }
    return tests
  }

  /// What came of a test.
  public struct Outcome: Sendable {
    /// The output that is farthest off, of all data sets and models.
    public var worst: Difference?
    /// Why the test could not be run to its end.
    public var error: (any Failure)?
    public var seconds = 0.0

    public var isPassed: Bool { error == nil && worst.map(\.comparison.isWithin) ?? false }
    /// The network lacks nothing but an operator or a type.
    public var isUnsupported: Bool { error?.kind == .unsupported }
  }

  /// One computed output beside the recorded one.
  public struct Difference: Sendable {
    public let model: String
    public let dataSet: String
    public let output: String
    public let comparison: TensorComparison
    public let tolerance: Tolerance

    /// The largest difference as a share of the largest expected magnitude; infinite where only zeros were expected.
    public var relative: Double {
      comparison.largestDifference == 0 ? 0 : comparison.largestDifference / comparison.largestExpected
    }

    fileprivate func isWorse(than other: Difference) -> Bool {
      comparison.isWithin != other.comparison.isWithin ? !comparison.isWithin : relative > other.relative
    }
  }

  /// Runs all models on all data sets.
  ///
  /// - tolerance: nil for the folder's `tolerance.json`, or the standard one.
  public func run(kernels: JobKernels, pool: JobThreads, options: NetworkOptions, tolerance: Tolerance? = nil) -> Outcome {
    var outcome = Outcome()
    let start = ContinuousClock.now
    do {
      let tolerance = try tolerance ?? recordedTolerance()
      let sets = try dataSets()
      for model in models {
        let network = try NetworkFile(path: model)
        let runner = ModelRunner(try network.graph, kernels: kernels, pool: pool, options: options)
        for set in sets {
          for difference in try differences(network, runner, set, tolerance) where outcome.worst.map(difference.isWorse) ?? true {
            outcome.worst = difference
          }
        }
      }
    } catch let error as any Failure {
      outcome.error = error
    } catch {
      outcome.error = ModelTestError.unexpected(folder: folder, reason: "\(error)")
    }
    outcome.seconds = (ContinuousClock.now - start) / .seconds(1)
    return outcome
  }

  private func differences(
    _ network: NetworkFile, _ runner: ModelRunner, _ set: String, _ tolerance: Tolerance?
  ) throws -> [Difference] {
    let names = try InputFile.names(in: set) ?? []
    let graph = try network.graph
    let inputs = try tensors("input", names, in: set), expected = try tensors("output", names, in: set)
    guard !expected.isEmpty else { throw ModelTestError.noOutputs(set: set) }
    guard inputs.count == graph.inputs.count, expected.count <= graph.outputs.count else {
      throw ModelTestError.counts(
        set: set, inputs: inputs.count, of: graph.inputs.map { graph[$0].name }, outputs: expected.count, graph.outputs.map { graph[$0].name })
    }
    let computed = try runner.run(inputs)
    return try zip(zip(computed, expected), graph.outputs).map { pair, id in
      let (computed, expected) = pair, name = graph[id].name
      guard computed.type == expected.type else {
        throw ModelTestError.type(model: network.path, output: name, computed: ModelTest.text(computed.type), expected: ModelTest.text(expected.type), set: set)
      }
      let tolerance = tolerance ?? .standard(isHalf: expected.element.isHalf || graph.holdsHalf)
      return Difference(
        model: network.path, dataSet: set, output: name, comparison: TensorComparison(computed, expected: expected, tolerance), tolerance: tolerance)
    }
  }

  private static func text(_ type: TensorType) -> String { "\(type.element.onnxName) \(type.shape)" }

  /// `role_0.pb`, `role_1.pb`, ...
  private func tensors(_ role: String, _ names: [String], in set: String) throws(ImportError) -> [Tensor] {
    var tensors: [Tensor] = []
    while names.contains("\(role)_\(tensors.count).pb") { tensors.append(try ONNXImport.tensor(path: "\(set)/\(role)_\(tensors.count).pb").tensor) }
    return tensors
  }

  private func dataSets() throws -> [String] {
    let prefix = "test_data_set_"
    let names = (try InputFile.names(in: folder) ?? []).filter { $0.hasPrefix(prefix) }
    guard !names.isEmpty else { throw ModelTestError.noData(folder: folder) }
    return names.sorted { (Int($0.dropFirst(prefix.count)) ?? .max, $0) < (Int($1.dropFirst(prefix.count)) ?? .max, $1) }.map { folder + "/" + $0 }
  }

  private struct ToleranceFile: Decodable {
    let rtol: Double?, atol: Double?
  }

  private func recordedTolerance() throws -> Tolerance? {
    let path = folder + "/tolerance.json"
    guard try InputFile.isFile(path) else { return nil }
    let bytes = try InputFile.bytes(of: path, what: "tolerance", limit: 1 << 16)
    guard let file = try? JSONDecoder().decode(ToleranceFile.self, from: Data(bytes)) else {
      throw InputError.damaged(path: path, reason: " is no tolerance", remedy: #"write {"rtol": 1e-3, "atol": 1e-7}, or delete the file"#)
    }
    return .elementwise(absolute: file.atol ?? Tolerance.standardAbsolute, relative: file.rtol ?? Tolerance.standardRelative)
  }
}

extension ElementType {
  /// Floating point of 16 bits.
  var isHalf: Bool { self == .float16 || self == .bfloat16 }
}

extension Graph {
  /// Some input, output or constant is floating point of 16 bits, so that the network was meant to compute in it.
  var holdsHalf: Bool { values.contains { ($0.declared?.element ?? $0.type?.element)?.isHalf ?? false } }
}

/// Why a test could not be run.
public enum ModelTestError: Error, Sendable, Hashable {
  case noData(folder: String)
  case noOutputs(set: String)
  /// The files of a data set are not those of the model.
  case counts(set: String, inputs: Int, of: [String], outputs: Int, [String])
  /// An output is not of the recorded type and shape.
  case type(model: String, output: String, computed: String, expected: String, set: String)
  case unexpected(folder: String, reason: String)
}

extension ModelTestError: Failure {
  public var kind: FailureKind { if case .unexpected = self { .defect } else { .damaged } }

  public var message: String {
    switch self {
    case .noData(let folder): "'\(folder)' has no test_data_set_0"
    case .noOutputs(let set): "'\(set)' has no output_0.pb"
    case .counts(let set, let inputs, let inputNames, let outputs, let outputNames):
      "'\(set)' has \(inputs) inputs and \(outputs) outputs, the model \(inputNames.count) (\(inputNames.joined(separator: ", "))) and "
        + "\(outputNames.count) (\(outputNames.joined(separator: ", ")))"
    case .type(let model, let output, let computed, let expected, let set):
      "output '\(output)' of '\(model)' is \(computed), in '\(set)' it is \(expected)"
    case .unexpected(let folder, let reason): "'\(folder)': \(reason)"
    }
  }

  public var remedy: String? {
    switch self {
    case .noData, .noOutputs: "inputs lie in test_data_set_0/input_0.pb, ..., what the model must give in output_0.pb, ..."
    case .counts: "give one input_N.pb for each input of the model, in its order"
    case .type: "record the outputs again with the model that lies in the folder"
    case .unexpected: "this is a defect: please report it with the folder"
    }
  }
}
