import Testing

@testable import QuantEngine

@Suite("Run data") struct RunDataTests {
  private func data(_ key: String, found: Int = 64, batchSize: Int = 8) -> RunData {
    RunData(source: "images", found: found, batchSize: batchSize, key: key)
  }

  @Test func `same images, same preprocessing`() {
    #expect(RunData.areSame(data("a"), data("a")) == true)
    #expect(RunData.areSame(data("a"), data("b")) == false)
    #expect(RunData.areSame(data("a"), data("a", found: 63)) == false)
  }

  @Test func `nothing is said where it is not known`() {
    #expect(RunData.areSame(nil, data("a")) == nil)
    #expect(RunData.areSame(data("a"), data("b", batchSize: 16)) == nil)
  }
}
