/// Kernels over rows of floats.
public struct ElementwiseKernels: Sendable {
  public let add: @Sendable (_ count: Int, _ a: Floats, _ b: Floats, _ y: MutableFloats) -> Void

  public init(add: @escaping @Sendable (Int, Floats, Floats, MutableFloats) -> Void) {
    self.add = add
  }
}
