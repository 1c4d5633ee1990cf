import Foundation
import Kernels
import ONNXImport

/// Whether this machine and this installation are fit for the program.
public struct Health: Sendable {
  public enum Status: String, Sendable {
    case fine, remark, problem
  }

  /// One thing that was looked at.
  public struct Finding: Sendable {
    public let topic: String
    public let status: Status
    public let text: String
    /// What to do; nil where nothing is to be done.
    public let remedy: String?

    public init(_ topic: String, _ status: Status, _ text: String, remedy: String? = nil) {
      (self.topic, self.status, self.text, self.remedy) = (topic, status, text, remedy)
    }
  }

  public private(set) var findings: [Finding]

  public var isFine: Bool { !findings.contains { $0.status == .problem } }

  /// Looks at processor, memory, libraries and folders. Nothing is written.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
    findings = [Health.processor(), Health.instructions(environment), Health.threads(environment), Health.memory()]
    findings += Health.libraries()
    findings += [
      Health.folder("current folder", FileManager.default.currentDirectoryPath),
      Health.folder("temporary folder", FileManager.default.temporaryDirectory.path),
    ]
    findings.append(Finding("caches", .fine, "none: nothing is remembered between runs"))
  }

  /// Adds what the library cannot know.
  public mutating func add(_ finding: Finding) { findings.append(finding) }
}

// MARK: Machine

extension Health {
  private static func processor() -> Finding {
    #if os(Linux)
      let lines = ((try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "").split(separator: "\n")  // not there: not said
      let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
    #else
      let name: String? = nil
    #endif
    let count = ProcessInfo.processInfo.activeProcessorCount
    return Finding("processor", .fine, "\(name ?? "of unknown name"), \(count) logical processor\(count == 1 ? "" : "s")")
  }

  private static func instructions(_ environment: [String: String]) -> Finding {
    let available = ISA.available.map(\.rawValue).joined(separator: ", "), set = environment["OCTOPI_ISA"] ?? ""
    do throws(ISAError) {
      let isa = try ISA.chosen(environment: environment)
      let text = "\(isa.rawValue) is used\(set.isEmpty ? "" : ", as OCTOPI_ISA says"); available: \(available)"
      if isa != ISA.available.last {
        return Finding("instructions", .remark, text, remedy: "without OCTOPI_ISA the fastest is used")
      }
      if isa == .portable { return Finding("instructions", .remark, text, remedy: "a processor with AVX2 (x86-64, from 2013) or ARM is several times as fast") }
      return Finding("instructions", .fine, text)
    } catch {
      return Finding("instructions", .problem, error.message, remedy: error.remedy)
    }
  }

  private static func threads(_ environment: [String: String]) -> Finding {
    let budget = ProcessorBudget.system(environment: environment)
    let limits = [
      budget.cores.map { "\($0) physical core\($0 == 1 ? "" : "s") within the affinity" },
      budget.quota.map { "the control group grants \(String(format: "%.2g", $0))" }, budget.slurm.map { "SLURM_CPUS_PER_TASK is \($0)" },
    ].compactMap(\.self)
    let text = "\(budget.threads) by default" + (limits.isEmpty ? "" : ": ") + limits.joined(separator: ", ")
    guard let quota = budget.quota, quota < 1 else { return Finding("threads", .fine, text) }
    return Finding("threads", .remark, text, remedy: "less than one processor: give the container more CPU time")
  }

  private static func memory() -> Finding {
    let physical = binarySize(Int(clamping: ProcessInfo.processInfo.physicalMemory))
    guard let available = MemoryBudget.available() else { return Finding("memory", .fine, "\(physical) in all") }
    let text = "\(binarySize(available)) of \(physical) available"
    if available >= 1 << 30 { return Finding("memory", .fine, text) }
    return Finding("memory", .remark, text, remedy: "a usual network and tomogram need about 1 GiB: end other programs, or raise the limit")
  }

  private static func libraries() -> [Finding] {
    [
      ("blosc", Blosc.libraryVersion), ("zstd", Zstandard.libraryVersion), ("zlib", Deflate.libraryVersion), ("png", PNGFile.libraryVersion),
      ("protobuf-c", ONNXImport.protobufVersion),
    ]
      .map { Finding("lib\($0.0)", $0.1 == "unknown" ? .problem : .fine, $0.1) }
  }

  /// Whether files can be made in a folder, and how much room there is.
  private static func folder(_ topic: String, _ path: String) -> Finding {
    guard FileManager.default.isWritableFile(atPath: path) else {
      return Finding(topic, .remark, "'\(path)' cannot be written to", remedy: "work in another folder, or change its permissions")
    }
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)  // some file systems do not say
    let free = (attributes?[.systemFreeSize] as? NSNumber)?.intValue
    let text = "'\(path)' can be written to" + (free.map { ", \(binarySize($0)) free" } ?? "")
    guard let free, free < 1 << 30 else { return Finding(topic, .fine, text) }
    return Finding(topic, .remark, text, remedy: "free space there")
  }
}
