/// A named function from a graph to one that gives the same numbers.
public struct Pass: Sendable {
  public let name: String
  private let transform: @Sendable (Graph) -> Graph

  public init(_ name: String, _ transform: @escaping @Sendable (Graph) -> Graph) {
    self.name = name
    self.transform = transform
  }

  public func callAsFunction(_ graph: Graph) -> Graph { transform(graph) }
}

extension Pass {
  /// What a specialised graph goes through before it is lowered, in this order.
  ///
  /// Canonical forms come first, since they make more expressions equal; normalisations are recognised before the affine operations behind
  /// them can be absorbed.
  public static let standard: [Pass] = [
    Pass("canonical forms") { $0.withCanonicalForms() },
    Pass("common subexpressions") { $0.withoutCommonSubexpressions() },
    Pass("activations") { $0.withRecognisedActivations() },
    Pass("normalisations") { $0.withRecognisedNormalizations() },
    Pass("affine operations") { $0.withAbsorbedAffineOperations() },
    Pass("padding") { $0.withAbsorbedPadding() },
    Pass("masks") { $0.withRecognisedMasks() },
    Pass("attention") { $0.withRecognisedAttention() },
    Pass("constants") { $0.withFoldedConstants() },
    Pass("movement") { $0.withFusedMovement() },
    Pass("dead code") { $0.withoutDeadCode() },
  ]
}

extension Graph {
  /// This specialised graph after all standard passes.
  public func simplified() -> Graph { Pass.standard.reduce(self) { $1($0) } }
}
