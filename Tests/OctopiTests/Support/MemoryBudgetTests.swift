import TestSupport
import Testing

@testable import Octopi

@Suite("memory budget")
struct MemoryBudgetTests {
  private func root(_ files: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, text) in files { try folder.write(text, to: name) }
    return folder
  }

  private let machine = [
    "proc/meminfo": "MemTotal:       8000000 kB\nMemFree:         100 kB\nMemAvailable:    4000000 kB\n",
    "proc/self/status": "Name:\toctopi\nVmRSS:\t   100000 kB\n",
  ]

  @Test func withoutGroupsWhatTheMachineHas() throws {
    let folder = try root(machine.merging(["proc/self/cgroup": "0::/\n"]) { $1 })
    #expect(MemoryBudget.available(root: folder.path) == 4_100_000 * 1024)
  }

  @Test func aGroupLimitsWhatOthersInItLeave() throws {
    let folder = try root(
      machine.merging([
        "proc/self/cgroup": "0::/job/step\n", "sys/fs/cgroup/job/memory.max": "1073741824\n", "sys/fs/cgroup/job/memory.current": "536870912\n",
        "sys/fs/cgroup/job/memory.stat": "anon 1\ninactive_file 104857600\n", "sys/fs/cgroup/job/step/memory.max": "max\n",
      ]) { $1 })
    // Others hold 512 MiB less what can be dropped (100 MiB) and what is ours.
    #expect(MemoryBudget.available(root: folder.path) == 1_073_741_824 - (536_870_912 - 104_857_600 - 102_400_000))
  }

  @Test func versionOneAndItsWayOfSayingNoLimit() throws {
    let limited = [
      "proc/self/cgroup": "5:cpu,memory:/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "734003200\n",
      "sys/fs/cgroup/memory/a/memory.usage_in_bytes": "102400000\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    ]
    let folder = try root(machine.merging(limited) { $1 })
    #expect(MemoryBudget.available(root: folder.path) == 734_003_200)
  }

  @Test func aGroupThatIsOverfullLeavesWhatIsHeld() throws {
    let folder = try root(
      machine.merging([
        "proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "200000000\n", "sys/fs/cgroup/memory.current": "900000000\n",
      ]) { $1 })
    #expect(MemoryBudget.available(root: folder.path) == 102_400_000)
  }

  @Test func nothingIsKnown() throws { #expect(try MemoryBudget.available(root: root([:]).path) == nil) }
}
