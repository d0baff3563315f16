/// What a cell means.
///
/// Themes give each role its colours and attributes.
package enum Role: UInt8, CaseIterable, Hashable, Sendable {
  case text, textDim, textStrong, frame, frameFocus, title, key
  case cursor, cursorIdle, mark, match
  case header, status, input, inputBad
  case dialog, dialogDanger, toastInfo, toastWarn, toastError
  case stateQuant, stateFloat, stateOff, stateFused, stateEdited, stateUnknown
  case jobWait, jobActive, jobDone, jobReused, jobFailed, jobSkipped
  case metricGood, metricNear, metricBad, metricNone
  case deltaBetter, deltaSame, deltaWorse
  case barFill, barRest, barTick
  case plotOrig, plotQuant, plotClip, plotAxis
  case diffAdd, diffDel, diffMod
  case fromDefault, fromRecipe, fromHand
  case logDebug, logInfo, logWarn, logError

  /// The name in theme files: `metricBad` is written `metric.bad`.
  package var name: String { Self.names[Int(rawValue)] }

  package init?(name: String) {
    guard let index = Self.names.firstIndex(of: name), let role = Role(rawValue: UInt8(index)) else { return nil }
    self = role
  }

  package static let names: [String] = allCases.map { role in
    String(describing: role).reduce(into: "") { name, letter in
      name += letter.isUppercase ? ".\(letter.lowercased())" : String(letter)
    }
  }

  /// Lines and fillings: they need less contrast than what is read.
  package var isGraphic: Bool {
    switch self {
    case .frame, .frameFocus, .barFill, .barRest, .barTick, .plotOrig, .plotQuant, .plotClip, .plotAxis: true
    default: false
    }
  }
}
