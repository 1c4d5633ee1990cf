import CCPU

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension ThreadPool {
  /// The physical cores that the scheduler's affinity, the quota of the control group and `SLURM_CPUS_PER_TASK` leave; at least 1.
  public static func defaultThreads(environment: [String: String]) -> Int {
    ProcessorBudget.system(environment: environment).threads
  }
}

/// How many threads a process may keep busy, by each authority that has a say; nil where it has none.
///
/// Two hardware threads of one core share its arithmetic units, so they count as one.
public struct ProcessorBudget: Equatable, Sendable {
  /// Physical cores among the processors that this process may run on.
  public internal(set) var cores: Int?
  /// Processors' worth of time that the control groups grant (`cpu.max`, `cpu.cfs_quota_us`).
  public internal(set) var quota: Double?
  /// `SLURM_CPUS_PER_TASK`.
  public internal(set) var slurm: Int?

  /// The least of them, 1 if nobody says anything. A quota is rounded down: a pool that outruns it is halted, all threads at once.
  public var threads: Int { max(1, [cores, quota.map { Int(min($0, 1e6)) }, slurm].compactMap { $0 }.min() ?? 1) }

  public static func system(environment: [String: String]) -> ProcessorBudget {
    #if canImport(Darwin)
      var cores: Int32 = 0
      var size = MemoryLayout<Int32>.size
      let known = sysctlbyname("hw.perflevel0.physicalcpu", &cores, &size, nil, 0) == 0 || sysctlbyname("hw.physicalcpu", &cores, &size, nil, 0) == 0
      return ProcessorBudget(cores: known && cores > 0 ? Int(cores) : nil, quota: nil, slurm: slurmProcessors(environment))
    #else
      return linux(root: "", processors: affinity(), environment: environment)
    #endif
  }

  private static func slurmProcessors(_ environment: [String: String]) -> Int? {
    environment["SLURM_CPUS_PER_TASK"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }
}

extension ProcessorBudget {
  /// What Linux says. `root`: "" or the folder that stands for `/` (tests); `processors`: numbers of those that the process may run on.
  static func linux(root: String, processors: [Int], environment: [String: String]) -> ProcessorBudget {
    ProcessorBudget(cores: cores(root: root, processors: processors), quota: quota(root: root), slurm: slurmProcessors(environment))
  }

  /// Distinct lists of siblings; a processor whose list cannot be read counts for itself.
  private static func cores(root: String, processors: [Int]) -> Int? {
    guard !processors.isEmpty else { return nil }
    let topology = { (processor: Int) in "\(root)/sys/devices/system/cpu/cpu\(processor)/topology" }
    return Set(
      processors.map { processor in
        text("\(topology(processor))/core_cpus_list") ?? text("\(topology(processor))/thread_siblings_list") ?? "\(processor)"
      }
    ).count
  }

  /// The least quota of the process's control groups and all above them, in version 2 and version 1.
  private static func quota(root: String) -> Double? {
    var least: Double?
    func take(_ quota: Double?) { if let quota { least = min(least ?? quota, quota) } }
    for line in (text("\(root)/proc/self/cgroup") ?? "").split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let groups = ancestors(fields[2])
      if fields[1].isEmpty {
        for mount in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] { for group in groups { take(quota2("\(root)\(mount)\(group)/cpu.max")) } }
      } else if fields[1].split(separator: ",").contains("cpu") {
        for mount in Set([fields[1], "cpu"]) { for group in groups { take(quota1("\(root)/sys/fs/cgroup/\(mount)\(group)")) } }
      }
    }
    return least
  }

  /// `/a/b` gives `/a/b`, `/a` and the empty path; a container may see only the last.
  private static func ancestors(_ path: Substring) -> [String] {
    let names = path.split(separator: "/")
    return (0...names.count).reversed().map { count in names.prefix(count).map { "/\($0)" }.joined() }
  }

  /// "200000 100000" is two processors, "max 100000" no limit.
  private static func quota2(_ path: String) -> Double? {
    let fields = (text(path) ?? "").split(separator: " ")
    guard fields.count == 2, let time = Double(fields[0]), let period = Double(fields[1]), time > 0, period > 0 else { return nil }
    return time / period
  }

  /// A quota of -1 is no limit.
  private static func quota1(_ group: String) -> Double? {
    guard let time = text("\(group)/cpu.cfs_quota_us").flatMap(Double.init), time > 0,
      let period = text("\(group)/cpu.cfs_period_us").flatMap(Double.init), period > 0
    else { return nil }
    return time / period
  }

  /// A short file without the white space around its text; nil if it cannot be read.
  private static func text(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x0A }
    let content = bytes[..<count].drop(while: isSpace)
    guard let last = content.lastIndex(where: { !isSpace($0) }) else { return nil }
    return String(decoding: content[...last], as: UTF8.self)
  }

  /// Processors that the scheduler may put this process on; empty if the system does not say.
  private static func affinity() -> [Int] {
    var words = [UInt64](repeating: 0, count: 1024)
    guard ccpu_affinity(&words, words.count) == 0 else { return [] }
    return (0..<words.count * UInt64.bitWidth).filter { words[$0 / UInt64.bitWidth] >> ($0 % UInt64.bitWidth) & 1 == 1 }
  }
}
