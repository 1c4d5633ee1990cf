/// What a project holds, run by run and in all. Nothing but names is read.
public struct ProjectInfo: Sendable {
  /// Something that several runs have, and how many of them.
  public struct Share: Sendable, Hashable {
    public let name: String
    public let runs: Int
  }

  /// One run and the numbers of what it has.
  public struct RunContents: Sendable, Hashable {
    public let name: String
    public let tomograms: Int, segmentations: Int, picks: Int
  }

  public let project: Project
  public let runs: [RunContents]
  /// `wbp@10`; `predict:octopi/1@10`; `octopi/1 ribosome`.
  public let tomograms: [Share], segmentations: [Share], picks: [Share]
  public let warnings: [Warning]

  public init(_ project: Project) throws(CopickError) {
    self.project = project
    var contents: [RunContents] = [], warnings = project.warnings
    var tomograms: [String: Int] = [:], segmentations: [String: Int] = [:], picks: [String: Int] = [:]
    func count(_ names: [String], _ counts: inout [String: Int]) { for name in Set(names) { counts[name, default: 0] += 1 } }
    for run in try project.runs() {
      let images = try run.tomograms(), labels = try run.segmentations(), files = try run.picks()
      warnings += images.warnings + files.warnings
      count(images.entries.map(\.uri), &tomograms)
      count(labels.map(\.uri), &segmentations)
      count(files.entries.map { "\($0.user)/\($0.session) \($0.object)" }, &picks)
      contents.append(RunContents(name: run.name, tomograms: images.entries.count, segmentations: labels.count, picks: files.entries.count))
    }
    runs = contents
    self.tomograms = ProjectInfo.shares(tomograms)
    self.segmentations = ProjectInfo.shares(segmentations)
    self.picks = ProjectInfo.shares(picks)
    self.warnings = warnings
  }

  private static func shares(_ counts: [String: Int]) -> [Share] {
    counts.map { Share(name: $0.key, runs: $0.value) }.sorted { precedesByCodePoints($0.name, $1.name) }
  }
}
