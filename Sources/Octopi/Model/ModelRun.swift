public import Graph

/// One forward pass of a network from files to files.
public struct ModelRun: Sendable {
  public let network: NetworkFile
  /// In the order of the network.
  public let inputs: [Tensor]
  /// Inputs whose numbers were of another type than the network's.
  public let warnings: [Warning]

  /// Reads the inputs.
  ///
  /// - files: `NAME=path`, or the path alone for a network with one input.
  /// - Throws: `ModelRunError`, and what `TensorFile` throws.
  public init(_ network: NetworkFile, files: [String]) throws {
    self.network = network
    let names = network.inputs.map(\.name)
    var paths: [String: String] = [:]
    for file in files {
      let (name, path) = try ModelRun.split(file, names, model: network.path)
      guard paths.updateValue(path, forKey: name) == nil else { throw ModelRunError.twice(input: name) }
    }
    let missing = names.filter { paths[$0] == nil }
    guard missing.isEmpty else { throw ModelRunError.missing(inputs: missing.map { network.description(ofInput: $0) }, model: network.path) }
    var inputs: [Tensor] = [], warnings: [Warning] = []
    for input in network.inputs {
      let name = input.name, path = paths[name] ?? "", tensor = try TensorFile.tensor(path: path)
      let element = input.declared?.element ?? tensor.element
      guard let converted = tensor.converted(to: element) else {
        throw ModelRunError.type(input: name, path: path, found: tensor.element.onnxName, wanted: element.onnxName)
      }
      if tensor.element != element {
        warnings.append(Warning("'\(path)' holds \(tensor.element.onnxName), input '\(name)' takes \(element.onnxName): converted"))
      }
      inputs.append(converted)
    }
    self.inputs = inputs
    self.warnings = warnings
  }

  /// `NAME=path` for the longest name that fits, since names may have `=` in them.
  private static func split(_ file: String, _ names: [String], model: String) throws(ModelRunError) -> (name: String, path: String) {
    if let name = names.filter({ file.hasPrefix($0 + "=") }).max(by: { $0.count < $1.count }) { return (name, String(file.dropFirst(name.count + 1))) }
    if names.count == 1, let name = names.first, !file.contains("=") { return (name, file) }
    throw .unknown(input: String(file.prefix { $0 != "=" }), names: names, model: model)
  }

  /// Paths of the outputs in a folder, in the order of the network: each named as the output, but for what no file can be called.
  public func outputPaths(in folder: String) -> [String] {
    var taken: Set<String> = []
    return network.outputs.enumerated().map { index, output in
      var name = ModelRun.fileName(output.name)
      if name.isEmpty { name = "output_\(index)" }
      while !taken.insert(name.lowercased()).inserted { name += "_" }
      return OutputPath(folder).child(name + ".npy")
    }
  }

  /// At most 200 bytes without slashes, control characters and a dot at the start.
  private static func fileName(_ name: String) -> String {
    var text = "", bytes = 0
    for scalar in name.unicodeScalars {
      bytes += scalar.utf8.count
      if bytes > 200 { break }
      let isForbidden = scalar == "/" || scalar == "\\" || scalar == ":" || scalar.value < 0x20 || scalar.value == 0x7F
      text.unicodeScalars.append(isForbidden ? "_" : scalar)
    }
    return text.hasPrefix(".") ? "_" + text.dropFirst() : text
  }
}

extension NetworkFile {
  /// `'x' float [1, 1, ?, ?, ?]`.
  func description(ofInput name: String) -> String {
    guard let input = inputs.first(where: { $0.name == name }) else { return "'\(name)'" }
    return "'\(name)' " + TypeText.declared(input)
  }
}

/// Types as people read them.
public enum TypeText {
  /// Type and shape that a file declares: `float [batch, 1, 96, 96, 96]`.
  public static func declared(_ value: Value) -> String {
    guard let declared = value.declared else { return "of unknown type" }
    let shape = declared.shape.map { dimensions in
      "[" + dimensions.map { dimension in
        switch dimension {
        case .known(let length): "\(length)"
        case .named(let name): name
        case .unknown: "?"
        }
      }.joined(separator: ", ") + "]"
    }
    return "\(declared.element.onnxName) \(shape ?? "of any shape")"
  }
}

/// Files that are no inputs of a network.
public enum ModelRunError: Error, Sendable, Hashable {
  case unknown(input: String, names: [String], model: String)
  case missing(inputs: [String], model: String)
  case twice(input: String)
  case type(input: String, path: String, found: String, wanted: String)
}

extension ModelRunError: Failure {
  public var kind: FailureKind {
    switch self {
    case .unknown, .missing, .twice: .usage
    case .type: .damaged
    }
  }

  public var message: String {
    switch self {
    case .unknown(let input, _, let model): "'\(model)' has no input '\(input)'"
    case .missing(let inputs, let model): "'\(model)' needs \(inputs.count == 1 ? "input" : "inputs") \(inputs.joined(separator: ", "))"
    case .twice(let input): "input '\(input)' is given twice"
    case .type(let input, let path, let found, let wanted): "'\(path)' holds \(found), which cannot become the \(wanted) of input '\(input)'"
    }
  }

  public var remedy: String? {
    switch self {
    case .unknown(let input, let names, _):
      (closestNames(to: input, in: names, limit: 1).first.map { "did you mean '\($0)'? " } ?? "") + "its inputs: \(names.joined(separator: ", "))"
    case .missing: "give each one: --input NAME=file.npy"
    case .twice: "give it once"
    case .type: "save the array with the type that the network takes"
    }
  }
}
