/// What may be wrong with how a theme looks: too little contrast, roles that colour-blind people cannot tell apart.
package enum ThemeCheck {
  package enum Finding: Equatable, Sendable {
    case contrast(Role, ratio: Double, wanted: Double)
    case confusable(Role, Role, ColorVision, distance: Double)

    /// One line for the report.
    package var text: String {
      switch self {
      case .contrast(let role, let ratio, let wanted):
        "\(role.name): contrast \(Self.tenths(ratio)):1 is under \(Self.tenths(wanted)):1"
      case .confusable(let a, let b, let vision, let distance):
        "\(a.name) and \(b.name) look alike (\(vision.rawValue), distance \(Self.tenths(distance)))"
      }
    }

    private static func tenths(_ value: Double) -> String {
      let n = Int((value * 10).rounded(.down))
      return "\(n / 10).\(n % 10)"
    }
  }

  /// Roles whose difference carries meaning.
  static let pairs: [(Role, Role)] = [
    (.metricGood, .metricBad), (.metricNear, .metricBad), (.deltaBetter, .deltaWorse), (.diffAdd, .diffDel),
    (.stateQuant, .stateFloat), (.jobDone, .jobFailed), (.plotOrig, .plotQuant), (.toastInfo, .toastError),
  ]

  /// Distances in CIELAB below this fall together on a screen seen from some way off.
  static let leastDistance = 20.0

  /// Contrast wanted: 4.5 for text, 7 for themes called or inheriting `contrast`; lines and fillings are not text.
  ///
  /// Colours the terminal owns (`default`) cannot be judged and are passed over.
  package static func findings(in theme: Theme, at depth: ColorDepth = .rgb) -> [Finding] {
    let table = theme.styles(at: depth)
    let wanted = theme.lineage.contains("contrast") ? 7.0 : 4.5
    var findings: [Finding] = []
    for role in Role.allCases where !role.isGraphic {
      let style = table.style(role)
      guard let front = style.foreground.rgb, let back = style.background.rgb else { continue }
      let ratio = front.contrast(with: back)
      if ratio < wanted { findings.append(.contrast(role, ratio: ratio, wanted: wanted)) }
    }
    for (a, b) in pairs {
      let (first, second) = (table.style(a), table.style(b))
      // Reverse and underline tell two roles apart without any colour; bold alone is too weak.
      let shapes: Attributes = [.reverse, .underline]
      if first.attributes.intersection(shapes) != second.attributes.intersection(shapes) { continue }
      guard let x = carrier(first), let y = carrier(second) else { continue }
      for vision in ColorVision.allCases {
        let distance = x.seen(with: vision).distance(to: y.seen(with: vision))
        if distance < leastDistance { findings.append(.confusable(a, b, vision, distance: distance)) }
      }
    }
    return findings
  }

  /// The colour that is seen first: the text's, or the ground's where text and ground are swapped.
  private static func carrier(_ style: Style) -> RGB? { style.foreground.rgb }
}
