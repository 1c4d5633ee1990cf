import Graph
import ONNXImport
import TestSupport
import Testing

@Suite("Functions and inner graphs")
struct FunctionTests {
  /// `scaled(v) = v * alpha + v`, called twice; the second call is nested in a function of its own.
  @Test func inlinesFunctions() throws {
    let scaled = ONNXFunction(
      "Scaled", domain: "own", inputs: ["v"], outputs: ["r"], attributes: ["alpha"],
      [
        ONNXNode("Constant", [], ["k"], ["value_float": .reference("alpha", type: 1)]), ONNXNode("Mul", ["v", "k"], ["m"]),
        ONNXNode("Add", ["m", "v"], ["r"]),
      ])
    let outer = ONNXFunction(
      "Outer", domain: "own", inputs: ["v", "unused"], outputs: ["r"], [ONNXNode("Scaled", ["v"], ["r"], ["alpha": .float(3)], domain: "own")])
    let model = Examples.chain(
      [
        ONNXNode("Scaled", ["x"], ["m"], ["alpha": .float(2)], name: "first", domain: "own"),
        ONNXNode("Outer", ["m"], ["y"], name: "second", domain: "own"),
      ], functions: [scaled, outer], domains: ["own"])
    let graph = try ONNXImport.load(bytes: model.bytes)
    #expect(graph.operations == ["Mul", "Add", "Mul", "Add"])
    #expect(graph.nodes[0].name == "first/Mul(m)")
    #expect(graph.outputs.map { graph[$0].name } == ["y"])
    #expect(try graph([1]) == [12])
  }

  @Test func refusesFunctionsThatCallThemselves() throws {
    let loop = ONNXFunction("Loop", domain: "own", inputs: ["v"], outputs: ["r"], [ONNXNode("Loop", ["v"], ["r"], domain: "own")])
    let model = Examples.chain([ONNXNode("Loop", ["x"], ["y"], domain: "own")], functions: [loop], domains: ["own"])
    let error = #expect(throws: ImportError.self) { try ONNXImport.load(bytes: model.bytes) }
    #expect(error?.message.contains("functions call themselves") == true)
  }

  /// Each of twelve functions calls the one before ten times: a few kilobytes that mean 10^12 nodes.
  @Test func refusesFunctionsThatMultiply() throws {
    var functions = [ONNXFunction("F0", domain: "own", inputs: ["v"], outputs: ["r"], [ONNXNode("Neg", ["v"], ["r"])])]
    for level in 1...12 {
      let calls = (0..<10).map { ONNXNode("F\(level - 1)", [$0 == 0 ? "v" : "t\($0)"], [$0 == 9 ? "r" : "t\($0 + 1)"], domain: "own") }
      functions.append(ONNXFunction("F\(level)", domain: "own", inputs: ["v"], outputs: ["r"], calls))
    }
    let model = Examples.chain([ONNXNode("F12", ["x"], ["y"], domain: "own")], functions: functions, domains: ["own"])
    let error = #expect(throws: ImportError.self) { try ONNXImport.load(bytes: model.bytes) }
    #expect(error?.message.contains("more nodes than a file of this size") == true)
  }

  /// `y = c ? x + w : -x`; both branches read names from around them.
  static func conditional(_ condition: ONNXTensor) -> ONNXModel {
    let yes = ONNXGraph([ONNXNode("Add", ["x", "w"], ["t"], name: "sum")], outputs: [ONNXValue("t", nil)])
    let no = ONNXGraph([ONNXNode("Neg", ["x"], ["e"], name: "negative")], outputs: [ONNXValue("e", nil)])
    return Examples.chain(
      [ONNXNode("If", ["c"], ["y"], ["then_branch": .graph(yes), "else_branch": .graph(no)])], initialisers: [.floats("w", [1], [10]), condition])
  }

  @Test(arguments: [(UInt8(1), ["Add"], Float(14)), (UInt8(0), ["Neg"], Float(-4))])
  func inlinesTheBranchOfAConstantCondition(value: UInt8, operations: [String], result: Float) throws {
    let graph = try ONNXImport.load(bytes: Self.conditional(ONNXTensor("c", type: 9, dims: [], .raw([value]))).bytes)
    #expect(graph.operations == ["If"])
    #expect(try graph([4]) == [result])
    let special = try graph.specialised(to: [[1]])
    #expect(special.operations == operations)
    #expect(special.outputs.map { special[$0].name } == ["y"])
    #expect(try special([4]) == [result])
  }

  /// Graphs in graphs in graphs: a file of a few kilobytes must not use up the stack.
  @Test func refusesDeepNesting() throws {
    var inner = ONNXGraph([ONNXNode("Neg", ["x"], ["t"])], outputs: [ONNXValue("t", nil)])
    for _ in 0..<200 {
      inner = ONNXGraph(
        [ONNXNode("If", ["c"], ["t"], ["then_branch": .graph(inner), "else_branch": .graph(ONNXGraph([], outputs: []))])],
        outputs: [ONNXValue("t", nil)])
    }
    let model = ONNXModel(
      ONNXGraph(inner.nodes, inputs: [ONNXValue("x", [1])], outputs: inner.outputs, initialisers: [ONNXTensor("c", type: 9, dims: [], .raw([1]))]))
    let error = #expect(throws: ImportError.self) { try ONNXImport.load(bytes: model.bytes) }
    #expect(error?.message.contains("nested deeper than 16") == true)
  }
}
