import Tensors

/// Reads the rows of a resized and cropped image as float32, without making the whole resized image.
struct RowSampler<Sample: NumpyScalar> {
  private let raster: Raster<Sample>
  private let crop: Extent
  /// First row and column of the crop in the resized image.
  private let top: Int
  private let left: Int
  /// Empty when the image keeps its size.
  private let columns: [BilinearTap]
  private let rows: [BilinearTap]

  /// - Precondition: the crop is not larger than `resized`.
  init(_ raster: Raster<Sample>, resized: Extent, crop: Extent) {
    precondition(crop.height <= resized.height && crop.width <= resized.width, "crop larger than the image")
    self.raster = raster
    self.crop = crop
    top = (resized.height - crop.height) / 2
    left = (resized.width - crop.width) / 2
    let keepsSize = resized.height == raster.height && resized.width == raster.width
    columns = keepsSize ? [] : BilinearTap.taps(left..<left + crop.width, source: raster.width, target: resized.width)
    rows = keepsSize ? [] : BilinearTap.taps(top..<top + crop.height, source: raster.height, target: resized.height)
  }

  /// Writes `(mixed samples - mean) * scale` as `[mixes.count, crop.height, crop.width]`.
  func write(mixes: [[ChannelMix]], mean: MeanPlanes, scale: Float, into out: MutableFloatView) {
    var line = [Float](repeating: 0, count: crop.width)
    for (c, mix) in mixes.enumerated() {
      for y in 0..<crop.height {
        let row = out.slice((c * crop.height + y) * crop.width, crop.width)
        if mix.count == 1 {
          read(mix[0].channel, y, into: row)
        } else {
          row.fill(0)
          for part in mix {
            line.withUnsafeMutableBufferPointer { buffer in
              guard let base = buffer.baseAddress else { return }
              read(part.channel, y, into: MutableFloatView(base, count: buffer.count))
              for x in 0..<crop.width { row[x] += part.weight * base[x] }
            }
          }
        }
        normalize(row, c, y, mean, scale)
      }
    }
  }

  private func normalize(_ row: MutableFloatView, _ c: Int, _ y: Int, _ mean: MeanPlanes, _ scale: Float) {
    switch mean {
    case .constant(let values):
      let m = values[c]
      for x in 0..<row.count { row[x] = (row[x] - m) * scale }
    case .image(let image):
      let (height, width) = (image.shape[1], image.shape[2])
      let start = (c * height + (height - crop.height) / 2 + y) * width + (width - crop.width) / 2
      let m = image.view.slice(start, row.count)
      for x in 0..<row.count { row[x] = (row[x] - m[x]) * scale }
    }
  }

  /// Row `y` of the crop in one source channel.
  private func read(_ channel: Int, _ y: Int, into row: MutableFloatView) {
    let step = raster.pixelStride
    if rows.isEmpty {
      let source = raster.row(channel, top + y) + left * step
      for x in 0..<row.count { row[x] = source[x * step].asFloat }
      return
    }
    let (above, below) = (raster.row(channel, rows[y].low), raster.row(channel, rows[y].high))
    let down = rows[y].weight
    columns.withUnsafeBufferPointer { columns in
      for x in 0..<row.count {
        let (l, h, across) = (columns[x].low * step, columns[x].high * step, columns[x].weight)
        let upper = above[l].asFloat + (above[h].asFloat - above[l].asFloat) * across
        let lower = below[l].asFloat + (below[h].asFloat - below[l].asFloat) * across
        row[x] = upper + (lower - upper) * down
      }
    }
  }
}
