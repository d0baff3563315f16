import Diagnostics
import Kernels
import Quantization

extension CalibrationFailure {
  /// The number of the image that the first bad value comes from.
  func firstBadItem(_ feed: DataFeed) -> Int {
    // Values of a batch lie image by image.
    (firstBatch ?? 0) * feed.batchSize + (firstPlace.map { $0.index * feed.batchSize / $0.of } ?? 0)
  }

  /// How many values are not finite, and the image that the first of them comes from.
  func notFiniteText(_ feed: DataFeed) -> String {
    let image = firstBadItem(feed)
    return
      "\(notFinite) \(notFinite == 1 ? "value is" : "values are") not finite, first in image '\(feed.name(ofItem: image))'"
  }

  private static let mostTold = 5

  /// What to say of the failed searches of a run, in the net's order: all of one cause as a rule, so the cure stands once.
  static func diagnostics(_ failures: [CalibrationFailure], _ feed: DataFeed) -> [Diagnostic] {
    guard let first = failures.first else { return [] }
    var told = failures.prefix(mostTold).map { $0.diagnostic(feed) }
    if failures.count > mostTold {
      told[told.count - 1].notes.append(.init("\(failures.count - mostTold) more inputs of layers behind it fail, too"))
    }
    if failures.count > 1 {
      told[0].help.append("'\(first.layer)' is the first in the net; what fails behind it may only follow")
    }
    if first.notFinite > 0 {
      let image = feed.name(ofItem: first.firstBadItem(feed))
      told[0].help.append("look at image '\(image)', or leave it out: --skip-image '\(image)'")
      told[0].help.append(
        "when it is in order, the weights in front of '\(first.layer)' are not: cortado forward --dump blobs")
    } else {
      told[0].help.append(
        "are the images prepared as for the training? --mean, --scale, --channel-order; or the weights are damaged")
    }
    told[0].help.append("or keep the layer float: quant_enable false in config.json")
    return told
  }

  private func diagnostic(_ feed: DataFeed) -> Diagnostic {
    var notes: [Diagnostic.Note] = []
    if notFinite > 0 {
      let (verb, image) = (notFinite == 1 ? "value is" : "values are", feed.name(ofItem: firstBadItem(feed)))
      notes.append(.init("\(notFinite) \(verb) not finite; the first comes from image '\(image)'"))
    } else if let range {
      // The step must stay under 1 / FLT_EPSILON, for the chip multiplies by its reciprocal.
      notes.append(
        .init(
          "its values go from \(range.lowerBound) to \(range.upperBound); 8 bits reach over a range of "
            + "\(255 / Float.ulpOfOne)"))
    }
    return Diagnostic(
      .error, "Do IFMR calibration failed for input \(bottom) of layer '\(layer)': \(reason)", notes: notes)
  }
}
