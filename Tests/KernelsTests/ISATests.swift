import Kernels
import Testing

@Suite("ISA")
struct ISATests {
  @Test func weakestIsAlwaysThere() throws {
    #expect(ISA.available.first == .portable)
    #expect(try ISA.chosen(environment: ["OCTOPI_ISA": "Portable"]) == .portable)
  }

  @Test func refusesWhatTheMachineLacks() {
    #expect(throws: ISAError.unavailable("sse9", available: ISA.available.map(\.rawValue))) { try ISA.chosen(environment: ["OCTOPI_ISA": "sse9"]) }
  }
}
