import CaffeFormat
import LayerGraph

extension LayerSource {
  /// A field of a window: repeated (one value for all spatial axes, or one for each) or given as height and width.
  /// - Throws: both spellings at once; height without width (a missing pad is 0, as in Caffe); values below `minimum`
  ///   or from 2^31 on; nothing at all when there is no default.
  func extents(
    _ p: ProtoMessage, _ name: String, _ heightName: String? = nil, _ widthName: String? = nil, minimum: Int,
    default value: Int? = nil
  ) throws(LayerError) -> [Int] {
    func checked(_ v: Int, _ field: String) throws(LayerError) -> Int {
      if v < minimum || v > Int(Int32.max) {
        throw error("\(field) must be at least \(minimum) and below 2^31, is \(v)", p, field: field)
      }
      return v
    }
    if let h = heightName, let w = widthName, p.has(h) || p.has(w) {
      if p.has(name) { throw error("\(name) and \(p.has(h) ? h : w) are both set", p, field: p.has(h) ? h : w) }
      for (one, other) in [(h, w), (w, h)] where !p.has(one) && minimum > 0 {
        throw error("\(other) needs \(one) beside it", p, field: other)
      }
      return [try checked(p.int(h) ?? 0, h), try checked(p.int(w) ?? 0, w)]
    }
    let values = p.ints(name)
    if values.isEmpty {
      guard let value else { throw error("needs \(name)", p) }
      return [value]
    }
    for v in values { _ = try checked(v, name) }
    return values
  }
}
