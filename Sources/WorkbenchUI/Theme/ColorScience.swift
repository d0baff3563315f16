import Glibc

/// CIELAB under D65: distances in it are close to what the eye sees.
package struct Lab: Sendable {
  package var l, a, b: Double

  /// Euclidean distance (CIE 1976); about 2 is just noticeable side by side.
  package func distance(to other: Lab) -> Double {
    let (x, y, z) = (l - other.l, a - other.a, b - other.b)
    return (x * x + y * y + z * z).squareRoot()
  }
}

/// The dichromacies that are simulated.
package enum ColorVision: String, CaseIterable, Sendable {
  case normal, protanopia, deuteranopia, tritanopia

  /// Rows of the matrix that maps linear red, green, blue to what is seen.
  /// - Source: Machado, Oliveira, Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1.0.
  var matrix: [[Double]] {
    switch self {
    case .normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    case .protanopia:
      [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    case .deuteranopia:
      [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    case .tritanopia:
      [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    }
  }
}

extension RGB {
  /// Linear light, 0...1 each (IEC 61966-2-1).
  var linear: [Double] {
    [red, green, blue].map { byte in
      let v = Double(byte) / 255
      return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4)
    }
  }

  /// Relative luminance, from 0 (black) to 1 (white).
  ///
  /// - Source: WCAG 2.1.
  package var luminance: Double {
    let c = linear
    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]
  }

  /// Contrast ratio 1...21.
  /// - Source: WCAG 2.1, `(L1 + 0.05) / (L2 + 0.05)`, L1 the lighter.
  package func contrast(with other: RGB) -> Double {
    let (a, b) = (luminance, other.luminance)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  package var lab: Lab { seen(with: .normal) }

  /// The colour in CIELAB as somebody with this vision sees it.
  package func seen(with vision: ColorVision) -> Lab {
    let c = linear
    let m = vision.matrix
    let s = m.map { row in min(1, max(0, row[0] * c[0] + row[1] * c[1] + row[2] * c[2])) }
    let x = (0.4124564 * s[0] + 0.3575761 * s[1] + 0.1804375 * s[2]) / 0.95047
    let y = 0.2126729 * s[0] + 0.7151522 * s[1] + 0.0721750 * s[2]
    let z = (0.0193339 * s[0] + 0.1191920 * s[1] + 0.9503041 * s[2]) / 1.08883
    func f(_ t: Double) -> Double { t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116 }
    return Lab(l: 116 * f(y) - 16, a: 500 * (f(x) - f(y)), b: 200 * (f(y) - f(z)))
  }
}
