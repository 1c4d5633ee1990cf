import Octopi
import Testing

#if !(os(macOS) && arch(x86_64))
  @Suite("Half") struct HalfTests {
    @Test func everyHalfIsTheCompilers() {
      for bits in UInt16.min...UInt16.max {
        let half = Half(bits: bits).float, want = Float(Float16(bitPattern: bits))
        #expect(half.bitPattern == want.bitPattern || half.isNaN && want.isNaN)
      }
    }

    /// Every half, the middle between it and the next, and the doubles beside the middle.
    @Test func roundingIsTheCompilers() {
      for bits in UInt16.min..<0x7C00 {
        let value = Double(Float16(bitPattern: bits)), next = bits == 0x7BFF ? 65536 : Double(Float16(bitPattern: bits + 1))
        let middle = (value + next) / 2
        for number in [value, middle, middle.nextUp, middle.nextDown] {
          #expect(Half(rounding: number).bits == Float16(number).bitPattern)
          #expect(Half(rounding: -number).bits == Float16(-number).bitPattern)
        }
      }
      #expect(Half(rounding: .nan).float.isNaN)
      #expect(Half(rounding: -.infinity).float == -.infinity)
    }
  }
#endif
