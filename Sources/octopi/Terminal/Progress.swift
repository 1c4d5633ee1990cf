import ArgumentParser
import Foundation
import Octopi

/// The progress of a job with all its runs: a bar on a terminal, a line per run elsewhere, or one JSON object a line.
struct Progress: Sendable {
  enum Style: String, Sendable, CaseIterable, ExpressibleByArgument {
    /// A bar on a terminal, lines elsewhere.
    case auto
    case bar, plain, json, none
  }

  private let style: Style
  private let runs: Int
  private let units: Int
  private let unit: String
  private let start = ContinuousClock.now
  private let colour: Bool
  private var run = ""
  private var done = 0
  private var doneRuns = 0
  private var isShown = false
  private var lastShown = ContinuousClock.now

  init(style: Style, runs: Int, units: Int, unit: String) {
    self.style = style == .auto ? (Stream.diagnostics.isTerminal ? .bar : .plain) : style
    self.runs = runs
    self.units = units
    self.unit = unit
    colour = Stream.diagnostics.isTerminal && !Environment.isSet("NO_COLOR")
    emit("begin", [.init("runs", .int(runs)), .init("\(unit)s", .int(units))])
  }

  mutating func turn(to run: String) {
    self.run = run
    emit("run", [.init("run", .string(run))])
    show()
  }

  mutating func advance(by units: Int) {
    done += units
    guard ContinuousClock.now - lastShown > .milliseconds(100) else { return }
    lastShown = .now
    emit("progress", [.init("run", .string(run)), .init("done", .int(done)), .init("of", .int(self.units))])
    show()
  }

  mutating func complete(run: String, outcome: String) {
    doneRuns += 1
    emit("complete", [.init("run", .string(run)), .init("outcome", .string(outcome))])
    guard style == .bar || style == .plain else { return }
    hide()
    Stream.diagnostics.write("octopi: \(run): \(outcome) (\(doneRuns) of \(runs))\n")
  }

  /// Takes the bar off the screen.
  mutating func hide() {
    if isShown { Stream.diagnostics.write("\r\u{1B}[K") }
    isShown = false
  }

  /// Draws the bar, if there is one.
  mutating func show() {
    guard style == .bar else { return }
    let state = ProgressLine(
      run: run, runNumber: min(doneRuns + 1, runs), runs: runs, done: done, units: units, unit: unit, seconds: elapsed,
      memoryBytes: MemoryBudget.peakResident)
    Stream.diagnostics.write("\r" + state.text(columns: Stream.diagnostics.columns, colour: colour) + "\u{1B}[K")
    isShown = true
  }

  private var elapsed: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// One JSON object on a line of its own.
  private func emit(_ event: String, _ members: [PythonValue.Member]) {
    guard style == .json else { return }
    let head: [PythonValue.Member] = [.init("event", .string(event)), .init("seconds", .float((elapsed * 1000).rounded() / 1000))]
    Stream.diagnostics.write(PythonJSON.text(.object(head + members)) + "\n")
  }
}

/// One line of a progress bar as text.
struct ProgressLine {
  var run: String
  var runNumber: Int
  var runs: Int
  var done: Int
  var units: Int
  var unit: String
  var seconds: Double
  var memoryBytes: Int

  /// At most `columns - 1` columns, so that the terminal does not wrap.
  func text(columns: Int, colour: Bool) -> String {
    let share = units > 0 ? min(1, Double(done) / Double(units)) : 0
    var tail = String(format: " %3.0f %%", share * 100)
    if done > 0, seconds > 0 {
      let rate = Double(done) / seconds
      tail += String(format: rate < 10 ? "  %.1f" : "  %.0f", rate) + " \(unit)s/s"
      if done < units { tail += "  " + Units.duration(Double(units - done) / rate) + " left" }
    }
    if memoryBytes > 0 { tail += "  " + binarySize(memoryBytes) }
    let head = "\(run) \(runNumber)/\(runs) "
    let room = columns - 1 - head.count - tail.count - 2
    guard room >= 6 else { return String((head + tail).prefix(max(0, columns - 1))) }
    let width = min(room, 40), filled = Int((share * Double(width)).rounded(.down))
    let bar = String(repeating: "#", count: filled), rest = String(repeating: "-", count: width - filled)
    return head + "[" + (colour ? "\u{1B}[36m\(bar)\u{1B}[0m" : bar) + rest + "]" + tail
  }
}
