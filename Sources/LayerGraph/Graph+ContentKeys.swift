import CaffeFormat
import Tensors

extension Graph {
  /// Names the values of each blob by what they are computed from: the inputs' content, and every layer's type,
  /// parameters and learned values on the way.
  ///
  /// Names of layers and blobs do not count, nor does what lies beside or below. A blob that hangs on an input without a
  /// key has none.
  /// - Parameter inputs: the content of the inputs, by blob.
  /// - Complexity: reads all learned values once.
  package func contentKeys(inputs: [BlobID: ContentKey]) -> [BlobID: ContentKey] {
    var keys = inputs
    for node in nodes where !(node.layer is any InputLayerType) {
      let bottoms = node.bottoms.compactMap { keys[$0] }
      guard bottoms.count == node.bottoms.count else { continue }
      let hasher = ContentHasher("layer")
      hasher.add(node.type)
      node.parameter.message.addContent(to: hasher, except: ["name", "type", "bottom", "top", "blobs"])
      if let key = node.layer?.implementationKey { hasher.add(key) }
      for tensor in node.params { hasher.add(tensor) }
      for key in bottoms { hasher.add(key) }
      for (index, top) in node.tops.enumerated() {
        hasher.add(index)
        if let shape = shape(top) { hasher.add(shape) }
        keys[top] = hasher.key
      }
    }
    return keys
  }
}

extension ProtoMessage {
  /// Adds fields by name and value, in their order.
  fileprivate func addContent(to hasher: borrowing ContentHasher, except names: Set<String>) {
    for field in fields where !names.contains(field.name) {
      hasher.add(field.name)
      switch field.value {
      case .int(let value): hasher.add(value)
      case .uint(let value): hasher.add(value)
      case .real(let value): hasher.add(value)
      case .bool(let value): hasher.add(value)
      case .string(let value): hasher.add(value)
      case .bytes(let value): unsafe value.withUnsafeBytes { unsafe hasher.add($0) }
      case .enumeration(let name, let number):
        hasher.add(name)
        hasher.add(number)
      case .message(let message):
        hasher.add(message.typeName)
        message.addContent(to: hasher, except: [])
        hasher.add("end")
      }
    }
  }
}
