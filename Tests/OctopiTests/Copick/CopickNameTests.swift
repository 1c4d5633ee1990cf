import Testing

@testable import Octopi

@Suite("Names of copick")
struct CopickNameTests {
  @Test(arguments: CopickFixtures.expected["names"]?["sanitize"]?.members ?? [])
  func sanitize(name: PythonValue.Member) {
    let expected = name.value.text.flatMap { $0.hasPrefix("ValueError") ? nil : $0 }
    #expect(CleanName.sanitized(name.name).map { Array($0.utf8) } == expected.map { Array($0.utf8) })
  }

  @Test(arguments: CopickFixtures.expected["names"]?["segmentation_stores"]?.members ?? [])
  func storeNames(store: PythonValue.Member) {
    let parsed = SegmentationStoreName(store.name, isShared: true)
    #expect((parsed == nil) == (store.value == .null))
    guard let parsed else { return }
    #expect(parsed.spacing.angstrom == store.value["voxel_size"]?.number)
    #expect(parsed.user == store.value["user_id"]?.text && parsed.session == store.value["session_id"]?.text)
    #expect(parsed.name == store.value["name"]?.text)
    #expect(PythonValue.bool(parsed.isMultilabel) == store.value["is_multilabel"])
  }

  @Test func vectorsAreThere() {
    #expect(CopickFixtures.expected["names"]?["sanitize"]?.members.count == 23)
    #expect(CopickFixtures.expected["names"]?["segmentation_stores"]?.members.count == 11)
  }

  /// Texts and what `float()` of Python 3.11 gives.
  @Test(arguments: [
    ("10", 10), ("10.0", 10), ("1e1", 10), (" 10\t", 10), ("1_0", 10), (".5", 0.5), ("5.", 5), ("+1", 1), ("inf", .infinity), ("-Infinity", -.infinity),
    ("1e400", .infinity), ("", nil), ("_1", nil), ("1_", nil), ("1__0", nil), ("0x10", nil), ("ten", nil), ("1,5", nil), ("infinit", nil), ("++inf", nil),
    ("1e", nil), ("٣", nil),
  ] as [(String, Double?)])
  func floats(text: String, value: Double?) { #expect(pythonFloat(text) == value) }

  /// Texts and what pydantic 2 makes of them where it wants an integer.
  @Test(arguments: [
    ("3", 3), ("+3", 3), ("3.0", 3), ("-3.00", -3), (" 3 ", 3), ("1_000", 1000), ("00003", 3), ("3.", nil), ("3.5", nil), ("0x3", nil), ("1e1", nil),
    ("", nil), ("3.0.0", nil), ("__1", nil), ("٣", nil),
  ] as [(String, Int?)])
  func integers(text: String, value: Int?) { #expect(pydanticInteger(text) == value) }

  @Test(arguments: [
    ("predict", "predict", "octopi", "1"), ("predict:unet", "predict", "unet", "1"), ("predict:unet/7", "predict", "unet", "7"),
    ("predict,unet,7", "predict", "unet", "7"), ("a:b/c/d", "a", "b", "c-d"), ("my_seg:my user/1 2", "my-seg", "my-user", "1-2"), ("a:/", "a", "octopi", "1"),
    ("a,,", "a", "octopi", "1"),
  ])
  func segmentationTargets(text: String, name: String, user: String, session: String) throws {
    let target = try SegmentationTarget(text)
    #expect(target.name == name && target.user == user && target.session == session)
  }

  @Test func targetSaysWhatItCleans() throws {
    #expect(try SegmentationTarget("my_seg:octopi/1").warnings.map(\.message) == ["segmentation 'my_seg' is written 'my-seg' in file names"])
    #expect(try SegmentationTarget("a:b/c/d").typedSession == "c/d")
    #expect(try SegmentationTarget("predict").warnings == [])
  }

  @Test(arguments: [
    ("a,b", "segmentation 'a,b' has 2 parts"), ("a,b,c,d", "segmentation 'a,b,c,d' has 4 parts"),
    ("a@10", "segmentation 'a@10' has a voxel spacing, which belongs to --tomo-uri or --voxel-size"),
    ("_:b", "segmentation name '_' has no character that file names can have"), ("", "segmentation name '' has no character that file names can have"),
  ])
  func badTargets(text: String, message: String) {
    let error = #expect(throws: CopickError.self) { try SegmentationTarget(text) }
    #expect(error?.kind == .usage)
    #expect(error?.message == message)
  }

  @Test(arguments: [
    ("wbp", "tomogram 'wbp' must have one '@' before the voxel spacing"), ("wbp@10@5", "tomogram 'wbp@10@5' must have one '@' before the voxel spacing"),
    ("wbp@ten", "tomogram 'wbp@ten': 'ten' is not a voxel spacing in ångström"), ("wbp@", "tomogram 'wbp@': '' is not a voxel spacing in ångström"),
    ("wbp@-1", "tomogram 'wbp@-1': '-1' is not a voxel spacing in ångström"), ("wbp@nan", "tomogram 'wbp@nan': 'nan' is not a voxel spacing in ångström"),
    ("re:(@10", "tomogram type 're:(' is not a regular expression"),
  ])
  func badTomograms(text: String, message: String) {
    let error = #expect(throws: CopickError.self) { try TomogramURI(text) }
    #expect(error?.kind == .usage)
    #expect(error?.message == message)
  }

  @Test(arguments: [
    ("a,b", ["a", "b"]), ("[a, b ]", ["a", "b"]), ("[[a]]", ["a"]), ("a,,b", ["a", "", "b"]), ("TS_1", ["TS_1"]), ("", [""]), ("[x],y", ["x]", "y"]),
  ])
  func lists(text: String, items: [String]) { #expect(namesInList(text) == items) }

  /// Python's fnmatch.
  @Test(arguments: [
    ("w*", "wbp", true), ("w*p", "wbp", true), ("*", "", true), ("w*", "abw", false), ("[dw]*", "denoised", true), ("[!dw]*", "denoised", false),
    ("[a-c]x", "bx", true), ("[c-a]x", "bx", false), ("[]x]", "]", true), ("[", "[", true), ("[ab", "[ab", true), ("a?c", "abc", true), ("[a-]", "-", true),
    ("*a*b*", "xxaxxbxx", true), ("*a*b", "xxbxxa", false), ("WBP*", "wbp", false), ("?", "", false), ("[!]]", "]", false), ("a**b", "ab", true),
  ])
  func shellPatterns(pattern: String, name: String, matches: Bool) { #expect(NamePattern(pattern).matches(name) == matches) }

  @Test func manyStarsEnd() {
    #expect(!NamePattern(String(repeating: "a*", count: 40) + "b").matches(String(repeating: "a", count: 4000)))
  }
}
