import Octopi
import TestSupport
import Testing

@Suite("PythonJSON")
struct PythonJSONTests {
  @Test func writesFloatsOfPython() throws {
    let rows = PythonYAMLTests.json("copick-fixtures/json-floats.json").elements
    #expect(rows.count == 24)
    for row in rows {
      let bits = try #require(row["bits"]?.text.flatMap { UInt64($0, radix: 16) })
      #expect(PythonJSON.text(.float(Double(bitPattern: bits))) == row["text"]?.text)
    }
  }

  /// Between 2^53 and 1e16 Swift's description has an exponent, Python's has not.
  @Test(arguments: [
    (9007199254740994.0, "9007199254740994.0"), (9999999999999998.0, "9999999999999998.0"), (0.00012, "0.00012"), (1e-5, "1e-05"),
    (1.5e100, "1.5e+100"), (-2.5e-10, "-2.5e-10"), (123.456, "123.456"), (.nan, "NaN"), (-.infinity, "-Infinity"),
  ])
  func writesFloats(value: Double, text: String) { #expect(PythonJSON.text(.float(value)) == text) }

  @Test func writesIndented() {
    let value: PythonValue = ["a": [], "b": [1, 2.0], "c": ["d": nil, "e": [:]], "f": true]
    #expect(
      PythonJSON.text(value, indent: 4) == """
        {
            "a": [],
            "b": [
                1,
                2.0
            ],
            "c": {
                "d": null,
                "e": {}
            },
            "f": true
        }
        """)
    #expect(PythonJSON.text(value) == #"{"a": [], "b": [1, 2.0], "c": {"d": null, "e": {}}, "f": true}"#)
  }

  @Test func escapesStrings() {
    let text = "\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}é日😀"
    #expect(PythonJSON.text(.string(text)) == #""\"\\/\b\f\n\r\t\u0000\u001f\u007f\u00e9\u65e5\ud83d\ude00""#)
  }

  @Test func readsWhatItWrites() throws {
    let value: PythonValue = [
      "": "\"\\/\n😀é", "e\u{301}": 1, "é": 2, "n": [nil, true, false, -3, 0.1, -0.0, 1e300], "o": ["p": [[], [:]]],
    ]
    #expect(try PythonJSON.value(Array(PythonJSON.text(value, indent: 4).utf8)) == value)
    #expect(try PythonJSON.value(Array(PythonJSON.text(value).utf8)) == value)
  }

  @Test(arguments: [
    (#"{"a": 1, "b": 2, "a": 3}"#, ["a": 3, "b": 2]), ("\u{feff}[2, 2.0, 2e0, -0]", [2, 2.0, 2.0, 0]),
    ("[123456789012345678901234567890]", [123456789012345678901234567890.0]), (#""\ud83d\ude00\/""#, "😀/"),
    ("[Infinity, -Infinity]", .array([.float(.infinity), .float(-.infinity)])), (" 1e400 ", .float(.infinity)),
  ] as [(String, PythonValue)])
  func readsAsPython(text: String, value: PythonValue) throws { #expect(try PythonJSON.value(Array(text.utf8)) == value) }

  @Test(arguments: [
    ("", 1, 1, "the text ends where a value is expected"), ("{\n  \"a\": 1,\n}", 3, 1, "a name in double quotes is expected after the comma"),
    ("[1,]", 1, 4, "a value is expected"), ("// c\n{}", 1, 1, "a value is expected"), ("[01]", 1, 2, "a number cannot start with 0"),
    ("[1] x", 1, 5, "something follows the value"), (#"{"a" 1}"#, 1, 6, "':' is expected after a name"),
    ("{\"é😀\": [1 2]}", 1, 11, "',' or ']' is expected"), ("[1, 2", 1, 6, "the text ends before ']'"), ("['a']", 1, 2, "a value is expected"),
    ("[\"a\nb\"]", 1, 4, "a control character must be escaped in a string"), ("[\"a", 1, 2, "a string does not end"),
    (#"["\ud800"]"#, 1, 3, "half a surrogate pair in a string"), (#"["\ud800\u0041"]"#, 1, 3, "half a surrogate pair in a string"),
    (#"["\x"]"#, 1, 3, "unknown escape in a string"), (#"["\u12"]"#, 1, 3, "four hexadecimal digits are expected after '\\u'"),
    ("[1.]", 1, 4, "a digit is expected after the point"), ("[-]", 1, 3, "a digit is expected"), ("[1e]", 1, 4, "a digit is expected in the exponent"),
    ("\u{feff}x", 1, 1, "a value is expected"), ("[\\", 1, 2, "a value is expected"), ("[\"\\", 1, 3, "a string does not end"),
  ])
  func refuses(text: String, line: Int, column: Int, reason: String) {
    #expect { try PythonJSON.value(Array(text.utf8)) } throws: { error in
      guard let error = error as? JSONSyntaxError else { return false }
      return error.line == line && error.column == column && error.reason == reason
    }
  }

  @Test func refusesBytesThatAreNoText() {
    #expect(throws: JSONSyntaxError.self) { try PythonJSON.value([0x22, 0xFF, 0x22]) }
    #expect(throws: JSONSyntaxError.self) { try PythonJSON.value(Array(repeating: UInt8(ascii: "["), count: 100_000)) }
  }
}
