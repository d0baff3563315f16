import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("SoftmaxWithLoss layer") struct SoftmaxWithLossLayerTests {
  let suite = LayerSuite(SoftmaxWithLossLayer.self)

  /// Two items of two classes: p = 1/4, 3/4 (ln 3 apart) and 1/2, 1/2.
  let scores = Tensor(shape: [2, 2], [1, 2.0986123, 7, 7])

  func loss(_ settings: String, _ labels: [Float]) throws -> Float {
    try suite.top(settings, [scores, Tensor(shape: [2], labels)])[0]
  }

  // -ln(1/4) = 1.3862944, -ln(3/4) = 0.2876821, -ln(1/2) = 0.6931472
  @Test func `the mean over the items by hand`() throws {
    #expect(try abs(loss("", [0, 1]) - 1.0397208) < 1e-6)
    #expect(try abs(loss("", [1, 0]) - 0.4904146) < 1e-6)
  }

  @Test func `ignored labels and every normalization`() throws {
    let ignore = "ignore_label: 9"
    #expect(try abs(loss("loss_param { \(ignore) }", [0, 9]) - 1.3862944) < 1e-6)
    #expect(try abs(loss("loss_param { \(ignore) normalization: FULL }", [0, 9]) - 0.6931472) < 1e-6)
    #expect(try abs(loss("loss_param { \(ignore) normalization: BATCH_SIZE }", [0, 9]) - 0.6931472) < 1e-6)
    #expect(try abs(loss("loss_param { normalization: NONE }", [0, 1]) - 2.0794415) < 1e-6)
    #expect(try abs(loss("loss_param { \(ignore) normalize: false }", [0, 9]) - 0.6931472) < 1e-6)
    #expect(try loss("loss_param { \(ignore) }", [9, 9]) == 0)
  }

  @Test func `a second top has the probabilities`() throws {
    let c = LayerCase("two tops", "", bottoms: [[2, 2], [2]], topCount: 2)
    let tops = try suite.reference(c, [scores, Tensor(shape: [2], [0, 1])])
    #expect(tops[0].shape == [])
    #expect(tops[1].shape == [2, 2])
    for (got, want) in zip(tops[1].array, [0.25, 0.75, 0.5, 0.5] as [Float]) { #expect(got.isNearly(want)) }
  }

  @Test func `a certain mistake costs the smallest normal number`() throws {
    // -ln(2^-126) = 87.3365
    let y = try suite.top("", [Tensor(shape: [1, 2], [0, 1000]), Tensor(shape: [1], [0])])
    #expect(abs(y[0] - 87.3365) < 1e-3)
  }

  @Test func `the kernel runs the same loops and refuses labels that are no class`() throws {
    let c = LayerCase("bad", "", bottoms: [[2, 2], [2]])
    let shapes = LayerShapes(bottoms: c.bottoms, tops: [[]])
    let backend = Backend(threads: 1)
    backend.enter()
    let context = KernelContext(
      shapes: shapes, params: [], bottomLayouts: c.bottoms.map(Layout.plain), backend: backend)
    let kernel = try #require(try suite.makeLayer(c).makeKernel(context))
    let good = try LayerSuite.run(kernel, [scores, Tensor(shape: [2], [0, 1])], shapes, backend)
    #expect(abs(good[0][0] - 1.0397208) < 1e-6)
    let error = #expect(throws: KernelError.self) {
      try LayerSuite.run(kernel, [scores, Tensor(shape: [2], [0, 2])], shapes, backend)
    }
    #expect(error?.text.contains("label 2.0 at index 1 is no class of the 2") == true)
  }

  @Test func `it refuses labels that do not fit`() throws {
    #expect(
      try suite.refusal("", bottoms: [[4, 3, 2], [4]]).contains(
        "needs one label for each of the 8 positions of [4, 3, 2], its second bottom [4] has 4"))
    #expect(try suite.refusal("softmax_param { axis: 3 }", bottoms: [[4, 3], [4]]).contains("has axis 3, outside"))
  }
}
