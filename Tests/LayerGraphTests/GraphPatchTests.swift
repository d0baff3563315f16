import CaffeFormat
import LayerGraph
import Tensors
import TestSupport
import Testing

@Suite struct GraphPatchTests {
  /// data - a - b, both b and c read a.
  private let text =
    NetText.input("data", [1, 2, 2, 2]) + NetText.layer("a", "ReLU", ["data"], ["a"])
    + NetText.layer("b", "ReLU", ["a"], ["b"]) + NetText.layer("c", "ReLU", ["a"], ["c"])

  private func parameter(_ name: String, _ bottom: String, _ top: String, type: String = "AbsVal") throws
    -> LayerParameter
  {
    let net = try ProtoSchema.builtIn().parseText(
      "NetParameter", Array(NetText.layer(name, type, [bottom], [top]).utf8), file: "patch.prototxt")
    return LayerParameter(try #require(net.messages("layer").first))
  }

  private func topology(_ graph: Graph) -> [String] {
    graph.nodes.map { node in
      let p = graph.parameter(of: node)
      return "\(p.bottoms.joined(separator: ",")) > \(p.name) > \(p.tops.joined(separator: ","))"
    }
  }

  @Test func `an inserted node takes over all readers or the named inputs`() throws {
    let graph = try NetText.graph(text)
    let (a, c) = (try #require(graph.node(named: "a")), try #require(graph.node(named: "c")))
    let b = try #require(graph.node(named: "b"))
    let parameter = try parameter("n", "a", "n")
    func inserting(_ readers: GraphPatch.Readers, before: NodeID?) throws -> Graph {
      try graph.applying(
        GraphPatch(
          [.insert(parameter, params: [], bottoms: [a.tops[0]], before: before, readers: readers)], summary: "test"))
    }
    #expect(
      topology(try inserting(.all(of: a.tops[0]), before: b.id)) == [
        "data > a > a", "a > n > n", "n > b > b", "n > c > c",
      ])
    #expect(
      topology(try inserting(.inputs([(node: c.id, bottom: 0)]), before: c.id)) == [
        "data > a > a", "a > b > b", "a > n > n", "n > c > c",
      ])
    #expect(
      topology(try inserting(.none, before: nil)) == ["data > a > a", "a > b > b", "a > c > c", "a > n > n"])
    #expect(try inserting(.none, before: nil).blobs.last?.shape == [1, 2, 2, 2])
    #expect(topology(graph) == ["data > a > a", "a > b > b", "a > c > c"], "the graph itself stays")
  }

  @Test func `readers of a removed node read its bottom, and a net output keeps its name`() throws {
    let graph = try NetText.graph(text)
    let a = try #require(graph.node(named: "a"))
    let withoutA = try graph.applying(GraphPatch([.remove(a.id)], summary: "test"))
    #expect(topology(withoutA) == ["data > b > b", "data > c > c"])
    let single = try NetText.graph(
      NetText.input("data", [1, 2, 2, 2]) + NetText.layer("a", "ReLU", ["data"], ["a"])
        + NetText.layer("b", "ReLU", ["a"], ["b"]))
    let cut = try single.applying(GraphPatch([.remove(try #require(single.node(named: "b")).id)], summary: "test"))
    #expect(topology(cut) == ["data > a > b"])
    #expect(cut.outputs.map { cut[$0].name } == ["b"])
  }

  @Test func `a rename shows in the messages of maker and readers`() throws {
    let graph = try NetText.graph(text)
    let a = try #require(graph.node(named: "a"))
    let renamed = try graph.applying(GraphPatch([.rename(a.tops[0], "z")], summary: "test"))
    #expect(topology(renamed) == ["data > a > z", "z > b > b", "z > c > c"])
    let message = try #require(renamed.netMessage().messages("layer").first)
    #expect(message.strings("top") == ["z"])
    #expect(renamed.netMessage().messages("layer").map { $0.strings("bottom") } == [["data"], ["z"], ["z"]])
  }

  @Test func `new settings change the shapes that follow`() throws {
    let graph = try NetText.graph(
      NetText.input("data", [1, 4])
        + NetText.layer("a", "InnerProduct", ["data"], ["a"], "inner_product_param { num_output: 2 }")
        + NetText.layer("b", "ReLU", ["a"], ["b"]))
    let a = try #require(graph.node(named: "a"))
    var parameter = a.parameter
    parameter.message.update("inner_product_param", typeName: "InnerProductParameter") {
      $0.set("num_output", .uint(7))
    }
    let wider = try graph.applying(
      GraphPatch([.update(a.id, parameter, params: [Tensor(shape: [7, 4]), Tensor(shape: [7])])], summary: "test"))
    #expect(wider.blobs.map(\.shape) == [[1, 4], [1, 7], [1, 7]])
    #expect(wider.node(named: "a")?.params.map(\.shape) == [[7, 4], [7]])
  }

  @Test func `settings that the layer refuses are reported with what was being done`() throws {
    let graph = try NetText.graph(text)
    let a = try #require(graph.node(named: "a"))
    let parameter = try parameter("n", "a", "n", type: "Convolution")
    let found = NetText.problems {
      _ = try graph.applying(
        GraphPatch(
          [.insert(parameter, params: [], bottoms: [a.tops[0]], before: nil, readers: .none)], summary: "inserting n"))
    }
    #expect(found.first?.text.hasPrefix("layer 'n' (Convolution): ") == true)
    #expect(found.first?.notes.map(\.text).contains("while this was done: inserting n") == true)
  }

  @Test func `an unknown layer stays in the message as it was read`() throws {
    let graph = try NetText.graph(
      NetText.input("data", [1, 4])
        + NetText.layer("x", "Mystery", ["data"], ["x"], "convolution_param { num_output: 3 }"))
    let message = try #require(graph.netMessage().messages("layer").first)
    #expect(message.string("type") == "Mystery")
    #expect(message.message("convolution_param")?.int("num_output") == 3)
  }
}
