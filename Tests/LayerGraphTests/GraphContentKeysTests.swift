import LayerGraph
import Tensors
import TestSupport
import Testing

@Suite("Content keys of a graph") struct GraphContentKeysTests {
  private static let convolution = "convolution_param { num_output: 2 kernel_size: 1 }"
  /// data -> a -> b -> sum <- c <- data
  private static func text(_ a: String = convolution, name: String = "a") -> String {
    NetText.input("data", [1, 2, 4, 4]) + NetText.layer(name, "Convolution", ["data"], ["a"], a)
      + NetText.layer("b", "Convolution", ["a"], ["b"], convolution)
      + NetText.layer("c", "Convolution", ["data"], ["c"], convolution)
      + NetText.layer("sum", "Eltwise", ["b", "c"], ["sum"])
  }

  private static func content(_ text: String) -> ContentKey { ContentHasher(text).key }

  /// Keys by blob name.
  private func keys(
    _ text: String = text(), _ params: [String: [Tensor]] = [:], data: String = "x"
  ) throws -> [String: ContentKey] {
    var params = params
    for (name, seed) in [("a", 1), ("b", 2), ("c", 3), ("other", 1)] where params[name] == nil {
      params[name] = [.random([2, 2, 1, 1], seed: UInt64(seed)), .random([2], seed: UInt64(seed) + 10)]
    }
    let graph = try NetText.graph(text, params: params)
    let inputs = Dictionary(uniqueKeysWithValues: graph.inputs.map { ($0, Self.content(data)) })
    return Dictionary(
      uniqueKeysWithValues: graph.contentKeys(inputs: inputs).map { (graph[$0].name, $1) })
  }

  /// The blobs whose keys differ.
  private func changed(_ a: [String: ContentKey], _ b: [String: ContentKey]) -> Set<String> {
    Set(a.keys.filter { a[$0] != b[$0] })
  }

  @Test func `are the same for the same net, whatever its layers are called`() throws {
    #expect(try changed(keys(), keys()) == [])
    #expect(try changed(keys(), keys(Self.text(name: "other"))) == [])
    #expect(try Set(keys().values).count == 5)
  }

  @Test func `change downstream of other weights`() throws {
    let other = [Tensor.random([2, 2, 1, 1], seed: 9), Tensor.random([2], seed: 11)]
    #expect(try changed(keys(), keys(Self.text(), ["a": other])) == ["a", "b", "sum"])
    #expect(try changed(keys(), keys(Self.text(), ["c": other])) == ["c", "sum"])
  }

  @Test func `change downstream of other parameters`() throws {
    let padded = "convolution_param { num_output: 2 kernel_size: 1 stride: 1 group: 1 engine: CAFFE }"
    #expect(try changed(keys(), keys(Self.text(padded))) == ["a", "b", "sum"])
  }

  @Test func `change with the data`() throws {
    #expect(try changed(keys(), keys(data: "y")) == ["data", "a", "b", "c", "sum"])
  }

  @Test func `are not given below an input without one`() throws {
    let graph = try NetText.graph(Self.text())
    #expect(graph.contentKeys(inputs: [:]).isEmpty)
  }
}
