import ArgumentParser
import Octopi

/// Whose picks are shown.
struct ShownPicksOptions: ParsableArguments {
  @Option(name: .customLong("picks"), help: ArgumentHelp("Show these picks.", valueName: "user/session"))
  var picks: String?

  @Option(
    name: [.customLong("pui", withSingleDash: true), .customLong("pick-user-id")],
    help: ArgumentHelp("Show the picks of this user; the same as --picks.", valueName: "user"))
  var userID: String?

  @Option(
    name: [.customLong("psid", withSingleDash: true), .customLong("pick-session-id")],
    help: ArgumentHelp("Their session.", valueName: "session"))
  var sessionID: String?

  @Option(name: .customLong("truth"), help: ArgumentHelp("Compare them with these.", valueName: "user/session"))
  var truth: String?

  /// The owner that both ways to say it agree on; nil where neither is there.
  func owner() throws -> PicksOwner? {
    let named = userID.map { PicksOwner(user: $0, session: sessionID) }
    guard let picks else {
      if named == nil, let sessionID {
        throw UsageFailure("--pick-session-id \(sessionID) is there without a user", remedy: "add --pick-user-id, or write --picks user/session")
      }
      return named
    }
    let owner = try PicksOwner(picks)
    if let userID, userID != owner.user { throw UsageFailure.contradiction("--picks \(picks)", "--pick-user-id \(userID)") }
    if let sessionID, sessionID != owner.session { throw UsageFailure.contradiction("--picks \(picks)", "--pick-session-id \(sessionID)") }
    return owner
  }
}

/// `--preview-first`.
struct PreviewFirstOption: ParsableArguments {
  @Flag(name: .customLong("preview-first"), help: "Before the long run, segment a few planes and show them in preview-first.png.")
  var previewFirst = false

  /// Draws the picture, if it is wanted, and writes it to `folder` (nil: where we are); an older one goes. Without a picture the run goes on:
  /// a tomogram that cannot be read fails when its turn comes.
  /// - words: the command line, which the picture shows.
  func show(in folder: String?, _ words: [String], _ outputs: Outputs, _ console: Console, _ draw: (PreviewOptions) throws -> [UInt8]?) throws {
    guard previewFirst else { return }
    var options = PreviewOptions()
    (options.program, options.command) = ("octopi \(ProgramVersion.text)", Resume.text(words))
    let picture: [UInt8]?
    do { picture = try draw(options) } catch let failure as any Failure where !(failure is OutputError) {
      return console.warning(Warning("no first look: \(failure.message)", remedy: failure.remedy))
    }
    guard let picture else { return }
    let path = (folder.map { $0 + "/" } ?? "") + "preview-first.png"
    try outputs.write(picture, to: path, existing: .replace)
    console.note("a first look at some planes: \(path)")
  }
}

/// How a preview looks.
struct LookOptions: ParsableArguments {
  enum Palette: String, CaseIterable, ExpressibleByArgument {
    /// The colours of the project.
    case config
    /// Colours that the colour-blind tell apart.
    case safe
  }

  @Option(
    name: .customLong("slab"), parsing: .unconditional,
    help: ArgumentHelp("Average over this thickness; 0 shows single planes.", valueName: "angstrom"))
  var slab = 30.0

  @Option(
    name: .customLong("z"), parsing: .unconditional,
    help: ArgumentHelp("Show this plane first (default: the one with most picks).", valueName: "plane"))
  var plane: Int?

  @Flag(name: .customLong("invert"), help: "Protein bright.")
  var invert = false

  @Flag(name: .customLong("y-up"), help: "Row 0 at the bottom, as 3dmod and ChimeraX show it.")
  var yUp = false

  @Option(name: .customLong("opacity"), parsing: .unconditional, help: ArgumentHelp("Opacity of labels, 0 to 1.", valueName: "x"))
  var opacity = 0.4

  @Option(name: .customLong("palette"), help: "Colours of the project, or colours that the colour-blind tell apart.")
  var palette: Palette = .config

  @Option(name: .customLong("budget"), help: ArgumentHelp("Most bytes of the page, e.g. 8M (default: 16M).", valueName: "size"))
  var budget: String?

  /// What was asked for, on top of the defaults.
  func options() throws(UsageFailure) -> PreviewOptions {
    var options = PreviewOptions()
    options.slab = slab
    options.plane = plane
    options.isInverted = invert
    options.isYUp = yUp
    options.opacity = opacity
    options.usesSafePalette = palette == .safe
    if let budget {
      guard let bytes = ByteCount.parse(budget) else {
        throw UsageFailure("--budget '\(budget)' is not a size", remedy: "write bytes, or a number with K, M or G: 8M")
      }
      options.budgetBytes = bytes
    }
    return options
  }
}
