import CaffeFormat
import Diagnostics
import Kernels
import LayerGraph
import Tensors
import Testing

/// One configuration of a layer under test: its prototxt settings and the shapes of its bottoms.
package struct LayerCase: Sendable, CustomTestStringConvertible {
  package let name: String
  /// What stands inside `layer { }` besides name, type, bottoms and tops.
  package let settings: String
  package let bottoms: [Shape]
  package let topCount: Int
  /// Range of the random bottom values.
  package let range: ClosedRange<Float>
  /// The `type:` string; the layer's standard one when `nil`.
  package let type: String?

  package init(
    _ name: String, _ settings: String, bottoms: [Shape], topCount: Int = 1, range: ClosedRange<Float> = -1...1,
    type: String? = nil
  ) {
    self.name = name
    self.settings = settings
    self.bottoms = bottoms
    self.topCount = topCount
    self.range = range
    self.type = type
  }

  package var testDescription: String { name }
}

/// Runs one layer case every way there is: written and read again, shapes, reference, fast kernel from every layout, in
/// place, on 1 and 2 threads, and as a post-op.
package struct LayerSuite {
  package let type: any LayerType.Type

  package init(_ type: any LayerType.Type) { self.type = type }

  /// The layer made from its settings, as the graph would make it.
  package func makeLayer(_ c: LayerCase) throws -> any LayerType {
    let message = try #require(written(c).messages("layer").first)
    return try type.init(LayerSource(LayerParameter(message)))
  }

  private func written(_ c: LayerCase) throws -> ProtoMessage {
    let bottoms = c.bottoms.indices.map { "bottom: \"b\($0)\" " }.joined()
    let tops = (0..<c.topCount).map { "top: \"t\($0)\" " }.joined()
    let text = "layer { name: \"l\" type: \"\(c.type ?? type.caffeType)\" \(bottoms)\(tops)\n\(c.settings)\n}"
    return try ProtoSchema.builtIn().parseText("NetParameter", Array(text.utf8), file: "case.prototxt")
  }

  /// Writes the case's prototxt, as text and as binary, and reads it again.
  private func checkWriting(_ c: LayerCase) throws {
    let (schema, net) = (try ProtoSchema.builtIn(), try written(c))
    let text = try schema.parseText("NetParameter", Array(schema.printText(net).utf8), file: "again.prototxt")
    #expect(text == net, "\(c.name): written as text")
    let binary = try schema.parseBinary("NetParameter", schema.serialize(net), file: "again.caffemodel")
    #expect(binary == net, "\(c.name): written as binary")
  }

  /// The tops of `reference` for given values; learned blobs default to seeded plausible ones.
  package func reference(_ c: LayerCase, _ bottoms: [Tensor], params: [Tensor]? = nil) throws -> [Tensor] {
    try checkWriting(c)
    let layer = try makeLayer(c)
    let tops = try layer.topShapes(bottoms.map(\.shape))
    return run(layer, LayerShapes(bottoms: bottoms.map(\.shape), tops: tops), bottoms, try params ?? learned(layer, c))
  }

  package func run(_ c: LayerCase) throws {
    try checkWriting(c)
    let layer = try makeLayer(c)
    let shapes = LayerShapes(bottoms: c.bottoms, tops: try layer.topShapes(c.bottoms))
    #expect(shapes.tops.count == c.topCount, "\(c.name): number of tops")
    let params = try learned(layer, c)
    let bottoms = c.bottoms.enumerated().map {
      Tensor.random($0.element, seed: UInt64(17 + $0.offset), low: c.range.lowerBound, high: c.range.upperBound)
    }
    let want = run(layer, shapes, bottoms, params)
    checkPostOp(layer, c, shapes, bottoms, params, want)
    var previous: [Tensor]?
    for threads in [1, 2] {
      for block in [1, 8, 16, 0] {
        let backend = Backend(threads: threads)
        backend.enter()
        // 1 is C order, 0 is channels last.
        let layouts = c.bottoms.map { shape in
          let layout = block == 0 ? Layout.channelsLast(shape) : Layout.blocked(shape, block: block)
          return block == 1 ? Layout.plain(shape) : layout ?? .plain(shape)
        }
        let context = KernelContext(shapes: shapes, params: params, bottomLayouts: layouts, backend: backend)
        guard let kernel = try layer.makeKernel(context) else { return }
        for inPlace in kernel.canRunInPlace ? [false, true] : [false] {
          let got = try LayerSuite.run(kernel, bottoms, shapes, backend, inPlace: inPlace)
          for (i, top) in got.enumerated() {
            let problem = Swift.type(of: layer).agreement.firstDisagreement(top, want[i])
            #expect(problem == nil, "\(c.name): top \(i), block \(block), in place \(inPlace), \(kernel.backend)")
          }
          if block == 1, !inPlace {
            if let previous { #expect(previous == got, "\(c.name): other bits on \(threads) threads") }
            previous = got
          }
        }
      }
    }
  }

  private func learned(_ layer: any LayerType, _ c: LayerCase) throws -> [Tensor] {
    var filler = ParamFiller(seed: 5)
    return try layer.paramBlobs(c.bottoms).map { filler.plausible($0) }
  }

  private func run(_ layer: any LayerType, _ shapes: LayerShapes, _ bottoms: [Tensor], _ params: [Tensor]) -> [Tensor] {
    // NaN marks what the loops forget to write.
    let storage = shapes.tops.map { Tensor(shape: $0, repeating: .nan).storageObject }
    let tops = zip(storage, shapes.tops).map { MutableFloatView($0.base, count: $1.count) }
    layer.reference(
      LayerRun(shapes: shapes, bottoms: bottoms.map(\.view), tops: tops, params: params.map(\.view)))
    return withExtendedLifetime((storage, bottoms, params)) {
      zip(storage, shapes.tops).map { Tensor(shape: $1, storage: $0) }
    }
  }

  /// Runs a prepared kernel on C-order tensors, reordering in and out.
  package static func run(
    _ kernel: any LayerKernel, _ bottoms: [Tensor], _ shapes: LayerShapes, _ backend: Backend, inPlace: Bool = false
  ) throws -> [Tensor] {
    func moved(_ source: FloatView, from: Layout, to: Layout) throws -> TensorStorage {
      let out = TensorStorage(count: to.floats)
      let p = try backend.reorder(from: from, to: to)
      let scratch = TensorStorage(count: p.scratchBytes / 4 + 16)
      try p.run(
        [source], into: MutableFloatView(out.base, count: to.floats), scratch: UnsafeMutableRawPointer(scratch.base))
      withExtendedLifetime(scratch) {}
      return out
    }
    var ins: [TensorStorage] = []
    for (b, layout) in zip(bottoms, kernel.bottomLayouts) {
      ins.append(try moved(b.view, from: .plain(b.shape), to: layout))
    }
    var outs = kernel.topLayouts.map { TensorStorage(count: $0.floats) }
    if inPlace { outs[0] = ins[0] }
    if let k = kernel.accumulatesInto { outs[0] = ins[k] }
    let scratch = TensorStorage(count: kernel.scratchBytes / 4 + 16)
    try kernel.run(
      KernelIO(
        bottoms: zip(ins, kernel.bottomLayouts).map { FloatView($0.base, count: $1.floats) },
        tops: zip(outs, kernel.topLayouts).map { MutableFloatView($0.base, count: $1.floats) },
        scratch: UnsafeMutableRawPointer(scratch.base)))
    var tops: [Tensor] = []
    for (i, shape) in shapes.tops.enumerated() {
      let plain = try moved(
        FloatView(outs[i].base, count: kernel.topLayouts[i].floats), from: kernel.topLayouts[i], to: .plain(shape))
      tops.append(Tensor(shape: shape, storage: plain))
    }
    // Views don't keep memory alive.
    withExtendedLifetime((bottoms, ins, outs, scratch)) {}
    return tops
  }

  private func checkPostOp(
    _ layer: any LayerType, _ c: LayerCase, _ shapes: LayerShapes, _ bottoms: [Tensor], _ params: [Tensor],
    _ want: [Tensor]
  ) {
    guard case .affine(let scale, let shift)? = layer.postOp(shapes, params), let shape = shapes.bottoms.first else {
      return
    }
    let inner = shape.count(from: min(2, shape.rank))
    var got = Tensor(shape: shapes.tops[0])
    got.withMutable { v in
      for i in 0..<v.count { v[i] = bottoms[0][i] * scale[i / inner % scale.count] + shift[i / inner % scale.count] }
    }
    #expect(Agreement.relativeToLargest(1e-5).firstDisagreement(got, want[0]) == nil, "\(c.name): as a post-op")
  }
}
