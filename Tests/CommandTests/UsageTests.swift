import Foundation
import Octopi
import TestSupport
import Testing

@testable import OctopiCommand

/// Wrong usage: exit 64, what is wrong on the first line, what to do on the second; nothing on standard output.
@Suite("wrong usage", .tags(.command))
struct UsageTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let words: [String]
    let code: Int
    let message: String
    let remedy: String
    var testDescription: String { words.joined(separator: " ") }

    init(_ words: String, _ message: String, _ remedy: String, code: Int = 64) {
      self.words = words.split(separator: " ").map(String.init)
      (self.code, self.message, self.remedy) = (code, message, remedy)
    }
  }

  static let commands = OctopiCommand.names.joined(separator: ", ")
  static let segmentHelp = "'octopi segment --help' lists all options"
  static let cases = [
    Case("segment --input-pixel-size 10", "unknown option '--input-pixel-size'", "did you mean '--voxel-size'? \(segmentHelp)"),
    Case("segment -c c.json --voxel-sise 10", "unknown option '--voxel-sise'", "did you mean '--voxel-size'? \(segmentHelp)"),
    Case("segment --checkpoint x.onnx", "unknown option '--checkpoint'", "did you mean '--model-weights'? \(segmentHelp)"),
    Case("segment --runids a", "unknown option '--runids'", "did you mean '--run-ids'? \(segmentHelp)"),
    Case("segment --tomo 10", "unknown option '--tomo'", "did you mean '--tomo-alg'? \(segmentHelp)"),
    Case("segment -xyz", "unknown option '-xyz'", segmentHelp),
    Case("segment -config c.json", "unknown option '-config'", "did you mean '--config'? \(segmentHelp)"),
    Case("segment --conf c.json", "unknown option '--conf'", "did you mean '--config'? \(segmentHelp)"),
    Case("segment -c", "missing value for '-c'", segmentHelp),
    Case(
      "segment -c c.json a b", "unexpected words 'a', 'b'", "several runs or objects are one word with commas: a,b,c. \(segmentHelp)"),
    Case("segment -c c.json TS_1", "unexpected word 'TS_1'", "several runs or objects are one word with commas: a,b,c. \(segmentHelp)"),
    Case("segment --overlap half", "the value 'half' is invalid for '--overlap <fraction>'", segmentHelp),
    Case("segment --ntta 2", "--config is missing", "give the project's copick configuration, e.g. --config config.json"),
    Case(
      "segment -c c.json --voxel-size 10 --tomo-uri wbp@13.48", "'--voxel-size 10.0' and '--tomo-uri wbp@13.48' contradict each other",
      "give one of them"),
    Case(
      "segment -c c.json --tomo-alg denoised --tomo-uri wbp@10", "'--tomo-alg denoised' and '--tomo-uri wbp@10' contradict each other",
      "give one of them"),
    Case(
      "segment -c c.json --seg-info a,b,1 --seg-uri a:b/2", "'--seg-uri a:b/2' and '--seg-info a,b,1' contradict each other",
      "give one of them"),
    Case("segment -c c.json --seg-info a,b", "segmentation 'a,b' has 2 parts", "write it like 'predict:octopi/1' or 'predict,octopi,1'"),
    Case("segment -c c.json --tomo-uri wbp", "tomogram 'wbp' must have one '@' before the voxel spacing", "write it like 'wbp@10.0'"),
    Case("segment -c c.json --overlap 1.0", "--overlap 1.0 is not at least 0 and below 1", "0.5 is the default; 0.25 takes half the time"),
    Case("segment -c c.json -o1.5", "--overlap 1.5 is not at least 0 and below 1", "0.5 is the default; 0.25 takes half the time"),
    Case("segment -c c.json --overlap -0.1", "--overlap -0.1 is not at least 0 and below 1", "0.5 is the default; 0.25 takes half the time"),
    Case("segment -c c.json --overlap nan", "--overlap nan is not at least 0 and below 1", "0.5 is the default; 0.25 takes half the time"),
    Case("segment -c c.json --ntta 0", "--ntta 0 is not a number of orientations", "give 1 to 8"),
    Case("segment -c c.json -swbs 0", "--sliding-window-batch-size 0 is not a number of windows", "give 1 or more"),
    Case("segment -c c.json --threads 0", "--threads 0 is not a number of threads", "give 1 to 4096, or leave it out"),
    Case(
      "segment -c c.json --max-memory much", "--max-memory 'much' is not a size", "write bytes, or a number with K, M, G or T: 800M, 4G"),
    Case("segment -c c.json --overwrite --resume", "'--overwrite' and '--resume' contradict each other", "give one of them"),
    Case("segment -c c.json --quiet --verbose", "'--quiet' and '--verbose' contradict each other", "give one of them"),
    Case("segment -c c.json", "--model-weights is missing", "give the network as an ONNX file, e.g. --model-weights best_model.onnx"),
    Case(
      "localize -c c.json --method foo", "the value 'foo' is invalid for '--method <method>'",
      "values: watershed, com. 'octopi localize --help' lists all options"),
    Case(
      "localize -c c.json --method watershd", "the value 'watershd' is invalid for '--method <method>'",
      "did you mean 'watershed'? values: watershed, com. 'octopi localize --help' lists all options"),
    Case(
      "export -c c.json --format cvs -o x", "the value 'cvs' is invalid for '--format <format>'",
      "did you mean 'csv'? values: star, csv, coords, mrc. 'octopi export --help' lists all options"),
    Case("preview --palete safe", "unknown option '--palete'", "did you mean '--palette'? 'octopi preview --help' lists all options"),
    Case("evaluate --beta 4", "unknown option '--beta'", "did you mean '--fbeta'? 'octopi evaluate --help' lists all options"),
    Case("pick --angpix 10", "unknown option '--angpix'", "did you mean '--voxel-size'? 'octopi pick --help' lists all options"),
    Case("localize -c c.json --label 0", "--label 0 cannot be the label of an object", "labels are 1 and above"),
    Case("localize -c c.json --filter-size 0", "--filter-size 0 is not a number of voxels", "10 is the default"),
    Case("localize -c c.json -vs 0", "--voxel-size 0.0: a voxel size is a positive number of angstrom", "e.g. 10 or 13.48"),
    Case("evaluate -c c.json", "--ground-truth-user-id is missing", "give the user of the true picks, e.g. -gtuid data-portal"),
    Case("evaluate -c c.json -v", "missing value for '-v'", "'octopi evaluate --help' lists all options"),
    Case("segmnt -c c.json", "unknown command 'segmnt'", "did you mean 'octopi segment'? commands: \(commands)"),
    Case("frobnicate", "unknown command 'frobnicate'", "commands: \(commands)"),
    Case(
      "train -c c.json", "'octopi train' is a command of Python octopi that this program does not have: it only infers",
      "run it with Python octopi on the same project. Here: \(commands)", code: 69),
    Case(
      "extract mb-picks -c c.json", "'octopi extract mb-picks' is a command of Python octopi that this program does not have: it only infers",
      "run it with Python octopi on the same project. Here: \(commands)", code: 69),
    Case("extract seq", "unknown command 'extract seq'", "did you mean 'octopi extract seg'? commands: extract seg"),
    Case("extract seg -c c.json", "--name is missing", "give the object, e.g. --name membranes"),
    Case("extract seg --object a", "unknown option '--object'", "'octopi extract seg --help' lists all options"),
    Case("extract seg -n a --nmae b", "unknown option '--nmae'", "did you mean '--name'? 'octopi extract seg --help' lists all options"),
    Case(
      "export -c c.json -o m --seg-uri a:b/1 --picks a/1", "--picks means nothing for labels",
      "leave it out, or export picks in a command of their own"),
    Case(
      "export -c c.json -o m --seg-uri a:b/1 --format csv", "labels are not written as csv",
      "export labels with --format mrc, picks in a command of their own"),
    Case("export -c c.json -o m.star --seg-uri a:b/1", "--output 'm.star' is one file of the format star, here are labels", "give a folder, or one format"),
    Case("--verson", "unknown option '--verson'", "did you mean '--version'? 'octopi --help' lists all options"),
  ]

  @Test(arguments: cases)
  func saysWhatAndWhatToDo(wrong: Case) async throws {
    let folder = try TemporaryFolder()
    let outcome = try await Program.run(wrong.words, in: folder)
    #expect(outcome.code == wrong.code)
    #expect(outcome.errors == "octopi: \(wrong.message)\n        \(wrong.remedy)\n")
    #expect(outcome.output == "")
    #expect(folder.tree().isEmpty)
  }

  @Test func aCommandAloneExplainsItself() async throws {
    let outcome = try await Program.run(["segment"], in: TemporaryFolder())
    #expect(outcome.code == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("USAGE: octopi segment"))
  }

  @Test(arguments: [[], ["-h"], ["--help"], ["help"]])
  func theProgramAloneExplainsItself(words: [String]) async throws {
    let outcome = try await Program.run(words, in: TemporaryFolder())
    #expect(outcome.code == 0)
    #expect(outcome.errors == "")
    #expect(outcome.output.contains("USAGE: octopi COMMAND [options]"))
    #expect(outcome.output.hasSuffix("\n"))
  }

  @Test func theVersionIsOneLine() async throws {
    let outcome = try await Program.run(["--version"], in: TemporaryFolder())
    #expect(outcome.code == 0)
    #expect(outcome.output == "octopi \(ProgramVersion.text)\n")
  }

  /// A reader that goes away ends the output, not the program with a message.
  @Test func aClosedPipeIsQuiet() async throws {
    let outcome = try await Program.run(
      "/bin/sh", ["-c", "'\(Program.path)' segment --help | head -1; exit ${PIPESTATUS:-0}"], in: TemporaryFolder())
    #expect(outcome.code == 0)
    #expect(outcome.errors == "")
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "this system has no /dev/full"))
  func aFullStandardOutputIsAnError() async throws {
    let outcome = try await Program.run("/bin/sh", ["-c", "'\(Program.path)' --help > /dev/full"], in: TemporaryFolder())
    #expect(outcome.code == 74)
    #expect(outcome.errors.hasPrefix("octopi: cannot write the result to standard output: No space left on device\n"))
  }
}
