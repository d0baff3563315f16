import CaffeFormat
import LayerGraph
import Tensors

/// The windows of a convolution as columns: `[N, C, H, W]` to `[N, C * kernel, H', W']`, 1 to 3 spatial axes.
///
/// Channel `c * taps + k` of the top has, for each window, tap k of channel c; taps outside the bottom are 0.
/// - Source: Caffe `im2col_layer.cpp`, `im2col.cpp`.
struct Im2colLayer: LayerType {
  static let caffeTypes = ["Im2col"]
  static let arity = Arity.oneToOne
  static let agreement = Agreement.exact

  private let settings: ConvolutionSettings

  init(_ source: LayerSource) throws(LayerError) { settings = try ConvolutionSettings(windowOf: source) }

  func topShapes(_ bottoms: [Shape]) throws(LayerError) -> [Shape] {
    let x = bottoms[0]
    let window = try settings.window(x)
    let spatial = try window.convolved(x)
    let top = Shape([x[0], x[1]] + window.kernel + spatial)
    guard top.isLegal else { throw .shape("would make a top of \(top), more than \(Shape.countLimit) values") }
    return [Shape([x[0], x[1] * window.taps] + spatial)]
  }

  func reference(_ run: LayerRun) {
    let (x, y) = (run.shapes.bottoms[0], run.shapes.tops[0])
    guard let window = try? settings.window(x) else { return }
    let (taps, inner) = (window.taps, x.count(from: 2))
    let axes = window.kernel.indices
    for row in 0..<y[0] * y[1] {
      for place in 0..<y.count(from: 2) {
        // Digits of the tap and of the place, from the last axis on.
        var (tap, rest, offset, step, isInside) = (row % taps, place, 0, 1, true)
        for d in axes.reversed() {
          let position =
            rest % y[2 + d] * window.stride[d] - window.pad[d] + tap % window.kernel[d] * window.dilation[d]
          (tap, rest) = (tap / window.kernel[d], rest / y[2 + d])
          isInside = isInside && position >= 0 && position < x[2 + d]
          offset += position * step
          step *= x[2 + d]
        }
        run.tops[0][row * y.count(from: 2) + place] = isInside ? run.bottoms[0][row / taps * inner + offset] : 0
      }
    }
  }
}
