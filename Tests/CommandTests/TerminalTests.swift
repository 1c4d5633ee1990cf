import Testing

@testable import OctopiCommand

/// What people read: units, tables, the bar, suggestions.
@Suite("terminal", .tags(.command))
struct TerminalTests {
  @Test(arguments: [
    (0.0, "0.00 s"), (0.042, "0.04 s"), (0.994, "0.99 s"), (0.996, "1.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"),
    (59.6, "1 min 00 s"), (185, "3 min 05 s"), (3599.6, "1 h 00 min"), (7620, "2 h 07 min"), (86_400, "1 d 00 h"), (273_600, "3 d 04 h"),
    (1e12, "years"), (.nan, "unknown"), (.infinity, "unknown"), (-1, "unknown"),
  ])
  func durations(seconds: Double, text: String) { #expect(Units.duration(seconds) == text) }

  @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (63_920_025, "63,920,025"), (-1234, "-1,234"), (.min, "-9,223,372,036,854,775,808")])
  func counts(number: Int, text: String) { #expect(Units.count(number) == text) }

  @Test func nouns() {
    #expect(Units.plural(1, "run") == "1 run")
    #expect(Units.plural(0, "run") == "0 runs")
    #expect(Units.plural(1200, "window") == "1,200 windows")
  }

  @Test func tablesAlignNumbersRight() {
    var table = Table([("object", .left), ("picks", .right)])
    table.add(["ribosome", "7"])
    table.add(["virus-like-particle", "1,234"])
    table.add(["x"])
    #expect(
      table.text(indent: 2) == """
          object               picks
          ribosome                 7
          virus-like-particle  1,234
          x

        """)
  }

  private let line = ProgressLine(
    run: "TS_1", runNumber: 1, runs: 3, done: 30, units: 120, unit: "window", seconds: 10, memoryBytes: 300 << 20)

  @Test func progressShowsShareRateTimeAndMemory() {
    #expect(line.text(columns: 100, colour: false) == "TS_1 1/3 [##########------------------------------]  25 %  3.0 windows/s  30 s left  300 MiB")
  }

  @Test(arguments: 1...120)
  func progressNeverWraps(columns: Int) { #expect(line.text(columns: columns, colour: false).count < max(1, columns)) }

  @Test func progressWithoutWorkIsNoDivisionByZero() {
    var line = line
    (line.done, line.units, line.seconds) = (0, 0, 0)
    #expect(line.text(columns: 80, colour: false).contains("0 %"))
  }

  @Test(arguments: [
    ("segmnt", "segment"), ("SEGMENT", "segment"), ("evalute", "evaluate"), ("localise", "localize"),
  ])
  func nearestName(typed: String, meant: String) {
    #expect(Suggestion.nearest(to: typed, among: ["segment", "localize", "evaluate", "demo"]) == meant)
  }

  @Test func nothingIsNear() { #expect(Suggestion.nearest(to: "xylophone", among: ["segment", "demo"]) == nil) }
}
