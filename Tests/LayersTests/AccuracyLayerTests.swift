import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Accuracy layer") struct AccuracyLayerTests {
  let suite = LayerSuite(AccuracyLayer.self)

  /// Four items, three classes; the right ones are first, second, third and (by a tie) second.
  let scores = Tensor(shape: [4, 3], [9, 1, 2, 9, 8, 2, 3, 2, 1, 5, 5, 1])
  let labels = Tensor(shape: [4], [0, 1, 2, 0])

  func tops(_ settings: String, _ labels: Tensor, topCount: Int = 1) throws -> [[Float]] {
    let c = LayerCase("by hand", settings, bottoms: [[4, 3], [4]], topCount: topCount)
    return try suite.reference(c, [scores, labels]).map(\.array)
  }

  @Test func `values by hand`() throws {
    #expect(try tops("", labels) == [[0.25]])
    #expect(try tops("accuracy_param { top_k: 2 }", labels) == [[0.75]])
    #expect(try tops("accuracy_param { top_k: 3 }", labels) == [[1]])
  }

  @Test func `a second top has the share of each class`() throws {
    // Class 0: item 0 right, item 3 a tie; class 1 and class 2 wrong.
    #expect(try tops("", labels, topCount: 2) == [[0.25], [0.5, 0, 0]])
  }

  @Test func `ignored labels do not count`() throws {
    // Left: items 0 and 3, one of them right.
    let some = Tensor(shape: [4], [0, 255, 255, 0])
    #expect(try tops("accuracy_param { ignore_label: 255 }", some) == [[0.5]])
    let none = Tensor(shape: [4], [255, 255, 255, 255])
    #expect(try tops("accuracy_param { ignore_label: 255 }", none) == [[0]])
  }

  @Test func `positions of an image count each`() throws {
    // Scores [1, 2 classes, 2 positions]: position 0 has 1, 3; position 1 has 4, 2.
    let c = LayerCase("image", "", bottoms: [[1, 2, 2], [1, 1, 2]])
    let scores = Tensor(shape: [1, 2, 2], [1, 4, 3, 2])
    let right = try suite.reference(c, [scores, Tensor(shape: [1, 1, 2], [1, 0])])
    #expect(right[0] == Tensor(shape: [], [1]))
    let half = try suite.reference(c, [scores, Tensor(shape: [1, 1, 2], [1, 1])])
    #expect(half[0] == Tensor(shape: [], [0.5]))
  }

  @Test(arguments: [3, -1, Float.nan, 1e30]) func `a label that is no class stops the run`(_ label: Float) throws {
    let c = LayerCase("bad", "", bottoms: [[4, 3], [4]])
    let shapes = LayerShapes(bottoms: c.bottoms, tops: [[]])
    let backend = Backend(threads: 1)
    backend.enter()
    let context = KernelContext(
      shapes: shapes, params: [], bottomLayouts: c.bottoms.map(Layout.plain), backend: backend)
    let kernel = try #require(try suite.makeLayer(c).makeKernel(context))
    #expect(try LayerSuite.run(kernel, [scores, labels], shapes, backend)[0][0] == 0.25)
    let error = #expect(throws: KernelError.self) {
      try LayerSuite.run(kernel, [scores, Tensor(shape: [4], [0, 1, label, 0])], shapes, backend)
    }
    #expect(
      error?.text == "layer 'l' (Accuracy): label \(label) at index 2 is no class of the 3 of its first bottom")
  }

  @Test func `it refuses labels and top_k that do not fit`() throws {
    #expect(
      try suite.refusal("", bottoms: [[4, 3], [5]]).contains(
        "needs one label for each of the 4 positions of [4, 3], its second bottom [5] has 5"))
    #expect(
      try suite.refusal("accuracy_param { top_k: 4 }", bottoms: [[4, 3], [4]]).contains(
        "has top_k 4, more than the 3 classes"))
    #expect(try suite.refusal("accuracy_param { axis: 2 }", bottoms: [[4, 3], [4]]).contains("has axis 2, outside"))
  }
}
