/// What a job over the runs of a project tells while it works, on the thread that called it.
public enum JobEvent: Sendable {
  /// Work on a run begins.
  case run(String)
  /// So many more units of work are done: windows, objects.
  case done(units: Int)
  /// Something that a person should know although the work goes on.
  case warning(Warning)
  /// A run is complete.
  case finished(run: String, seconds: Double)
  /// A run failed.
  case failed(run: String, any Failure)
}

/// What a job over several runs came to.
public struct JobSummary<Result: Sendable>: Sendable {
  /// Results of the runs that are complete, in order.
  public internal(set) var finished: [Result] = []
  /// Runs that failed, in order, and why.
  public internal(set) var failed: [(run: String, error: any Failure)] = []
  /// Runs that were not tried, because an output could not be written, which would have failed for all others as well.
  public internal(set) var untried: [String] = []

  /// Does `work` for every run. An input that fails costs its run; an output that fails ends the job.
  init<Run>(
    _ runs: [Run], name: (Run) -> String, events: (JobEvent) -> Void, work: (Run) throws -> Result
  ) throws {
    for (index, run) in runs.enumerated() {
      events(.run(name(run)))
      let start = ContinuousClock.now
      do {
        finished.append(try work(run))
        events(.finished(run: name(run), seconds: (ContinuousClock.now - start) / .seconds(1)))
      } catch let error as any Failure {
        failed.append((name(run), error))
        events(.failed(run: name(run), error))
        guard error is OutputError else { continue }
        untried = runs[(index + 1)...].map(name)
        return
      }
    }
  }
}
