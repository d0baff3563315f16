import CPlugin
import CaffeFormat
import Diagnostics
import Kernels
import LayerGraph
import Tensors

/// A layer whose type a library brought: the library says shapes and computes.
struct PluginLayer: LayerType {
  /// The names stand in the library.
  static let caffeTypes: [String] = []
  static let arity = Arity(bottoms: 0...Int.max, tops: 0...Int.max)

  private let type: PluginType
  private let state: PluginState
  private let topCount: Int

  init(_ source: LayerSource) throws(LayerError) {
    throw source.error("layers of a plug-in are made by their library")
  }

  init(_ source: LayerSource, of type: PluginType) throws(LayerError) {
    self.type = type
    topCount = source.topCount
    state = try PluginState(source, type)
  }

  var quantization: QuantizationRole { type.quantization }
  var implementationKey: ContentKey? { type.key }

  func paramBlobs(_ bottoms: [Shape]) throws(LayerError) -> [ParamBlobSpec] {
    guard let function = type.table.pointee.blob_shapes else { return [] }
    let known = try bottoms.map { shape throws(LayerError) in try Self.raw(shape) }
    var count: Int32 = 0
    var blobs = [cortado_shape](repeating: cortado_shape(), count: Int(CORTADO_MAX_BLOBS))
    let problem = state.call { function($0, Int32(known.count), known, &count, &blobs, $1) }
    if let problem { throw .shape("refuses its bottoms: \(problem)") }
    guard (0...CORTADO_MAX_BLOBS).contains(count) else {
      throw .shape("has \(count) learned blobs, says its plug-in; 0 to \(CORTADO_MAX_BLOBS) are possible")
    }
    return try (0..<Int(count)).map { index throws(LayerError) in
      ParamBlobSpec("blob \(index)", try Self.shape(blobs[index], "blob \(index)"), index == 0 ? .weight : .bias)
    }
  }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    guard let function = type.table.pointee.top_shapes else { return [] }
    let known = try bottoms.map { shape throws(LayerError) in try Self.raw(shape) }
    var tops = [cortado_shape](repeating: cortado_shape(), count: topCount)
    let problem = state.call { function($0, Int32(known.count), known, Int32(topCount), &tops, $1) }
    if let problem { throw .shape("refuses its bottoms: \(problem)") }
    return try tops.enumerated().map { pair throws(LayerError) in try Self.shape(pair.element, "top \(pair.offset)") }
  }

  /// Tops that the library cannot compute are not a number.
  func reference(_ run: LayerRun) {
    if forward(run.shapes, run.bottoms, run.tops, run.params) != nil {
      for top in run.tops { for i in 0..<top.count { top[i] = .nan } }
    }
  }

  func makeKernel(_ context: KernelContext) throws(KernelError) -> (any LayerKernel)? {
    PluginKernel(layer: self, shapes: context.shapes, params: context.params, backend: "plug-in")
  }

  /// - Returns: what the library says went wrong; `nil`: nothing.
  fileprivate func forward(
    _ shapes: LayerShapes, _ bottoms: [FloatView], _ tops: [MutableFloatView], _ params: [FloatView]
  ) -> String? {
    guard let function = type.table.pointee.forward else { return "it has no forward function" }
    func raw(_ shapes: [Shape]) -> [cortado_shape] { shapes.map { (try? Self.raw($0)) ?? cortado_shape() } }
    let blobShapes = (try? paramBlobs(shapes.bottoms))?.map(\.shape) ?? []
    let (bottomShapes, topShapes, learnedShapes) = (raw(shapes.bottoms), raw(shapes.tops), raw(blobShapes))
    let bottomPointers: [UnsafePointer<Float>?] = bottoms.map(\.pointer)
    let topPointers: [UnsafeMutablePointer<Float>?] = tops.map(\.pointer)
    let blobPointers: [UnsafePointer<Float>?] = params.map(\.pointer)
    return bottomShapes.withUnsafeBufferPointer { bottomShapes in
      topShapes.withUnsafeBufferPointer { topShapes in
        learnedShapes.withUnsafeBufferPointer { learnedShapes in
          bottomPointers.withUnsafeBufferPointer { bottoms in
            topPointers.withUnsafeBufferPointer { tops in
              blobPointers.withUnsafeBufferPointer { blobs in
                var pass = cortado_pass(
                  bottom_count: Int32(bottoms.count), top_count: Int32(tops.count), blob_count: Int32(blobs.count),
                  bottom_shapes: bottomShapes.baseAddress, top_shapes: topShapes.baseAddress,
                  blob_shapes: learnedShapes.baseAddress, bottoms: bottoms.baseAddress, tops: tops.baseAddress,
                  blobs: blobs.baseAddress)
                return state.call { function($0, &pass, $1) }
              }
            }
          }
        }
      }
    }
  }

  // MARK: shapes

  private static func raw(_ shape: Shape) throws(LayerError) -> cortado_shape {
    guard shape.rank <= Int(CORTADO_MAX_AXES) else {
      throw .shape("has a bottom of \(shape.rank) axes; plug-ins take at most \(CORTADO_MAX_AXES)")
    }
    var raw = cortado_shape()
    raw.rank = Int32(shape.rank)
    withUnsafeMutableBytes(of: &raw.dims) { bytes in
      let dims = bytes.bindMemory(to: Int64.self)
      for (i, extent) in shape.dims.enumerated() { dims[i] = Int64(extent) }
    }
    return raw
  }

  /// A shape as the library left it, checked.
  private static func shape(_ raw: cortado_shape, _ what: String) throws(LayerError) -> Shape {
    guard (0...CORTADO_MAX_AXES).contains(raw.rank) else {
      throw .shape(
        "would have \(raw.rank) axes in its \(what), says its plug-in; 0 to \(CORTADO_MAX_AXES) are possible")
    }
    var copy = raw
    let dims = withUnsafeBytes(of: &copy.dims) { bytes in
      bytes.bindMemory(to: Int64.self).prefix(Int(raw.rank)).map { Int($0) }
    }
    guard dims.allSatisfy({ $0 > 0 }), Shape(dims).isLegal else {
      throw .shape("would have the shape \(dims) in its \(what), says its plug-in, which is not possible")
    }
    return Shape(dims)
  }
}

/// The library's own state of one layer, ended with the last copy of the layer.
private final class PluginState: @unchecked Sendable {
  // Sendable: the engine calls one function of a layer at a time.
  private let raw: UnsafeMutableRawPointer?
  private let destroy: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?

  init(_ source: LayerSource, _ type: PluginType) throws(LayerError) {
    destroy = type.table.pointee.destroy
    guard let create = type.table.pointee.create else {
      raw = nil
      return
    }
    let text: String
    do throws(DiagnosticError) {
      text = try type.schema.printText(source.parameter.encoded())
    } catch {
      throw LayerError(error.diagnostics[0])
    }
    var state: UnsafeMutableRawPointer?
    let problem = Self.call { error in
      source.name.withCString { name in
        source.type.withCString { typeName in
          text.withCString { text in
            var layer = cortado_layer(
              name: name, type: typeName, prototxt: text, bottom_count: Int32(source.bottomCount),
              top_count: Int32(source.topCount))
            return create(&layer, &state, error)
          }
        }
      }
    }
    if let problem { throw source.error(problem) }
    raw = state
  }

  deinit { destroy?(raw) }

  func call(_ body: (UnsafeMutableRawPointer?, UnsafeMutablePointer<CChar>) -> Int32) -> String? {
    Self.call { body(raw, $0) }
  }

  /// What a function of the library wrote as its error; `nil` when it returned 0.
  private static func call(_ body: (UnsafeMutablePointer<CChar>) -> Int32) -> String? {
    let size = Int(CORTADO_ERROR_BYTES)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: size) { buffer -> String? in
      buffer.initialize(repeating: 0)
      guard let base = buffer.baseAddress, body(base) != 0 else { return nil }
      buffer[size - 1] = 0
      let text = String(cString: base)
      return text.isEmpty ? "its plug-in gave no reason" : text
    }
  }
}

/// Runs a library's forward function on C-order memory.
private struct PluginKernel: LayerKernel {
  let layer: PluginLayer
  let shapes: LayerShapes
  let params: [Tensor]
  let backend: String
  let bottomLayouts: [Layout]
  let topLayouts: [Layout]

  init(layer: PluginLayer, shapes: LayerShapes, params: [Tensor], backend: String) {
    self.layer = layer
    self.shapes = shapes
    self.params = params
    self.backend = backend
    bottomLayouts = shapes.bottoms.map(Layout.plain)
    topLayouts = shapes.tops.map(Layout.plain)
  }

  func run(_ io: KernelIO) throws(KernelError) {
    let problem = layer.forward(
      shapes, shapes.bottoms.indices.map { io.bottom($0) }, shapes.tops.indices.map { io.top($0) },
      params.map(\.view))
    if let problem { throw KernelError(problem) }
  }
}
