import CCPU
@_exported public import KernelTable
import KernelsPortable
#if arch(x86_64)
  import KernelsAVX2
  import KernelsAVX512
#elseif arch(arm64)
  import KernelsNEON
#endif

/// The instruction sets that kernels are compiled for, weakest first.
public enum ISA: String, Sendable, CaseIterable {
  case portable, avx2, avx512, neon

  /// Those that this processor and its operating system can run, weakest first.
  public static let available: [ISA] = {
    #if arch(x86_64)
      return Array([ISA.portable, .avx2, .avx512].prefix(1 + Int(ccpu_level())))
    #elseif arch(arm64)
      return [.portable, .neon]
    #else
      return [.portable]
    #endif
  }()

  /// The best of this machine, or the one that `OCTOPI_ISA` names.
  public static func chosen(environment: [String: String]) throws(ISAError) -> ISA {
    guard let name = environment["OCTOPI_ISA"], !name.isEmpty else { return available[available.count - 1] }
    guard let isa = ISA(rawValue: name.lowercased()), available.contains(isa) else {
      throw ISAError.unavailable(name, available: available.map(\.rawValue))
    }
    return isa
  }

  /// The kernels of this instruction set; the caller has checked that it is available.
  public var table: KernelTable {
    #if arch(x86_64)
      switch self {
      case .avx512: return KernelsAVX512.kernels
      case .avx2: return KernelsAVX2.kernels
      default: return KernelsPortable.kernels
      }
    #elseif arch(arm64)
      return self == .neon ? KernelsNEON.kernels : KernelsPortable.kernels
    #else
      return KernelsPortable.kernels
    #endif
  }
}

/// `OCTOPI_ISA` names something that this machine does not have.
public enum ISAError: Error, Sendable, Hashable {
  case unavailable(String, available: [String])
}
