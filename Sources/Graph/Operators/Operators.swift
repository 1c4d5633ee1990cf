/// All operators that this program declares, one line a family. There is no other list.
public enum Operators {
  public static let families: [(name: String, operators: [OperatorDeclaration])] = [
    ("Activation", Activation.operators),
    ("Elementwise", Elementwise.operators),
    ("Convolution", Convolution.operators),
    ("Normalization", Normalization.operators),
    ("Pooling", Pooling.operators),
    ("MatMul", MatMulFamily.operators),
    ("Reduction", ReductionFamily.operators),
    ("Resize", Resampling.operators),
    ("Shape", ShapeFamily.operators),
    ("Indexing", Indexing.operators),
    ("Control", Control.operators),
  ]

  public static let all: [OperatorDeclaration] = families.flatMap(\.operators)

  /// What passes make of several of them, in a domain of their own.
  public static let own: [OperatorDeclaration] = Fused.operators

  /// The newest version of ONNX's own operators whose definitions the declarations know.
  public static let newestOpset = 28

  /// The declaration of an operator; `domain` is empty for ONNX's own.
  public static func declaration(of name: String, domain: String = "") -> OperatorDeclaration? { index[Key(domain: domain, name: name)] }

  private struct Key: Hashable {
    let domain: String
    let name: String
  }

  private static let index = Dictionary((all + own).map { (Key(domain: $0.domain, name: $0.name), $0) }, uniquingKeysWith: { first, _ in first })
}
