import Graph
import Testing

@Suite("Einsum", .tags(.operator))
struct EinsumTests {
  static func einsum(_ equation: String, _ operands: Tensor...) throws -> Tensor {
    let node = try SingleNode("Einsum", opset: 12, inputs: operands.count, ["equation": .string(equation)])
    let types = try node.operation.outputs(of: operands.map { Operand($0) })
    let result = try node.operation.evaluate(operands)[0]
    #expect(types == [result.type])
    return result
  }

  static let a = Tensor.float([2, 3], [1, 2, 3, 4, 5, 6]), b = Tensor.float([3, 2], [1, 0, 0, 1, 1, 1]), v = Tensor.float([3], [1, 10, 100])

  @Test func whatTheFormulaSays() throws {
    #expect(try Self.einsum("ij->ji", Self.a) == .float([3, 2], [1, 4, 2, 5, 3, 6]))
    #expect(try Self.einsum("ij->", Self.a) == .float([], [21]))
    #expect(try Self.einsum("ij->j", Self.a) == .float([3], [5, 7, 9]))
    #expect(try Self.einsum("ij,jk->ik", Self.a, Self.b) == .float([2, 2], [4, 5, 10, 11]))
    #expect(try Self.einsum(" ij , j -> i", Self.a, Self.v) == .float([2], [321, 654]))
    #expect(try Self.einsum("i,j", .float([2], [1, 2]), Self.v) == .float([2, 3], [1, 10, 100, 2, 20, 200]))
    #expect(try Self.einsum("ba", Self.a) == .float([3, 2], [1, 4, 2, 5, 3, 6]))  // alphabetical
    #expect(try Self.einsum("i,i", Self.v, Self.v) == .float([], [10101]))
    #expect(try Self.einsum("ij,jk,k->i", Self.a, Self.b, .float([2], [1, 2])) == .float([2], [14, 32]))
  }

  @Test func diagonals() throws {
    let square = Tensor.float([2, 2], [1, 2, 3, 4])
    #expect(try Self.einsum("ii->i", square) == .float([2], [1, 4]))
    #expect(try Self.einsum("ii", square) == .float([], [5]))
    #expect(try Self.einsum("...ii->...i", .float([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8])) == .float([2, 2], [1, 4, 5, 8]))
  }

  @Test func ellipsisBroadcasts() throws {
    let stack = Tensor.float([2, 1, 2], [1, 2, 3, 4])
    #expect(try Self.einsum("...ij,jk->...ik", stack, .float([2, 1], [1, 10])) == .float([2, 1, 1], [21, 43]))
    #expect(try Self.einsum("...,...->...", Self.a, .float([2, 1], [1, 10])) == .float([2, 3], [1, 2, 3, 40, 50, 60]))
    #expect(try Self.einsum("i...->...i", Self.a) == .float([3, 2], [1, 4, 2, 5, 3, 6]))
    #expect(try Self.einsum("...i,i", Self.a, Self.v) == .float([2], [321, 654]))
    #expect(try Self.einsum("...i->i", Self.a) == .float([3], [5, 7, 9]))
  }

  /// The two products of attention in UNETR, against loops.
  @Test func attention() throws {
    let q = Tensor.random([2, 3, 4, 5], seed: 1), k = Tensor.random([2, 3, 6, 5], seed: 2)
    let scores = try Self.einsum("blxd,blyd->blxy", q, k)
    #expect(scores.shape == [2, 3, 4, 6])
    var at = 0
    withEachIndex(of: scores.shape) { i in
      let want = (0..<5).reduce(0.0) {
        $0 + q.doubles[flat([i[0], i[1], i[2], $1], in: q.shape)!] * k.doubles[flat([i[0], i[1], i[3], $1], in: k.shape)!]
      }
      #expect(scores.doubles[at] == want)  // exact: see Tensor.random
      at += 1
    }
    let values = Tensor.random([2, 3, 6, 2], seed: 3)
    let result = try Self.einsum("bhxy,bhyd->bhxd", scores, values)
    #expect(result == (try SingleNode("MatMul", opset: 13, inputs: 2)(scores, values)[0]))
  }

  @Test func integersWrap() throws {
    let x = Tensor(TensorType(.int8, [2]), .integers([100, 2]))
    #expect(try Self.einsum("i,i->i", x, x).integers == [10000 - 39 * 256, 4])
  }

  @Test(arguments: [
    ("ij->ii", "equation 'ij->ii' names an axis of the result twice"), ("ij->k", "equation 'ij->k' sums nothing into axis 'k'"),
    ("i->j->i", "equation 'i->j->i' has more than one '->'"), ("i1->i", "equation 'i1->i' holds '1'"),
    ("......i", "equation '......i' has '...' twice in one term"), ("i.j", "equation 'i.j' holds '.'"),
    ("ij,jk->ik", "the equation has 2 terms, the node 1 inputs"), ("i->i", "term 'i' does not fit an input of shape [2, 3]"),
    ("ii->i", "axis 'i' is 2 long in one input and 3 in another"),
  ])
  func refuses(equation: String, reason: String) {
    let error = #expect(throws: GraphError.self) { try Self.einsum(equation, Self.a) }
    #expect(error?.reason == reason)
  }
}
