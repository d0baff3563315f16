/// HTML as it grows. What comes from a file or a person goes through `text`, which escapes it.
final class HTMLText {
  /// A column's head.
  struct Head {
    let text: String
    var isNumber = false
    var isBar = false

    init(_ text: String, number: Bool = false) {
      self.text = text
      isNumber = number
    }

    /// The column of bars, with the scale in its head.
    static var bar: Head {
      var head = Head("")
      head.isBar = true
      return head
    }
  }

  private(set) var string = ""

  /// Markup as it is.
  @discardableResult func raw(_ markup: String) -> HTMLText {
    string += markup
    return self
  }

  @discardableResult func text(_ text: String) -> HTMLText { raw(Self.escaped(text)) }

  /// Opens a table and its body.
  func table(caption: String, head: [Head]) {
    raw("<table>\n<caption>").text(caption).raw("</caption>\n<thead><tr>")
    for column in head {
      if column.isBar {
        raw("<td>\(SimilarityBar.scale)</td>")
      } else {
        raw("<th scope=\"col\"\(column.isNumber ? " class=\"n\"" : "")>").text(column.text).raw("</th>")
      }
    }
    raw("</tr></thead>\n<tbody>\n")
  }

  @discardableResult func rowHead(_ text: String) -> HTMLText { raw("<th scope=\"row\">").text(text).raw("</th>") }
  @discardableResult func cell(_ text: String) -> HTMLText { raw("<td>").text(text).raw("</td>") }

  @discardableResult func number(_ text: String, isBad: Bool = false) -> HTMLText {
    raw(isBad ? "<td class=\"n bad\">" : "<td class=\"n\">").text(text).raw("</td>")
  }

  @discardableResult func bar(_ cosine: Double) -> HTMLText {
    raw("<td>\(SimilarityBar.bar(cosine))</td>")
  }

  /// The four columns of a metric after its cosines.
  @discardableResult func metrics(sqnr: Double, mse: Double, maxAbs: Double, slope: Double) -> HTMLText {
    number(ReportText.fixed(sqnr, 1)).number(ReportText.short(mse)).number(ReportText.short(maxAbs))
      .number(ReportText.fixed(slope, 4))
  }

  static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      case "\n", "\t": out.unicodeScalars.append(scalar)
      // Characters that HTML does not allow, not even by number.
      case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value): out += "\u{fffd}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}

/// A cosine as a bar on the nines scale.
enum SimilarityBar {
  /// Pixels per nine.
  private static let unit = 30.0
  private static let height = 12

  static func bar(_ cosine: Double) -> String {
    let filled = ReportText.fixed(NinesScale.nines(cosine) * unit, 1)
    let tick = ReportText.fixed(NinesScale.nines(RunFigures.threshold) * unit, 1)
    let kind = cosine >= RunFigures.threshold ? "good" : "low"
    return open(height)
      + "<rect class=\"rest\" width=\"\(width)\" height=\"\(height)\"/>"
      + "<rect class=\"\(kind)\" width=\"\(filled)\" height=\"\(height)\"/>"
      + "<line class=\"tick\" x1=\"\(tick)\" x2=\"\(tick)\" y1=\"0\" y2=\"\(height)\"/></svg>"
  }

  /// The numbers over the bars.
  static var scale: String {
    var svg = open(14)
    for (i, tick) in NinesScale.ticks.enumerated() where i < Int(NinesScale.end) {
      svg += "<text x=\"\(Int(Double(i) * unit))\" y=\"10\">\(tick)</text>"
    }
    return svg + "</svg>"
  }

  private static var width: Int { Int(NinesScale.end * unit) }

  private static func open(_ height: Int) -> String {
    "<svg aria-hidden=\"true\" viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" height=\"\(height)\">"
  }
}
