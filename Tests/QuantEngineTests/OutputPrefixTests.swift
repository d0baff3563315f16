import QuantEngine
import Testing

@Suite struct `Names of saved files` {
  @Test func `are the prefix and an underscore, in the prefix's folder`() throws {
    #expect(try OutputPrefix("out/net").file("quant.json") == "out/net_quant.json")
    #expect(try OutputPrefix("net").file("quant.json") == "./net_quant.json")
    #expect(try OutputPrefix("/net").file("quant.json") == "//net_quant.json")
  }

  @Test func `have no underscore when the prefix is a folder`() throws {
    #expect(try OutputPrefix("out/").file("deploy_model.prototxt") == "out/deploy_model.prototxt")
    #expect(try OutputPrefix("").file("deploy_model.prototxt") == "./deploy_model.prototxt")
  }

  @Test func `take 241 bytes and no more`() throws {
    #expect(try OutputPrefix("out/" + String(repeating: "x", count: 241)).name.count == 241)
    let error = #expect(throws: QuantError.self) { try OutputPrefix("out/" + String(repeating: "x", count: 242)) }
    #expect(error?.status == .usage)
    #expect(throws: QuantError.self) { try OutputPrefix(String(repeating: "ä", count: 121)) }
  }
}
