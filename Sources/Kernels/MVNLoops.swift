import Tensors

/// Mean-variance normalization of each row of C-order `[rows, length]`.
package enum MVNLoops {
  /// `y = x - mean`, and with `eps` divided by `sqrt(mean (x - mean)^2) + eps`; sums in Double. In place is fine.
  /// - Source: Caffe `mvn_layer.cpp`, which adds eps to the deviation.
  package static func run(
    _ source: FloatView, _ sink: MutableFloatView, rows: Int, length: Int, eps: Float?, parallel: Parallel
  ) {
    parallel.forEach(rows) { row in
      let (x, y) = (source.pointer + row * length, sink.pointer + row * length)
      var sum = 0.0
      for i in 0..<length { sum += Double(x[i]) }
      let mean = Float(sum / Double(length))
      guard let eps else {
        for i in 0..<length { y[i] = x[i] - mean }
        return
      }
      var squares = 0.0
      for i in 0..<length { squares += Double(x[i] - mean) * Double(x[i] - mean) }
      let deviation = Float((squares / Double(length)).squareRoot()) + eps
      for i in 0..<length { y[i] = (x[i] - mean) / deviation }
    }
  }
}
