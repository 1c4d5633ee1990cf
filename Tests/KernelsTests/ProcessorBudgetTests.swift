import Foundation
import Testing

@testable import Kernels

/// A folder that stands for `/`, with the files of one case.
private final class FakeRoot {
  let path = NSTemporaryDirectory() + "octopi-budget-\(UUID().uuidString)"

  init(_ files: [String: String]) throws {
    for (name, content) in files {
      let file = URL(fileURLWithPath: path + name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(content.utf8).write(to: file)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }  // a leftover in the temporary folder harms nobody
}

@Suite("ProcessorBudget")
struct ProcessorBudgetTests {
  /// Four cores of two hardware threads each: processors i and i + 4 are siblings.
  static let topology = Dictionary(
    uniqueKeysWithValues: (0..<8).map { ("/sys/devices/system/cpu/cpu\($0)/topology/thread_siblings_list", "\($0 % 4),\($0 % 4 + 4)\n") })

  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var files: [String: String] = [:]
    var processors = Array(0..<8)
    var environment: [String: String] = [:]
    var threads: Int
  }

  static let cases = [
    Case(testDescription: "siblings count once", threads: 4),
    Case(testDescription: "affinity to two threads of one core", processors: [1, 5], threads: 1),
    Case(testDescription: "affinity to three cores", processors: [0, 1, 2, 4], threads: 3),
    Case(testDescription: "affinity unknown and nothing else", processors: [], threads: 1),
    Case(testDescription: "processors without topology count for themselves", processors: [8, 9, 10, 11, 12], threads: 5),
    Case(
      testDescription: "version 2, no limit", files: ["/proc/self/cgroup": "0::/user/job\n", "/sys/fs/cgroup/user/job/cpu.max": "max 100000\n"],
      threads: 4),
    Case(
      testDescription: "version 2, limit of the group above",
      files: [
        "/proc/self/cgroup": "0::/user/job\n", "/sys/fs/cgroup/user/job/cpu.max": "max 100000\n", "/sys/fs/cgroup/user/cpu.max": "290000 100000\n",
      ], threads: 2),
    Case(
      testDescription: "version 2, container sees only the root",
      files: ["/proc/self/cgroup": "0::/a/b\n", "/sys/fs/cgroup/cpu.max": "50000 100000\n"],
      threads: 1),
    Case(
      testDescription: "version 1",
      files: [
        "/proc/self/cgroup": "5:devices:/x\n4:cpu,cpuacct:/job\n0::/\n", "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us": "300000\n",
        "/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us": "100000\n",
      ], threads: 3),
    Case(
      testDescription: "version 1, no limit",
      files: [
        "/proc/self/cgroup": "1:cpu:/\n", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      ], threads: 4),
    Case(testDescription: "garbage is no limit", files: ["/proc/self/cgroup": "0::/\nx\n::\n", "/sys/fs/cgroup/cpu.max": "many\n"], threads: 4),
    Case(testDescription: "Slurm", environment: ["SLURM_CPUS_PER_TASK": "2"], threads: 2),
    Case(testDescription: "Slurm grants more than there is", environment: ["SLURM_CPUS_PER_TASK": "64"], threads: 4),
    Case(testDescription: "Slurm's variable is not a count", environment: ["SLURM_CPUS_PER_TASK": "0"], threads: 4),
  ]

  @Test(arguments: cases)
  func takesTheLeast(_ test: Case) throws {
    let root = try FakeRoot(Self.topology.merging(test.files) { $1 })
    #expect(ProcessorBudget.linux(root: root.path, processors: test.processors, environment: test.environment).threads == test.threads)
  }

  @Test func thisMachineHasACore() {
    let threads = ThreadPool.defaultThreads(environment: [:])
    #expect((1...ProcessInfo.processInfo.processorCount).contains(threads))
    #expect(ThreadPool.defaultThreads(environment: ["SLURM_CPUS_PER_TASK": "1"]) == 1)
  }
}
