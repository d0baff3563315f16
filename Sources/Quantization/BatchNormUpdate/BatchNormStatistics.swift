import Diagnostics
import Foundation
import Kernels
import Tensors

/// The three learned blobs of a BatchNorm: weighted sums of means and of variances, and the sum of the weights.
///
/// The layer normalises with `mean / factor` and `variance / factor`.
/// - Source: Caffe `batch_norm_layer.cpp`.
package struct BatchNormStatistics: Sendable, Hashable {
  /// `[C]`
  package private(set) var mean: [Float]
  /// `[C]`
  package private(set) var variance: [Float]
  package private(set) var factor: Float

  package init(mean: [Float], variance: [Float], factor: Float) {
    (self.mean, self.variance, self.factor) = (mean, variance, factor)
  }

  /// - Parameter blobs: `[C]`, `[C]`, `[1]`.
  package init(_ blobs: [Tensor]) {
    self.init(mean: blobs[0].array, variance: blobs[1].array, factor: blobs[2][0])
  }

  package var blobs: [Tensor] {
    [Tensor(shape: [mean.count], mean), Tensor(shape: [variance.count], variance), Tensor(shape: [1], [factor])]
  }

  package var isFinite: Bool { factor.isFinite && (mean + variance).allSatisfy(\.isFinite) }

  /// Takes one batch in, as a live BatchNorm does while it runs:
  /// `factor = f * factor + 1`, `mean = f * mean + batch mean`, `variance = f * variance + m / (m - 1) * batch variance`
  /// for m values per channel. Each blob is rounded to float32 once.
  ///
  /// - Precondition: more than one value per channel.
  /// - Source: amct-facts 2.4.
  package mutating func add(_ batch: ChannelMoments, fraction: Float) {
    precondition(batch.count > 1, "the variance of \(batch.count) values")
    precondition(batch.means.count == mean.count, "\(batch.means.count) channels for \(mean.count)")
    let (f, unbiased) = (Double(fraction), Double(batch.count) / Double(batch.count - 1))
    factor = Float(f * Double(factor) + 1)
    for c in mean.indices {
      mean[c] = Float(f * Double(mean[c]) + batch.means[c])
      variance[c] = Float(f * Double(variance[c]) + unbiased * batch.variances[c])
    }
  }

  // MARK: The dump

  /// Three lines: mean, variance, factor; numbers in the shortest form that reads back as the same.
  package var text: String {
    func line(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: " ") + "\n" }
    return line(mean) + line(variance) + line([factor])
  }

  /// Reads `text` back.
  /// - Parameter channels: how many there must be.
  /// - Throws: at the line that is missing, too long or holds what is no number.
  package init(text: String, file: String, channels: Int) throws(DiagnosticError) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    guard lines.count == 3 else {
      throw DiagnosticError(
        "three lines are needed (mean, variance, factor), there are \(lines.count)", at: SourceLocation(file: file))
    }
    var values: [[Float]] = []
    for (index, (line, count)) in zip(lines, [channels, channels, 1]).enumerated() {
      let place = SourceLocation(file: file, line: index + 1, column: 1)
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count == count else {
        throw DiagnosticError("\(count) numbers are needed, there are \(words.count)", at: place)
      }
      var numbers: [Float] = []
      for word in words {
        guard let number = Float(word), number.isFinite else {
          throw DiagnosticError("'\(word)' is no finite number", at: place)
        }
        numbers.append(number)
      }
      values.append(numbers)
    }
    self.init(mean: values[0], variance: values[1], factor: values[2][0])
  }
}
