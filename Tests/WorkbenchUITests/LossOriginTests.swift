import Testing

@testable import QuantEngine
@testable import WorkbenchUI

/// Which layers lose similarity and which only inherit the loss.
@Suite("Loss origin") struct LossOriginTests {
  /// Layers of the sample with a chain cosine, and a local one where it is given.
  private func metrics(_ values: [(String, Double, Double?)], state: String = "quantized") -> [String: LayerMetric] {
    Dictionary(
      uniqueKeysWithValues: values.map { name, chain, local in
        var m = LayerMetric(
          layer: name, type: "Convolution", state: state, cosine: chain, cosineMin: chain, sqnr_db: 0, mse: 0,
          max_abs: 0, slope: 1)
        m.local = local
        return (name, m)
      })
  }

  private func origin(_ metrics: [String: LayerMetric]) throws -> LossOrigin {
    LossOrigin(try Shapes.project().graph, compared: metrics.keys)
  }

  @Test func `layers that are fed by compared ones, absorbed layers passed over`() throws {
    let found = try origin(
      metrics([
        ("conv1", 1, nil), ("pool1", 1, nil), ("res2_b", 1, nil), ("res2", 1, nil), ("conv4_a", 1, nil),
        ("conv4_b", 1, nil), ("concat4", 1, nil),
      ]))
    #expect(found.feeders(of: "conv1") == [])
    // conv1_bn, conv1_scale and conv1_relu stand between; res2 adds res2_b to pool1.
    #expect(found.feeders(of: "pool1") == ["conv1"])
    #expect(Set(found.feeders(of: "res2")) == ["res2_b", "pool1"])
    #expect(Set(found.feeders(of: "concat4")) == ["conv4_a", "conv4_b"])
  }

  @Test func `own step is the best input less the layer`() throws {
    let m = metrics([("conv1", 0.99, nil), ("pool1", 0.98, nil), ("res2_b", 0.97, nil), ("res2", 0.95, nil)])
    let found = try origin(m)
    // conv1 reads the net's input, which has 1.
    #expect(abs((found.ownStep("conv1", m) ?? 0) - 0.01) < 1e-12)
    // The better one of .98 and .97.
    #expect(abs((found.ownStep("res2", m) ?? 0) - 0.03) < 1e-12)
    #expect(found.ownStep("fc6", m) == nil)
  }

  @Test func `the local cosine tells who loses`() throws {
    let m = metrics([
      ("conv3_expand", 0.9995, 0.9996), ("conv3_dw", 0.93, 0.932), ("conv3_project", 0.91, 0.9996),
      ("conv4_a", 0.8, 0.95),
    ])
    let found = try origin(m)
    func part(_ layer: String) -> LossOrigin.Part? { found.part(layer, m, threshold: 0.99) }
    #expect(part("conv3_expand") == nil)
    #expect(part("conv3_dw") == .causes)
    #expect(part("conv3_project") == .inherits)
    #expect(part("conv4_a") == .causes)
    #expect(found.cause(of: "conv3_project", m, threshold: 0.99) == "conv3_dw")
    #expect(found.cause(of: "conv3_expand", m, threshold: 0.99) == nil)
  }

  @Test func `without local cosines, who makes half of the loss`() throws {
    // conv3_dw: step .0695 of a loss of .07. conv3_project: .02 of .09. conv4_a: .15 of .24.
    let m = metrics([
      ("conv3_expand", 0.9995, nil), ("conv3_dw", 0.93, nil), ("conv3_project", 0.91, nil), ("conv4_a", 0.76, nil),
    ])
    let found = try origin(m)
    let parts = ["conv3_dw", "conv3_project", "conv4_a"].map { found.part($0, m, threshold: 0.99) }
    #expect(parts == [.causes, .inherits, .causes])
  }

  @Test func `a float layer only inherits, and what is no number begins somewhere`() throws {
    let float = metrics([("conv3_dw", 0.9, nil)], state: "float")
    #expect(try origin(float).part("conv3_dw", float, threshold: 0.99) == .inherits)
    let m = metrics([("conv3_dw", .nan, nil), ("conv3_project", .nan, nil)])
    let found = try origin(m)
    #expect(found.part("conv3_dw", m, threshold: 0.99) == .causes)
    #expect(found.part("conv3_project", m, threshold: 0.99) == .inherits)
  }
}
