/// CRC-32C (Castagnoli): reflected polynomial 0x82F63B78, start and final exclusive or 0xFFFFFFFF (RFC 3720, appendix B.4).
enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
  }

  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let table = table
    return ~bytes.reduce(0xFFFF_FFFF as UInt32) { crc, byte in crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] }
  }

  /// Zarr's codec `crc32c`: the last four bytes are the checksum of what is before, little endian.
  static func decode(_ bytes: [UInt8]) throws(CodecFailure) -> [UInt8] {
    guard bytes.count >= 4 else { throw .damaged("\(bytes.count) bytes are too few for a CRC-32C") }
    let stored = bytes.suffix(4).reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
    let body = bytes.dropLast(4)
    let computed = checksum(body)
    guard stored == computed else {
      throw .damaged("its CRC-32C is \(String(computed, radix: 16)), stored with it is \(String(stored, radix: 16))")
    }
    return Array(body)
  }

  /// `bytes` followed by their checksum.
  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    let crc = checksum(bytes)
    return bytes + (0..<4).map { UInt8(truncatingIfNeeded: crc >> (8 * $0)) }
  }
}
