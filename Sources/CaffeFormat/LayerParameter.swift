import Diagnostics
import Tensors

/// One `layer { }` of a net: the fields every layer has, and its whole message for the rest.
package struct LayerParameter: Sendable, Hashable {
  package var name: String
  package var type: String
  package var bottoms: [String]
  package var tops: [String]
  package var params: [ParamSpec]
  /// The `LayerParameter` message; `name`, `type`, `bottom` and `top` of it are those above.
  package var message: ProtoMessage
  package var location: SourceLocation

  package init(_ message: ProtoMessage) {
    self.message = message
    name = message.string("name") ?? ""
    type = message.string("type") ?? ""
    bottoms = message.strings("bottom")
    tops = message.strings("top")
    params = message.messages("param").map(ParamSpec.init)
    location = message.location
  }
}

/// How one learned blob is shared and trained.
package struct ParamSpec: Sendable, Hashable {
  /// Layers whose blobs carry one name share them; empty: not shared.
  package var name: String
  package var lrMult: Float
  package var decayMult: Float
  /// `STRICT` (default): shapes must be equal; `PERMISSIVE`: counts.
  package var permissive: Bool

  package init(_ message: ProtoMessage) {
    name = message.string("name") ?? ""
    lrMult = message.float("lr_mult") ?? 1
    decayMult = message.float("decay_mult") ?? 1
    permissive = message.enumName("share_mode") == "PERMISSIVE"
  }
}

/// A net-level `input:` with its shape, where the file says one.
package struct NetInput: Sendable, Hashable {
  package var name: String
  package var shape: Shape?
  package var location: SourceLocation

  package init(name: String, shape: Shape?, location: SourceLocation) {
    self.name = name
    self.shape = shape
    self.location = location
  }
}
