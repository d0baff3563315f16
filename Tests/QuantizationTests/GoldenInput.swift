import Foundation
import Testing

/// Inputs of the algorithm goldens, rebuilt from their description: splitmix64 in counter form, IEEE Double formulas as
/// written, rounded once to Float.
struct GoldenInput: Decodable {
  /// A patched value, a number or "inf", "-inf", "nan".
  enum Patch: Decodable {
    case number(Double)

    init(from decoder: any Decoder) throws {
      let box = try decoder.singleValueContainer()
      if let number = try? box.decode(Double.self) {
        self = .number(number)
      } else {
        self = .number(Double(try box.decode(String.self)) ?? .nan)
      }
    }

    var value: Double { if case .number(let v) = self { v } else { .nan } }
  }

  let gen: String
  let n: Int?
  let seed: UInt64?
  let values: [Double]?
  let value: Double?
  let lo, hi, mean, std, step, p, m1, m2: Double?
  let levels: Int?
  let post: String?
  let patch: [[Patch]]?

  /// The elements, or 0 where an unknown generator is named.
  func make() -> [Float] {
    var stream = Stream(seed: seed ?? 0)
    var out: [Float] = []
    let count = values?.count ?? n ?? 0
    out.reserveCapacity(count)
    for i in 0..<count { out.append(element(i, &stream)) }
    for i in out.indices {
      switch post {
      case "relu": out[i] = out[i] > 0 ? out[i] : 0
      case "abs": out[i] = abs(out[i])
      case "neg": out[i] = -abs(out[i])
      default: break
      }
    }
    for p in patch ?? [] { out[Int(p[0].value)] = Float(p[1].value) }
    return out
  }

  private func element(_ i: Int, _ s: inout Stream) -> Float {
    let (mean, std, lo) = (mean ?? 0, std ?? 0, lo ?? 0)
    switch gen {
    case "literal": return Float(values?[i] ?? 0)
    case "const": return Float(value ?? 0)
    case "uniform": return Float(lo + ((hi ?? 0) - lo) * s.u())
    case "normal": return Float(mean + std * s.s12())
    case "heavy":
      let t = s.s12()
      return Float(std * (t / (1 - s.u())))
    case "cubic":
      let t = s.s12()
      return Float(std * ((t * t) * t))
    case "grid": return Float(lo + (step ?? 0) * Double(Int(s.k()) % (levels ?? 1)))
    case "sparse":
      let a = s.u()
      let t = mean + std * s.s12()
      return a < (p ?? 0) ? 0 : Float(t)
    case "bimodal":
      let a = s.u()
      return Float((a < 0.5 ? m1 ?? 0 : m2 ?? 0) + std * s.s12())
    default: return 0
    }
  }

  private struct Stream {
    let seed: UInt64
    var j: UInt64 = 0

    init(seed: UInt64) { self.seed = seed }

    mutating func k() -> Double {
      j &+= 1
      var z = seed &+ j &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return Double((z ^ (z >> 31)) >> 40)
    }

    mutating func u() -> Double { k() * 0x1p-24 }

    mutating func s12() -> Double {
      var sum = 0.0
      for _ in 0..<12 { sum += u() }
      return sum - 6
    }
  }
}

/// FNV-1a, 64 bits, 16 hex digits, over the little-endian bytes.
func fnv<T>(_ values: [T]) -> String {
  var h: UInt64 = 1_469_598_103_934_665_603
  values.withUnsafeBytes { for b in $0 { h = (h ^ UInt64(b)) &* 1_099_511_628_211 } }
  let text = String(h, radix: 16)
  return String(repeating: "0", count: 16 - text.count) + text
}

/// As `fnv`, with -0 taken as +0.
func fnvOfValues(_ values: [Float]) -> String { fnv(values.map { $0 == 0 ? 0 : $0 }) }

/// The folder of algorithm goldens beside the package, or below `CORTADO_SHARED`; their README names the origin.
enum AlgorithmGoldens {
  static let folder: URL? = {
    let named = ProcessInfo.processInfo.environment["CORTADO_SHARED"].map { URL(fileURLWithPath: $0) }
    let beside = URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../shared").standardizedFileURL
    let folder = (named ?? beside).appendingPathComponent("reference/algorithm-goldens")
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }()

  static var exist: Bool { folder != nil }

  static func read<T: Decodable>(_ type: T.Type, _ name: String) throws -> T {
    try read(type, #require(folder).appendingPathComponent(name))
  }

  /// What stands in `Goldens` under a name, and what stands beside the package, if it does.
  static func sets<T: Decodable>(_ type: T.Type, _ name: String) throws -> [T] {
    let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens/" + name)
    let other = folder?.appendingPathComponent(name)
    let others = [other].compactMap(\.self).filter { FileManager.default.fileExists(atPath: $0.path) }
    return try ([own] + others).map { try read(type, $0) }
  }

  private static func read<T: Decodable>(_ type: T.Type, _ file: URL) throws -> T {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(contentsOf: file))
  }

  /// Without optimization the generator and the hashes take seconds per million elements.
  static var sizeLimit: Int {
    #if DEBUG
      60_000
    #else
      .max
    #endif
  }
}
