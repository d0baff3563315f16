import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

@Suite("Element function kernel") struct ElementFunctionKernelTests {
  struct Extreme: Sendable, CustomTestStringConvertible {
    let type: any LayerType.Type
    /// Values at infinity, -infinity, 1000 and -1000; `nil` is not a number.
    let ends: [Float?]
    var testDescription: String { type.caffeType }
  }
  static let extremes = [
    Extreme(type: ELULayer.self, ends: [.infinity, -1, 1000, -1]),
    Extreme(type: SigmoidLayer.self, ends: [1, 0, 1, 0]),
    Extreme(type: TanHLayer.self, ends: [1, -1, 1, -1]),
    Extreme(type: BNLLLayer.self, ends: [.infinity, 0, 1000, 0]),
    Extreme(type: ExpLayer.self, ends: [.infinity, 0, .infinity, 0]),
    Extreme(type: LogLayer.self, ends: [.infinity, nil, 6.9077554, nil]),
  ]

  func kernel(_ type: any LayerType.Type, _ settings: String, _ layout: Layout) throws -> any LayerKernel {
    let shape = layout.shape
    let backend = Backend(threads: 1)
    backend.enter()
    let layer = try LayerSuite(type).makeLayer(LayerCase("c", settings, bottoms: [shape]))
    return try #require(
      try layer.makeKernel(
        KernelContext(
          shapes: LayerShapes(bottoms: [shape], tops: [shape]), params: [], bottomLayouts: [layout], backend: backend)))
  }

  @Test(arguments: extremes) func `far values are limits and NaN stays NaN`(_ e: Extreme) throws {
    let x = Tensor(shape: [5], [.infinity, -.infinity, 1000, -1000, .nan])
    let kernel = try kernel(e.type, "", .plain(x.shape))
    let shapes = LayerShapes(bottoms: [x.shape], tops: [x.shape])
    let got = try LayerSuite.run(kernel, [x], shapes, Backend(threads: 1))[0].array
    let plain = try LayerSuite(e.type).top("", [x]).array
    for (i, want) in (e.ends + [nil]).enumerated() {
      #expect(want.map { got[i] == $0 } ?? got[i].isNaN, "kernel, element \(i): \(got[i])")
      #expect(want.map { plain[i] == $0 } ?? plain[i].isNaN, "plain loops, element \(i): \(plain[i])")
    }
  }

  @Test(arguments: [
    (SigmoidLayer.self as any LayerType.Type, ""), (ExpLayer.self, ""), (LogLayer.self, ""), (BNLLLayer.self, ""),
    (PowerLayer.self, "power_param { shift: 1 }"),
    (ThresholdLayer.self, "threshold_param { threshold: -1 }"), (CosLayer.self, ""),
    (ClipLayer.self, "clip_param { min: 1 max: 2 }"),
  ])
  func `the padding of blocked memory is zero afterwards`(_ type: any LayerType.Type, _ settings: String) throws {
    // 11 channels in two blocks of 8: the second block has 5 lanes too many.
    let layout = try #require(Layout.blocked([2, 11, 3, 2], block: 8))
    let kernel = try kernel(type, settings, layout)
    #expect(kernel.topLayouts[0].isSame(as: layout))
    let (source, sink) = (TensorStorage(count: layout.floats), TensorStorage(count: layout.floats))
    let view = MutableFloatView(sink.base, count: layout.floats)
    MutableFloatView(source.base, count: layout.floats).fill(0)
    view.fill(.nan)
    let scratch = TensorStorage(count: kernel.scratchBytes / 4 + 16)
    try kernel.run(
      KernelIO(
        bottoms: [FloatView(source.base, count: layout.floats)], tops: [view],
        scratch: UnsafeMutableRawPointer(scratch.base)))
    for i in 0..<layout.floats {
      let isPadding = i / (6 * 8) % 2 == 1 && i % 8 >= 3
      if isPadding { #expect(view[i] == 0, "element \(i)") } else { #expect(view[i] != 0, "element \(i)") }
    }
  }
}
