import Graph
import Kernels
import TestSupport
import Testing

@testable import OctopiEngine

@Suite("Model files")
struct ModelFileTests {
  /// Convolutions of all kinds, two outputs, integers, a float16 constant, and one weight twice.
  private static func network() throws -> Graph {
    var builder = NetworkBuilder(seed: 5)
    let x = builder.input("x")
    let first = try builder.node("Relu", [builder.instanceNorm(builder.convolution(x, 1, 5), 5)])
    let down = try builder.convolution(first, 5, 17, stride: 2), up = try builder.upsampling(down, 17, 5)
    let joined = try builder.node("Concat", [first, up], ["axis": .int(1)])
    let grouped = try builder.node("Conv", [joined, builder.constant([4, 5, 1, 1, 1]), nil], ["group": .int(2)])
    let logits = try builder.convolution(grouped, 4, 3, kernel: 1)
    let shape = builder.integers([0, 3, -1])
    let flat = try builder.node("Reshape", [logits, shape])
    return builder.finish([logits, flat])
  }

  private static func contents() throws -> ModelFileContents {
    let graph = try network()
    var contents = ModelFileContents(
      summary: .init(source: "n.onnx", sha256: "abc", sourceBytes: 12, program: "octopi test", graph: graph), graph: graph)
    contents.windows = [try WindowGraph(graph, size: [8, 10, 12], classes: 3)]
    contents.configuration = "model: {}\n"
    contents.objects = Array("[]".utf8)
    return contents
  }

  /// Of one test case: no two may run on a pool at once.
  private let pool = ThreadPool(threads: 2)

  private static func kernels() throws -> KernelTable { try #require(ISA.available.first).table }

  private func logits(_ window: WindowGraph) throws -> [Float] {
    let session = try WindowSession(window, kernels: Self.kernels(), pool: pool)
    var random = SplitMix64(seed: 3), values = Tensor.normal([8, 10, 12], &random).floats ?? []
    values[0] = 1
    var result: [Float] = [Float](repeating: .nan, count: 3 * 960)
    nonisolated(unsafe) let target = UnsafeMutableBufferPointer<Float>.allocate(capacity: 3 * 960)
    defer { target.deallocate() }
    target.initialize(repeating: .nan)
    try session.predict(
      fill: { planes, span in for i in 0..<planes.count * 120 { span[i] = values[planes.lowerBound * 120 + i] } },
      take: { part, logits in
        part.forEachLogit((10, 12)) { c, voxel, place in target[c * 960 + voxel] = logits[place] }
      })
    for i in result.indices { result[i] = target[i] }
    return result
  }

  @Test func holdsWhatWasPutIn() throws {
    let contents = try Self.contents(), bytes = try contents.bytes()
    let file = try ModelFile(MappedBytes(bytes), file: "m.octopi")
    #expect(file.summary.source == "n.onnx" && file.summary.sha256 == "abc" && file.summary.sourceBytes == 12 && file.summary.program == "octopi test")
    #expect(file.summary.inputs.map(\.name) == ["x"] && file.summary.outputs.count == 2)
    #expect(file.configuration == "model: {}\n" && file.objects == Array("[]".utf8))
    #expect(file.preparedWindows.map(\.size) == [[8, 10, 12]])
    let again = try contents.bytes()
    #expect(again == bytes)
  }

  @Test func wholeGraphIsTheSame() throws {
    let contents = try Self.contents(), graph = try ModelFile(MappedBytes(contents.bytes()), file: "m").graph()
    #expect(graph.values.map(\.name) == contents.graph.values.map(\.name))
    #expect(graph.values.map(\.constant) == contents.graph.values.map(\.constant))
    #expect(graph.nodes.map(\.inputs) == contents.graph.nodes.map { node in node.inputs + node.fill })
    #expect(graph.nodes.map(\.outputs) == contents.graph.nodes.map(\.outputs))
    #expect(graph.outputs == contents.graph.outputs)
  }

  @Test func windowGivesTheSameBits() throws {
    let contents = try Self.contents(), file = try ModelFile(MappedBytes(contents.bytes()), file: "m")
    let window = try #require(try file.window(size: [8, 10, 12], classes: nil))
    #expect(window.classes == 3 && window.output == contents.windows[0].output && window.ignoredOutputs == contents.windows[0].ignoredOutputs)
    #expect(window.graph.values.map(\.type) == contents.windows[0].graph.values.map(\.type))
    #expect(window.graph.values.contains { $0.stored != nil })
    let read = try logits(window), made = try logits(contents.windows[0])
    #expect(read.map(\.bitPattern) == made.map(\.bitPattern))
    #expect(read.contains { $0 != 0 } && !read.contains { $0.isNaN })
    #expect(try file.window(size: [8, 8, 8], classes: nil) == nil)
    #expect(try file.window(size: [8, 10, 12], classes: 4) == nil)
  }

  @Test func tensorsAreStoredOnce() throws {
    var table = TensorTable()
    let a = Tensor(TensorType(.float32, [2, 1, 1, 1, 1]), .floats([1, -0.0])), b = Tensor(TensorType(.float32, [2, 1, 1, 1, 1]), .floats([1, 0]))
    #expect([table.add(a, .rowMajor), table.add(a, .rowMajor), table.add(b, .rowMajor), table.add(a, .convolution)] == [0, 0, 1, 2])
  }

  @Test(
    arguments: [[17, 3, 3, 2, 1], [1, 16, 1, 1, 1], [16, 5, 2, 2, 2], [33, 2, 3]],
    [TensorLayout.convolution, .transposedConvolution, .matrices, .transposedMatrices])
  func blocksOfWeightsAreUndone(shape: [Int], layout: TensorLayout) throws {
    let blocks = try #require(layout.blocks(shape)), values = (0..<shape.reduce(1, *)).map { Float($0 + 1) }
    let blocked = blocks.blocked(values)
    #expect(blocks.rowMajor(blocked) == values)
    #expect(blocked.count % 16 == 0 && blocked.reduce(0, +) == values.reduce(0, +))
  }

  /// Two matrices of 2 rows and 17 columns, written down by hand.
  @Test func matricesLieInBlocksOfColumns() throws {
    let values = (0..<68).map(Float.init)
    func row(_ first: Int, _ count: Int) -> [Float] { values[first..<first + count] + [Float](repeating: 0, count: 16 - count) }
    let want = [0, 34].flatMap { at in [row(at, 16), row(at + 17, 16), row(at + 16, 1), row(at + 33, 1)].flatMap(\.self) }
    #expect(try #require(TensorLayout.matrices.blocks([2, 2, 17])).blocked(values) == want)
    let turned = (0..<68).map { (i: Int) -> Float in
      let matrix = i / 34, place = i % 34
      return values[matrix * 34 + place % 2 * 17 + place / 2]
    }
    #expect(try #require(TensorLayout.transposedMatrices.blocks([2, 17, 2])).blocked(turned) == want)
  }

  /// Constant matrices of every kind of product are multiplied with where they lie, on every instruction set with the bits of the source.
  @Test(arguments: ISA.available)
  func matricesAreReadWhereTheyLie(isa: ISA) throws {
    var builder = NetworkBuilder(seed: 11)
    let x = builder.input("x"), shape = builder.integers([12, 20])
    var rows = try builder.node("Reshape", [x, shape])
    rows = try builder.node("MatMul", [rows, builder.constant([20, 37])])
    rows = try builder.node("Gemm", [rows, builder.constant([50, 37]), builder.constant([50])], ["transB": .int(1)])
    rows = try builder.node("Gemm", [rows, builder.constant([50, 20]), nil], ["alpha": .float(0.5)])
    rows = try builder.node("Reshape", [rows, builder.integers([3, 4, 20])])
    rows = try builder.node("MatMul", [rows, builder.constant([3, 20, 20])])
    let graph = builder.finish([try builder.node("Reshape", [rows, builder.integers([1, 1, 6, 5, 8])])])
    var contents = ModelFileContents(summary: .init(source: "", sha256: "", sourceBytes: 0, program: "", graph: graph), graph: graph)
    contents.windows = [try WindowGraph(graph, size: [6, 5, 8], classes: nil)]
    let file = try ModelFile(MappedBytes(contents.bytes()), file: "m"), window = try #require(try file.window(size: [6, 5, 8], classes: nil))
    #expect(window.graph.values.count { $0.stored != nil } == 3)
    var random = SplitMix64(seed: 2)
    let input = Tensor.normal([1, 1, 6, 5, 8], &random), shapes = [[1, 1, 6, 5, 8]]
    func output(_ graph: Graph, _ plan: (Graph) throws -> Plan) throws -> [Tensor] { try Session(plan(graph), pool: pool).run([input]) }
    let made = try output(window.graph) { try Plan(simplified: $0, kernels: isa.table, pool: pool) }
    let wanted = try output(graph) { try Plan($0, inputShapes: shapes, kernels: isa.table, pool: pool) }
    let whole = try output(file.graph()) { try Plan($0, inputShapes: shapes, kernels: isa.table, pool: pool) }
    #expect(made == wanted && whole == wanted)
    #expect(made[0].doubles.allSatisfy { $0 != 0 })
  }

  @Test(arguments: ElementType.allCases)
  func elementsOfAllTypes(element: ElementType) throws {
    let numbers: [Double] = element == .bool ? [0, 1, 1] : element.isFloatingPoint ? [-1.5, 0.25, 65504] : [1, 100, 127]
    let type = TensorType(element, [3])
    let tensor = element.isFloatingPoint ? Tensor(type, rounding: numbers) : Tensor(type, wrapping: numbers.map { Int64($0) })
    var graph = Graph()
    graph.outputs = [graph.add(Value(name: "c", constant: tensor))]
    let contents = ModelFileContents(summary: .init(source: "", sha256: "", sourceBytes: 0, program: "", graph: graph), graph: graph)
    #expect(try ModelFile(MappedBytes(contents.bytes()), file: "m").graph().values[0].constant == tensor)
  }
}

extension BlockedWeights {
  /// Row-major numbers as a file has them.
  fileprivate func blocked(_ values: [Float]) -> [Float] {
    let storage = FloatStorage(count: count) { write(values, into: $0) }
    return (0..<count).map { storage.pointer[$0] }
  }
}

/// What is damaged is refused with the place named; nothing is believed, and nothing crashes.
@Suite("Damaged model files")
struct DamagedModelFileTests {
  private static func small() throws -> [UInt8] {
    var builder = NetworkBuilder(seed: 7)
    let x = builder.input("x"), graph = builder.finish([try builder.node("Relu", [builder.convolution(x, 1, 2)])])
    var contents = ModelFileContents(summary: .init(source: "s", sha256: "h", sourceBytes: 1, program: "p", graph: graph), graph: graph)
    contents.windows = [try WindowGraph(graph, size: [3, 4, 5], classes: nil)]
    contents.configuration = "model:"
    contents.objects = Array("[]".utf8)
    return try contents.bytes()
  }

  /// Everything that a reader does with a file.
  private static func read(_ bytes: [UInt8]) throws(ModelFileError) {
    let file = try ModelFile(MappedBytes(bytes), file: "m.octopi")
    _ = try file.graph()
    for (size, _) in file.preparedWindows { _ = try file.window(size: size, classes: nil) }
  }

  @Test func aWholeFileIsRead() throws { try Self.read(try Self.small()) }

  @Test func everyTruncationIsRefused() throws {
    let bytes = try Self.small()
    for count in Array(0...600) + Array(stride(from: 601, to: bytes.count, by: 97)) {
      #expect(throws: ModelFileError.self, "\(count) bytes") { try Self.read(Array(bytes[..<count])) }
    }
    #expect(throws: ModelFileError.self) { try Self.read(bytes + [0]) }
  }

  /// One flipped bit in every byte of the header and the directory, and in many of the others.
  @Test func everyFlippedBitIsRefused() throws {
    let bytes = try Self.small()
    for index in Array(0..<640) + Array(stride(from: 640, to: bytes.count, by: 23)) {
      var bad = bytes
      bad[index] ^= 1 << UInt8(index % 8)
      let error = #expect(throws: ModelFileError.self, "byte \(index)") { try Self.read(bad) }
      if index >= 64 { #expect(error?.message.contains("checksum is wrong") == true, "byte \(index): \(error?.message ?? "")") }
    }
  }

  @Test func otherVersionsAndFilesAreNamed() throws {
    var bytes = try Self.small()
    bytes[8] = 3
    let newer = #expect(throws: ModelFileError.self) { try Self.read(bytes) }
    #expect(newer?.message == "'m.octopi' has version 3 of the format, this program reads versions 1 to 2")
    #expect(newer?.remedy?.hasPrefix("use a newer octopi") == true)
    bytes[8] = 0
    let older = #expect(throws: ModelFileError.self) { try Self.read(bytes) }
    #expect(older?.remedy?.hasPrefix("convert the ONNX file again") == true)
    let foreign = #expect(throws: ModelFileError.self) { try Self.read(Array("PK and so on".utf8)) }
    #expect(foreign == .foreign(file: "m.octopi"))
  }

  /// A file that lies, with right checksums: its numbers in turn become absurd.
  @Test func liesWithRightChecksumsAreRefusedOrHarmless() throws {
    let bytes = try Self.small()
    let sections = try ModelFileFormat.sections(MappedBytes(bytes), file: "m")
    var refused = 0
    for section in sections where section.kind != .numbers {
      for offset in section.range where offset % 3 != 1 && section.kind != .configuration && section.kind != .objects {
        let value: UInt8 = offset % 3 == 0 ? 0xFF : 0
        if bytes[offset] == value { continue }
        var bad = bytes
        bad[offset] = value
        do { try Self.read(Self.sealed(bad)) } catch {
          refused += 1
          #expect(error.message.contains("section '"), "\(error.message)")
        }
      }
    }
    #expect(refused > 200)
  }

  /// Two tensors may not lie in the same bytes: a small file could stand for any amount of memory.
  @Test func overlappingTensorsAreRefused() throws {
    var bytes = try Self.small()
    let map = MappedBytes(bytes)
    let section = try #require(try ModelFileFormat.sections(map, file: "m").first { $0.kind == .tensors })
    func offsetPlace(_ entry: Int) -> Int { entry + 6 + 8 * Int(map.integer(at: entry + 2, as: UInt32.self)) }
    let first = section.range.lowerBound + 4, second = offsetPlace(first) + 8
    #expect(map.integer(at: section.range.lowerBound, as: UInt32.self) >= 2)
    bytes.replaceSubrange(offsetPlace(second)..<offsetPlace(second) + 8, with: bytes[offsetPlace(first)..<offsetPlace(first) + 8])
    let error = #expect(throws: ModelFileError.self) { try Self.read(Self.sealed(bytes)) }
    #expect(error?.message.contains("section 'tensors': a tensor of shape") == true && error?.message.contains("overlaps") == true, "\(error?.message ?? "")")
  }

  /// The file with checksums that fit what it says.
  private static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    let map = MappedBytes(bytes), count = Int(map.integer(at: 12, as: UInt32.self)), start = 64 + (count * 32 + 63) / 64 * 64
    func put(_ value: UInt64, at offset: Int) { withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(offset..<offset + 8, with: $0) } }
    for index in 0..<count {
      let at = 64 + index * 32, offset = Int(map.integer(at: at + 8, as: UInt64.self)), length = Int(map.integer(at: at + 16, as: UInt64.self))
      put(map.checksum(offset..<offset + (length + 63) / 64 * 64), at: at + 24)
    }
    put(MappedBytes(bytes).checksum(64..<start), at: 32)
    put(MappedBytes(Array(bytes[..<56]) + [UInt8](repeating: 0, count: 8)).checksum(0..<64), at: 56)
    return bytes
  }

  /// Sections that overlap, leave gaps, reach out of the file, are there twice, or are missing.
  @Test(arguments: [
    (entry: 0, field: 8, value: UInt64(0), place: "it does not begin where the one before it ends"),
    (1, 8, 64, "it does not begin where the one before it ends"),
    (1, 8, .max, "it does not begin where the one before it ends"),
    (0, 16, .max, "it reaches beyond the end of the file"),
    (0, 16, 1 << 62, "it reaches beyond the end of the file"),
    (6, 16, 1, "section 'numbers': its checksum is wrong"),
    (1, 0, 1, "section 'summary': it is there 2 times"),
    (1, 0, 3, "section 'graph': it is missing"),
    (1, 0, 99, "section 1 is of no known kind"),
  ])
  func directoriesThatLie(entry: Int, field: Int, value: UInt64, place: String) throws {
    var bytes = try Self.small()
    let width = field == 0 ? 4 : 8
    withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(64 + entry * 32 + field..<64 + entry * 32 + field + width, with: $0.prefix(width)) }
    let map = MappedBytes(bytes), count = Int(map.integer(at: 12, as: UInt32.self)), start = 64 + (count * 32 + 63) / 64 * 64
    withUnsafeBytes(of: map.checksum(64..<start).littleEndian) { bytes.replaceSubrange(32..<40, with: $0) }
    let header = MappedBytes(Array(bytes[..<56]) + [UInt8](repeating: 0, count: 8)).checksum(0..<64)
    withUnsafeBytes(of: header.littleEndian) { bytes.replaceSubrange(56..<64, with: $0) }
    let error = #expect(throws: ModelFileError.self) { try Self.read(bytes) }
    #expect(error?.message.contains(place) == true, "\(error?.message ?? "")")
  }
}

extension Node {
  /// Absent inputs that reading adds, so that all that an operator has are listed.
  fileprivate var fill: [ValueID?] {
    let most = type(of: operation).declaration.inputs.upperBound
    return most < OperatorDeclaration.many ? [ValueID?](repeating: nil, count: max(0, most - inputs.count)) : []
  }
}
