import Foundation
public import Kernels

/// The threads that a job of this library runs on.
public typealias JobThreads = ThreadPool

/// The kernels that a job of this library runs on.
public typealias JobKernels = KernelTable

extension ISA {
  /// The best of this machine, or the one that `OCTOPI_ISA` names.
  public static func forJob() throws(ISAError) -> ISA { try ISA.chosen(environment: ProcessInfo.processInfo.environment) }
}

extension JobKernels {
  /// Those of this machine's best instruction set, or of the one that `OCTOPI_ISA` names.
  public static func forJob() throws(ISAError) -> JobKernels { try ISA.forJob().table }
}

extension JobThreads {
  /// - requested: nil for as many as this process may use (affinity, cgroup, `SLURM_CPUS_PER_TASK`).
  public static func forJob(_ requested: Int?) -> JobThreads {
    JobThreads(threads: requested ?? ThreadPool.defaultThreads(environment: ProcessInfo.processInfo.environment))
  }
}
