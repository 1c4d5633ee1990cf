import Foundation

#if canImport(Glibc)
  import CMalloc
#endif

/// The memory that this process may hold: what the machine and its control groups leave, and what it holds already.
public enum MemoryBudget {
  /// In bytes; nil where the system does not say.
  public static func available() -> Int? { available(root: "") }

  /// - root: put before `/proc` and `/sys`, for tests.
  static func available(root: String) -> Int? {
    guard let free = kibibytes("MemAvailable", in: "\(root)/proc/meminfo") else { return root.isEmpty ? physical : nil }
    let resident = kibibytes("VmRSS", in: "\(root)/proc/self/status") ?? 0
    return groups(root).reduce(free + resident) { least, group in
      guard let limit = number(group.limit), limit < 1 << 60 else { return least }
      let others = max(0, (number(group.usage) ?? 0) - resident - (reclaimable(group.statistics) ?? 0))
      return min(least, max(resident, limit - others))
    }
  }

  /// The most that this process has held in memory so far, in bytes; 0 where the system does not say.
  ///
  /// `getrusage` would count what the parent held when it started this process.
  public static var peakResident: Int {
    #if os(Linux)
      return kibibytes("VmHWM", in: "/proc/self/status") ?? 0
    #else
      var usage = rusage()
      return getrusage(RUSAGE_SELF, &usage) == 0 ? Int(usage.ru_maxrss) : 0
    #endif
  }

  /// From now on, blocks of more than 1 MiB go back to the system when they are freed, at some cost for each. Glibc keeps many of them, and
  /// a network that is taken apart and put together again would fill twice its memory.
  public static func returnsLargeBlocks() {
    #if canImport(Glibc)
      mallopt(M_MMAP_THRESHOLD, 1 << 20)
    #endif
  }

  /// Gives memory that is free within the process back to the system.
  static func returnFreed() {
    #if canImport(Glibc)
      malloc_trim(0)
    #endif
  }

  private static var physical: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }

  /// Files that tell a control group's limit, its use, and what that is made of.
  private struct Group {
    let limit: String, usage: String, statistics: String
  }

  /// The process's control groups and all above them, in version 2 and version 1. A container may see only the topmost.
  private static func groups(_ root: String) -> [Group] {
    var groups: [Group] = []
    for line in (text("\(root)/proc/self/cgroup") ?? "").split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let names = fields[2].split(separator: "/")
      for count in (0...names.count).reversed() {
        let path = names.prefix(count).map { "/\($0)" }.joined()
        if fields[1].isEmpty {
          let folder = "\(root)/sys/fs/cgroup\(path)"
          groups.append(Group(limit: folder + "/memory.max", usage: folder + "/memory.current", statistics: folder + "/memory.stat"))
        } else if fields[1].split(separator: ",").contains("memory") {
          let folder = "\(root)/sys/fs/cgroup/memory\(path)"
          groups.append(
            Group(limit: folder + "/memory.limit_in_bytes", usage: folder + "/memory.usage_in_bytes", statistics: folder + "/memory.stat"))
        }
      }
    }
    return groups
  }

  /// Cached files that the system drops when memory is short.
  private static func reclaimable(_ statistics: String) -> Int? {
    for line in (text(statistics) ?? "").split(separator: "\n") {
      let fields = line.split(separator: " ")
      if fields.count == 2, fields[0] == "inactive_file" || fields[0] == "total_inactive_file" { return Int(fields[1]) }
    }
    return nil
  }

  /// `MemAvailable:   21544324 kB` in bytes.
  private static func kibibytes(_ key: String, in path: String) -> Int? {
    for line in (text(path) ?? "").split(separator: "\n") where line.hasPrefix(key + ":") {
      let fields = line.split(separator: " ")
      guard fields.count >= 2, let number = Int(fields[1]), number < 1 << 50 else { return nil }
      return number * 1024
    }
    return nil
  }

  private static func number(_ path: String) -> Int? { text(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } }
  private static func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }  // not there: no limit
}
