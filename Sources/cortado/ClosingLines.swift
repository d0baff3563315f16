import QuantEngine

/// How the original's sample scripts end: the accuracy of the fake-quant net, both accuracies, and that it is done.
/// - Source: AMCT user guide, the chapters on ResNet-50 and MNIST.
struct ClosingLines {
  /// The net's name.
  let net: String
  /// Of the fake-quant net and of the float one; `nil` when it was not measured.
  let top1: QuantizeResult.Accuracy?
  let top5: QuantizeResult.Accuracy?

  var lines: [String] {
    var lines: [String] = []
    if let top1 {
      lines += Self.accuracy(top1: top1.fakeQuant, top5: top5?.fakeQuant)
      lines.append("[AMCT][INFO] \(net) top1 before quantize is \(top1.float), after quantize is \(top1.fakeQuant)")
    }
    return lines + ["[AMCT][INFO]Run \(net) with quantize success!"]
  }

  static func accuracy(top1: Double?, top5: Double?) -> [String] {
    [top1.map { "******final top1:\($0)" }, top5.map { "******final top5:\($0)" }].compactMap { $0 }
  }
}
