import Kernels
import Tensors

extension SNQ {
  /// Codes of weights for levels that are given, and the weights after quantization and back.
  ///
  /// A code is the index of the level nearest to `Double(w) / Double(scale[c])`, of two equally near ones the lower;
  /// `w' = level[code] * scale[c]`.
  /// - Parameters:
  ///   - scales: one per channel of `axis`, or one when that is `nil`; positive and finite.
  ///   - levels: 16, ascending.
  package static func assigned(
    _ weights: Tensor, axis: Int?, scales: [Float], levels: [Int8]
  ) -> (codes: [Int8], fakeQuantized: Tensor) {
    precondition(levels.count == Clusters.count && levels == levels.sorted(), "16 levels in ascending order")
    let kernels = CodebookKernels(ChannelLayout(weights.shape, axis: axis), scales: scales)
    let codes = weights.withView { kernels.codes($0, centres: levels) }
    var fake = Tensor(shape: weights.shape)
    _ = fake.withMutable { sink in
      weights.withView { kernels.decode(codes, centres: levels, original: $0, into: sink) }
    }
    return (codes, fake)
  }
}
