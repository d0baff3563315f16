import Kernels
import LayerGraph
import Tensors
import TestSupport
import Testing

@testable import Layers

/// Post-ops of weighted layers against the same operations done one after the other on the reference's top.
@Suite("Post-op chain") struct PostOpChainTests {
  static let hosts: [(any LayerType.Type, LayerCase)] = [
    (
      ConvolutionLayer.self,
      LayerCase("conv", "convolution_param { num_output: 17 kernel_size: 3 pad: 1 }", bottoms: [[2, 3, 6, 5]])
    ),
    (
      ConvolutionLayer.self,
      LayerCase(
        "grouped", "convolution_param { num_output: 32 group: 2 kernel_size: 3 bias_term: false }",
        bottoms: [[1, 32, 6, 5]])
    ),
    (
      ConvolutionLayer.self,
      LayerCase("1x1", "convolution_param { num_output: 64 kernel_size: 1 }", bottoms: [[2, 16, 7, 7]])
    ),
    (
      DepthwiseConvLayer.self,
      LayerCase("depthwise", "convolution_param { num_output: 32 kernel_size: 3 pad: 1 }", bottoms: [[2, 32, 7, 7]])
    ),
    (
      DeconvolutionLayer.self,
      LayerCase(
        "deconv", "convolution_param { num_output: 6 group: 2 kernel_size: 4 stride: 2 pad: 1 }",
        bottoms: [[2, 4, 5, 5]])
    ),
    (InnerProductLayer.self, LayerCase("fc", "inner_product_param { num_output: 10 }", bottoms: [[3, 20]])),
    (
      InnerProductLayer.self,
      LayerCase("fc in slices", "inner_product_param { num_output: 150 transpose: true }", bottoms: [[2, 50]])
    ),
  ]

  static func affine(_ n: Int, _ seed: UInt64) -> PostOp {
    .affine(
      scale: Tensor.random([n], seed: seed, low: 0.5, high: 1.5).array, shift: Tensor.random([n], seed: seed + 1).array)
  }

  /// One operation on a whole `[N, C, ..]` tensor.
  static func apply(_ op: PostOp, _ x: Tensor, residual: Tensor) -> Tensor {
    let inner = x.shape.count(from: 2)
    let values = x.array.enumerated().map { i, v -> Float in
      switch op {
      case .affine(let scale, let shift): v * scale[i / inner % scale.count] + shift[i / inner % scale.count]
      case .add: v + residual[i]
      case .function(.relu(let slope)): v < 0 ? slope * v : v
      case .function(.clip(let low, let high)): min(max(v, low), high)
      case .function: .nan
      }
    }
    return Tensor(shape: x.shape, values)
  }

  @Test(arguments: hosts.indices, [1, 2]) func `chains give what the layers give one by one`(
    _ host: Int, _ threads: Int
  ) throws {
    let (type, c) = Self.hosts[host]
    let suite = LayerSuite(type)
    let layer = try #require(try suite.makeLayer(c) as? any PostOpHost)
    let top = try layer.topShapes(c.bottoms)[0]
    let shapes = LayerShapes(bottoms: c.bottoms, tops: [top])
    let (a, b) = (Self.affine(top[1], 50), Self.affine(top[1], 60))
    let relu = PostOp.function(.relu(slope: 0))
    let chains: [[PostOp]] = [
      [relu], [.function(.relu(slope: 0.1))], [a], [a, b], [a, b, relu], [.add], [.add, relu], [a, .add, relu],
      [a, relu, .function(.clip(low: 0, high: 0.25))],
    ]
    var filler = ParamFiller(seed: 9)
    let params = try layer.paramBlobs(c.bottoms).map { filler.plausible($0) }
    let bottoms = c.bottoms.map { Tensor.random($0, seed: 3) }
    let residual = Tensor.random(top, seed: 4)
    let alone = try suite.reference(c, bottoms, params: params)[0]
    let backend = Backend(threads: threads)
    backend.enter()
    for chain in chains {
      if type == DeconvolutionLayer.self, !chain.allSatisfy(\.isAffine) {
        #expect(!layer.accepts(chain, shapes))
        continue
      }
      try #require(layer.accepts(chain, shapes))
      let extra: [Shape] = chain.contains(.add) ? [top] : []
      let context = KernelContext(
        shapes: LayerShapes(bottoms: c.bottoms + extra, tops: [top]), params: params,
        bottomLayouts: (c.bottoms + extra).map(Layout.plain), postOps: chain, backend: backend)
      let kernel = try #require(try layer.makeKernel(context))
      #expect(kernel.accumulatesInto == (chain.contains(.add) ? 1 : nil))
      let got = try LayerSuite.run(kernel, bottoms + (extra.isEmpty ? [] : [residual]), shapes, backend)[0]
      let want = chain.reduce(alone) { Self.apply($1, $0, residual: residual) }
      #expect(
        Agreement.relativeToLargest(1e-5).firstDisagreement(got, want) == nil, "\(c.name) \(chain) \(kernel.backend)")
    }
  }

  @Test func `a chain that the kernels cannot do is not accepted`() throws {
    let relu = PostOp.function(.relu(slope: 0))
    let a = Self.affine(4, 1)
    for chain in [
      [relu, a], [relu, .add], [.add, a], [.add, .add], [Self.affine(3, 1)], [PostOp](repeating: relu, count: 9),
    ] {
      #expect(PostOpChain(chain, outputs: 4) == nil, "\(chain)")
    }
    #expect(PostOpChain([a, .add, relu], outputs: 4) != nil)
  }

  @Test func `affine maps are composed and folded, by hand`() throws {
    // y = (w x + 1) * 2 + 3, then * 10 + 5: weights x 20, bias (1 * 2 + 3) * 10 + 5 = 55.
    let chain = try #require(
      PostOpChain([.affine(scale: [2], shift: [3]), .affine(scale: [10], shift: [5])], outputs: 1))
    let folded = chain.folding(Tensor(shape: [1, 2], [0.5, -1]), Tensor(shape: [1], [1])) { _ in 0 }
    #expect(folded.weights.array == [10, -20])
    #expect(folded.bias?.array == [55])
    let unbiased = chain.folding(Tensor(shape: [1, 2], [0.5, -1]), nil) { _ in 0 }
    #expect(unbiased.bias?.array == [35])
  }

  @Test func `a kernel refuses what accepts refuses`() throws {
    let c = Self.hosts[0].1
    let layer = try LayerSuite(ConvolutionLayer.self).makeLayer(c)
    var filler = ParamFiller(seed: 9)
    let params = try layer.paramBlobs(c.bottoms).map { filler.plausible($0) }
    let context = KernelContext(
      shapes: LayerShapes(bottoms: c.bottoms, tops: try layer.topShapes(c.bottoms)), params: params,
      bottomLayouts: c.bottoms.map(Layout.plain), postOps: [.affine(scale: [1], shift: [0])],
      backend: Backend(threads: 1))
    #expect(throws: KernelError.self) { _ = try layer.makeKernel(context) }
  }

  @Test func `convolutions over several bottoms and inner products along other axes take none`() throws {
    let two = LayerCase(
      "two", "convolution_param { num_output: 4 kernel_size: 1 }", bottoms: [[1, 2, 3, 3], [1, 2, 3, 3]], topCount: 2)
    let conv = try #require(try LayerSuite(ConvolutionLayer.self).makeLayer(two) as? any PostOpHost)
    #expect(!conv.accepts([.function(.tanh)], LayerShapes(bottoms: two.bottoms, tops: try conv.topShapes(two.bottoms))))
    let axis = LayerCase("axis", "inner_product_param { num_output: 4 axis: 2 }", bottoms: [[1, 4, 3]])
    let fc = try #require(try LayerSuite(InnerProductLayer.self).makeLayer(axis) as? any PostOpHost)
    let shapes = LayerShapes(bottoms: axis.bottoms, tops: try fc.topShapes(axis.bottoms))
    #expect(!fc.accepts([Self.affine(4, 1)], shapes))
    #expect(fc.accepts([.function(.tanh)], shapes))
  }
}
