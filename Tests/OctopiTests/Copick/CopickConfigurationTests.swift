import Testing
import TestSupport

@testable import Octopi

@Suite("CopickConfiguration")
struct CopickConfigurationTests {
  static let rows: [PythonValue.Member] = CopickFixtures.expected["configs"]?.members ?? []

  @Test(arguments: rows)
  func fixtures(row: PythonValue.Member) {
    let ours = row.value["ours"]?.text ?? ""
    let error = Result { () throws(CopickError) in try CopickConfiguration(file: CopickFixtures.path(row.name)) }.error
    let kind: FailureKind? = ours == "damaged" ? .damaged : ours == "unsupported" ? .unsupported : nil
    #expect(error?.kind == kind)
    if kind != nil { #expect(error?.message.isEmpty == false && error?.remedy?.isEmpty == false) }
  }

  @Test func hasAllFixtures() { #expect(Self.rows.count == 32) }

  func read(_ name: String) throws -> CopickConfiguration { try CopickConfiguration(file: CopickFixtures.path("configs/\(name).json")) }

  @Test func readsObjects() throws {
    let configuration = try read("good-file-url")
    #expect(configuration.overlayRoot == "file:///data/overlay/")
    let object = configuration.objects[1]
    #expect(object.name == "apo-ferritin" && object.isParticle && object.label == 2 && object.radius == 30 && object.mapThreshold == 0.05)
    #expect(object.color == [153, 63, 0, 255] && object.emdbID == "EMD-3883" && object.identifier == "GO:0070288" && object.weight == .int(2))
    #expect(configuration.particles.map(\.name) == ["ribosome", "apo-ferritin"])
  }

  @Test func defaults() throws {
    let object = try read("good-object-defaults").objects[0]
    #expect(object.label == 1 && object.radius == nil && object.color == [100, 100, 100, 255] && object.weight == nil)
    #expect(try read("good-no-config-type").warnings.map(\.message).first?.hasSuffix("has no config_type") == true)
    #expect(try read("odd-runs-list").runs == ["TS_1"])
    #expect(try read("bad-bom").objects.count == 3)
    #expect(try read("good-go-id").objects[0].identifier == "GO:1")
    let lax = try read("good-lax-types").objects[0]
    #expect(lax.label == 3 && lax.radius == 60 && lax.color == [1, 2, 3, 4])
  }

  @Test func repeatedLabels() throws {
    let note = try #require(read("odd-duplicate-labels").warnings.first)
    #expect(note.message.hasSuffix("'a', 'b' have the same label 1"))
  }

  func object(_ text: String) -> String { #"{"config_type": "filesystem", "overlay_root": "o", "pickable_objects": [{"name": "a", "is_particle": true, "# + text + "}]}" }

  /// pydantic's lax mode, and its limits.
  @Test(arguments: [
    (#""label": true"#, 1), (#""label": 3.0"#, 3), (#""label": "3.0""#, 3), (#""label": -4"#, -4), (#""label": null"#, nil), (#""label": 1, "label": 2"#, 2),
    (#""other": 0"#, 1),
  ] as [(String, Int?)])
  func labels(text: String, label: Int?) throws {
    #expect(try CopickConfiguration(json: Array(object(text).utf8), file: "c").objects[0].label == label)
  }

  @Test(arguments: ["Yes", "t", "ON", "1"]) func particles(word: String) throws {
    let text = #"{"overlay_root": "o", "pickable_objects": [{"name": "a", "is_particle": "\#(word)"}]}"#
    #expect(try CopickConfiguration(json: Array(text.utf8), file: "c").objects[0].isParticle)
  }

  static let messageRows: [(text: String, message: String, remedy: String?)] = [
    ("[1, 2", "'c' is not JSON: line 1, column 6: the text ends before ']'", "comments and trailing commas are not allowed"),
    ("[]", "'c': [] is not an object", "a configuration starts with '{'"),
    (#"{"config_type": "mlcroissant"}"#, "'c': config_type 'mlcroissant' needs the network", "copy it here: copick sync tomograms -c c --target-config local.json\n(likewise 'copick sync picks' and 'segmentations'; local.json: a configuration with a local overlay_root and the same objects)"),
    (#"{"config_type": "Filesystem"}"#, "'c': config_type 'Filesystem' is not known", #"write "config_type": "filesystem""#),
    (#"{"config_type": null}"#, "'c': config_type: null is not text", #""config_type": "filesystem""#),
    (#"{"pickable_objects": []}"#, "'c': overlay_root is missing", #"a folder is expected, for example "local:///data/project""#),
    (#"{"overlay_root": "s3://b/c"}"#, "overlay_root 's3://b/c': only local folders are supported", "copy it here: copick sync tomograms -c c --target-config local.json\n(likewise 'copick sync picks' and 'segmentations'; local.json: a configuration with a local overlay_root and the same objects)"),
    (#"{"overlay_root": "LOCAL://b"}"#, "overlay_root 'LOCAL://b': only local folders are supported", "copy it here: copick sync tomograms -c c --target-config local.json\n(likewise 'copick sync picks' and 'segmentations'; local.json: a configuration with a local overlay_root and the same objects)"),
    (#"{"overlay_root": "o", "static_root": 3}"#, "'c': static_root: 3 is not text", #"a folder is expected, for example "local:///data/project""#),
    (#"{"overlay_root": "o", "pickable_objects": [], "version": 1}"#, "'c': version: 1 is not text", #"text in double quotes is expected, for example "1""#),
    (#"{"overlay_root": "o", "pickable_objects": [], "user_id": "a_b"}"#, "'c': user_id 'a_b' has characters that file names of a project cannot have", "use 'a-b'"),
    (#"{"overlay_root": "o", "pickable_objects": [], "runs": [1]}"#, "'c': runs[0]: 1 is not text", "the name of a run is text"),
  ]

  @Test(arguments: 0..<12) func messages(index: Int) {
    let row = Self.messageRows[index]
    let error = #expect(throws: CopickError.self) { try CopickConfiguration(json: Array(row.text.utf8), file: "c") }
    #expect(error?.message == row.message)
    #expect(error?.remedy == row.remedy)
  }

  @Test(arguments: [
    (#""label": 2.5"#, "pickable_objects[0].label: 2.5 is not an integer"), (#""label": 0"#, "object 'a' has label 0, which is the background"),
    (#""radius": "big""#, "pickable_objects[0].radius: \"big\" is not a number"), (#""radius": NaN"#, "pickable_objects[0].radius: NaN is not a finite number"),
    (#""radius": "inf""#, "pickable_objects[0].radius: \"inf\" is not a finite number"), (#""color": [1, 2, 3]"#, "pickable_objects[0].color has 3 numbers"),
    (#""color": [1, 2, 3, 256]"#, "pickable_objects[0].color[3]: 256 is not between 0 and 255"), (#""color": null"#, "pickable_objects[0].color: null is not a list"),
    (#""name": "a_b""#, "object 'a_b' has characters that file names of a project cannot have"), (#""name": """#, "object '' is empty"),
    (#""pdb_id": 4"#, "pickable_objects[0].pdb_id: 4 is not text"), (#""is_particle": 2"#, "pickable_objects[0].is_particle: 2 is not true or false"),
    (#""metadata": 1"#, "pickable_objects[0].metadata: 1 is not an object"),
  ])
  func objectMessages(text: String, message: String) {
    let error = #expect(throws: CopickError.self) { try CopickConfiguration(json: Array(object(text).utf8), file: "c") }
    #expect(error?.kind == .damaged)
    #expect(error?.message == "'c': " + message)
  }

  @Test func missingFileNamesAnother() throws {
    let folder = try TemporaryFolder()
    try folder.write("{\"pickable_objects\": []}", to: "project.json")
    try folder.write("{}", to: "other.json")
    let error = #expect(throws: CopickError.self) { try CopickConfiguration(file: folder.path("config.json")) }
    #expect(error?.kind == .missing)
    #expect(error?.message == "no configuration '\(folder.path("config.json"))'")
    #expect(error?.remedy == "did you mean '\(folder.path("project.json"))'?")
    #expect(throws: CopickError.self) { try CopickConfiguration(file: folder.path) }
  }
}

extension Result {
  var error: Failure? { if case .failure(let error) = self { error } else { nil } }
}
