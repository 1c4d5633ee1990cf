import Foundation
public import Kernels

/// The threads that a job of this library runs on.
public typealias JobThreads = ThreadPool

extension JobThreads {
  /// - requested: nil for as many as this process may use (affinity, cgroup, `SLURM_CPUS_PER_TASK`).
  public static func forJob(_ requested: Int?) -> JobThreads {
    JobThreads(threads: requested ?? ThreadPool.defaultThreads(environment: ProcessInfo.processInfo.environment))
  }
}
