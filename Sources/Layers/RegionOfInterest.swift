import Kernels
import LayerGraph
import Tensors

/// One region of interest: a row `image, x1, y1, x2, y2` of a `[R, 5]` blob, the corners in image coordinates.
struct RegionOfInterest {
  let image: Int
  let (x1, y1, x2, y2): (Float, Float, Float, Float)

  /// `nil` for a region that is not finite, or of no image of the batch.
  init?(_ rois: FloatView, _ r: Int, images: Int) {
    guard (0..<5).allSatisfy({ rois[r * 5 + $0].isFinite }), let image = Int(index: rois[r * 5], below: images) else {
      return nil
    }
    self.image = image
    (x1, y1, x2, y2) = (rois[r * 5 + 1], rois[r * 5 + 2], rois[r * 5 + 3], rois[r * 5 + 4])
  }

  /// A coordinate on the map: far outside is outside.
  static func bounded(_ value: Float) -> Float { min(max(value, -1e6), 1e6) }

  /// - Throws: a shape error unless the bottoms are a map `[N, C, H, W]` and regions `[R, 5]`.
  static func check(_ bottoms: [Shape]) throws(LayerError) {
    let (x, rois) = (bottoms[0], bottoms[1])
    guard x.rank == 4 else { throw .shape("needs a bottom 0 of [N, C, H, W], got \(x)") }
    guard rois.rank >= 2, rois[1] == 5, rois.count(from: 2) == 1 else {
      throw .shape("needs a bottom 1 of [regions, 5], got \(rois)")
    }
  }

  /// `loops` behind a look at the regions (bottom 1).
  static func checking(_ loops: any LayerKernel, _ shapes: LayerShapes) -> CheckedKernel {
    let (images, count) = (shapes.bottoms[0][0], shapes.bottoms[1][0])
    return CheckedKernel(loops) { io throws(KernelError) in
      let rois = io.bottoms[1]
      for r in 0..<count where RegionOfInterest(rois, r, images: images) == nil {
        let values = (0..<5).map { rois[r * 5 + $0] }
        guard values.allSatisfy(\.isFinite) else {
          throw KernelError("region \(r) is not finite: \(values)")
        }
        throw KernelError("region \(r) is of image \(values[0]); the batch has \(images)")
      }
    }
  }
}

extension Int {
  /// The integer part of a float that is meant as an index; `nil` when it is not in `0 ..< limit`.
  init?(index value: Float, below limit: Int) {
    guard value >= 0, value < Float(limit) else { return nil }
    self = Swift.min(Int(value), limit - 1)
  }
}
