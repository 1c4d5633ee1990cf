public import KernelTable

/// One property of some kernels, checked against plain loops in double.
///
/// Checks are functions over a table of kernels and pointers, without Foundation and without a test framework: the same ones run as tests
/// on the instruction sets of this machine (`KernelsTests`) and as a bare program on an emulated ARM processor (`Scripts/test_neon.sh`).
public struct KernelCheck: Sendable, CustomStringConvertible {
  public let description: String
  public let run: @Sendable (_ kernels: KernelTable, _ report: Report) -> Void

  init(_ description: String, _ run: @escaping @Sendable (_ kernels: KernelTable, _ report: Report) -> Void) {
    self.description = description
    self.run = run
  }
}

/// The checks of one family of kernels.
public struct KernelFamily: Sendable, CustomStringConvertible {
  public let description: String
  public let checks: [KernelCheck]

  init(_ description: String, _ checks: [KernelCheck]) {
    self.description = description
    self.checks = checks
  }

  public static let all: [KernelFamily] = [
    .peak, .elementwise, .reduction, .softmax, .normalization, .layout, .pooling, .resize, .blend, .matMul, .direct, .winograd, .twoTap,
  ]
}
