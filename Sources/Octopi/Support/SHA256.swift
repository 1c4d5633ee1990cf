import SystemPackage

/// SHA-256 (FIPS 180-4): the name of a file's content.
public struct SHA256: Sendable {
  private static let k: [UInt32] = [
    0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4, 0xAB1C_5ED5,
    0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174,
    0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA,
    0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7, 0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967,
    0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85,
    0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070,
    0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
    0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2,
  ]
  private static let start: [UInt32] = [
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
  ]

  private var state = start
  /// Bytes that wait for their block to be full.
  private var rest: [UInt8] = []
  private var count: UInt64 = 0

  public init() {}

  /// Lower-case hexadecimal digest.
  public static func digest(_ bytes: [UInt8]) -> String {
    var sha = SHA256()
    sha.update(bytes)
    return sha.finish()
  }

  /// The digest of a file, which is read in pieces.
  public static func digest(ofFile path: String) throws(InputError) -> String {
    var sha = SHA256()
    do throws(Errno) {
      let file = try PositionedFile(path)
      for start in stride(from: 0, to: file.count, by: 1 << 20) {
        sha.update(try file.read(UInt8.self, at: start, count: min(1 << 20, file.count - start)))
      }
    } catch {
      if error == .noSuchFileOrDirectory { throw .missing(what: "file", path: path, remedy: nil) }
      throw .unreadable(path: path, reason: error.description)
    }
    return sha.finish()
  }

  public mutating func update(_ bytes: [UInt8]) {
    count &+= UInt64(bytes.count)
    let message = rest.isEmpty ? bytes : rest + bytes
    let whole = message.count - message.count % 64
    for block in stride(from: 0, to: whole, by: 64) { compress(message, at: block) }
    rest = Array(message[whole...])
  }

  public func finish() -> String {
    var last = self
    let bits = count &* 8
    let zeros = [UInt8](repeating: 0, count: (119 - rest.count) % 64)
    last.update([0x80] + zeros + (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) })
    return last.state.map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 8 - text.count) + text
    }.joined()
  }

  private mutating func compress(_ message: [UInt8], at block: Int) {
    var w = [UInt32](repeating: 0, count: 64)
    for i in 0..<16 {
      let at = block + 4 * i
      w[i] = UInt32(message[at]) << 24 | UInt32(message[at + 1]) << 16 | UInt32(message[at + 2]) << 8 | UInt32(message[at + 3])
    }
    for i in 16..<64 {
      let a = w[i - 15], b = w[i - 2]
      let first = Self.rotated(a, 7) ^ Self.rotated(a, 18) ^ a >> 3, second = Self.rotated(b, 17) ^ Self.rotated(b, 19) ^ b >> 10
      w[i] = w[i - 16] &+ first &+ w[i - 7] &+ second
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for i in 0..<64 {
      let mixed = Self.rotated(e, 6) ^ Self.rotated(e, 11) ^ Self.rotated(e, 25), choice = e & f ^ ~e & g
      let first = h &+ mixed &+ choice &+ Self.k[i] &+ w[i]
      let second = (Self.rotated(a, 2) ^ Self.rotated(a, 13) ^ Self.rotated(a, 22)) &+ (a & b ^ a & c ^ b & c)
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
    }
    for (i, value) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= value }
  }

  private static func rotated(_ value: UInt32, _ places: UInt32) -> UInt32 { value >> places | value << (32 - places) }
}
