import Kernels
import Quantization
import Tensors
import TestSupport
import Testing

@Suite struct `Statistics of a BatchNorm` {
  /// With f = 0.5: batch A = 1, 2, 3, 6 (mean 3, variance 14 / 4, unbiased 14 / 3), B = 0, 4, 4, 0 (mean 2, variance 4,
  /// unbiased 16 / 3).
  @Test func `are refreshed as Caffe does, by hand`() {
    var s = BatchNormStatistics(mean: [8], variance: [4], factor: 6)
    let a = ChannelMoments(means: [3], variances: [3.5], count: 4)
    let b = ChannelMoments(means: [2], variances: [4], count: 4)
    s.add(a, fraction: 0.5)
    // 8 / 2 + 3, 4 / 2 + 14 / 3, 6 / 2 + 1
    #expect(s == BatchNormStatistics(mean: [7], variance: [Float(20.0 / 3)], factor: 4))
    s.add(b, fraction: 0.5)
    // 7 / 2 + 2, (20 / 3) / 2 + 16 / 3 = 26 / 3, 4 / 2 + 1
    #expect(s.mean == [5.5] && s.factor == 3 && abs(s.variance[0] - 26.0 / 3) < 1e-6)
    s.add(a, fraction: 0.5)
    // 5.5 / 2 + 3, 13 / 3 + 14 / 3, 3 / 2 + 1
    #expect(s.mean == [5.75] && s.factor == 2.5 && abs(s.variance[0] - 9) < 1e-6)
  }

  @Test func `survive their dump bit for bit`() throws {
    let s = BatchNormStatistics(
      mean: [0.1, -3.4028235e38, .leastNonzeroMagnitude], variance: [0, 1.1754944e-38, 16777216], factor: 999.9823)
    #expect(s.text == "0.1 -3.4028235e+38 1e-45\n0.0 1.1754944e-38 16777216.0\n999.9823\n")
    #expect(try BatchNormStatistics(text: s.text, file: "bn.txt", channels: 3) == s)
    #expect(BatchNormStatistics(s.blobs) == s && s.blobs.map(\.shape) == [[3], [3], [1]])
  }

  @Test(arguments: [
    ("1 2\n3 4\n", "bn.txt: error: three lines are needed (mean, variance, factor), there are 2"),
    ("1 2\n3\n1\n", "bn.txt:2:1: error: 2 numbers are needed, there are 1"),
    ("1 2\n3 4\n1 1\n", "bn.txt:3:1: error: 1 numbers are needed, there are 2"),
    ("1 x\n3 4\n1\n", "bn.txt:1:1: error: 'x' is no finite number"),
    ("1 2\n3 inf\n1\n", "bn.txt:2:1: error: 'inf' is no finite number"),
  ])
  func `that are damaged are refused at their line`(_ text: String, _ want: String) {
    let found = NetText.problems { _ = try BatchNormStatistics(text: text, file: "bn.txt", channels: 2) }
    #expect(found.first?.lines.first == want)
  }
}
