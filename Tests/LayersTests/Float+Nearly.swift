extension Float {
  /// Equal up to one part in a million.
  func isNearly(_ other: Float) -> Bool { abs(self - other) <= 1e-6 * abs(other) }
}
