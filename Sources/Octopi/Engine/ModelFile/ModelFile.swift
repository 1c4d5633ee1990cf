public import Graph

/// A `.octopi` file: a network that is ready to be lowered, its weights where the file is mapped, and what goes with it.
///
///     let model = try ModelFile(bytes, file: "m.octopi")
///     let window = try model.window(size: [96, 96, 96], classes: 3)     // nil: not prepared, take the whole graph
///     let graph = try model.graph()
public struct ModelFile: Sendable {
  /// What a person wants to know of a file.
  public struct Summary: Sendable {
    /// The name of the ONNX file, the hash of its bytes as hexadecimal digits, and their number.
    public let source: String, sha256: String, sourceBytes: Int
    /// What wrote the file, such as `octopi 0.1.0`.
    public let program: String
    /// What the network takes and gives, as the source declares it.
    public let inputs: [Value], outputs: [Value]

    public init(source: String, sha256: String, sourceBytes: Int, program: String, graph: Graph) {
      (self.source, self.sha256, self.sourceBytes, self.program) = (source, sha256, sourceBytes, program)
      inputs = graph.inputs.map { Value(name: graph[$0].name, declared: graph[$0].declared) }
      outputs = graph.outputs.map { Value(name: graph[$0].name, declared: graph[$0].declared) }
    }
  }

  /// The file as the user named it.
  public let file: String
  public let summary: Summary
  /// Of the format, and bytes of the file.
  public let version: Int, byteCount: Int
  /// The model configuration, YAML, as it was given; and the objects, JSON.
  public let configuration: String?, objects: [UInt8]?
  private let bytes: MappedBytes
  private let graphRange: Range<Int>
  private let windows: [(size: [Int], classes: Int, range: Range<Int>)]
  private let tensors: [StoredTensor]

  /// Reads all but the graphs; every byte is checked.
  ///
  /// - file: what messages call it.
  public init(_ bytes: MappedBytes, file: String) throws(ModelFileError) {
    let sections = try ModelFileFormat.sections(bytes, file: file)
    func one(_ kind: ModelFileFormat.Section) throws(ModelFileError) -> Range<Int>? {
      let found = sections.filter { $0.kind == kind }
      guard found.count < 2 else { throw .damaged(file: file, place: kind.name, reason: "it is there \(found.count) times") }
      return found.first?.range
    }
    func needed(_ kind: ModelFileFormat.Section) throws(ModelFileError) -> Range<Int> {
      guard let range = try one(kind) else { throw .damaged(file: file, place: kind.name, reason: "it is missing") }
      return range
    }
    func reader(_ kind: ModelFileFormat.Section, _ range: Range<Int>) -> ByteReader { ByteReader(bytes, range, file: file, place: kind.name) }
    self.file = file
    self.bytes = bytes
    version = Int(bytes.integer(at: 8, as: UInt32.self))
    byteCount = bytes.count
    var summary = reader(.summary, try needed(.summary))
    self.summary = try Summary(&summary)
    graphRange = try needed(.graph)
    var directory = reader(.tensors, try needed(.tensors))
    tensors = try StoredTensor.list(&directory, bytes, in: try needed(.numbers))
    windows = try sections.filter { $0.kind == .window }.map { section throws(ModelFileError) in
      var reader = reader(.window, section.range)
      let (size, classes) = try ModelFile.head(&reader)
      return (size, classes, section.range)
    }
    if let range = try one(.configuration) {
      guard let text = String(validating: bytes.bytes(range), as: UTF8.self) else { throw reader(.configuration, range).damaged("it is not UTF-8") }
      configuration = text
    } else {
      configuration = nil
    }
    objects = try one(.objects).map { bytes.bytes($0) }
  }

  /// Sizes (z, y, x) of windows for which the network is prepared, and the classes that it gives them.
  public var preparedWindows: [(size: [Int], classes: Int)] { windows.map { ($0.size, $0.classes) } }

  /// The network for inputs of any shapes that it accepts.
  public func graph() throws(ModelFileError) -> Graph {
    var reader = ByteReader(bytes, graphRange, file: file, place: ModelFileFormat.Section.graph.name)
    let graph = try GraphReader(tensors: tensors, keepsWeights: false).graph(&reader)
    try reader.finish()
    guard graph.inputs.map({ graph[$0].name }) == summary.inputs.map(\.name), graph.outputs.map({ graph[$0].name }) == summary.outputs.map(\.name) else {
      throw reader.damaged("its inputs and outputs are not those of the summary")
    }
    return graph
  }

  /// The network prepared for windows of a size; nil where the file has no such, or another output than that with `classes` channels.
  public func window(size: [Int], classes: Int?) throws(ModelFileError) -> WindowGraph? {
    guard let section = windows.first(where: { $0.size == size && (classes == nil || $0.classes == classes) }) else { return nil }
    var reader = ByteReader(bytes, section.range, file: file, place: ModelFileFormat.Section.window.name)
    _ = try ModelFile.head(&reader)
    let output = try reader.text()
    let ignored = try reader.list(entryBytes: 4) { (reader) throws(ModelFileError) in try reader.text() }
    let graph = try GraphReader(tensors: tensors, keepsWeights: true).graph(&reader).typed(file: file, place: reader.place)
    try reader.finish()
    guard let window = WindowGraph(graph, size: size, output: output, ignoredOutputs: ignored), window.classes == section.classes else {
      throw reader.damaged("its graph does not map windows of \(size) to \(section.classes) classes")
    }
    return window
  }

  private static func head(_ reader: inout ByteReader) throws(ModelFileError) -> (size: [Int], classes: Int) {
    var numbers: [Int] = []
    for _ in 0..<4 { numbers.append(Int(try reader.integer(UInt32.self))) }
    return (Array(numbers[..<3]), numbers[3])
  }
}

extension ModelFile.Summary {
  fileprivate init(_ reader: inout ByteReader) throws(ModelFileError) {
    source = try reader.text()
    sha256 = try reader.text()
    sourceBytes = try reader.size()
    program = try reader.text()
    func ports(_ reader: inout ByteReader) throws(ModelFileError) -> [Value] {
      try reader.list(entryBytes: 5) { (reader) throws(ModelFileError) in Value(name: try reader.text(), declared: try reader.declaration()) }
    }
    inputs = try ports(&reader)
    outputs = try ports(&reader)
    try reader.finish()
  }

  fileprivate var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.text(source)
    writer.text(sha256)
    writer.size(sourceBytes)
    writer.text(program)
    for ports in [inputs, outputs] {
      writer.count(ports.count)
      for port in ports {
        writer.text(port.name)
        writer.declaration(port.declared)
      }
    }
    return writer.bytes
  }
}

extension StoredTensor {
  /// The tensors of a file; none reaches out of the numbers, and kernels may read beyond each.
  fileprivate static func list(_ reader: inout ByteReader, _ bytes: MappedBytes, in range: Range<Int>) throws(ModelFileError) -> [StoredTensor] {
    let room = range.count - ModelFileFormat.tailBytes
    var end = 0
    let list = try reader.list(entryBytes: 14) { (reader) throws(ModelFileError) in
      let code = try reader.integer(UInt8.self), type = try reader.type(), offset = try reader.size()
      guard let layout = TensorLayout(code: code), layout == .rowMajor || layout.fits(type) else {
        throw reader.damaged("the tensor before byte \(reader.position) cannot lie in order \(code)")
      }
      guard offset % 64 == 0, offset <= room, layout.byteCount(type) <= room - offset else {
        throw reader.damaged("a tensor of shape \(type.shape) at \(offset) reaches out of the numbers")
      }
      guard offset >= end else { throw reader.damaged("a tensor of shape \(type.shape) at \(offset) overlaps the one before it") }
      end = offset + layout.byteCount(type)
      return StoredTensor(type, layout, bytes, at: range.lowerBound + offset)
    }
    try reader.finish()
    return list
  }
}

/// All that a `.octopi` file holds, on the way there.
public struct ModelFileContents: Sendable {
  public var summary: ModelFile.Summary
  public var graph: Graph
  /// Those for which the network shall be ready.
  public var windows: [WindowGraph] = []
  public var configuration: String?
  public var objects: [UInt8]?

  public init(summary: ModelFile.Summary, graph: Graph) {
    self.summary = summary
    self.graph = graph
  }

  /// The file; the same bytes for the same contents.
  public func encoded() throws(ModelFileError) -> EncodedModelFile {
    var writer = GraphWriter(file: summary.source)
    var sections = [EncodedModelFile.Section(.summary, summary.bytes)]
    sections.append(.init(.graph, try writer.bytes(of: graph)))
    for window in windows {
      var head = ByteWriter()
      for number in window.size + [window.classes] { head.count(number) }
      head.text(window.output)
      try head.list(window.ignoredOutputs) { $0.text($1) }
      sections.append(.init(.window, head.bytes + (try writer.bytes(of: window.graph))))
    }
    if let configuration { sections.append(.init(.configuration, Array(configuration.utf8))) }
    if let objects { sections.append(.init(.objects, objects)) }
    sections.append(.init(.tensors, writer.tensors.directory))
    sections.append(writer.tensors.numbers)
    return EncodedModelFile(sections)
  }

  /// The bytes of the file.
  public func bytes() throws(ModelFileError) -> [UInt8] { try encoded().bytes }
}
