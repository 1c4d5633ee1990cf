public import OctopiEngine

/// An ONNX file, and what goes with it, on the way to one `.octopi` file: `octopi convert`.
///
///     let conversion = try ModelConversion(request)           // all is computed, nothing written
///     let bytes = try conversion.write(to: "m.octopi", outputs, existing: .refuse)
public struct ModelConversion: Sendable {
  public struct Request: Sendable, Hashable {
    public let model: String
    /// The model configuration, as typed.
    public var configuration: String?
    /// A project's configuration, whose objects go along.
    public var objects: String?
    /// Edge of the window, where no configuration says it.
    public var size: Int?

    public init(model: String) { self.model = model }
  }

  public let contents: ModelFileContents
  /// What a person should know although the file is whole.
  public let warnings: [Warning]

  /// The window for which the file is ready: its sizes (z, y, x) and classes; nil without any.
  public var window: (size: [Int], classes: Int)? { contents.windows.first.map { ($0.size, $0.classes) } }

  /// - Throws: `ModelConversionError`, what `NetworkFile`, `ModelConfiguration` and `CopickConfiguration` throw, `NetworkError`.
  public init(_ request: Request) throws {
    let network = try NetworkFile(path: request.model)
    guard network.converted == nil else { throw ModelConversionError.converted(request.model) }
    let configuration = try request.configuration.map { try ModelConfiguration(contentsOf: $0) }
    if let size = request.size, let configuration, configuration.roi.axes != [size, size, size] {
      throw ModelConversionError.size(size, configuration: configuration.file, roi: configuration.roi.axes)
    }
    let graph = try network.graph, digest = try SHA256.digest(ofFile: request.model)
    var warnings: [Warning] = []
    var contents = ModelFileContents(
      summary: ModelFile.Summary(
        source: OutputPath(request.model).name, sha256: digest, sourceBytes: try InputFile.size(of: request.model),
        program: "octopi \(ProgramVersion.text)", graph: graph),
      graph: graph)
    if let size = configuration?.roi.axes ?? request.size.map({ [$0, $0, $0] }) ?? network.fixedWindow {
      do {
        let window = try network.window(size: size, classes: network.outputs.count > 1 ? configuration?.classes : nil)
        try configuration?.check(model: request.model, channels: window.classes)
        contents.windows = [window]
      } catch let error as EngineError {
        if let file = configuration?.file { throw NetworkError(model: request.model, configuration: file, error) }
        if request.size != nil { throw NetworkError(model: request.model, configuration: nil, error) }
        warnings.append(Warning("'\(request.model)': no window is prepared: \(error.message)"))
      }
    } else {
      warnings.append(
        Warning("'\(request.model)' has no fixed size: no window is prepared", remedy: "give --model-config or --size, then the file loads in milliseconds"))
    }
    if let path = request.configuration { contents.configuration = try ModelConfiguration.text(of: path) }
    if let path = request.objects {
      let objects = try CopickConfiguration(file: path).objects
      contents.objects = Array(PythonJSON.text(CopickConfiguration.json(objects)).utf8)
      for label in configuration?.labels ?? [] where !objects.contains(where: { isSameText($0.name, label.name) }) {
        warnings.append(Warning("label '\(label.name)' is no object of '\(path)'"))
      }
    }
    self.contents = contents
    self.warnings = warnings
  }

  /// Writes the file, the same bytes for the same inputs. Returns their number.
  public func write(to path: String, _ outputs: Outputs, existing: Outputs.Existing) throws -> Int {
    let encoded = try contents.encoded(), file = try outputs.file(at: path, existing: existing)
    try encoded.write { (bytes, offset) throws(OutputError) in try file.write(bytes.span, at: offset) }
    try file.commit()
    return encoded.count
  }
}

/// A conversion that makes no sense.
public enum ModelConversionError: Error, Sendable, Hashable {
  case converted(String)
  case size(Int, configuration: String, roi: [Int])
}

extension ModelConversionError: Failure {
  public var kind: FailureKind {
    switch self {
    case .converted: .damaged
    case .size: .usage
    }
  }

  public var message: String {
    switch self {
    case .converted(let path): "'\(path)' is converted already"
    case .size(let size, let file, let roi): "--size \(size) and the window \(roi) of '\(file)' contradict each other"
    }
  }

  public var remedy: String? {
    switch self {
    case .converted: "to change what goes along, convert the ONNX file again"
    case .size: "leave --size out: the configuration says the window"
    }
  }
}

extension NetworkFile {
  /// The window that the file fixes, of one image and one channel; nil where it leaves a size open.
  var fixedWindow: [Int]? {
    guard inputs.count == 1, let shape = inputs[0].declared?.shape, shape.count == 5 else { return nil }
    let sizes = shape[2...].compactMap { if case .known(let length) = $0 { length } else { nil } }
    return sizes.count == 3 ? sizes : nil
  }

  /// The objects that were given to `octopi convert`; nil without any.
  public var objects: [CopickConfiguration.Object]? {
    get throws { try converted?.objects.map { try CopickConfiguration.objects(json: $0, file: path) } }
  }
}
