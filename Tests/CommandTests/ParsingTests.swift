import Octopi
import Testing

@testable import OctopiCommand

/// Every name of every generation of octopi's options reaches the value it stands for.
@Suite("options", .tags(.command))
struct ParsingTests {
  struct Line: Sendable, CustomTestStringConvertible {
    let words: String
    var testDescription: String { words }
    init(_ words: String) { self.words = words }
    func parsed<Command>(as type: Command.Type) throws -> Command {
      try #require(OctopiCommand.parseAsRoot(words.split(separator: " ").map(String.init)) as? Command)
    }
  }

  /// The same job in the words of the inference guide, of 1.4, 1.5 and 1.7, and mixed.
  @Test(arguments: [
    Line("segment --config c.json --model-weights w.onnx --model-config m.yaml --voxel-size 13.48 --tomo-alg denoised --seg-info p,unet,2 --run-ids a,b --tomo-batch-size 15"),
    Line("segment -c c.json -mw w.onnx -mc m.yaml -vs 13.48 -alg denoised -seginfo p,unet,2 -runs a,b -ntomos 15"),
    Line("segment -c c.json -mw w.onnx -mc m.yaml -vs 13.48 -alg denoised -seginfo p,unet,2 -runs a,b -swbs 4 -o 0.5 -ntta 4"),
    Line("segment -c c.json -mw w.onnx -mc m.yaml -uri denoised@13.48 -suri p:unet/2 -runs a,b -swbs 4 -o 0.5 -ntta 4"),
    Line("segment --config=c.json --model-weights=w.onnx --model-config=m.yaml --tomo-uri=denoised@13.480 --seg-uri=p:unet/2 --run-ids=[a,b] --sliding-window-batch-size=4 --overlap=0.5 --ntta=4"),
    Line("segment -cc.json -mw=w.onnx -mc=m.yaml --tomo-uri denoised@13.48 --voxel-size 13.48 --seg-uri p,unet,2 --seg-info p,unet,2 -runs=a,b -swbs=4 -o0.5"),
    Line("segment -c x -c c.json --model w.onnx -mc m.yaml --tomo-uri wbp@10 -uri denoised@13.48 --seg-uri x --seg-uri p:unet/2 --runIDs a,b"),
  ])
  func segmentSaysTheSame(line: Line) throws {
    let command = try line.parsed(as: Segment.self)
    #expect(try command.project.required() == "c.json")
    #expect(command.model.modelWeights == "w.onnx")
    #expect(command.model.modelConfig == "m.yaml")
    let tomogram = try command.tomogram.resolved()
    #expect(tomogram.type == "denoised")
    #expect(tomogram.spacing == VoxelSpacing(13.48))
    #expect(try command.segmentation.resolved().description == "p:unet/2")
    #expect(try command.runs.names() == ["a", "b"])
    #expect(command.windows.overlap == 0.5)
    #expect(command.windows.ntta == 4)
    #expect(command.windows.batchSize == 4)
  }

  @Test func segmentHasOctopisDefaults() throws {
    let command = try Line("segment").parsed(as: Segment.self)
    let tomogram = try command.tomogram.resolved()
    #expect(tomogram.type == "wbp")
    #expect(tomogram.spacing == VoxelSpacing(10))
    #expect(try command.segmentation.resolved().description == "predict:octopi/1")
    #expect(try command.runs.names() == nil)
    #expect(command.windows.overlap == 0.5)
    #expect(command.windows.ntta == 4)
    #expect(command.windows.batchSize == 4)
  }

  @Test(arguments: [
    Line("localize --config c.json --method com --seg-info p,unet,2 --voxel-size 13.48 --runIDs a,b --radius-min-scale 0.4 --radius-max-scale 1.2 --filter-size 7 --pick-objects x,y --label 3 --n-procs 2 --pick-session-id 5 --pick-user-id me"),
    Line("localize -c c.json -m COM -sinfo p,unet,2 -vs 13.48 --runIDs a,b -rmin 0.4 -rmax 1.2 -fs 7 -obj x,y -lbl 3 -np 2 -psid 5 -pui me"),
    Line("localize -c c.json -mcom -suri p:unet/2 -vs 13.48 --run-ids [a,b] -rmin=0.4 -rmax=1.2 -fs=7 -obj=[x,y] -lbl=3 -np=2 -psid=5 -pui=me"),
  ])
  func localizeSaysTheSame(line: Line) throws {
    let command = try line.parsed(as: Localize.self)
    #expect(try command.project.required() == "c.json")
    #expect(try command.particles.localizeMethod() == .centreOfMass)
    #expect(try command.segmentation.resolved().description == "p:unet/2")
    #expect(try command.spacing.spacing() == VoxelSpacing(13.48))
    #expect(try command.runs.names() == ["a", "b"])
    #expect(command.particles.radiusMinScale == 0.4)
    #expect(command.particles.radiusMaxScale == 1.2)
    #expect(command.particles.filterSize == 7)
    #expect(try command.objects.names() == ["x", "y"])
    #expect(command.particles.label == 3)
    #expect(command.processes.processes == 2)
    #expect(try command.result.target().user == "me")
    #expect(try command.result.target().session == "5")
  }

  @Test func localizeHasOctopisDefaults() throws {
    let command = try Line("localize").parsed(as: Localize.self)
    #expect(try command.particles.localizeMethod() == .watershed(filterSize: 10))
    #expect(command.particles.radiusMinScale == 0.5)
    #expect(command.particles.radiusMaxScale == 1)
    #expect(command.particles.label == nil)
    #expect(try command.result.target().user == "octopi")
    #expect(try command.result.target().session == "1")
  }

  @Test(arguments: [
    Line("evaluate --config c.json --ground-truth-user-id dp --ground-truth-session-id 0 --predict-user-id me --predict-session-id 5 --run-ids a,b --object-names x,y --distance-threshold-scale 0.5 --fbeta 2 --save-path out --verbose yes"),
    Line("evaluate -c c.json -gtuid dp -gtsid 0 -puid me -psid 5 -runs a,b -names x,y -dts 0.5 -fb 2 -o out -v true"),
    Line("evaluate -c c.json -gtuid=dp -gtsid=0 -puid=me -psid=5 --run-ids [a,b] -names=[x,y] -dts=0.5 -fb=2 --output=out -v1"),
  ])
  func evaluateSaysTheSame(line: Line) throws {
    let command = try line.parsed(as: Evaluate.self)
    #expect(try command.project.required() == "c.json")
    #expect(try command.picks.requiredTruthUser() == "dp")
    #expect(command.picks.truthSession == "0")
    #expect(command.picks.predictionUser == "me")
    #expect(command.picks.predictionSession == "5")
    #expect(try command.runs.names() == ["a", "b"])
    #expect(try command.picks.objects() == ["x", "y"])
    #expect(command.score.distanceThresholdScale == 0.5)
    #expect(command.score.beta == 2)
    #expect(command.results.folder == "out")
    #expect(command.results.verbose == .yes)
  }

  @Test func evaluateHasOctopisDefaults() throws {
    let command = try Line("evaluate").parsed(as: Evaluate.self)
    #expect(command.picks.truthSession == nil)
    #expect(command.picks.predictionUser == "octopi")
    #expect(command.picks.predictionSession == "1")
    #expect(command.score.distanceThresholdScale == 0.8)
    #expect(command.score.beta == 4)
    #expect(command.results.folder == "scores")
    #expect(command.results.verbose == .no)
  }

  // MARK: Values

  @Test(arguments: [
    ("predict", "predict:octopi/1"), ("predict:unet", "predict:unet/1"), ("predict:unet/2", "predict:unet/2"), ("predict,unet,1", "predict:unet/1"),
    ("a:", "a:octopi/1"), ("a:/2", "a:octopi/2"),
  ])
  func segmentationNamesAreRead(text: String, name: String) throws {
    let command = try #require(OctopiCommand.parseAsRoot(["localize", "--seg-info", text]) as? Localize)
    #expect(try command.segmentation.resolved().description == name)
  }

  @Test(arguments: ["predict,unet", "a,b,c,d", ":u/1", "predict@10"])
  func segmentationNamesAreRefused(text: String) throws {
    let command = try #require(OctopiCommand.parseAsRoot(["localize", "--seg-uri", text]) as? Localize)
    #expect(throws: CopickError.self) { try command.segmentation.resolved() }
  }

  @Test(arguments: ["wbp", "wbp@", "wbp@ten", "wbp@10@5", "wbp@-1", "wbp@0", "wbp@nan", "wbp@inf"])
  func tomogramURIsAreRefused(text: String) throws {
    let command = try #require(OctopiCommand.parseAsRoot(["segment", "--tomo-uri", text]) as? Segment)
    #expect(throws: CopickError.self) { try command.tomogram.resolved() }
  }

  @Test(arguments: [
    ("a", ["a"]), ("a,b", ["a", "b"]), ("[a, b ]", ["a", "b"]), ("[[a]]", ["a"]), (" a , b", ["a", "b"]),
  ])
  func listsAreRead(text: String, names: [String]) throws { #expect(try NameList.parse(text, option: "--run-ids") == names) }

  @Test(arguments: ["a,,b", ",", "[]", "a,"])
  func listsWithEmptyNamesAreRefused(text: String) {
    #expect(throws: UsageFailure.self) { try NameList.parse(text, option: "--run-ids") }
  }

  @Test(arguments: [
    ("123456", 123_456), ("800M", 838_860_800), ("4G", 4_294_967_296), ("1.5GiB", 1_610_612_736), ("2kb", 2048), ("1T", 1_099_511_627_776),
  ])
  func sizesAreRead(text: String, bytes: Int) { #expect(ByteCount.parse(text) == bytes) }

  @Test(arguments: ["", "G", "-1G", "0", "4X", "1e30", "nan", "inf"])
  func sizesAreRefused(text: String) { #expect(ByteCount.parse(text) == nil) }
}

extension Tag {
  @Tag static var command: Self
  @Tag static var slow: Self
}
