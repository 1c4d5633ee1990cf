/// All operators that this program declares, one line a family. There is no other list.
public enum Operators {
  public static let all: [OperatorDeclaration] = [
    Activation.operators,
    Convolution.operators,
    Normalization.operators,
    Pooling.operators,
    MatMulFamily.operators,
    ReductionFamily.operators,
    Resampling.operators,
  ].flatMap { $0 }
}
